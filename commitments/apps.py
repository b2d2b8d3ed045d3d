from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "commitments"

    def ready(self) -> None:
        """Commitments are subjects of deadlines."""
        from commitments.enums import SUBJECT
        from deadlines import subjects

        subjects.register(SUBJECT, "commitments.Commitment")
