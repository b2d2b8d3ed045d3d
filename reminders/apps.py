from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        """Read the journal, plan the rungs of deadlines, wake the worker after a commit."""
        from common import jobs
        from deadlines import planning, subjects
        from journal import services as journal
        from reminders import checks, nudge
        from reminders.enums import READER
        from reminders.reference import move_deadline, plan_deadline
        from reminders.services.watchdog import WatchdogRecorder

        jobs.register_recorder(WatchdogRecorder())
        journal.register_reader(READER)
        journal.register_nudge(nudge.wake)
        subjects.register_finder(checks.unknown_rungs)
        planning.register(plan_deadline)
        planning.register_mover(move_deadline)
