"""Reading commitments."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from commitments.enums import SUBJECT, ChangeState, CommitmentState
from commitments.models.parts import CoOwner, DateChange
from commitments.scopes import from_concealed_sources, on_seen_subjects
from common.clock import local
from common.looked_up import LookedUp
from deadlines.calendar import DAY_CLOSES

if TYPE_CHECKING:
    from commitments.models import Commitment  # noqa: F401 - named in annotations
    from communities.access import Access


def first_not_late(at: datetime) -> date:
    """The earliest day until 17:30 of which something may still be done on time."""
    wall = local(at)
    return wall.date() + timedelta(days=1) if wall.time() > DAY_CLOSES else wall.date()


_BRIEF: Final = (
    "subject_kind", "subject_id", "source_kind", "source_id", "community_id", "text", "due_on", "review_on", "first_on",
    "precision", "state", "public", "historic", "evidence", "made_at", "reported_at", "ended_at",
)  # fmt: skip


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Reads of what was promised."""

    def of(self, subject_kind: str, subject_id: int) -> "CommitmentQuerySet":
        """What was promised on one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def from_source(self, source_kind: str, source_ids: Collection[int]) -> "CommitmentQuerySet":
        """What came of these meeting items, questions or proposals."""
        return self.filter(source_kind=source_kind, source_id__in=source_ids)

    def visible_to(self, access: "Access") -> "CommitmentQuerySet":
        """What the person's organisations owe, and what was promised on seen subjects; for the office all.

        What was promised on no matter is seen by the community that raised it, by who sees its source, and by whoever
        sees the whole sub-district.
        """
        office = Q(subdistrict_id__in=access.confided_subdistrict_ids)
        if access.sees_all_of_their_offices:
            return self.filter(office).told_to(access)
        alone = Q(community_id__in=access.community_ids) | Q(subdistrict_id__in=access.whole_subdistrict_ids)
        if access.installation_wide:
            alone |= Q(subject_kind=SUBJECT)
        scope = office | (Q(subject_kind=SUBJECT) & alone)
        if access.department_ids:
            scope |= Q(owner_id__in=access.department_ids)
            scope |= Q(LookedUp(_co_owners().filter(department_id__in=access.department_ids)))
        return self.filter(scope | on_seen_subjects(access)).told_to(access)

    def told_to(self, access: "Access") -> "CommitmentQuerySet":
        """A leader, like the resident whom a leader reports for, is told what is public and stands; staff all."""
        return self if access.is_staff else self.public().standing()

    def open(self) -> "CommitmentQuerySet":
        """Still to be fulfilled."""
        return self.filter(state=CommitmentState.OPEN)

    def standing(self) -> "CommitmentQuerySet":
        """Not withdrawn: what the subject's answer still says."""
        return self.exclude(state=CommitmentState.WITHDRAWN)

    def overdue(self, at: datetime) -> "CommitmentQuerySet":
        """Open, and 17:30 of its earlier date is past."""
        return self.filter(_late(at))

    def not_overdue(self, at: datetime) -> "CommitmentQuerySet":
        """All others."""
        return self.exclude(_late(at))

    def moving(self) -> "CommitmentQuerySet":
        """Those whose owner asked for another date and waits for the decision."""
        return self.filter(Exists(_asked()))

    def with_moving(self) -> "CommitmentQuerySet":
        """Each with ``is_moving``: whether another date was asked for."""
        return self.annotate(is_moving=Exists(_asked()))

    def shared_with(self, departments: models.QuerySet[Any, Any]) -> "CommitmentQuerySet":
        """Those that one of these organisations promised together with the owner."""
        return self.filter(Exists(_co_owners().filter(department_id__in=departments)))

    def public(self) -> "CommitmentQuerySet":
        """Those whose line residents see."""
        return self.filter(public=True)

    def open_to_all(self) -> "CommitmentQuerySet":
        """Those that come from nothing confidential."""
        return self.exclude(from_concealed_sources())

    def with_owner(self) -> "CommitmentQuerySet":
        """Each with the organisation that owes it, in the same statement."""
        return self.select_related("owner")

    def in_brief(self) -> "CommitmentQuerySet":
        """Each with what programs read of it in a list and no more."""
        return self.with_owner().only(*_BRIEF, "owner__code", "owner__name_zh", "owner__name_en")

    def by_day(self) -> "CommitmentQuerySet":
        """Each with ``next_on``, the day that counts."""
        return self.annotate(next_on=Coalesce("due_on", "review_on"))

    def soonest(self) -> "CommitmentQuerySet":
        """The day that counts, the earliest first."""
        return self.order_by(Coalesce("due_on", "review_on"), "id")

    def dated(self, *, since: date | None = None, until: date | None = None) -> "CommitmentQuerySet":
        """Those whose day that counts lies between these two."""
        rows = self.annotate(counts_on=Coalesce("due_on", "review_on"))
        if since is not None:
            rows = rows.filter(Q(counts_on__gte=since))
        return rows.filter(Q(counts_on__lte=until)) if until is not None else rows

    def in_order(self) -> "CommitmentQuerySet":
        """As they were made."""
        return self.order_by("made_at", "id")


def _late(at: datetime) -> Q:
    first = first_not_late(at)
    passed = Q(due_on__isnull=False, due_on__lt=first) | Q(review_on__isnull=False, review_on__lt=first)
    return passed & Q(state=CommitmentState.OPEN)


def _co_owners() -> models.QuerySet[CoOwner]:
    return CoOwner.objects.filter(commitment_id=OuterRef("pk"))


def _asked() -> models.QuerySet[DateChange]:
    return DateChange.objects.filter(commitment_id=OuterRef("pk"), state=ChangeState.ASKED)
