from django.apps import AppConfig


class GovtrackConfig(AppConfig):
    name = "govtrack"

    def ready(self) -> None:
        """Make the Celery application the one that tasks are sent with, in every process; send people home.

        Photos are handed to the worker as soon as they are stored.
        """
        from functools import partial

        from accounts.landing import register_landing
        from files import waking
        from files.tasks import prepare
        from govtrack import celery
        from govtrack.health import signs_of_life
        from govtrack.landing import landing_of
        from reminders import nudge
        from reminders.health import register_signs

        register_signs(signs_of_life)
        register_landing(landing_of)
        waking.register(partial(nudge.publish, prepare, celery.DEFAULT))
