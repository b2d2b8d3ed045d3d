"""One commitment in full as the API gives it: its milestones, the wishes for another date, what may be done."""

from rest_framework import serializers

from api.schemas import CodeName, CommitmentRow, DeadlineShape, Person, Refusal, Shape, day, one_of, text, when, whole
from commitments.enums import ChangeState, CommitmentAction, CommitmentState


class MilestoneShape(Shape):
    """A step of a promise."""

    id = whole()
    text = serializers.CharField()
    due_on = day()
    reached_at = when(allow_null=True)


class DateChangeShape(Shape):
    """The wish for another date."""

    was_on = day()
    to_on = day()
    reason = serializers.CharField()
    state = one_of(ChangeState)
    asked_at = when()
    asked_by = Person()
    decided_at = when(allow_null=True)
    decided_by = Person(allow_null=True)


class CommitmentOffer(Shape):
    """What the caller may do now."""

    action = one_of(sorted(CommitmentAction))
    label = text()  # type: ignore[assignment]
    required = serializers.ListField(child=text())  # type: ignore[assignment]
    optional = serializers.ListField(child=text())


class CommitmentDetail(CommitmentRow):
    """A promise in full."""

    version = whole()
    status = one_of(CommitmentState, help_text="the same as state")
    community = CodeName(allow_null=True, help_text="who raised it and confirms that it was kept")
    co_departments = CodeName(many=True)
    released_at = when(allow_null=True)
    milestones = MilestoneShape(many=True)
    changes = DateChangeShape(many=True)
    deadlines = DeadlineShape(many=True)
    available_actions = CommitmentOffer(many=True)


class CommitmentConflict(Refusal):
    """409: the promise is not as the caller thought, somebody else holds it (try again), or the key was used before."""

    code = one_of(  # type: ignore[assignment]
        ["version_conflict", "state_conflict", "busy", "idempotency_key_reused", "idempotency_in_progress"],
    )
    version = whole(required=False, help_text="of a version or state conflict: as it is now")
    status = one_of(CommitmentState, required=False, help_text="of a version or state conflict: as it is now")
