"""What somebody holds who leaves a post, and to whom it may go: docs/rules/people.md#leaving.

Every foreign key to a person was walked over (tests/integration/offices/test_handing_over.py has the table): what is
still to be done by that person is here; who did something stays who did it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Absence, User
from accounts.roles import OF_COMMUNITY, OF_DEPARTMENT, ROLES, Role
from commitments.models import Commitment
from communities.models import Leader, LeaderPlace, Membership, SubDistrict
from deadlines.duty.handing_over import shifts_of
from deadlines.models import DutyShift
from issues.enums import Turn, VerdictCheck
from issues.models import Issue
from issues.policies import DEPUTY_DECIDES
from offices.uses import matters_said, number_of, said
from papers.enums import DraftKind
from papers.models import Draft

_SUPERVISED = Q(turn=Turn.SUPERVISOR) | Q(asks_supervisor=True) | Q(verdict_check=VerdictCheck.DUE)


@dataclass(frozen=True)
class Leaving:
    """Who leaves ``posts``; ``kept`` is what they go on being."""

    user: User
    posts: Sequence[Membership]
    kept: Sequence[Membership]

    @cached_property
    def department_ids(self) -> frozenset[int]:
        """Where they do not work any more."""
        kept = {row.department_id for row in self.kept}
        return frozenset(row.department_id for row in self.posts if row.department_id is not None) - kept

    @cached_property
    def present(self) -> list[Membership]:
        """Of what they leave that which they still are, one of each kind that they are not elsewhere too."""
        kept = {place_of(row) for row in self.kept}
        found = {place_of(row): row for row in self.posts if row.ended_at is None}
        return [row for place, row in found.items() if place not in kept]

    @cached_property
    def subdistrict_ids(self) -> frozenset[int]:
        """The offices of what they leave."""
        return frozenset(row.subdistrict_id for row in self.posts if row.subdistrict_id is not None)


def of_post(post: Membership) -> Leaving:
    """Leaving one post."""
    others = _of(post.user).filter(ended_at__isnull=True).exclude(pk=post.pk)
    return Leaving(post.user, (post,), tuple(others))


def of_account(user: User, office: SubDistrict) -> Leaving:
    """Leaving everything: what the person is anywhere, and whatever they once were in this office."""
    return Leaving(user, tuple(_of(user).filter(Q(subdistrict=office) | Q(ended_at__isnull=True))), ())


def of_the_past(user: User, office: SubDistrict) -> Leaving:
    """What the person was in this office and is no longer; all of it where the account is closed."""
    rows = list(_of(user).filter(Q(subdistrict=office) | Q(ended_at__isnull=True)))
    kept = [row for row in rows if row.ended_at is None] if user.is_active else []
    return Leaving(user, [row for row in rows if row not in kept and row.subdistrict_id == office.pk], kept)


def _of(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("user", "department", "community").order_by("id")


def place_of(row: Membership) -> tuple[str, int | None]:
    """Where people stand in for one another: an organisation, a community, an office in one role."""
    if row.department_id is not None:
        return "department", row.department_id
    return ("community", row.community_id) if row.community_id is not None else (row.role, row.subdistrict_id)


def colleagues_at(row: Membership) -> QuerySet[Membership]:
    """Everybody else who is there and could do the same: of the organisation, the community, or in the same role."""
    rows = Membership.objects.filter(ended_at__isnull=True, user__is_active=True).exclude(user_id=row.user_id)
    if row.department_id is not None:
        return rows.filter(department_id=row.department_id)
    if row.community_id is not None:
        return rows.filter(community_id=row.community_id or 0)
    rows = rows.filter(role=row.role, subdistrict_id=row.subdistrict_id or 0)
    if row.role != Role.LEADER:
        return rows
    own = Leader.objects.filter(user_id=row.user_id).values("community_id")
    return rows.filter(user__leader__community_id__in=own, user__leader__retired_at__isnull=True)


@dataclass(frozen=True)
class HeldHere:
    """What is held by name. ``alone``: what would be nobody's, in words; nothing of it may be left so."""

    matters: Mapping[str, int]
    shifts: Sequence[DutyShift]
    covers: Sequence[Absence]
    desks: Sequence[Membership]
    leader: Leader | None
    places: Sequence[LeaderPlace]
    alone: Sequence[str]

    def __bool__(self) -> bool:
        return any((self.matters, self.shifts, self.covers, self.desks, self.leader))

    @property
    def number(self) -> int:
        """How many matters."""
        return sum(self.matters.values())


def held_by(leaving: Leaving, at: datetime) -> HeldHere:
    """All of it; the same statements however much there is."""
    leader = _leader(leaving)
    places = LeaderPlace.objects.filter(leader=leader).select_related("building__neighbourhood", "neighbourhood")
    return HeldHere(
        matters=_matters(leaving),
        shifts=[row for row in shifts_of(leaving.user.pk, leaving.subdistrict_ids, at) if not _keeps(leaving, row)],
        covers=_covers(leaving, at),
        desks=[row for row in leaving.posts if row.ended_at is None and row.receiving_desk],
        leader=leader,
        places=list(places.order_by("id")) if leader else [],
        alone=[words for row in leaving.present if (words := _alone(row))],
    )


def successors(leaving: Leaving) -> QuerySet[User]:
    """Who may take over: whoever works at every place that is left, and whose account works."""
    rows = User.objects.filter(is_active=True).exclude(pk=leaving.user.pk).order_by("username")
    left = leaving.present or [row for row in leaving.posts if place_of(row) not in map(place_of, leaving.kept)]
    for row in {place_of(row): row for row in left}.values():
        rows = rows.filter(pk__in=colleagues_at(row).values("user_id"))
    return rows if left else rows.none()


