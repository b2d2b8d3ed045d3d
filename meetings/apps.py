from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        """Meetings and questions are subjects of deadlines, with rungs of their own; both may promise something."""
        from commitments import scopes
        from deadlines import kinds
        from deadlines import subjects as tables
        from meetings import activity_subject, promise_source
        from meetings import question_subject as asked
        from meetings import subjects as own
        from meetings.enums import ACTIVITY, APPOINTMENT, ITEM, KIND, MEETING, QUESTION, SERIES, VISIT
        from meetings.models import MeetingItem, Question
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(MEETING, "meetings.Meeting")
        tables.register(QUESTION, "meetings.Question")
        tables.register(ACTIVITY, "meetings.StationActivity")
        scopes.register(ITEM, MeetingItem.objects.told_to, MeetingItem.objects.concealed)
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
        tellings.register(ACTIVITY, own.ACTIVITY_TELLINGS)
        tellings.register(VISIT, own.VISIT_TELLINGS)
        tellings.register(APPOINTMENT, own.APPOINTMENT_TELLINGS)
        subjects.register(own.MeetingSubject())
        subjects.register(asked.QuestionSubject())
        subjects.register(activity_subject.ActivitySubject())
