"""Which verdicts of the reporter's own page the supervisor asks about by a call. Pure.

Who knows the number of the person who reported can confirm in that person's name, so a confirmation is marked where
the handling side typed the number or looked it up. An objection is not sampled: nobody forges one, and the verdict
after it decides. What is due or was not reached counts in no rate.
Source: docs/rules/privacy.md#verdicts-that-are-checked.
"""

from datetime import date
from typing import Any, Final

from issues.enums import Status

EVERY_KNOWN: Final = 5
"""Of the marked verdicts every fifth is checked, and every first of an officer in a month."""

EVERY_OTHER: Final = 20
"""Of the rest every twentieth."""

ANSWERED: Final = frozenset({Status.REPLIED, Status.FOLLOW_UP, Status.CLOSED, Status.MERGED})
"""Where the answer stands that a verdict is about; work that begins anew ends the check with it."""

NO_VERDICT: Final[dict[str, Any]] = {
    "verdict": "",
    "solved": "",
    "verdict_via": "",
    "verdict_known": False,
    "verdict_check": "",
}
"""The columns of a matter of which nobody has said anything (any more)."""


def is_due(*, known: bool, officers_nth: int | None, nth: int) -> bool:
    """Whether the ``nth`` verdict of its sort is checked.

    ``officers_nth``: its place among this month's marked ones of the officer who answered, None where nobody did.
    """
    if not known:
        return nth % EVERY_OTHER == 0
    return officers_nth == 1 or nth % EVERY_KNOWN == 0


def series_of(*, known: bool, officer_id: int | None, on: date) -> tuple[str, ...]:
    """The counters that a verdict adds to: the officer's month, if it is marked, before the area's own."""
    if not known:
        return ("other",)
    return ("known",) if officer_id is None else (f"officer:{officer_id}:{on:%Y-%m}", "known")
