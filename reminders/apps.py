from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        """Read the journal, plan the rungs of deadlines, wake the worker after a commit."""
        from accounts.noting import ACCOUNT
        from common import jobs
        from deadlines import planning
        from deadlines import subjects as due_subjects
        from journal import services as journal
        from reminders import checks, nudge, subjects, tellings
        from reminders.enums import READER
        from reminders.own_account import TELLINGS, AccountSubject
        from reminders.reference import move_deadline, plan_deadline
        from reminders.services.watchdog import WatchdogRecorder

        jobs.register_recorder(WatchdogRecorder())
        journal.register_reader(READER)
        journal.register_nudge(nudge.wake)
        due_subjects.register_finder(checks.unknown_rungs)
        due_subjects.register(ACCOUNT, "accounts.User")
        subjects.register(AccountSubject())
        tellings.register(ACCOUNT, TELLINGS)
        planning.register(plan_deadline)
        planning.register_mover(move_deadline)
