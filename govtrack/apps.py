from django.apps import AppConfig


class GovtrackConfig(AppConfig):
    name = "govtrack"

    def ready(self) -> None:
        """Make the Celery application the one that tasks are sent with, in every process."""
        from govtrack import celery  # noqa: F401
