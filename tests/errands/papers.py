"""Documents of supervision on errands: what a domain does besides calling ``papers``. It locks, and journals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from communities.access import Access
from communities.models import SubDistrict
from deadlines.models import Deadline
from journal.services import Entry, record
from papers import rules
from papers import services as papers
from papers.enums import DraftKind
from papers.models import Draft
from papers.services import PaperAbout, Supervised
from tests.errands.models import Errand

SUBJECT: Final = "errand"


class NotSo(Exception):  # noqa: N818 - named as prose
    """It cannot be drawn up, or is not this person's to sign."""


def supervised(errand: Errand) -> Supervised:
    """An errand as its papers know it."""
    area = SubDistrict.objects.get(pk=errand.subdistrict_id).area
    return Supervised(SUBJECT, errand.pk, errand.subdistrict_id, area)


def draw_up_by_clock(errand_id: int, kind: DraftKind, deadline_id: int, at: datetime) -> None:
    """What a rung drafts; nothing where it is not needed."""
    errand = Errand.objects.get(pk=errand_id)
    missed = Deadline.objects.get(pk=deadline_id)
    waiting = _kinds(_waiting(errand))
    draft = papers.draw_up_by_clock(supervised(errand), kind, missed, at=at, waiting=waiting, reply_within="2天")
    if draft is not None:
        _tell(errand, "errand_drafted", at, draft=draft.kind)


def draw_up(errand: Errand, kind: DraftKind, words: str, *, at: datetime, by_id: int) -> Draft:
    """What a person drafts, about the clock where that has passed. Raises NotSo."""
    with transaction.atomic():
        _lock(errand)
        clocks = Deadline.objects.of(SUBJECT, errand.pk).open()
        missed = next((row for row in clocks if row.is_overdue(at)), None)
        refused = rules.why_not(kind, missed.kind if missed else "", _kinds(_waiting(errand)))
        if refused:
            raise NotSo(refused)
        about = PaperAbout.clock(missed) if missed else PaperAbout(errand.department_id)
        draft = papers.draw_up(supervised(errand), kind, words, about, at=at, by_id=by_id)
        _tell(errand, "errand_drafted", at, by_id, draft=kind.value)
    return draft


def sign(errand: Errand, kind: DraftKind, *, at: datetime, access: Access) -> papers.Signed:
    """It gets its number, and the quarter rule may bring on a red card. Raises NotSo."""
    with transaction.atomic():
        draft, waiting = _for_signature(errand, kind, access)
        signed = papers.sign(draft, supervised(errand), at=at, by_id=access.user_id or 0, waiting=waiting)
        _tell(errand, "errand_signed", at, access.user_id, paper=signed.paper.number)
        if signed.red_card is not None:
            _tell(errand, "errand_drafted", at, draft=signed.red_card.kind)
    return signed


def refuse(errand: Errand, kind: DraftKind, *, at: datetime, access: Access) -> None:
    """It is not signed. Raises NotSo."""
    with transaction.atomic():
        draft, _kinds_waiting = _for_signature(errand, kind, access)
        papers.refuse(draft, at=at, by_id=access.user_id or 0)
        _tell(errand, "errand_not_signed", at, access.user_id, draft=kind.value)


def lift(errand: Errand, *, at: datetime, by_id: int) -> list[str]:
    """Its orders and cards stand no longer."""
    with transaction.atomic():
        _lock(errand)
        numbers = papers.lift_papers(supervised(errand), at=at, by_id=by_id)
        _tell(errand, "errand_lifted", at, by_id, papers=numbers)
    return numbers


def end_drafts(errand: Errand) -> None:
    """It is back: nothing about it needs a signature any more."""
    papers.lapse(_waiting(errand))


def _for_signature(errand: Errand, kind: DraftKind, access: Access) -> tuple[Draft, list[str]]:
    _lock(errand)
    waiting = _waiting(errand)
    if kind not in rules.signable(_kinds(waiting), access, errand.subdistrict_id):
        raise NotSo(kind)
    return next(draft for draft in waiting if draft.kind == kind), _kinds(waiting)


def _waiting(errand: Errand) -> list[Draft]:
    return list(Draft.objects.of(SUBJECT, errand.pk).waiting())


def _kinds(drafts: Sequence[Draft]) -> list[str]:
    return [draft.kind for draft in drafts]


def _lock(errand: Errand) -> None:
    Errand.objects.select_for_update(no_key=True).get(pk=errand.pk)


def _tell(errand: Errand, kind: str, at: datetime, by_id: int | None = None, **data: Any) -> None:
    record(Entry(subject_kind=SUBJECT, subject_id=errand.pk, kind=kind, at=at, actor_id=by_id, data=data))
