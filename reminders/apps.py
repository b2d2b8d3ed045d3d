from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        """Read the journal, plan the rungs of deadlines, wake the worker after a commit, show who was told."""
        from django.utils.translation import gettext_lazy as _

        from common import jobs
        from deadlines import planning
        from issues import panels as issue_panels
        from issues import timeline
        from journal import services as journal
        from reminders import nudge, panels
        from reminders.enums import READER, REMIND
        from reminders.reference import move_deadline, plan_deadline
        from reminders.services.inbox import mark_matter_read
        from reminders.services.watchdog import Recorder

        jobs.register_recorder(Recorder())
        journal.register_reader(READER)
        journal.register_nudge(nudge.wake)
        planning.register(plan_deadline)
        planning.register_mover(move_deadline)
        issue_panels.register_who_was_told(panels.who_was_told)
        issue_panels.register_what_comes_next(panels.what_comes_next)
        issue_panels.register_opened(mark_matter_read)
        timeline.register_kind(REMIND, _("提醒"), panels.changes_of_reminder)
