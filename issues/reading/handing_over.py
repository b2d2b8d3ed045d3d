"""What a shift leaves behind: the critical and urgent matters of its area that it saw and that are still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from communities.access import Access
from deadlines.enums import Level
from deadlines.models import DutyShift
from issues.enums import SUBJECT
from issues.models import Issue
from issues.querysets import IssueQuerySet
from journal.models import Event

AT_MOST: Final = 50


@dataclass(frozen=True)
class Left:
    """Matters that a note carries: those that the reader may see, and how many more there are."""

    issues: Sequence[Issue]
    hidden: int
    """Still open, outside what the reader may see."""
    closed: int
    """Those that were open when the note was written and are not any more."""


def matters_of(shift: DutyShift, at: datetime) -> IssueQuerySet:
    """Open critical and urgent issues of the area, raised or moved during the shift (up to now while it lasts)."""
    end_at = min(shift.ends_at, at)
    rows = Issue.objects.filter(
        subdistrict_id=shift.subdistrict_id,
        level__in=(Level.CRITICAL.value, Level.URGENT.value),
        created_at__lt=end_at,
        changed_at__gte=shift.starts_at,
    ).open()
    if shift.community_id is not None:
        rows = rows.filter(community_id=shift.community_id)
    moved = Event.objects.filter(
        subject_kind=SUBJECT, subject_id=OuterRef("pk"), at__gte=shift.starts_at, at__lt=end_at
    )
    return rows.filter(Exists(moved)).order_by("urgency", "rank_at", "id")


def numbers_of(shift: DutyShift, at: datetime) -> list[tuple[int, str]]:
    """Id and number of the matters that a note written now takes along. One statement."""
    return list(matters_of(shift, at).values_list("pk", "number")[:AT_MOST])


def left_of(issue_ids: Sequence[int], access: Access) -> Left:
    """What became of the matters of a note. Two statements, none where there are none."""
    if not issue_ids:
        return Left(issues=(), hidden=0, closed=0)
    still = Issue.objects.filter(pk__in=issue_ids).open()
    open_ids = set(still.values_list("pk", flat=True))
    seen = list(
        still.visible_to(access)
        .select_related("community", "lead_department")
        .defer("lexemes", "description")
        .order_by("urgency", "rank_at", "id")
    )
    return Left(issues=seen, hidden=len(open_ids) - len(seen), closed=len(issue_ids) - len(open_ids))