def _matters(leaving: Leaving) -> dict[str, int]:
    """Status → how many open matters are assigned to the person in an organisation that they leave."""
    rows = Issue.objects.open().filter(officer_id=leaving.user.pk, lead_department_id__in=leaving.department_ids)
    return dict(rows.order_by("status").values_list("status").annotate(number=Count("pk")))


def _keeps(leaving: Leaving, shift: DutyShift) -> bool:
    return any(may_serve(row, shift) for row in leaving.kept)


def may_serve(row: Membership, shift: DutyShift) -> bool:
    """Whether somebody who is this stands on that roster: of the community, or of the office above it."""
    if row.subdistrict_id != shift.subdistrict_id or row.role == Role.LEADER:
        return False
    of_office = row.community_id is None and row.department_id is None
    return shift.community_id is None or row.community_id == shift.community_id or of_office


def _covers(leaving: Leaving, at: datetime) -> list[Absence]:
    """Absences in which the person stands in for somebody with whom they will not work any more."""
    rows = (
        Absence.objects.filter(cover_id=leaving.user.pk, cancelled_at__isnull=True, ends_at__gt=at)
        .filter(user__memberships__subdistrict_id__in=leaving.subdistrict_ids)
        .select_related("user")
        .prefetch_related("user__memberships")
        .distinct()
        .order_by("starts_at", "id")
    )
    kept = {_together(row) for row in leaving.kept}
    return [
        row
        for row in rows
        if kept.isdisjoint(_together(one) for one in row.user.memberships.all() if one.ended_at is None)
    ]


def _together(row: Membership) -> tuple[str, int | None]:
    """Where people stand in for one another while they are away, whatever their role."""
    kind, pk = place_of(row)
    return (kind if kind in ("department", "community") else "subdistrict"), pk


def works_with(user: User, absence: Absence) -> bool:
    """Whether this person may stand in for whoever is away. Two statements."""
    mine = {_together(row) for row in user.memberships.filter(ended_at__isnull=True)}
    theirs = {_together(row) for row in absence.user.memberships.all() if row.ended_at is None}
    return user.pk != absence.user_id and not mine.isdisjoint(theirs)


def _leader(leaving: Leaving) -> Leader | None:
    """The building, lane or street leader that the person is no longer."""
    if not any(row.role == Role.LEADER for row in leaving.posts) or any(
        row.role == Role.LEADER for row in leaving.kept
    ):
        return None
    rows = Leader.objects.filter(user=leaving.user, retired_at__isnull=True).select_related("subdistrict", "community")
    return rows.filter(subdistrict_id__in=leaving.subdistrict_ids).first()


def _alone(row: Membership) -> str:
    """What nobody could do any more at the place of this post, in words; "" where somebody else can."""
    role = Role(row.role)
    waiting = _NEEDED[role](row) if role in _NEEDED and not colleagues_at(row).exists() else []
    waiting = [words for words in waiting if words]
    if not waiting:
        return ""
    place = row.department or row.community
    told = {"who": place.name if place else ROLES[role].label, "what": _("、").join(waiting)}
    return _("%(who)s没有别的在岗人员，还有%(what)s") % told


def _of_department(row: Membership) -> list[str]:
    matters = Issue.objects.open().filter(lead_department_id=row.department_id)
    parts = Issue.objects.open().filter(co_waiting_ids__overlap=[row.department_id])
    promises = Commitment.objects.open().filter(owner_id=row.department_id)
    return [
        matters_said(matters),
        said(number_of(parts), lambda n: ngettext("%(n)s 件待协办答复", "%(n)s 件待协办答复", n)),
        said(number_of(promises), lambda n: ngettext("%(n)s 项承诺", "%(n)s 项承诺", n)),
    ]


def _of_community(row: Membership) -> list[str]:
    matters = Issue.objects.open().filter(community_id=row.community_id or 0)
    return [matters_said(matters)]


def _of_supervisor(row: Membership) -> list[str]:
    matters = Issue.objects.filter(_SUPERVISED, subdistrict_id=row.subdistrict_id or 0)
    return [said(number_of(matters), lambda n: ngettext("%(n)s 件待裁定或审批", "%(n)s 件待裁定或审批", n))]


def _of_direction(row: Membership) -> list[str]:
    """Documents and requests that wait; what a deputy signs the director signs too, but not the other way round."""
    drafts = Draft.objects.waiting().filter(subdistrict_id=row.subdistrict_id or 0)
    asked = Issue.objects.filter(asks_direction=True, subdistrict_id=row.subdistrict_id or 0)
    others = Membership.objects.filter(
        subdistrict_id=row.subdistrict_id or 0,
        role__in=(Role.DEPUTY.value, Role.DIRECTOR.value),
        ended_at__isnull=True,
        user__is_active=True,
    )
    roles = set(others.exclude(user_id=row.user_id).values_list("role", flat=True))
    if Role.DIRECTOR in roles:
        return []
    if Role.DEPUTY in roles:
        drafts = drafts.filter(kind=DraftKind.RED_CARD)
        asked = asked.exclude(asks__overlap=sorted(kind.value for kind in DEPUTY_DECIDES))
    return [
        said(number_of(drafts), lambda n: ngettext("%(n)s 份待签发的文书", "%(n)s 份待签发的文书", n)),
        said(number_of(asked), lambda n: ngettext("%(n)s 件待领导审批", "%(n)s 件待领导审批", n)),
    ]


_NEEDED = {
    **dict.fromkeys(OF_DEPARTMENT, _of_department),
    **dict.fromkeys(OF_COMMUNITY, _of_community),
    Role.SUPERVISOR: _of_supervisor,
    Role.DEPUTY: _of_direction,
    Role.DIRECTOR: _of_direction,
}
