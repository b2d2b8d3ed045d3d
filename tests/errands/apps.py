from django.apps import AppConfig


class ErrandsConfig(AppConfig):
    name = "tests.errands"
    label = "errands"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What a domain registers."""
        from deadlines import kinds
        from deadlines import subjects as tables
        from reminders import rungs, subjects, tellings
        from tests.errands import engine

        tables.register(engine.SUBJECT, "errands.Errand")
        kinds.register(engine.CLOCKS)
        rungs.register(engine.RUNGS)
        tellings.register(engine.SUBJECT, engine.TELLINGS)
        subjects.register(engine.ErrandSubject())
