"""Drawing up, signing, refusing and lifting documents, and numbering papers, on a subject of any kind.

The caller holds the row lock of the subject and says in its journal what happened: nothing is journalled here. What it
means for the subject itself (how far supervision went, which clocks run) is the caller's, too.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Q

from common.clock import local
from communities.models import Department
from deadlines.models import Deadline
from papers import rules, wording
from papers.enums import DraftKind, DraftState, PaperKind
from papers.models import Draft, Paper

_MARKS: Final = {
    PaperKind.URGE: "催",
    PaperKind.ORDER: "督",
    PaperKind.YELLOW_CARD: "黄",
    PaperKind.RED_CARD: "红",
}
"""The word that stands for a kind in a number: 桂城督〔2026〕000123号."""

_TAKE = """
INSERT INTO papers_paperseries (subdistrict_id, kind, year, last)
SELECT v.subdistrict_id, %s, %s, v.n FROM jsonb_to_recordset(%s::jsonb) AS v(subdistrict_id bigint, n int)
ORDER BY v.subdistrict_id
ON CONFLICT (subdistrict_id, kind, year) DO UPDATE SET last = papers_paperseries.last + EXCLUDED.last
RETURNING subdistrict_id, last
"""
_INSERT = """
INSERT INTO papers_paper (subdistrict_id, kind, year, serial, number, subject_kind, subject_id, department_id,
    deadline_id, deadline_kind, due_at, urges, issued_at)
SELECT v.subdistrict_id, %(kind)s, %(year)s, v.serial, v.number, v.subject_kind, v.subject_id, v.department_id,
    v.deadline_id, v.deadline_kind, v.due_at, v.urges, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(subdistrict_id bigint, serial int, number text, subject_kind text,
    subject_id bigint, department_id bigint, deadline_id bigint, deadline_kind text, due_at timestamptz, urges int)
"""


class Supervised(NamedTuple):
    """A subject, and the sub-district that numbers its papers; ``area`` is that one's word in numbers."""

    kind: str
    id: int
    subdistrict_id: int
    area: str


@dataclass(frozen=True)
class PaperAbout:
    """What a paper is about: what is owed, by whom, and since or until when; nothing of it where it is no one limit."""

    department_id: int | None
    deadline_id: int | None = None
    kind: str = ""
    due_at: datetime | None = None

    @classmethod
    def clock(cls, row: Deadline) -> "PaperAbout":
        """One limit."""
        return cls(row.party_id, row.pk, row.kind, row.due_at)


@dataclass(frozen=True)
class UrgePaper:
    """One 催办单 that the clock sends."""

    on: Supervised
    about: PaperAbout
    urges: int


@dataclass(frozen=True)
class Signed:
    """The paper that a draft became; and the red card that the quarter rule drew up with it, for these yellow ones."""

    paper: Paper
    red_card: Draft | None = None
    cards: tuple[str, ...] = ()


# Drafts


def draw_up(on: Supervised, kind: DraftKind, text: str, about: PaperAbout, *, at: datetime, by_id: int | None) -> Draft:
    """A document that waits for its signature; ``by_id`` is None for the clock. One of a kind may wait on a subject."""
    return Draft.objects.create(
        subdistrict_id=on.subdistrict_id,
        subject_kind=on.kind,
        subject_id=on.id,
        kind=kind,
        text=text,
        department_id=about.department_id,
        deadline_id=about.deadline_id,
        deadline_kind=about.kind,
        asked_at=at,
        asked_by_id=by_id,
    )


