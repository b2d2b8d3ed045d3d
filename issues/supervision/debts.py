"""What one organisation owes: reads of its page. A debt is a running deadline of which it is the party."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from commitments.enums import SUBJECT as PROMISE
from commitments.enums import CommitmentClock
from commitments.models import Commitment
from common.keyset import Order
from communities.access import Access
from communities.models import Department
from deadlines.models import Deadline
from issues.enums import SUBJECT, DeadlineKind
from issues.models import Holding, Issue
from issues.supervision import owed
from issues.supervision.desk import areas_of
from papers.enums import CARDS
from papers.models import Paper
from papers.wording import quarter_of
from reminders import subjects
from reminders.subjects import About

LISTS: Final = ("overdue", "today", "soon", "unacknowledged", "co_reply", "promises", "supervision", "others", "cards")
"""The lists of the page: 已超期, 今日到期, 临期, 未签收, 协办待答复, 承诺逾期, 督办待回复, 其他到期未办,
本季度黄红牌.
"""

BY_DUE: Final = Order(("due_at", "id"))
BY_ISSUE: Final = Order(("-issued_at", "-id"))

_PROMISES: Final = tuple(CommitmentClock.values)
_REPLIES: Final = (DeadlineKind.SUPERVISION_REPLY.value, DeadlineKind.URGE_REPLY.value)


def readable(access: Access) -> QuerySet[Department, Department]:
    """The organisations whose page this person reads: one's own; all of the area for who supervises it."""
    mine = Q(pk__in=sorted(access.department_ids))
    return Department.objects.filter(mine | Q(subdistrict_id__in=sorted(areas_of(access))))


def known(access: Access) -> QuerySet[Department, Department]:
    """The organisations that this person knows to exist: those of their sub-districts."""
    if access.installation_wide:
        return Department.objects.all()
    return Department.objects.filter(subdistrict_id__in=sorted(access.subdistrict_ids))


def in_list(code: str, department: Department, now: datetime) -> QuerySet[Any, Any]:
    """The rows of one list: a deadline each, for ``cards`` a paper each."""
    return cards_of(department, now) if code == "cards" else _clocks(code, department, now)


def counted(code: str, department: Department, now: datetime) -> QuerySet[Any, Any]:
    """What the number of a list counts: matters, each once however many of its clocks are listed; papers of cards."""
    if code == "cards":
        return cards_of(department, now)
    return owed.each_once(_clocks(code, department, now))


def _clocks(code: str, department: Department, now: datetime) -> owed.Clocks:
    rows = owed.owed_by(department)
    if code == "today":
        return owed.today(department, now)
    if code == "soon":
        return owed.soon(department, now)
    if code == "unacknowledged":
        return rows.filter(kind=DeadlineKind.ACKNOWLEDGE)
    if code == "co_reply":
        return rows.filter(kind=DeadlineKind.CO_REPLY)
    if code == "promises":
        return rows.filter(kind__in=_PROMISES, due_at__lte=now)
    if code == "supervision":
        return rows.filter(kind__in=_REPLIES)
    if code == "others":
        return owed.other_past(department, now).exclude(kind__in=_REPLIES)
    return owed.overdue(department, now)


def cards_of(department: Department, now: datetime) -> QuerySet[Paper, Paper]:
    """The yellow and red cards that the organisation got this quarter and that nobody lifted."""
    rows = Paper.objects.standing().filter(department_id=department.pk, kind__in=CARDS)
    return rows.filter(issued_at__gte=quarter_of(now)[0])


def cards(papers: Sequence[Paper]) -> list[tuple[Paper, About]]:
    """The cards of one page with what they are about, of whatever kind; what is gone is left out."""
    about = subjects.about_all({(row.subject_kind, row.subject_id) for row in papers})
    return [(row, about[on]) for row in papers if (on := (row.subject_kind, row.subject_id)) in about]


@dataclass(frozen=True)
class Debt:
    """One deadline that is owed and what it is about: an issue, or a matter of another kind; of a promise its words."""

    clock: Deadline
    issue: Issue | None
    other: About | None
    promise: str
    held_since_at: datetime | None


def debts(clocks: Sequence[Deadline], department: Department) -> list[Debt]:
    """The deadlines of one page with what they are about. A handful of statements, whatever their number."""
    promised = [row.subject_id for row in clocks if row.subject_kind == PROMISE]
    promises = Commitment.objects.in_bulk(promised) if promised else {}
    made_on = {(PROMISE, row.pk): (row.subject_kind, row.subject_id) for row in promises.values()}
    about = {row.pk: made_on.get(own, own) for row in clocks for own in [(row.subject_kind, row.subject_id)]}
    ids = sorted({pk for kind, pk in about.values() if kind == SUBJECT})
    issues, others = _issues(ids), subjects.about_all({own for own in about.values() if own[0] != SUBJECT})
    held = dict(
        Holding.objects.filter(issue_id__in=ids, department_id=department.pk, until_at__isnull=True).values_list(
            "issue_id", "since_at"
        )
    )
    return [
        Debt(
            clock=row,
            issue=issues.get(pk) if kind == SUBJECT else None,
            other=others.get((kind, pk)),
            promise=promises[row.subject_id].text if row.subject_kind == PROMISE and row.subject_id in promises else "",
            held_since_at=held.get(pk) if kind == SUBJECT else None,
        )
        for row in clocks
        for kind, pk in [about[row.pk]]
    ]


def _issues(ids: Sequence[int]) -> dict[int, Issue]:
    rows = Issue.objects.select_related("community", "officer", "lead_department").defer("lexemes", "description")
    return {row.pk: row for row in rows.filter(pk__in=ids)}
