from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"

    def ready(self) -> None:
        """Issues are subjects of deadlines: their clocks, their rungs, and how people are told of their events.

        The journal replays them.
        """
        from commitments import scopes
        from deadlines import kinds, subjects
        from issues import clock_specs, promise_source, rungs, subject, telling
        from issues.enums import SUBJECT
        from issues.models import Issue
        from issues.replay.comparing import replay_issues
        from journal import replaying
        from reminders import rungs as rung_specs
        from reminders import subjects as engine
        from reminders import tellings
        from reminders.ladder import DEFAULT_LADDER

        subjects.register(SUBJECT, "issues.Issue")
        scopes.register(SUBJECT, Issue.objects.visible_to, lambda: Issue.objects.filter(confidential=True))
        scopes.register_source(promise_source.IssueSource())
        scopes.register_source(promise_source.HistoricSource())
        kinds.register(clock_specs.CLOCKS)
        rung_specs.register(rungs.RUNGS, rungs.EFFECTS)
        DEFAULT_LADDER.add(rungs.LADDER)
        tellings.register(SUBJECT, telling.TELLINGS.values())
        engine.register(subject.IssueSubject())
        replaying.register(SUBJECT, replay_issues)