def draw_up_by_clock(
    on: Supervised,
    kind: DraftKind,
    missed: Deadline,
    *,
    at: datetime,
    waiting: Collection[str],
    urges: int = 0,
    reply_within: str = "",
    unanswered: bool = False,
) -> Draft | None:
    """Draw up what the clock came to, in words made of codes; None where it is not needed (any more).

    ``waiting`` are the kinds of drafts that wait on the subject, ``urges`` how often it was urged, ``reply_within``
    what an order allows for the written reply; ``unanswered``: the limit is that of an answer to two urges.
    """
    if not is_needed(on, kind, missed, waiting, unanswered=unanswered):
        return None
    words = wording.words_for_missed(
        kind,
        wording.Missed(
            kind=missed.kind,
            owner=_name_of(missed.party_id),
            due_at=missed.due_at,
            working=missed.time_limit.is_working,
            urges=urges,
            unanswered=unanswered,
        ),
        at,
        reply_within=reply_within,
    )
    return draw_up(on, kind, words, PaperAbout.clock(missed), at=at, by_id=None)


def is_needed(
    on: Supervised, kind: DraftKind, missed: Deadline, waiting: Collection[str], *, unanswered: bool = False
) -> bool:
    """Whether neither it nor a graver one waits or was signed since this due time passed; cards are for some limits.

    What a person drew up without naming a limit counts from when this one began; so does, for urges that nobody
    answered, whatever was signed since.
    """
    graver = rules.and_graver(kind)
    if not rules.may_be_about(kind, missed.kind) or set(graver) & set(waiting):
        return False
    since = Q(decided_at__gte=missed.started_at)
    named = Q(deadline_id=missed.pk, decided_at__gte=missed.due_at)
    about = named | (since if unanswered else since & Q(deadline__isnull=True))
    return not Draft.objects.of(on.kind, on.id).filter(about, kind__in=graver, state=DraftState.SIGNED).exists()


def was_refused(kind: DraftKind, missed: Deadline) -> bool:
    """Whether somebody refused to sign this document or a graver one since this due time passed."""
    refused = Draft.objects.filter(deadline_id=missed.pk, kind__in=rules.and_graver(kind), state=DraftState.REFUSED)
    return refused.filter(decided_at__gte=missed.due_at).exists()


def sign(
    draft: Draft,
    on: Supervised,
    *,
    at: datetime,
    by_id: int,
    waiting: Collection[str],
    urges: int = 0,
    reply_due_at: datetime | None = None,
) -> Signed:
    """签发: the draft gets its number. A second yellow card in a quarter brings on the draft of a red one.

    ``waiting`` are the kinds of drafts that wait on the subject, ``reply_due_at`` is when an order wants its answer.
    """
    _decide(draft, DraftState.SIGNED, at, by_id)
    due_at = draft.deadline.due_at if draft.deadline is not None else None
    about = PaperAbout(draft.department_id, draft.deadline_id, draft.deadline_kind, due_at)
    paper = issue_paper(
        on,
        PaperKind(draft.kind),
        about,
        at=at,
        by_id=by_id,
        urges=urges,
        draft=draft,
        reply_due_at=reply_due_at,
    )
    cards = _too_many(paper) if DraftKind.RED_CARD not in waiting else ()
    if not cards:
        return Signed(paper)
    words = wording.words_for_two_cards(_name_of(paper.department_id), cards)
    return Signed(paper, draw_up(on, DraftKind.RED_CARD, words, about, at=at, by_id=None), cards)


def refuse(draft: Draft, *, at: datetime, by_id: int) -> None:
    """不予签发."""
    _decide(draft, DraftState.REFUSED, at, by_id)


def lapse(drafts: Iterable[Draft]) -> None:
    """These are not needed any more."""
    ids = [draft.pk for draft in drafts]
    if ids:
        Draft.objects.filter(pk__in=ids, state=DraftState.OPEN).update(state=DraftState.LAPSED)


def _decide(draft: Draft, state: DraftState, at: datetime, by_id: int) -> None:
    draft.state, draft.decided_at, draft.decided_by_id = state, at, by_id
    draft.save(update_fields=["state", "decided_at", "decided_by"])


def _too_many(paper: Paper) -> tuple[str, ...]:
    """The yellow cards of a department that stand in this quarter, on whatever, once this one made them two.

    The number's lock lets one yellow card of a sub-district be signed at a time, so neither of two overlooks the other.
    """
    if paper.kind != PaperKind.YELLOW_CARD or paper.department_id is None:
        return ()
    first, end = wording.quarter_of(paper.issued_at)
    standing = Paper.objects.cards_of(paper.department_id, PaperKind.YELLOW_CARD, first, end).order_by("id")
    numbers = tuple(standing.values_list("number", flat=True))
    return numbers if len(numbers) > 1 else ()


