"""Proving that one is the reporter: the last four digits of the phone, with wrong answers counted."""

import hmac
import re
import unicodedata
from dataclasses import dataclass

from common import limits
from issues.models import Issue


@dataclass(frozen=True)
class TailAnswer:
    """``right``; else how many tries are ``left`` today, or after how many seconds to try again."""

    right: bool
    left: int = 0
    retry_after: int = 0


def read_tail(text: str) -> str:
    """Four digits out of what a person typed (full-width, spaces); "" where it is something else."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:20]))
    return plain if re.fullmatch(r"\d{4}", plain, re.ASCII) else ""


def fits(issue: Issue | None, tail: str) -> bool:
    """Whether ``tail`` ends the reporter's phone; never for an issue without one. The contact must be loaded."""
    stored = issue.contact.phone_last4 if issue is not None and issue.contact is not None else ""
    return bool(stored) and hmac.compare_digest(stored, tail)


def check_tail(*, issue: Issue | None, number: str, tail: str, network: str) -> TailAnswer:
    """Compare ``tail``; a wrong one counts against ``number`` (5 a day) and ``network`` (30 an hour).

    ``number`` is the issue's number as far as known, so that guesses at unknown numbers count as well.
    """
    counted = limits.phone_tail(network=network, number=number)
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        return TailAnswer(right=False, retry_after=answer.retry_after)
    if fits(issue, read_tail(tail)):
        limits.release_all(counted)
        return TailAnswer(right=True)
    return TailAnswer(right=False, left=answer.left)
