"""The people behind the groups of the audience table, read for a batch of events at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role
from communities.access import Access, load_accesses
from communities.models import Department, DepartmentKind, Membership
from communities.presence import Presence, Seat, covers_in, desk_order, load_absences, members_among
from deadlines.models import DutyShift
from reminders.audience import Audience, Group
from reminders.enums import Reason
from reminders.subjects import Matter, Subject

_OF_SUBDISTRICT: Final = (Role.SUPERVISOR, Role.DEPUTY, Role.DIRECTOR)
_OF_DEPARTMENT: Final = frozenset({Group.DESK, Group.HANDLER, Group.HEADS})
_NEXT_OF: Final[Mapping[Role, Group]] = {
    Role.OFFICER: Group.DESK,
    Role.HEAD: Group.DESK,
    Role.SUPERVISOR: Group.SUPERVISORS,
    Role.DEPUTY: Group.DEPUTIES,
    Role.DIRECTOR: Group.DIRECTORS,
}
"""Who is next where somebody whom an event names is not there; in a community its clerks are."""

DEPARTMENT, COMMUNITY, OFFICE = "department", "community", "office"
Organisation = tuple[str, int]
"""What a group's channel belongs to: a department, a community, or the office of a sub-district."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told, why, and whom they stand in for."""

    user_id: int
    reason: Reason
    covering: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked of the directory: a matter and a moment. ``actor_id`` did it and needs not be told."""

    matter: Matter
    at: datetime
    actor_id: int | None = None


_Option = tuple[Sequence[int], Reason]
_Home = tuple[Role, int | None, int | None]
"""A role, and the community or department where somebody has or had it."""
_REASONS: Final = (Reason.DESK, Reason.HANDLER, Reason.HEAD, Reason.CLERK, Reason.SECRETARY)
"""Of the places of ``desk_order``."""


class Directory:
    """Members, absences, watchers, shifts and rights around some matters of a kind. A dozen statements for any number.

    A person counts who is there (``communities.presence``) and may see the matter. Where nobody of a group is, the next
    one up is told, at last the supervisors. An organisation outside the house has no accounts: the community's clerks
    stand for it, as they follow it up.
    """

    def __init__(
        self,
        subject: Subject[Any],
        matters: Collection[Matter],
        audiences: Collection[Audience],
        at: Collection[datetime],
    ) -> None:
        self._by_place: dict[tuple[str, int | None, Role], list[int]] = defaultdict(list)
        self._staff: dict[int, list[Seat]] = defaultdict(list)
        self._watchers: dict[int, list[int]] = defaultdict(list)
        self._homes: dict[int, list[_Home]] = defaultdict(list)
        self._team_of: dict[int, int] = {}
        self._external: set[int] = set()
        self._read_homes({pk for audience in audiences for pk in audience.named})
        departments = {pk for audience in audiences for pk in audience.department_ids}
        departments |= {row.department_id for row in matters if row.department_id}
        departments |= {pk for row in matters for pk in row.co_department_ids}
        departments |= {pk for homes in self._homes.values() for _role, _community, pk in homes if pk is not None}
        self._read_departments(departments)
        self._read_members(matters, departments)
        for matter_id, user_id in subject.watchers([row.id for row in matters]):
            self._watchers[matter_id].append(user_id)
        self._shifts = self._read_shifts({row.subdistrict_id for row in matters}, at)
        absences = load_absences(min(at), max(at)) if at else {}
        candidates = self._candidates() | covers_in(absences)
        present = members_among(candidates)
        self._presence = Presence(present, absences)
        self._sight = subject.sight([row.id for row in matters])
        self._accesses: dict[int, Access] = load_accesses(present)

    def people(self, audience: Audience, case: Case) -> list[Recipient]:
        """Whom an event concerns, each once and the actor too, whoever is on shift apart.

        Nobody where it concerns nobody; where nobody whom it concerns is there, who is above them.
        """
        if audience.personal:
            return [Recipient(pk, Reason.NAMED) for pk in audience.named]
        found = [person for pk in audience.named for person in self._named(pk, audience, case)]
        for group in audience.groups:
            found += self._group(group, audience.department_id, case)
        for department_id, groups in audience.elsewhere:
            for group in groups:
                found += self._group(group, department_id, case)
        if not found and self._concerns_somebody(audience, case.matter):
            found = self.above(case)
        return _each_once(found)

    def above(self, case: Case) -> list[Recipient]:
        """Who is told where an organisation has nobody left to remind."""
        return [Recipient(row.user_id, Reason.NOBODY, row.covering) for row in self._supervisors(case, above=True)]

    def on_duty(self, case: Case) -> list[Recipient]:
        """Who stands in outside office hours: the clerks on shift, else their leaders, else the supervisors."""
        shifts = self._on_shift(case)
        options: list[_Option] = [
            ([row.clerk_id for row in shifts], Reason.DUTY_CLERK),
            ([row.leader_id for row in shifts if row.leader_id], Reason.DUTY_LEADER),
        ]
        return self._present(options, case) or self.above(case)

    def organisations(self, audience: Audience, matter: Matter) -> set[Organisation]:
        """The organisations that an event concerns, for the channels of their groups."""
        found = {self._organisation(group, audience.department_id, matter) for group in audience.groups}
        for department_id, groups in audience.elsewhere:
            found |= {self._organisation(group, department_id, matter) for group in groups}
        if Group.CO_DESKS in audience.groups:
            found |= {self._organisation(Group.DESK, other, matter) for other in matter.co_department_ids}
        return {row for row in found if row is not None}

    def _organisation(self, group: Group, department_id: int | None, matter: Matter) -> Organisation | None:
        if group in _OF_DEPARTMENT and department_id is not None and department_id not in self._external:
            team = self._team_of.get(department_id)
            return (DEPARTMENT, department_id) if team is None else (COMMUNITY, team)
        if group in _OF_DEPARTMENT or group in (Group.CLERKS, Group.SECRETARIES):
            return (COMMUNITY, matter.community_id) if matter.community_id is not None else None
        return None if group in (Group.WATCHERS, Group.CO_DESKS) else (OFFICE, matter.subdistrict_id)

    # Groups

    def _concerns_somebody(self, audience: Audience, matter: Matter) -> bool:
        """Whether it is anybody's affair: following a matter is one's own choice, and there may be no co-department."""
        groups = {*audience.groups, *(group for _pk, groups in audience.elsewhere for group in groups)}
        groups -= {Group.WATCHERS} if matter.co_department_ids else {Group.WATCHERS, Group.CO_DESKS}
        return bool(groups or audience.named)

    def _named(self, user_id: int, audience: Audience, case: Case) -> list[Recipient]:
        """Somebody whom the event itself names; where they are not there, who is next in their organisation."""
        found = self._present([([user_id], Reason.NAMED)], case)
        if found or not self._homes[user_id]:
            return found or self.above(case)
        homes = self._homes[user_id]
        role, community_id, department_id = next((row for row in homes if row[2] == audience.department_id), homes[0])
        if community_id is not None:
            return self._clerks(community_id, case, away=True)
        if role not in _NEXT_OF:
            return self.above(case)
        return self._group(_NEXT_OF[role], department_id, case, away=True)

    def _group(self, group: Group, department_id: int | None, case: Case, *, away: bool = False) -> list[Recipient]:
        """The people of a group. ``away``: asked for somebody who is not there, so whoever acted does not count."""
        matter = case.matter
        match group:
            case Group.CLERKS:
                return self._clerks(matter.community_id, case, away=away)
            case Group.SECRETARIES:
                return self._present([self._secretaries(matter.community_id)], case)
            case Group.SUPERVISORS:
                return self._supervisors(case, above=away)
            case Group.DEPUTIES:
                return self._direction(Role.DEPUTY, Role.DIRECTOR, case, away=away)
            case Group.DIRECTORS:
                return self._direction(Role.DIRECTOR, Role.DEPUTY, case, away=away)
            case Group.CO_DESKS:
                return [row for other in matter.co_department_ids for row in self._group(Group.DESK, other, case)]
            case Group.WATCHERS:
                return self._following(case)
            case Group.DUTY_LEADERS:
                leaders = [row.leader_id for row in self._on_shift(case) if row.leader_id]
                return self._present([(leaders, Reason.DUTY_LEADER)], case) or self._supervisors(case)
        if department_id is None or department_id in self._team_of or department_id in self._external:
            leads = department_id in (None, matter.department_id)
            return self._team(group, self._team_of.get(department_id or 0, matter.community_id), case, leads=leads)
        return self._department(group, department_id, case, away=away)

    def _department(self, group: Group, department_id: int, case: Case, *, away: bool = False) -> list[Recipient]:
        heads: _Option = (self._by_place[DEPARTMENT, department_id, Role.HEAD], Reason.HEAD)
        if group is Group.HEADS:
            return self._present([heads], case)
        staff, officer_id = self._staff[department_id], case.matter.officer_id
        options: list[_Option] = list(zip(desk_order(staff), _REASONS, strict=True))
        if group is Group.HANDLER and department_id == case.matter.department_id:
            options.insert(0, (self._assigned(officer_id, staff), Reason.HANDLER))
        return self._present(options, case, away=away) or self.above(case)

    def _assigned(self, officer_id: int | None, staff: Collection[Seat]) -> list[int]:
        """The assigned officer, as long as this is where they work."""
        return [seat.user_id for seat in staff if seat.user_id == officer_id][:1]

    def _team(self, group: Group, community_id: int | None, case: Case, *, leads: bool) -> list[Recipient]:
        """A community's own team (社区自办): its clerks work, its secretary is the head.

        ``leads``: the matter is its own, so whoever was assigned to it is of the team.
        """
        if group is Group.HEADS:
            return self._present([self._secretaries(community_id)], case)
        officer_id = case.matter.officer_id
        members = [pk for role in (Role.CLERK, Role.SECRETARY) for pk in self._by_place[COMMUNITY, community_id, role]]
        if group is Group.HANDLER and officer_id in members and leads:
            assigned = self._present([([pk for pk in members if pk == officer_id], Reason.HANDLER)], case)
            if assigned:
                return assigned
        return self._clerks(community_id, case)

    def _clerks(self, community_id: int | None, case: Case, *, away: bool = False) -> list[Recipient]:
        clerks: _Option = (self._by_place[COMMUNITY, community_id, Role.CLERK], Reason.CLERK)
        return self._present([clerks, self._secretaries(community_id)], case, away=away) or self.above(case)

    def _secretaries(self, community_id: int | None) -> _Option:
        return self._by_place[COMMUNITY, community_id, Role.SECRETARY], Reason.SECRETARY

    def _of(self, matter: Matter, role: Role) -> _Option:
        return self._by_place["subdistrict", matter.subdistrict_id, role], Reason(role.value)

    def _direction(self, first: Role, second: Role, case: Case, *, away: bool) -> list[Recipient]:
        """Those who sign; where neither is there the supervisors learn that nobody signs."""
        options = [self._of(case.matter, first), self._of(case.matter, second)]
        return self._present(options, case, away=away) or self.above(case)

    def _supervisors(self, case: Case, *, above: bool = False) -> list[Recipient]:
        """The office that watches over everything; the direction where nobody is there, at last the administrators."""
        options = [self._of(case.matter, role) for role in _OF_SUBDISTRICT]
        administrators = self._by_place["subdistrict", case.matter.subdistrict_id, Role.SYSTEM_ADMIN]
        options.append(([*administrators, *self._by_place["installation", 0, Role.SYSTEM_ADMIN]], Reason.ADMIN))
        return self._present(options, case, away=above)

    def _following(self, case: Case) -> list[Recipient]:
        """Who follows the matter: it waits for their return where nobody stands in for them."""
        found = []
        for pk in self._watchers[case.matter.id]:
            acting = self._acting(pk, case)
            if acting is not None:
                found.append(Recipient(acting, Reason.WATCHER, covering=pk if acting != pk else None))
            elif self._sees(pk, case.matter):
                found.append(Recipient(pk, Reason.WATCHER))
        return found

    # People

    def _present(self, options: Iterable[_Option], case: Case, *, away: bool = False) -> list[Recipient]:
        """The first of these groups in which anybody is there, absence cover included.

        Whoever acted is told of nothing and yet there, in the group that is meant; where that is not there (from the
        first group on if ``away``) somebody else must hear of it.
        """
        for number, (user_ids, reason) in enumerate(options):
            found = [person for pk in user_ids if (person := self._person(pk, reason, case)) is not None]
            if number or away:
                found = [person for person in found if person.user_id != case.actor_id]
            if found:
                return found
        return []

    def _person(self, user_id: int, reason: Reason, case: Case) -> Recipient | None:
        acting = self._acting(user_id, case)
        if acting is None:
            return None
        return Recipient(acting, reason, covering=user_id if acting != user_id else None)

    def _acting(self, user_id: int, case: Case) -> int | None:
        return self._presence.acting(user_id, case.at, lambda pk: self._sees(pk, case.matter))

    def _sees(self, user_id: int, matter: Matter) -> bool:
        """Whether this account is active and its present scope shows the matter, by the rule of ``visible_to``."""
        access = self._accesses.get(user_id)
        return access is not None and self._sight.shows(access, matter.id)

    def _on_shift(self, case: Case) -> list[DutyShift]:
        """Who is on duty: the community's own shift first, then the sub-district's."""
        matter, at = case.matter, case.at
        present = [
            row
            for row in self._shifts
            if row.subdistrict_id == matter.subdistrict_id
            and row.community_id in (None, matter.community_id)
            and row.starts_at <= at < row.ends_at
        ]
        return sorted(present, key=lambda row: (row.community_id is None, row.starts_at, row.pk))

    # Reading

    def _candidates(self) -> set[int]:
        """Everybody who may be told: members, whom events name, who follows, who is on shift."""
        found = {pk for rows in self._by_place.values() for pk in rows}
        found |= {pk for rows in self._watchers.values() for pk in rows}
        found |= {pk for row in self._shifts for pk in (row.clerk_id, row.leader_id) if pk is not None}
        return found | set(self._homes)

    def _read_homes(self, user_ids: Collection[int]) -> None:
        """Where these people work and worked, the present and the latest first. One statement, none for nobody."""
        if not user_ids:
            return
        rows = Membership.objects.filter(user_id__in=user_ids).order_by(F("ended_at").desc(nulls_first=True), "id")
        columns = ("user_id", "role", "community_id", "department_id")
        for user_id, role, community_id, department_id in rows.values_list(*columns):
            self._homes[user_id].append((Role(role), community_id, department_id))

    def _read_departments(self, department_ids: Collection[int]) -> None:
        kinds = (DepartmentKind.COMMUNITY_TEAM, DepartmentKind.EXTERNAL)
        rows = Department.objects.filter(pk__in=department_ids, kind__in=kinds)
        for pk, kind, community_id in rows.values_list("pk", "kind", "community_id"):
            if kind == DepartmentKind.EXTERNAL:
                self._external.add(pk)
            elif community_id is not None:
                self._team_of[pk] = community_id

    def _read_members(self, matters: Collection[Matter], department_ids: Collection[int]) -> None:
        communities = {row.community_id for row in matters if row.community_id is not None} | set(
            self._team_of.values()
        )
        communities |= {pk for homes in self._homes.values() for _role, pk, _department in homes if pk is not None}
        whole = (*_OF_SUBDISTRICT, Role.SYSTEM_ADMIN)
        places = (
            Q(community_id__in=communities)
            | Q(department_id__in=department_ids)
            | Q(role__in=whole, subdistrict_id__in={row.subdistrict_id for row in matters})
            | Q(role=Role.SYSTEM_ADMIN, subdistrict_id__isnull=True)
        )
        rows = Membership.objects.filter(places, ended_at__isnull=True, user__is_active=True).order_by("id")
        columns = ("user_id", "role", "community_id", "department_id", "subdistrict_id", "receiving_desk")
        for user_id, role, community_id, department_id, subdistrict_id, desk in rows.values_list(*columns):
            if community_id is not None:
                self._by_place[COMMUNITY, community_id, Role(role)].append(user_id)
            elif department_id is not None:
                self._by_place[DEPARTMENT, department_id, Role(role)].append(user_id)
                self._staff[department_id].append(Seat(user_id, Role(role), desk))
            elif subdistrict_id is not None:
                self._by_place["subdistrict", subdistrict_id, Role(role)].append(user_id)
            else:
                self._by_place["installation", 0, Role(role)].append(user_id)

    @staticmethod
    def _read_shifts(subdistrict_ids: Collection[int], at: Collection[datetime]) -> list[DutyShift]:
        if not at:
            return []
        return list(
            DutyShift.objects.standing()
            .filter(subdistrict_id__in=subdistrict_ids, starts_at__lte=max(at), ends_at__gt=min(at))
            .only("subdistrict_id", "community_id", "starts_at", "ends_at", "clerk_id", "leader_id")
        )


def _each_once(people: Iterable[Recipient]) -> list[Recipient]:
    """Each once, as first found."""
    found: dict[int, Recipient] = {}
    for person in people:
        found.setdefault(person.user_id, person)
    return list(found.values())


class Accounts:
    """The active accounts of those who are told, for the channels that reach them. One statement."""

    def __init__(self, user_ids: Collection[int]) -> None:
        self._users: dict[int, User] = User.objects.filter(is_active=True).in_bulk(user_ids) if user_ids else {}

    def user(self, user_id: int) -> User | None:
        """The account, None where it is not active."""
        return self._users.get(user_id)
