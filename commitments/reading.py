"""Figures about commitments: how many were kept by their date. What historic records say counts nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Count, DateTimeField, ExpressionWrapper, F, Q, When
from django.db.models.functions import Coalesce

from commitments.enums import CommitmentState
from commitments.querysets import CommitmentQuerySet, first_not_late
from communities.models.base import localised
from deadlines.calendar import DAY_CLOSES

FEW: Final = 10
"""Below so many a rate says little, and the page says so (docs/rules/commitments.md#rates)."""

_CLOSES_UTC: Final = timedelta(hours=DAY_CLOSES.hour - 8, minutes=DAY_CLOSES.minute)
"""17:30 in Shanghai, which is 8 hours ahead and keeps no summer time: a promised day counts until then."""


@dataclass(frozen=True)
class Quarter:
    """A quarter of a year: from its first day, to the first of the next one."""

    first: date
    end: date

    @property
    def code(self) -> str:
        """2026Q1."""
        return f"{self.first.year}Q{(self.first.month + 2) // 3}"

    @property
    def before(self) -> "Quarter":
        """The one before."""
        return quarter_with(self.first - timedelta(days=1))


def quarter_with(on: date) -> Quarter:
    """The quarter in which this day lies."""
    month = on.month - (on.month - 1) % 3
    following = (on.year + 1, 1) if month == 10 else (on.year, month + 3)
    return Quarter(date(on.year, month, 1), date(*following, 1))


@dataclass(frozen=True)
class Rate:
    """Of what an organisation had promised until a day of the quarter (``n``) how many were confirmed as kept.

    ``kept`` by the date that holds, ``kept_first`` by the one that was promised first.
    """

    owner: str
    code: str
    n: int
    kept: int
    kept_first: int

    @property
    def percent(self) -> int:
        """Whole per cent, of at least one."""
        return round(100 * self.kept / self.n)

    @property
    def percent_first(self) -> int:
        """Whole per cent, of at least one."""
        return round(100 * self.kept_first / self.n)

    @property
    def is_few(self) -> bool:
        """Whether it says little."""
        return self.n < FEW


def fulfilment(rows: CommitmentQuerySet, quarter: Quarter, at: datetime) -> Sequence[Rate]:
    """The rate of each owner among these, by name; one statement. What is not due yet counts once it was reported."""
    done = Coalesce("reported_at", "ended_at")
    due = Q(due_on__lt=first_not_late(at)) | ~Q(state=CommitmentState.OPEN)
    counted = rows.standing().filter(due, historic=False, due_on__gte=quarter.first, due_on__lt=quarter.end)
    kept = Q(state=CommitmentState.FULFILLED)
    first = Case(When(first_on__isnull=True, then=F("due_on")), default=F("first_on"))
    dated = counted.annotate(done=done, until=_until(F("due_on")), until_first=_until(first))
    found = dated.values("owner__name_zh", "owner__name_en", "owner__code").annotate(
        n=Count("pk"),
        kept=Count("pk", filter=kept & Q(done__lte=F("until"))),
        kept_first=Count("pk", filter=kept & Q(done__lte=F("until_first"))),
    )
    return [
        Rate(
            owner=localised(row["owner__name_zh"], row["owner__name_en"]),
            code=row["owner__code"],
            n=row["n"],
            kept=row["kept"],
            kept_first=row["kept_first"],
        )
        for row in found.order_by("owner__name_zh", "owner__code")
    ]


def _until(day: F | Case) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(day + _CLOSES_UTC, output_field=DateTimeField())
