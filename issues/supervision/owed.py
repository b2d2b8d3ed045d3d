"""What an organisation owes, and how its matters stand for it: one definition for every page that counts them.

A matter is overdue, due today or due soon for an organisation by the earliest of its clocks that it owes; where it owes
them all, as is usual, that is the matter's own time-limit state. Several clocks of one matter are one matter.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from commitments.enums import SUBJECT as PROMISE
from common.clock import local
from communities.models import Department, DepartmentKind
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.clock_specs import OF_OFFICE, SIDE
from issues.enums import OPEN, SUBJECT, Status
from issues.models import Issue
from issues.querysets import IssueQuerySet, day_end

Clocks = QuerySet[Deadline, Deadline]


def owed_by(department: Department) -> Clocks:
    """All that the organisation owes now. The office that supervises owes the decisions, which have no party."""
    mine = Q(party_id=department.pk)
    if department.kind == DepartmentKind.SUPERVISOR:
        mine |= Q(party__isnull=True, subdistrict_id=department.subdistrict_id, kind__in=sorted(OF_OFFICE))
    return Deadline.objects.filter(mine, state=DeadlineState.RUNNING)


def decisive(department: Department) -> Clocks:
    """Of what it owes the clocks that a matter's state comes from: neither side clocks, nor promises, nor what is
    suspended, nor what runs on after the end.
    """
    at_work = Issue.objects.filter(pk=OuterRef("subject_id"), status__in=sorted(OPEN - {Status.SUSPENDED}))
    rows = owed_by(department).filter(subject_kind=SUBJECT).exclude(kind__in=sorted(SIDE))
    return rows.filter(Exists(at_work))


def overdue(department: Department, now: datetime) -> Clocks:
    """已超期: what of it is past."""
    return decisive(department).filter(due_at__lte=now)


def today(department: Department, now: datetime) -> Clocks:
    """今日到期: what is due before midnight, of matters of which nothing is past."""
    return _without(overdue(department, now), department).filter(due_at__gt=now, due_at__lt=day_end(local(now)))


def soon(department: Department, now: datetime) -> Clocks:
    """临期: what is within its warning time and due after today, of matters of which nothing is due before."""
    tomorrow = day_end(local(now))
    earlier = decisive(department).filter(due_at__lt=tomorrow)
    return _without(earlier, department).filter(due_at__gte=tomorrow, soon_at__lte=now)


def other_past(department: Department, now: datetime) -> Clocks:
    """All else that is past but for promises: side clocks, reviews of what is suspended, what outlives a matter, and
    what it owes on matters of other kinds.
    """
    counted = overdue(department, now).values("pk")
    return owed_by(department).filter(due_at__lte=now).exclude(subject_kind=PROMISE).exclude(pk__in=counted)


def _without(clocks: Clocks, department: Department) -> Clocks:
    """Its decisive clocks of all matters that have none of these."""
    return decisive(department).filter(~Exists(clocks.filter(subject_id=OuterRef("subject_id"))))


def each_once(clocks: Clocks) -> Clocks:
    """One clock of each subject, whichever."""
    return clocks.order_by().distinct("subject_kind", "subject_id")


def matters_of(clocks: Clocks) -> IssueQuerySet:
    """The matters whose own clocks these are, each once."""
    return Issue.objects.filter(pk__in=clocks.filter(subject_kind=SUBJECT).order_by().values("subject_id"))
