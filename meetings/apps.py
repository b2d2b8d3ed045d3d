from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        """Meetings and questions are subjects of deadlines, with rungs of their own; both may promise something."""
        from commitments import scopes
        from deadlines import kinds
        from deadlines import subjects as tables
        from meetings import promise_source
        from meetings import question_subject as asked
        from meetings import subjects as own
        from meetings.enums import ITEM, KIND, MEETING, QUESTION, SERIES
        from meetings.models import MeetingItem, Question
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(MEETING, "meetings.Meeting")
        tables.register(QUESTION, "meetings.Question")
        scopes.register(ITEM, MeetingItem.objects.visible_to)
        scopes.register(QUESTION, Question.objects.visible_to)
        scopes.register_source(promise_source.ItemSource())
        scopes.register_source(promise_source.QuestionSource())
        kinds.register((*own.CLOCKS, *asked.CLOCKS))
        rungs.register((*own.RUNGS, *asked.RUNGS))
        DEFAULT_LADDER.add((*own.LADDER, *asked.LADDER))
        tellings.register(MEETING, own.TELLINGS)
        tellings.register(QUESTION, asked.TELLINGS)
        tellings.register(ITEM, own.ITEM_TELLINGS)
        tellings.register(KIND, own.KIND_TELLINGS)
        tellings.register(SERIES, own.SERIES_TELLINGS)
        subjects.register(own.MeetingSubject())
        subjects.register(asked.QuestionSubject())
