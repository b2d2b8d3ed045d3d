from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "commitments"

    def ready(self) -> None:
        """A promise has clocks of its own, and stands for what it was made on."""
        from commitments.enums import SUBJECT, CommitmentClock
        from deadlines import kinds, subjects

        kinds.register(
            kinds.ClockSpec(clock.value, clock.label, carded=clock is CommitmentClock.FULFIL)
            for clock in CommitmentClock
        )
        subjects.register(SUBJECT, "commitments.Commitment", made_on_another=True)
