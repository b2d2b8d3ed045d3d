"""Proving that one is the reporter: the last four digits of the phone to read, the whole number to act.

The last four digits are part of the mask that staff see, so they prove nothing to a department; a browser in which
somebody is signed in who may use the console proves nothing either (docs/rules/privacy.md). Wrong answers are counted
by matter, however its number was spelt.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import limits
from common.crypto import keyed_digest
from common.phones import line_of, normalise_phone
from communities.access import Access
from issues.enums import Proof
from issues.models import Issue
from issues.reading import finding
from issues.services.errors import Words

ASK_STAFF_OUT: Final = _("请退出工作账号后再操作，或由社区回访记录")
NO_PHONE: Final = _("这件事没有留下电话，请到社区办理或打电话给社区")
_LONGEST = 40


@dataclass(frozen=True)
class Given:
    """What a person typed: ``digits`` as they are stored, and what they would prove."""

    proof: Proof
    digits: str


@dataclass(frozen=True)
class ProofAnswer:
    """What is proven (``Proof.LINK``: nothing); else how many tries are ``left``, or when to come again in seconds."""

    proof: Proof = Proof.LINK
    left: int = 0
    retry_after: int = 0


@dataclass(frozen=True)
class Found:
    """What a look-up by number found: the matter where the answer was right, and how the number was read."""

    answer: ProofAnswer
    read_as: str
    issue: Issue | None = None


def read_proof(text: str) -> Given | None:
    """Four digits or a whole phone number out of what a person typed (full-width, spaces); None for anything else."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    if re.fullmatch(r"\d{4}", plain, re.ASCII):
        return Given(Proof.TAIL, plain)
    try:
        digits = normalise_phone(text[:_LONGEST])
    except ValidationError:
        return None
    return Given(Proof.WHOLE, digits) if digits else None


def read_phone(text: str) -> Given | None:
    """A whole phone number, None for anything else: four digits allow nobody to act."""
    given = read_proof(text)
    return given if given is not None and given.proof is Proof.WHOLE else None


def has_phone(issue: Issue) -> bool:
    """Whether a phone was left, without which nobody can prove anything. The contact must be loaded."""
    return issue.contact is not None and bool(issue.contact.phone_last4)


def proves(issue: Issue, given: Given) -> bool:
    """Whether it is the phone, or its end, that the reporter left.

    A line is known without its extension; one that is typed must be the one that was left.
    """
    if issue.contact is None or not has_phone(issue):
        return False
    if given.proof is Proof.TAIL:
        return _same(issue.contact.phone_last4, given.digits)
    stored, typed = _canonical(issue.contact.phone), given.digits
    if stored == line_of(stored) or typed == line_of(typed):
        stored, typed = line_of(stored), line_of(typed)
    return _same(stored, typed)


def _same(stored: str, typed: str) -> bool:
    return hmac.compare_digest(stored.encode(), typed.encode())


def _canonical(phone: str) -> str:
    """A stored number as it would be stored today: earlier spellings stay provable."""
    try:
        return normalise_phone(phone) if len(phone) > 4 else phone
    except ValidationError:
        return phone


def check(*, issue: Issue, given: Given, network: str) -> ProofAnswer:
    """Compare what was typed with what the reporter of ``issue`` left; a wrong answer is counted."""
    return _checked(issue, issue.number, given, network)


def _checked(issue: Issue | None, matter: str, given: Given, network: str) -> ProofAnswer:
    counted = limits.proof_buckets(network=network, matter=matter, whole=given.proof is Proof.WHOLE)
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        return ProofAnswer(retry_after=answer.retry_after)
    if issue is None or not proves(issue, given):
        return ProofAnswer(left=answer.left)
    limits.release_all(counted)
    if given.proof is Proof.WHOLE:
        limits.note_proven(network=network, matter=matter)
    return ProofAnswer(proof=given.proof)


def look_up(*, number: str, given: Given, network: str, at: datetime) -> Found:
    """The matter that ``number`` (in any form) and the phone name together.

    A wrong answer counts for every matter that the number can mean, an unknown number for itself as it was read, so
    that guesses at numbers count as well.
    """
    form = finding.parse_number(number, at)
    read_as = str(form) if form else ""
    found = list(finding.by_number(form).select_related(*_SHOWN).defer("lexemes")[:10]) if form else []
    issue = next((row for row in found if proves(row, given)), None)
    if issue is not None:
        return Found(_checked(issue, issue.number, given, network), read_as, issue)
    numbers = [row.number for row in found] or [read_as or number]
    answers = [_checked(None, one, given, network) for one in numbers]
    refused = max(answers, key=lambda answer: answer.retry_after)
    return Found(refused if refused.retry_after else min(answers, key=lambda answer: answer.left), read_as)


_SHOWN: Final = ("community", "subdistrict", "lead_department", "category", "contact", "neighbourhood")


def remember_network(*, issue: Issue, network: str) -> None:
    """The matter was raised from ``network``: guesses from elsewhere do not lock it out there."""
    limits.note_proven(network=network, matter=issue.number)


def refusal(issue: Issue, access: Access) -> Words | None:
    """Why whoever asks cannot prove to be the reporter at all, None where they can try."""
    if access.is_staff:
        return ASK_STAFF_OUT
    return None if has_phone(issue) else NO_PHONE


def mark_of(issue: Issue) -> str:
    """What a device keeps of a proof: another one as soon as the phone is corrected; "" where there is none."""
    contact = issue.contact
    if contact is None or not has_phone(issue):
        return ""
    return keyed_digest(f"proof {issue.pk} {contact.pk} {contact.phone}")[:24]
