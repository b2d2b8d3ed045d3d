from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"

    def ready(self) -> None:
        from commitments import scopes
        from deadlines import subjects
        from issues.enums import SUBJECT
        from issues.models import Issue
        from issues.replaying import replay_issues
        from journal import replaying

        subjects.register(SUBJECT, "issues.Issue")
        scopes.register(SUBJECT, Issue.objects.visible_to)
        replaying.register(SUBJECT, replay_issues)
