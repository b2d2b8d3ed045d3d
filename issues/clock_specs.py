"""The clocks of an issue: who owes each, and how it runs. Source: docs/rules/time.md, docs/rules/numbers.md."""

from typing import Final

from deadlines.kinds import ClockSpec, Owed
from issues.enums import DeadlineKind as Kind


def _row(kind: Kind, owed_by: Owed = Owed.DEPARTMENT, **how: bool) -> ClockSpec:
    return ClockSpec(kind.value, kind.label, owed_by, **how)


CLOCKS: Final = (
    _row(Kind.RESPOND, Owed.COMMUNITY),
    _row(Kind.ACCEPT, Owed.COMMUNITY),
    _row(Kind.DISPATCH, Owed.COMMUNITY),
    _row(Kind.ACKNOWLEDGE, told_at_start=True),
    _row(Kind.FIRST_REPORT, public=True),
    _row(Kind.HANDLE, carded=True, at_once=True, public=True),
    _row(Kind.NOTE),
    _row(Kind.VERIFY, Owed.COMMUNITY),
    _row(Kind.FOLLOW_UP, Owed.COMMUNITY),
    _row(Kind.CO_REPLY),
    _row(Kind.MORE_INFO, Owed.COMMUNITY, outside=True),
    _row(Kind.TRACKING, Owed.COMMUNITY),
    _row(Kind.CALLBACK, Owed.COMMUNITY),
    _row(Kind.SUSPENSION_REVIEW),
    _row(Kind.EXTENSION_DECISION, Owed.SUPERVISOR),
    _row(Kind.RETURN_DECISION, Owed.SUPERVISOR),
    _row(Kind.SUPERVISION_REPLY, outlives=True),
    _row(Kind.PROGRESS, side=True),
    _row(Kind.SIGNATURE, Owed.DIRECTION, side=True, outlives=True),
    _row(Kind.URGE_REPLY, side=True),
    _row(Kind.INFORM, Owed.COMMUNITY, side=True, outlives=True),
    _row(Kind.SAMPLE, Owed.SUPERVISOR, side=True, outlives=True),
)

SIDE: Final = frozenset(row.code for row in CLOCKS if row.side)
"""They climb only rungs that name them, never govern an issue's own due time, and residents see none."""

OUTLIVING: Final = frozenset(row.code for row in CLOCKS if row.outlives)
"""They may run after their matter has ended: somebody must still sign, be told, write, or check a verdict."""

OF_COMMUNITY: Final = frozenset(row.code for row in CLOCKS if row.owed_by is Owed.COMMUNITY)
"""Clocks that the community owes; those that nobody else owes are owed by the lead department."""

OF_OFFICE: Final = frozenset(row.code for row in CLOCKS if row.owed_by in (Owed.SUPERVISOR, Owed.DIRECTION))
"""Clocks that the office owes: the supervisor decides and checks, the direction signs."""
