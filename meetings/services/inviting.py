"""Who is invited to a meeting: the rows of invitations, given and taken back, and whom an event on it tells."""

from collections.abc import Collection, Iterable, Sequence, Set
from datetime import datetime
from typing import Any

from communities.models import Appointment, Community, Department
from meetings.models import Invitation, Meeting
from meetings.querysets import InvitationQuerySet

Whom = tuple[int | None, int | None, int | None, str]
"""A community, an organisation, a person in office, or others in words."""


def invitation_rows(
    meeting: Meeting | None,
    communities: Iterable[Community],
    departments: Iterable[Department],
    guests: Iterable[str] = (),
    appointments: Iterable[Appointment] = (),
) -> list[Invitation]:
    """Invitations that are not saved."""
    rows = [Invitation(meeting=meeting, community=one) for one in communities]
    rows += [Invitation(meeting=meeting, department=one) for one in departments]
    rows += [Invitation(meeting=meeting, appointment=one) for one in appointments]
    return [*rows, *(Invitation(meeting=meeting, name=name) for name in guests if name)]


def named_in(rows: Iterable[Invitation]) -> set[Whom]:
    """Whom invitations name."""
    return {whom(row) for row in rows}


def withdraw(meeting: Meeting, ids: Collection[int], kept: Set[Whom], at: datetime) -> Sequence[Invitation]:
    """Take these invitations back, but for those that are wanted (``named_in``)."""
    rows = meeting.invitations.standing().with_names().filter(pk__in=ids).order_by("pk")
    gone = [row for row in rows if whom(row) not in kept]
    for row in gone:
        row.withdrawn_at = at
    Invitation.objects.bulk_update(gone, ["withdrawn_at"])
    return gone


def add_invitations(meeting: Meeting, wanted: Collection[Invitation]) -> int:
    """Invite those who are not, also who was no longer; returns how many."""
    there = {whom(row): row for row in meeting.invitations.all()}
    again = [row for one in wanted if (row := there.get(whom(one))) and row.withdrawn_at]
    for row in again:
        row.withdrawn_at = None
    Invitation.objects.bulk_update(again, ["withdrawn_at"])
    new = [row for row in wanted if whom(row) not in there]
    return len(again) + len(Invitation.objects.bulk_create(new))


def told_of(meeting: Meeting) -> dict[str, Any]:
    """Whom an event tells: organisations, and of communities their own teams; one statement."""
    return {"invited": teams_of(meeting.invitations.standing())}


def teams_of(invitations: InvitationQuerySet) -> list[int]:
    """The organisations of these invitations, and the teams of their communities."""
    rows = list(invitations.filter(name="").values_list("community_id", "department_id"))
    communities = [community for community, _department in rows if community]
    teams = Department.objects.filter(community_id__in=communities, kind="community_team").values_list("pk", flat=True)
    return sorted({department for _community, department in rows if department} | set(teams))


def whom(row: Invitation) -> Whom:
    return row.community_id, row.department_id, row.appointment_id, row.name
