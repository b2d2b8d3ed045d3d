"""Proposals as the engine of reminders asks about them (``reminders.subjects``)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from communities.access import Access
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from journal.models import Event
from proposals.enums import ANSWERING, ENDED, PROPOSAL
from proposals.models import Proposal, ProposalPart
from proposals.tellings import TO_LEAD, TO_OFFICE, TOLD
from reminders.audience import NOBODY, Audience, Group, of_roles
from reminders.enums import REMIND
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding


class ProposalSubject(Subject[Matter]):
    """The deputies' proposals."""

    kind = PROPOSAL
    late_on_desk = True

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = Proposal.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """How they stand."""
        return {row.pk: _standing(row) for row in Proposal.objects.filter(pk__in=ids)}

    def follow_recount(self, rows: Sequence[Deadline], at: datetime, calendar: WorkCalendar) -> None:
        """The copy of the answer's date moves along."""
        for row in rows:
            if row.kind in ANSWERING:
                Proposal.objects.filter(pk=row.subject_id, due_at__isnull=False).update(due_at=row.due_at)

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, led by an organisation, with those that still have a part to give; two statements."""
        waiting: dict[int, list[int]] = {}
        parts = ProposalPart.objects.filter(proposal_id__in=ids, given_at__isnull=True, waived_at__isnull=True)
        for pk, department_id in parts.values_list("proposal_id", "department_id"):
            waiting.setdefault(pk, []).append(department_id)
        rows = Proposal.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id", "lead_id")
        return {
            pk: Matter(pk, office, department_id=lead, co_department_ids=tuple(waiting.get(pk, ())))
            for pk, office, lead in rows
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """By the tables of ``tellings``; of a reminder whom the rung means, of who owes the clock.

        Whoever had a part hears too that the proposal was taken back.
        """
        named = event.data.get("department") or matter.department_id
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
            return Audience(groups, department_id=named)
        if event.kind in TO_OFFICE:
            return Audience((Group.SUPERVISORS,))
        if event.kind in TO_LEAD:
            return Audience((Group.DESK,), department_id=matter.department_id)
        groups = TOLD.get(event.kind, ())
        if not groups:
            return NOBODY
        withdrawn = event.kind == "proposal_withdrawn"
        others = matter.co_department_ids if withdrawn else event.data.get("parts", ())
        elsewhere = tuple((pk, (Group.DESK,)) for pk in others)
        return Audience(groups, department_id=named, elsewhere=elsewhere)

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(Proposal.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return Proposal.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def parts(self, ids: Collection[int], *, department_id: int | None, community_id: int | None) -> set[int]:
        """Those in which this organisation has a part."""
        rows = ProposalPart.objects.filter(proposal_id__in=ids, waived_at__isnull=True)
        if department_id is not None:
            return set(rows.filter(department_id=department_id).values_list("proposal_id", flat=True))
        if community_id is not None:
            return set(rows.filter(department__community_id=community_id).values_list("proposal_id", flat=True))
        return set()

    def was_open(self, event: Event) -> bool:
        """By the state that the event says."""
        return str(event.data.get("state", event.data.get("status"))) not in ENDED

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """The congress's number and the title."""
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=row.title,
                level="",
                is_open=not row.has_ended,
                subdistrict_id=row.subdistrict_id,
                url=reverse("console-proposal", args=[row.pk]),
                department=row.lead.short_name,
            )
            for row in Proposal.objects.with_names().filter(pk__in=ids)
        }

    def late_rows(self, clocks: Sequence[Deadline]) -> Sequence[DeskRow]:
        """By who owes them."""
        rows = Proposal.objects.in_bulk([clock.subject_id for clock in clocks])
        return [_desk_row(rows[clock.subject_id], clock) for clock in clocks]


def _standing(row: Proposal) -> SubjectStanding:
    return SubjectStanding(row.pk, "", not row.has_ended, row.state, row.number)


def _desk_row(row: Proposal, clock: Deadline) -> DeskRow:
    owner = clock.party.short_name if clock.party else ""
    url = reverse("console-proposal", args=[row.pk])
    return DeskRow(row.number, row.title, url, kinds.label(clock.kind), clock.due_at, owner)
