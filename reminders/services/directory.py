"""The people behind the groups of the audience table, read for a batch of events at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from accounts.models import Absence, User
from accounts.roles import Role
from communities.access import Access, load_accesses
from communities.models import Department, DepartmentKind, Membership
from deadlines.models import DutyShift
from issues.models import Issue, Participation
from issues.sight import Sight
from reminders.audience import Audience, Group, Shifts
from reminders.enums import Reason

_OF_SUBDISTRICT: Final = (Role.SUPERVISOR.value, Role.DEPUTY.value, Role.DIRECTOR.value)
_OF_DEPARTMENT: Final = frozenset({Group.DESK, Group.HANDLER, Group.HEADS})

DEPARTMENT, COMMUNITY, OFFICE = "department", "community", "office"
Organisation = tuple[str, int]
"""What a group's channel belongs to: a department, a community, or the office of a sub-district."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be told, why, and whom they stand in for."""

    user_id: int
    reason: Reason
    covering: int | None = None


_Option = tuple[Sequence[int], Reason]


class Directory:
    """Members, absences, watchers and shifts around some issues. Five statements for any number of issues.

    Whoever is away is stood in for; where nobody of a group is there, the next one up is told. An organisation outside
    the house has no accounts: the community's clerks stand for it, as they follow it up.
    """

    def __init__(self, issues: Collection[Issue], department_ids: Iterable[int], at: Collection[datetime]) -> None:
        self._by_place: dict[tuple[str, int, Role], list[int]] = defaultdict(list)
        self._desks: dict[int, list[int]] = defaultdict(list)
        self._watchers: dict[int, list[int]] = defaultdict(list)
        departments = set(department_ids) | {row.lead_department_id for row in issues if row.lead_department_id}
        departments |= {pk for row in issues for pk in row.co_waiting_ids}
        self._team_of: dict[int, int] = {}
        self._external: set[int] = set()
        self._read_departments(departments)
        self._read_members(issues, departments)
        self._read_watchers(issues)
        self._shifts = self._read_shifts({row.subdistrict_id for row in issues}, at)
        self._absences = self._read_absences(at)

    def people(self, audience: Audience, issue: Issue, at: datetime) -> list[Person]:
        """Whom an event concerns, each once, whoever is on shift apart."""
        found = self._present([(audience.named, Reason.NAMED)], at)
        for group in audience.groups:
            found += self._group(group, audience.department_id, issue, at)
        for department_id, groups in audience.elsewhere:
            for group in groups:
                found += self._group(group, department_id, issue, at)
        return list({person.user_id: person for person in reversed(found)}.values())[::-1]

    def above(self, issue: Issue, at: datetime) -> list[Person]:
        """Who is told where an organisation has nobody left to remind."""
        return [Person(row.user_id, Reason.NOBODY, row.covering) for row in self._supervisors(issue, at)]

    def on_shift(self, issue: Issue, at: datetime) -> Shifts:
        """Who is on duty at ``at``: the community's own shift first, then the sub-district's."""
        present = [
            row
            for row in self._shifts
            if row.subdistrict_id == issue.subdistrict_id
            and row.community_id in (None, issue.community_id)
            and row.starts_at <= at < row.ends_at
        ]
        present.sort(key=lambda row: (row.community_id is None, row.starts_at, row.pk))
        return Shifts([row.clerk_id for row in present], [row.leader_id for row in present if row.leader_id])

    def organisations(self, audience: Audience, issue: Issue) -> set[Organisation]:
        """The organisations that an event concerns, for the channels of their groups."""
        found = {self._organisation(group, audience.department_id, issue) for group in audience.groups}
        for department_id, groups in audience.elsewhere:
            found |= {self._organisation(group, department_id, issue) for group in groups}
        if Group.CO_DESKS in audience.groups:
            found |= {self._organisation(Group.DESK, other, issue) for other in issue.co_waiting_ids}
        return {row for row in found if row is not None}

    def _organisation(self, group: Group, department_id: int | None, issue: Issue) -> Organisation | None:
        if group in _OF_DEPARTMENT and department_id is not None and department_id not in self._external:
            team = self._team_of.get(department_id)
            return (DEPARTMENT, department_id) if team is None else (COMMUNITY, team)
        if group in _OF_DEPARTMENT or group in (Group.CLERKS, Group.SECRETARIES):
            return (COMMUNITY, issue.community_id)
        return None if group in (Group.WATCHERS, Group.CO_DESKS) else (OFFICE, issue.subdistrict_id)

    def _group(self, group: Group, department_id: int | None, issue: Issue, at: datetime) -> list[Person]:
        match group:
            case Group.CLERKS:
                return self._clerks(issue.community_id, issue, at)
            case Group.SECRETARIES:
                return self._present([self._secretaries(issue.community_id)], at)
            case Group.SUPERVISORS:
                return self._supervisors(issue, at)
            case Group.DEPUTIES:
                return self._present([self._of(issue, Role.DEPUTY), self._of(issue, Role.DIRECTOR)], at)
            case Group.DIRECTORS:
                return self._present([self._of(issue, Role.DIRECTOR), self._of(issue, Role.DEPUTY)], at)
            case Group.CO_DESKS:
                return [row for other in issue.co_waiting_ids for row in self._group(Group.DESK, other, issue, at)]
            case Group.WATCHERS:
                return self._present([(self._watchers[issue.pk], Reason.WATCHER)], at)
            case Group.DUTY_LEADERS:
                on_duty: list[_Option] = [(self.on_shift(issue, at).leaders, Reason.DUTY_LEADER)]
                return self._present(on_duty, at) or self._supervisors(issue, at)
        if department_id is None or department_id in self._team_of or department_id in self._external:
            leads = department_id in (None, issue.lead_department_id)
            return self._team(group, self._team_of.get(department_id or 0, issue.community_id), issue, at, leads=leads)
        return self._department(group, department_id, issue, at)

    def _department(self, group: Group, department_id: int, issue: Issue, at: datetime) -> list[Person]:
        heads: _Option = (self._by_place["department", department_id, Role.HEAD], Reason.HEAD)
        if group is Group.HEADS:
            return self._present([heads], at)
        officers = self._by_place["department", department_id, Role.OFFICER]
        options: list[_Option] = [(self._desks[department_id], Reason.DESK), (officers, Reason.HANDLER), heads]
        if group is Group.HANDLER and issue.officer_id and department_id == issue.lead_department_id:
            options.insert(0, ([issue.officer_id], Reason.HANDLER))
        return self._present(options, at) or self.above(issue, at)

    def _team(self, group: Group, community_id: int, issue: Issue, at: datetime, *, leads: bool) -> list[Person]:
        """A community's own team (社区自办): its clerks work, its secretary is the head.

        ``leads``: the matter is its own, so whoever was assigned to it is of the team.
        """
        if group is Group.HEADS:
            return self._present([self._secretaries(community_id)], at)
        if group is Group.HANDLER and issue.officer_id and leads:
            assigned = self._present([([issue.officer_id], Reason.HANDLER)], at)
            if assigned:
                return assigned
        return self._clerks(community_id, issue, at)

    def _clerks(self, community_id: int, issue: Issue, at: datetime) -> list[Person]:
        clerks: _Option = (self._by_place["community", community_id, Role.CLERK], Reason.CLERK)
        return self._present([clerks, self._secretaries(community_id)], at) or self.above(issue, at)

    def _secretaries(self, community_id: int) -> _Option:
        return self._by_place["community", community_id, Role.SECRETARY], Reason.SECRETARY

    def _of(self, issue: Issue, role: Role) -> _Option:
        return self._by_place["subdistrict", issue.subdistrict_id, role], Reason(role.value)

    def _supervisors(self, issue: Issue, at: datetime) -> list[Person]:
        """The office that watches over everything; the direction where nobody is there."""
        return self._present([self._of(issue, role) for role in (Role.SUPERVISOR, Role.DEPUTY, Role.DIRECTOR)], at)

    def _present(self, options: Iterable[_Option], at: datetime) -> list[Person]:
        """The first of these groups that has anybody there, absence cover included."""
        for user_ids, reason in options:
            found = [person for pk in user_ids if (person := self._stand_in(pk, reason, at)) is not None]
            if found:
                return found
        return []

    def _stand_in(self, user_id: int, reason: Reason, at: datetime) -> Person | None:
        """This person, or who covers for them; None where both are away, or nobody covers."""
        away = self._absence(user_id, at)
        if away is None:
            return Person(user_id, reason)
        if away.cover_id is None or self._absence(away.cover_id, at) is not None:
            return None
        return Person(away.cover_id, reason, covering=user_id)

    def _absence(self, user_id: int, at: datetime) -> Absence | None:
        return next((row for row in self._absences.get(user_id, ()) if row.starts_at <= at < row.ends_at), None)

    def _read_departments(self, department_ids: Collection[int]) -> None:
        kinds = (DepartmentKind.COMMUNITY_TEAM, DepartmentKind.EXTERNAL)
        rows = Department.objects.filter(pk__in=department_ids, kind__in=kinds)
        for pk, kind, community_id in rows.values_list("pk", "kind", "community_id"):
            if kind == DepartmentKind.EXTERNAL:
                self._external.add(pk)
            elif community_id is not None:
                self._team_of[pk] = community_id

    def _read_members(self, issues: Collection[Issue], department_ids: Collection[int]) -> None:
        communities = {row.community_id for row in issues} | set(self._team_of.values())
        places = (
            Q(community_id__in=communities)
            | Q(department_id__in=department_ids)
            | Q(role__in=_OF_SUBDISTRICT, subdistrict_id__in={row.subdistrict_id for row in issues})
        )
        rows = Membership.objects.filter(places, ended_at__isnull=True, user__is_active=True).order_by("id")
        columns = ("user_id", "role", "community_id", "department_id", "subdistrict_id", "receiving_desk")
        for user_id, role, community_id, department_id, subdistrict_id, desk in rows.values_list(*columns):
            if community_id is not None:
                self._by_place["community", community_id, Role(role)].append(user_id)
            elif department_id is not None:
                self._by_place["department", department_id, Role(role)].append(user_id)
                if desk:
                    self._desks[department_id].append(user_id)
            elif subdistrict_id is not None:
                self._by_place["subdistrict", subdistrict_id, Role(role)].append(user_id)

    def _read_watchers(self, issues: Collection[Issue]) -> None:
        rows = Participation.objects.filter(issue_id__in=[row.pk for row in issues], watching=True).order_by("id")
        for issue_id, user_id in rows.values_list("issue_id", "user_id"):
            self._watchers[issue_id].append(user_id)

    @staticmethod
    def _read_shifts(subdistrict_ids: Collection[int], at: Collection[datetime]) -> list[DutyShift]:
        if not at:
            return []
        return list(
            DutyShift.objects.standing()
            .filter(subdistrict_id__in=subdistrict_ids, starts_at__lte=max(at), ends_at__gt=min(at))
            .only("subdistrict_id", "community_id", "starts_at", "ends_at", "clerk_id", "leader_id")
        )

    @staticmethod
    def _read_absences(at: Collection[datetime]) -> dict[int, list[Absence]]:
        """Who is away: all of them, for they are few at any one time."""
        found: dict[int, list[Absence]] = defaultdict(list)
        if at:
            rows = Absence.objects.filter(cancelled_at__isnull=True, starts_at__lte=max(at), ends_at__gt=min(at))
            for row in rows.order_by("id"):
                found[row.user_id].append(row)
        return found


class Rights:
    """Who may see which of some issues, by the rule of ``visible_to``; four statements for any number of people."""

    def __init__(self, issue_ids: Collection[int]) -> None:
        self._sight = Sight(list(issue_ids))
        self._users: dict[int, User] = {}
        self._accesses: dict[int, Access] = {}

    def load(self, user_ids: Collection[int]) -> None:
        """Read these active accounts and what they belong to."""
        missing = [pk for pk in user_ids if pk not in self._users]
        found = User.objects.filter(is_active=True).in_bulk(missing) if missing else {}
        self._users |= found
        self._accesses |= load_accesses(found.keys())

    def user(self, user_id: int) -> User | None:
        """An account that was loaded and is active."""
        return self._users.get(user_id)

    def may_see(self, user_id: int, issue_id: int) -> bool:
        """Whether this account was loaded, is active, and its present scope shows the issue."""
        access = self._accesses.get(user_id)
        return access is not None and self._sight.shows(access, issue_id)
