"""The people behind the groups of the audience table, read for a batch of events at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from communities.access import load_access
from communities.models import Department, DepartmentKind, Membership
from deadlines.models import DutyShift
from issues.models import Issue, Participation
from reminders.audience import Audience, Group, Shifts

_OF_SUBDISTRICT: Final = (Role.SUPERVISOR.value, Role.DEPUTY.value, Role.DIRECTOR.value)


class Directory:
    """Members, watchers and shifts around some issues. Four statements for any number of issues.

    An organisation outside the house has no accounts: the community's clerks stand for it, as they follow it up.
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

    def people(self, audience: Audience, issue: Issue, at: datetime) -> list[int]:
        """Ids of the accounts that an event concerns, each once, whoever is on shift apart."""
        found: list[int] = list(audience.named)
        for group in audience.groups:
            found += self._group(group, audience.department_id, issue, at)
        for department_id, groups in audience.elsewhere:
            for group in groups:
                found += self._group(group, department_id, issue, at)
        return list(dict.fromkeys(found))

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

    def supervisors(self, issue: Issue) -> list[int]:
        """The office that watches over everything."""
        return self._by_place["subdistrict", issue.subdistrict_id, Role.SUPERVISOR]

    def _group(self, group: Group, department_id: int | None, issue: Issue, at: datetime) -> list[int]:
        match group:
            case Group.CLERKS:
                return self._clerks(issue.community_id)
            case Group.SECRETARIES:
                return self._secretaries(issue.community_id)
            case Group.SUPERVISORS:
                return self.supervisors(issue)
            case Group.DEPUTIES:
                return self._direction(issue, Role.DEPUTY)
            case Group.DIRECTORS:
                return self._direction(issue, Role.DIRECTOR)
            case Group.CO_DESKS:
                return [pk for other in issue.co_waiting_ids for pk in self._group(Group.DESK, other, issue, at)]
            case Group.WATCHERS:
                return self._watchers[issue.pk]
            case Group.DUTY_LEADERS:
                return self.on_shift(issue, at).leaders or self.supervisors(issue)
        if department_id is None or department_id in self._team_of or department_id in self._external:
            community_id = self._team_of.get(department_id or 0, issue.community_id)
            return self._team(group, community_id, issue, department_id)
        return self._department(group, department_id, issue)

    def _direction(self, issue: Issue, role: Role) -> list[int]:
        """The sub-district's leaders; where there is none of the one kind, those of the other."""
        other = Role.DIRECTOR if role is Role.DEPUTY else Role.DEPUTY
        place = ("subdistrict", issue.subdistrict_id)
        return self._by_place[*place, role] or self._by_place[*place, other]

    def _department(self, group: Group, department_id: int, issue: Issue) -> list[int]:
        heads = self._by_place["department", department_id, Role.HEAD]
        if group is Group.HEADS:
            return heads
        if group is Group.HANDLER and issue.officer_id and department_id == issue.lead_department_id:
            return [issue.officer_id]
        officers = self._by_place["department", department_id, Role.OFFICER]
        return self._desks[department_id] or officers or heads or self.supervisors(issue)

    def _team(self, group: Group, community_id: int, issue: Issue, department_id: int | None) -> list[int]:
        """A community's own team (社区自办): its clerks work, its secretary is the head."""
        if group is Group.HEADS:
            return self._secretaries(community_id)
        if group is Group.HANDLER and issue.officer_id and department_id == issue.lead_department_id:
            return [issue.officer_id]
        return self._clerks(community_id)

    def _clerks(self, community_id: int) -> list[int]:
        return self._by_place["community", community_id, Role.CLERK] or self._secretaries(community_id)

    def _secretaries(self, community_id: int) -> list[int]:
        return self._by_place["community", community_id, Role.SECRETARY]

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


class Rights:
    """Who may see which of some issues: asked of the one rule that every list uses (``visible_to``)."""

    def __init__(self, issue_ids: Collection[int]) -> None:
        self._issue_ids = list(issue_ids)
        self._users: dict[int, User] = {}
        self._seen: dict[int, frozenset[int]] = {}

    def load(self, user_ids: Collection[int]) -> None:
        """Read these active accounts with one statement."""
        missing = [pk for pk in user_ids if pk not in self._users]
        if missing:
            self._users |= User.objects.filter(is_active=True).in_bulk(missing)

    def email_of(self, user_id: int) -> str:
        """The address of an account, "" where there is none."""
        user = self._users.get(user_id)
        return user.email if user else ""

    def may_see(self, user_id: int, issue_id: int) -> bool:
        """Whether this account is active and its present scope shows the issue. Two statements per account, once."""
        user = self._users.get(user_id)
        if user is None:
            return False
        if user_id not in self._seen:
            rows = Issue.objects.filter(pk__in=self._issue_ids).visible_to(load_access(user))
            self._seen[user_id] = frozenset(rows.values_list("pk", flat=True))
        return issue_id in self._seen[user_id]
