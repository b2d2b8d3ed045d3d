"""Messages to people outside the house: the few words of a domain's that reach somebody without an account. Pure.

An event says in its data under OUTSIDE by which channel (``via``), which ``letter``, and ``to`` whom, by ids that only
its domain understands. The fan-out queues what it says, a message each; who that is, and whether they may still be
written to, the domain is asked when it is sent (``reminders.subjects.Subject.letters``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OUTSIDE: Final = "outside"
"""The key in the data of an event."""

DECLINED: Final = "declined"
"""Why a letter was not sent: whom it was for takes none, or none any more."""

TOO_LATE: Final = "too_late"
"""Why a letter was given up: it had waited for more than a day."""


@dataclass(frozen=True)
class Letter:
    """What goes to one of them: a template that the gateway knows, and what is put into it."""

    to: str
    template: str
    params: Mapping[str, str]


def outside(via: int, letter: str, to: Sequence[int]) -> dict[str, Any]:
    """The entry of an event's data."""
    return {OUTSIDE: {"via": via, "letter": letter, "to": list(to)}}


def letter_of(data: Mapping[str, Any]) -> str:
    """Which letter goes with an event, "" for none."""
    return str((data.get(OUTSIDE) or {}).get("letter", ""))
