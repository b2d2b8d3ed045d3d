from django.apps import AppConfig


class LeadersConfig(AppConfig):
    name = "leaders"

    def ready(self) -> None:
        """What leaders are asked is a subject of deadlines; time itself ends it."""
        from communities import forgetting, handing_over
        from deadlines import kinds
        from deadlines import subjects as tables
        from leaders import subject
        from leaders.enums import LEADER_TASK
        from leaders.services import answering
        from leaders.services.masking import mask_tasks
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(LEADER_TASK, "leaders.LeaderTask")
        kinds.register(subject.CLOCKS)
        rungs.register(subject.RUNGS, subject.EFFECTS)
        DEFAULT_LADDER.add(subject.LADDER)
        tellings.register(LEADER_TASK, subject.TELLINGS)
        subjects.register(subject.LeaderTaskSubject())
        handing_over.register(answering.follow_places)
        forgetting.register(LEADER_TASK, mask_tasks)
