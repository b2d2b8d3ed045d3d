"""Writes: ``making`` has rows and clocks, ``acting`` what people do to a commitment."""

from commitments.services.errors import (
    CommitmentEnded,
    CommitmentError,
    Conflict,
    InvalidCommitment,
    NotPermitted,
    StateConflict,
    UnknownAction,
    VersionConflict,
)
from commitments.services.making import (
    LONGEST,
    REVIEW_DAYS,
    NewMilestone,
    check,
    confirm,
    make,
    move,
    reinstate,
    reopen,
    report_done,
    review_day,
    withdraw,
)

__all__ = [
    "LONGEST",
    "REVIEW_DAYS",
    "CommitmentEnded",
    "CommitmentError",
    "Conflict",
    "InvalidCommitment",
    "NewMilestone",
    "NotPermitted",
    "StateConflict",
    "UnknownAction",
    "VersionConflict",
    "check",
    "confirm",
    "make",
    "move",
    "reinstate",
    "reopen",
    "report_done",
    "review_day",
    "withdraw",
]
