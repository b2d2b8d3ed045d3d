from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "commitments"

    def ready(self) -> None:
        """A promise has clocks of its own, and stands for what it was made on."""
        from commitments.enums import SUBJECT, CommitmentClock
        from deadlines import kinds, subjects

        fulfil, review = CommitmentClock.FULFIL, CommitmentClock.REVIEW
        kinds.register(
            (
                kinds.ClockSpec(fulfil.value, fulfil.label, verb=_("兑现承诺"), carded=True),
                kinds.ClockSpec(review.value, review.label, verb=_("复查承诺")),
            )
        )
        subjects.register(SUBJECT, "commitments.Commitment", made_on_another=True)
