"""Documents of supervision on a commitment that stands for itself: what ``papers`` leaves to the domain."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from commitments.enums import SUBJECT, event_of
from commitments.models import Commitment
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from journal.services import Entry, record
from papers import services as papers
from papers.enums import DraftKind, PaperKind
from papers.models import Draft, Paper
from papers.services import PaperAbout, Supervised, UrgePaper
from reminders.subjects import Urged

SIGNATURE: Final = "signature"
"""The clock of whoever signs; it is reminded daily while a draft waits."""


def supervised(row: Commitment) -> Supervised:
    """The commitment as its papers know it; its sub-district has to be read."""
    return Supervised(SUBJECT, row.pk, row.subdistrict_id, row.subdistrict.area)


def urge(rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> Mapping[int, Mapping[str, Any]]:
    """A numbered 催办单 for each; three statements."""
    ids = {row.subject_id for row in rows}
    found = Commitment.objects.select_related("subdistrict").in_bulk(ids)
    earlier: dict[int, int] = dict.fromkeys(ids, 0)
    for pk in Paper.objects.filter(subject_kind=SUBJECT, subject_id__in=ids, kind=PaperKind.URGE).values_list(
        "subject_id", flat=True
    ):
        earlier[pk] += 1
    sent = [
        UrgePaper(
            supervised(found[row.subject_id]),
            PaperAbout(row.party_id, row.deadline_id, row.kind, row.due_at),
            urges=earlier[row.subject_id] + 1,
        )
        for row in rows
    ]
    numbers = papers.issue_urges(sent, at)
    return {row.deadline_id: {"paper": number} for row, number in zip(rows, numbers, strict=True)}


def draw_up_by_clock(commitment_id: int, kind: DraftKind, deadline_id: int, at: datetime) -> None:
    """拟督办单、黄牌、红牌 for a date that passed, where it is still needed. The sweep holds the row's lock."""
    row = Commitment.objects.select_related("subdistrict").get(pk=commitment_id)
    missed = Deadline.objects.open().filter(pk=deadline_id).first()
    if missed is None or not row.is_open or not missed.is_overdue(at):
        return
    waiting = list(Draft.objects.of(SUBJECT, row.pk).waiting())
    kinds = [draft.kind for draft in waiting]
    draft = papers.draw_up_by_clock(supervised(row), kind, missed, at=at, waiting=kinds)
    if draft is None:
        return
    _lapse_lighter(draft, waiting)
    _await_signature(row, at)
    tell(row, "drafted", at, kind=kind.value, deadline=missed.pk, department=row.owner_id)


def _lapse_lighter(draft: Draft, waiting: Collection[Draft]) -> None:
    order = list(DraftKind)
    papers.lapse(one for one in waiting if order.index(DraftKind(one.kind)) < order.index(DraftKind(draft.kind)))


def sign(row: Commitment, draft: Draft, waiting: Sequence[Draft], *, by_id: int, at: datetime) -> dict[str, Any]:
    """签发; returns what the event says: the paper's number, and the red card that the quarter rule drew up."""
    others = [one for one in waiting if one.pk != draft.pk]
    signed = papers.sign(draft, supervised(row), at=at, by_id=by_id, waiting=[one.kind for one in others])
    if not others and signed.red_card is None:
        _end_signature(row, at)
    return {"paper": signed.paper.number, **({"cards": list(signed.cards)} if signed.cards else {})}


def refuse(row: Commitment, draft: Draft, waiting: Sequence[Draft], *, by_id: int, at: datetime) -> None:
    """不予签发."""
    papers.refuse(draft, at=at, by_id=by_id)
    if len(waiting) == 1:
        _end_signature(row, at)


def end_drafts(row: Commitment, at: datetime, waiting: Sequence[Draft]) -> None:
    """Documents about a promise that was kept, moved or taken back need no signature any more."""
    if waiting:
        papers.lapse(waiting)
        deadlines.cancel(_signatures(row), None, at)


def tell(row: Commitment, what: str, at: datetime, **data: Any) -> None:
    """What time did to it."""
    record(
        Entry(
            subject_kind=SUBJECT,
            subject_id=row.pk,
            kind=event_of(what),
            at=at,
            data={"status": row.state, "version": row.version, **data},
        )
    )


def _signatures(row: Commitment) -> Any:
    return Deadline.objects.of(SUBJECT, row.pk).open().filter(kind=SIGNATURE)


def _end_signature(row: Commitment, at: datetime) -> None:
    deadlines.stop(_signatures(row), None, at)


def _await_signature(row: Commitment, at: datetime) -> None:
    if _signatures(row).exists():
        return
    choice = deadlines.load_rules(row.subdistrict_id).of_all(SIGNATURE)
    clock = deadlines.prepare(
        subject_kind=SUBJECT,
        subject_id=row.pk,
        subdistrict_id=row.subdistrict_id,
        kind=SIGNATURE,
        limit=choice.limit,
        rule=choice.reason,
        at=at,
        calendar=deadlines.load_calendar(),
    )
    deadlines.start_many([clock])
