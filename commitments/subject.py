"""A commitment as the engine of reminders asks about it (``reminders.subjects``).

The clocks of a promise made on a matter are that matter's to remind of (``deadlines.subjects``, ``made_on_another``);
one that was made on none stands for itself. What people do to any of them is told here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from commitments import tellings
from commitments.enums import SUBJECT, CommitmentState
from commitments.models import Commitment, CoOwner
from commitments.services import supervising
from common.masking import anonymous
from communities.access import Access
from communities.models.base import localised
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.calendar import WorkCalendar
from deadlines.enums import Level
from deadlines.models import Deadline
from journal.models import Event
from papers.enums import DraftKind
from papers.models import Draft
from reminders.audience import NOBODY, Audience, Group, of_roles
from reminders.enums import REMIND
from reminders.rungs import DRAFTS
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding, Urged

_TITLE: Final = 60


class CommitmentSubject(Subject[Matter]):
    """The commitments."""

    kind = SUBJECT

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As every action on them does."""
        rows = Commitment.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether they are still to be kept."""
        return {row.pk: _standing(row) for row in Commitment.objects.filter(pk__in=ids)}

    def may_act(self, effect: str, standing: SubjectStanding) -> bool:
        """Time drafts documents about it."""
        return effect in DRAFTS and standing.is_open

    def act(self, effect: str, *, subject_id: int, deadline_id: int, at: datetime) -> None:
        """Draft one."""
        supervising.draw_up_by_clock(subject_id, DRAFTS[effect], deadline_id, at)

    def urge(self, rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> Mapping[int, Mapping[str, Any]]:
        """With a numbered 催办单 each."""
        return supervising.urge(rows, at, calendar)

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Whose they are and which community confirms them (``Commitment.is_the_offices``); two statements."""
        others: dict[int, list[int]] = {}
        for pk, department in CoOwner.objects.filter(commitment_id__in=ids).values_list(
            "commitment_id", "department_id"
        ):
            others.setdefault(pk, []).append(department)
        names = ("pk", "subdistrict_id", "community_id", "owner_id", "owner__community_id")
        rows = Commitment.objects.filter(pk__in=ids).values_list(*names)
        return {
            pk: Matter(
                id=pk,
                subdistrict_id=area,
                level=Level.NORMAL.value,
                community_id=None if community == team_of else community,
                department_id=owner,
                co_department_ids=tuple(others.get(pk, ())),
            )
            for pk, area, community, owner, team_of in rows
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """By the tables of ``tellings``; of a reminder whom the rung means."""
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
        else:
            groups = tellings.TO_OWNER.get(event.kind, ())
        if event.kind == tellings.DRAFTED and event.data.get("kind") == DraftKind.RED_CARD:
            groups = (Group.DIRECTORS,)
        if event.kind in tellings.TO_RAISER:
            groups += (Group.CLERKS,) if matter.community_id is not None else (Group.SUPERVISORS,)
        return Audience(groups, department_id=matter.department_id) if groups else NOBODY

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Its number, its words without persons' numbers, who owes it."""
        rows = Commitment.objects.filter(pk__in=ids).select_related("owner", "community")
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=anonymous(row.text)[:_TITLE],
                level=Level.NORMAL.value,
                is_open=row.is_open,
                subdistrict_id=row.subdistrict_id,
                url=reverse("console-commitment", args=[row.pk]),
                community_id=row.community_id,
                places=(row.community.name,) if row.community else (),
                department=localised(row.owner.short_zh or row.owner.name_zh, row.owner.short_en or row.owner.name_en),
            )
            for row in rows
        }

    def parts(self, ids: Collection[int], *, department_id: int | None, community_id: int | None) -> set[int]:
        """Those that it owes or promised together with another, or that it raised."""
        rows = Commitment.objects.filter(pk__in=ids)
        if department_id is not None:
            own = rows.filter(owner_id=department_id).values_list("pk", flat=True)
            shared = CoOwner.objects.filter(commitment_id__in=ids, department_id=department_id)
            return {*own, *shared.values_list("commitment_id", flat=True)}
        return set(rows.filter(community_id=community_id).values_list("pk", flat=True)) if community_id else set()

    def was_open(self, event: Event) -> bool:
        """By the state that the event says."""
        return str(event.data.get("status", CommitmentState.OPEN)) == CommitmentState.OPEN

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(Commitment.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return Commitment.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def on_desk(self, view: str, *, areas: Collection[int], at: datetime, most: int) -> Sequence[DeskRow]:
        """Those that stand for themselves: whose date has passed, and about which a document waits."""
        if view == "unsigned":
            return _unsigned(areas, most)
        if view != "overdue":
            return ()
        own = Commitment.objects.open().filter(subject_kind=SUBJECT, subdistrict_id__in=sorted(areas))
        rows = own.select_related("owner")
        clocks = list(
            Deadline.objects.filter(subject_kind=SUBJECT, subject_id__in=own.values("pk"), state="running")
            .filter(due_at__lte=at)
            .exclude(kind=supervising.SIGNATURE)
            .order_by("due_at", "id")[:most]
        )
        found = rows.in_bulk([clock.subject_id for clock in clocks]) if clocks else {}
        return [_row(found[clock.subject_id], kinds.label(clock.kind), clock.due_at) for clock in clocks]


def _unsigned(areas: Collection[int], most: int) -> Sequence[DeskRow]:
    waiting = Draft.objects.waiting().filter(subject_kind=SUBJECT, subdistrict_id__in=sorted(areas))
    drafts = list(waiting.order_by("asked_at", "id")[:most])
    ids = [draft.subject_id for draft in drafts]
    rows = Commitment.objects.select_related("owner").in_bulk(ids) if ids else {}
    return [_row(rows[draft.subject_id], str(draft.get_kind_display()), draft.asked_at) for draft in drafts]


def _row(row: Commitment, clock: str, due_at: datetime) -> DeskRow:
    url = reverse("console-commitment", args=[row.pk])
    return DeskRow(row.number, anonymous(row.text)[:_TITLE], url, clock, due_at, row.owner.name)


def _standing(row: Commitment) -> SubjectStanding:
    return SubjectStanding(row.pk, Level.NORMAL.value, row.is_open, row.state, row.number)
