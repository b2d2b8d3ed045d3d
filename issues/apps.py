from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"

    def ready(self) -> None:
        from deadlines import subjects
        from issues.enums import SUBJECT

        subjects.register(SUBJECT, "issues.Issue")
