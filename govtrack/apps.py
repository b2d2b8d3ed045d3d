from django.apps import AppConfig


class GovtrackConfig(AppConfig):
    name = "govtrack"

    def ready(self) -> None:
        """Make the Celery application the one that tasks are sent with, in every process; send people home."""
        from accounts.landing import register_landing
        from govtrack import celery  # noqa: F401
        from govtrack.landing import landing_of

        register_landing(landing_of)
