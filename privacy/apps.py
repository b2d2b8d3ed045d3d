from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        """Requests about personal information and incidents are subjects of deadlines, with rungs of their own."""
        from deadlines import kinds
        from deadlines import subjects as tables
        from privacy import subjects as own
        from privacy.enums import ACTIVITY, HOLD, INCIDENT, RIGHTS
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(RIGHTS, "privacy.RightsRequest")
        tables.register(INCIDENT, "privacy.Incident")
        tables.register(HOLD, "privacy.LegalHold")
        kinds.register(own.CLOCKS)
        rungs.register(own.RUNGS)
        DEFAULT_LADDER.add(own.LADDER)
        tellings.register(RIGHTS, own.RIGHTS_TELLINGS)
        tellings.register(INCIDENT, own.INCIDENT_TELLINGS)
        tellings.register(ACTIVITY, own.ACTIVITY_TELLINGS)
        tellings.register(HOLD, own.HOLD_TELLINGS)
        subjects.register(own.RightsSubject())
        subjects.register(own.IncidentSubject())
        subjects.register(own.HoldSubject())
