from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "commitments"

    def ready(self) -> None:
        """A promise has clocks of its own, and stands for what it was made on, or for itself."""
        from commitments import subject, tellings
        from commitments.enums import SUBJECT, CommitmentClock
        from deadlines import kinds, subjects
        from reminders import subjects as engine
        from reminders.tellings import register

        fulfil, review, step = CommitmentClock.FULFIL, CommitmentClock.REVIEW, CommitmentClock.MILESTONE
        kinds.register(
            (
                kinds.ClockSpec(fulfil.value, fulfil.label, verb=_("兑现承诺"), carded=True),
                kinds.ClockSpec(review.value, review.label, verb=_("复查承诺")),
                kinds.ClockSpec(step.value, step.label, verb=_("完成节点")),
            )
        )
        subjects.register(SUBJECT, "commitments.Commitment", made_on_another=True)
        register(SUBJECT, tellings.TELLINGS)
        engine.register(subject.CommitmentSubject())
