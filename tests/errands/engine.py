"""What the domain of errands registers with the engine, and its two services."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import lazystr

from communities.access import Access
from communities.models import Department
from deadlines import kinds
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.enums import PRESSING
from deadlines.kinds import ClockSpec
from deadlines.limits import Limit
from deadlines.models import Deadline
from journal.models import Event
from journal.services import Entry, record
from papers.models import Draft
from papers.services import PaperAbout, UrgePaper, issue_urges
from reminders.audience import NOBODY, Audience, Group, Groups, of_roles
from reminders.enums import REMIND, Topic
from reminders.rungs import DRAFTS, RungSpec
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding, Urged
from reminders.tellings import Telling
from tests.errands import papers as documents
from tests.errands.models import Errand

SUBJECT: Final = documents.SUBJECT
ERRAND: Final = "errand"
"""Its clock."""

CLOCKS: Final = (ClockSpec(ERRAND, lazystr("跑腿"), carded=True),)
RUNGS: Final = (RungSpec("errand_late", lazystr("跑腿未归"), lazystr("%(clock)s已过两天"), 200, Topic.URGE),)
TELLINGS: Final = (
    Telling(kind="errand_sent", title=lazystr("派出"), words=lambda facts: "请跑一趟", topic=Topic.NEW),
    Telling(kind="errand_done", title=lazystr("归来"), words=lambda facts: "已跑完"),
    Telling(kind="errand_drafted", title=lazystr("拟稿"), words=lambda facts: "请签发", topic=Topic.URGE),
    Telling(kind="errand_signed", title=lazystr("签发"), words=lambda facts: "已签发", topic=Topic.URGE),
    Telling(kind="errand_not_signed", title=lazystr("不予签发")),
    Telling(kind="errand_lifted", title=lazystr("解除")),
    Telling(kind=REMIND, title=lazystr("提醒")),
)


_TOLD: Final[Mapping[str, Groups]] = {
    "errand_sent": (Group.DESK,),
    "errand_done": (Group.SUPERVISORS,),
    "errand_drafted": (Group.DEPUTIES,),
    "errand_signed": (Group.DESK, Group.HEADS),
}


class _AllSee:
    """Whoever is in the department, or in the office that sees the whole sub-district."""

    def __init__(self, errands: Mapping[int, Errand]) -> None:
        self._errands = errands

    def shows(self, access: Access, subject_id: int) -> bool:
        """By department or sub-district."""
        errand = self._errands.get(subject_id)
        return errand is not None and _sees(access, errand)


def _sees(access: Access, errand: Errand) -> bool:
    return (
        access.installation_wide
        or errand.department_id in access.department_ids
        or errand.subdistrict_id in access.whole_subdistrict_ids
    )


class ErrandSubject(Subject[Matter]):
    """The errands."""

    kind = SUBJECT

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its own services do."""
        rows = Errand.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether they are back."""
        return {row.pk: _standing(row) for row in Errand.objects.filter(pk__in=ids)}

    def may_act(self, effect: str, standing: SubjectStanding) -> bool:
        """Time drafts documents about it."""
        return effect in DRAFTS

    def act(self, effect: str, *, subject_id: int, deadline_id: int, at: datetime) -> None:
        """Draft one."""
        documents.draw_up_by_clock(subject_id, DRAFTS[effect], deadline_id, at)

    def urge(self, rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> Mapping[int, Mapping[str, Any]]:
        """By a numbered paper each."""
        errands = Errand.objects.in_bulk([row.subject_id for row in rows])
        papers = [
            UrgePaper(
                documents.supervised(errands[row.subject_id]),
                PaperAbout(row.party_id, row.deadline_id, row.kind, row.due_at),
                urges=0,
            )
            for row in rows
        ]
        numbers = issue_urges(papers, at)
        return {row.deadline_id: {"paper": number} for row, number in zip(rows, numbers, strict=True)}

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of a department, in no community."""
        return {
            row.pk: Matter(row.pk, row.subdistrict_id, row.level, department_id=row.department_id)
            for row in Errand.objects.filter(pk__in=ids)
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """The desk; of a reminder whom the rung means; the supervisors once it is done."""
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
        else:
            groups = _TOLD.get(event.kind, ())
        if not groups:
            return NOBODY
        return Audience(groups, department_id=matter.department_id, urgent=matter.level in PRESSING)

    def sight(self, ids: Collection[int]) -> _AllSee:
        """Read once."""
        return _AllSee(Errand.objects.in_bulk(list(ids)) if ids else {})

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Its title and department."""
        names = {row.pk: row.name for row in Department.objects.all()}
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=row.title,
                level=row.level,
                is_open=row.finished_at is None,
                subdistrict_id=row.subdistrict_id,
                url=f"/errands/{row.pk}/",
                department=names[row.department_id],
            )
            for row in Errand.objects.filter(pk__in=ids)
        }

    def was_open(self, event: Event) -> bool:
        """All but the last event."""
        return event.kind != "errand_done"

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By department or sub-district."""
        return {row.pk for row in Errand.objects.filter(pk__in=ids) if _sees(access, row)}

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return Errand.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def on_desk(self, view: str, *, areas: Collection[int], at: datetime, most: int) -> Sequence[DeskRow]:
        """Those whose clock has run out, and those that a document waits about."""
        if view == "unsigned":
            return _unsigned(areas, most)
        rows = Errand.objects.filter(subdistrict_id__in=sorted(areas)).in_bulk() if view == "overdue" else {}
        clocks = Deadline.objects.of_many(SUBJECT, list(rows)).filter(state="running", due_at__lte=at)
        return [_desk_row(rows[clock.subject_id], clock) for clock in clocks.order_by("due_at", "id")[:most]]


def _unsigned(areas: Collection[int], most: int) -> Sequence[DeskRow]:
    waiting = Draft.objects.waiting().filter(subject_kind=SUBJECT, subdistrict_id__in=sorted(areas))
    drafts = list(waiting.select_related("department").order_by("asked_at", "id")[:most])
    rows = Errand.objects.in_bulk([draft.subject_id for draft in drafts])
    return [
        DeskRow(
            rows[draft.subject_id].number,
            rows[draft.subject_id].title,
            f"/errands/{draft.subject_id}/",
            str(draft.get_kind_display()),
            draft.asked_at,
            draft.department.name if draft.department else "",
        )
        for draft in drafts
    ]


def _standing(row: Errand) -> SubjectStanding:
    return SubjectStanding(row.pk, row.level, row.finished_at is None, "done" if row.finished_at else "out", row.number)


def _desk_row(row: Errand, clock: Deadline) -> DeskRow:
    department = Department.objects.get(pk=row.department_id)
    return DeskRow(row.number, row.title, f"/errands/{row.pk}/", kinds.label(clock.kind), clock.due_at, department.name)


def send(*, department: Department, title: str, limit: str, at: datetime, by_id: int, level: str = "normal") -> Errand:
    """Send a department on an errand, due by ``limit``."""
    with transaction.atomic():
        errand = Errand.objects.create(
            subdistrict_id=department.subdistrict_id, department_id=department.pk, title=title, level=level
        )
        clock = deadlines.prepare(
            subject_kind=SUBJECT,
            subject_id=errand.pk,
            subdistrict_id=department.subdistrict_id,
            kind=ERRAND,
            limit=Limit.parse(limit),
            rule="errand",
            at=at,
            calendar=deadlines.load_calendar(),
            party_id=department.pk,
        )
        deadlines.start_many([clock])
        record(Entry(subject_kind=SUBJECT, subject_id=errand.pk, kind="errand_sent", at=at, actor_id=by_id))
    return errand


def finish(errand: Errand, *, at: datetime, by_id: int) -> None:
    """Bring it back."""
    with transaction.atomic():
        Errand.objects.select_for_update(no_key=True).get(pk=errand.pk)
        Errand.objects.filter(pk=errand.pk).update(finished_at=at)
        deadlines.stop(Deadline.objects.of(SUBJECT, errand.pk).open(), None, at)
        documents.end_drafts(errand)
        record(Entry(subject_kind=SUBJECT, subject_id=errand.pk, kind="errand_done", at=at, actor_id=by_id))


def reminders_of(errand: Errand) -> Iterable[Event]:
    """Its reminders in order."""
    return Event.objects.of(SUBJECT, errand.pk).of_kinds([REMIND]).order_by("seq")
