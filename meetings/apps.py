from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        """Meetings are subjects of deadlines, with rungs of their own; who sees an item sees what it promised."""
        from commitments import scopes
        from deadlines import kinds
        from deadlines import subjects as tables
        from meetings import promise_source
        from meetings import subjects as own
        from meetings.enums import ITEM, KIND, MEETING, SERIES
        from meetings.models import MeetingItem
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(MEETING, "meetings.Meeting")
        scopes.register(ITEM, MeetingItem.objects.visible_to)
        scopes.register_source(promise_source.ItemSource())
        kinds.register(own.CLOCKS)
        rungs.register(own.RUNGS)
        DEFAULT_LADDER.add(own.LADDER)
        tellings.register(MEETING, own.TELLINGS)
        tellings.register(ITEM, own.ITEM_TELLINGS)
        tellings.register(KIND, own.KIND_TELLINGS)
        tellings.register(SERIES, own.SERIES_TELLINGS)
        subjects.register(own.MeetingSubject())
