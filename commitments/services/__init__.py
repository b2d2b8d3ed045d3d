"""Writes: ``making`` has rows and clocks, ``acting`` what people do to a commitment."""

from commitments.services.errors import (
    CommitmentEnded,
    InvalidCommitment,
    PromiseConflict,
    PromiseNotPermitted,
    PromiseRefused,
    PromiseStateConflict,
    PromiseVersionConflict,
    UnknownPromiseAction,
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
    "InvalidCommitment",
    "NewMilestone",
    "PromiseConflict",
    "PromiseNotPermitted",
    "PromiseRefused",
    "PromiseStateConflict",
    "PromiseVersionConflict",
    "UnknownPromiseAction",
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