def _name_of(department_id: int | None) -> str:
    if department_id is None:
        return wording.office()
    return Department.objects.values_list("name_zh", flat=True).get(pk=department_id)


# Papers


def number_of(area: str, kind: PaperKind, year: int, serial: int) -> str:
    """桂城催〔2026〕000123号."""
    return f"{area}{_MARKS[kind]}〔{year}〕{serial:06d}号"


def take_serials(kind: PaperKind, year: int, wanted: dict[int, int]) -> dict[int, int]:
    """The last of so many serials for each sub-district, in one statement.

    The series stay locked until the transaction ends, in the order of their ids: a roll-back gives the numbers back.
    """
    rows = [{"subdistrict_id": pk, "n": n} for pk, n in wanted.items()]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [kind.value, year, json.dumps(rows)])
        return dict(cursor.fetchall())


def issue_paper(
    on: Supervised,
    kind: PaperKind,
    about: PaperAbout,
    *,
    at: datetime,
    by_id: int | None,
    urges: int = 0,
    draft: Draft | None = None,
    reply_due_at: datetime | None = None,
) -> Paper:
    """Number and keep one paper; two statements."""
    year = local(at).year
    serial = take_serials(kind, year, {on.subdistrict_id: 1})[on.subdistrict_id]
    return Paper.objects.create(
        subdistrict_id=on.subdistrict_id,
        kind=kind,
        year=year,
        serial=serial,
        number=number_of(on.area, kind, year, serial),
        subject_kind=on.kind,
        subject_id=on.id,
        department_id=about.department_id,
        deadline_id=about.deadline_id,
        deadline_kind=about.kind,
        due_at=about.due_at,
        draft=draft,
        urges=urges,
        issued_at=at,
        issued_by_id=by_id,
        reply_due_at=reply_due_at,
    )


def issue_urges(papers: Sequence[UrgePaper], at: datetime) -> list[str]:
    """Number and keep the 催办单 that the clock sends, in two statements; returns their numbers in the same order."""
    if not papers:
        return []
    year, wanted = local(at).year, dict[int, int]()
    for paper in papers:
        wanted[paper.on.subdistrict_id] = wanted.get(paper.on.subdistrict_id, 0) + 1
    last = take_serials(PaperKind.URGE, year, wanted)
    following = {pk: last[pk] - wanted[pk] for pk in wanted}
    numbers, rows = [], []
    for paper in papers:
        following[paper.on.subdistrict_id] += 1
        serial = following[paper.on.subdistrict_id]
        numbers.append(number_of(paper.on.area, PaperKind.URGE, year, serial))
        rows.append(_row(paper, serial, numbers[-1]))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"kind": PaperKind.URGE.value, "year": year, "at": at, "rows": json.dumps(rows)})
    return numbers


def _row(paper: UrgePaper, serial: int, number: str) -> dict[str, int | str | None]:
    on, about = paper.on, paper.about
    return {
        "subdistrict_id": on.subdistrict_id,
        "serial": serial,
        "number": number,
        "subject_kind": on.kind,
        "subject_id": on.id,
        "department_id": about.department_id,
        "deadline_id": about.deadline_id,
        "deadline_kind": about.kind,
        "due_at": about.due_at.isoformat() if about.due_at else None,
        "urges": paper.urges,
    }


def lift_papers(on: Supervised, *, at: datetime, by_id: int | None) -> list[str]:
    """解除: the orders and cards that stand on the subject; returns their numbers, the oldest first."""
    rows = Paper.objects.of(on.kind, on.id).standing().order_by("id")
    standing = list(rows.values_list("pk", "number"))
    Paper.objects.filter(pk__in=[pk for pk, _number in standing]).update(lifted_at=at, lifted_by_id=by_id)
    return [number for _pk, number in standing]
