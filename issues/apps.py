from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"

    def ready(self) -> None:
        from deadlines import subjects
        from issues.enums import SUBJECT
        from issues.replaying import replay_issues
        from journal import replaying

        subjects.register(SUBJECT, "issues.Issue")
        replaying.register(SUBJECT, replay_issues)
