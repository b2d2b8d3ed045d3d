"""Reading issues: every list starts with ``visible_to``."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.expressions import RawSQL

from accounts.roles import roles_that
from common import search
from common.keyset import Order
from common.looked_up import LookedUp
from communities.access import Access
from issues.enums import OPEN, Status, Turn, VerdictCheck

if TYPE_CHECKING:
    from issues.models import Issue

NEWEST = Order(("-id",))
BY_DUE = Order(("urgency", "rank_at", "id"))
"""A to-do list: critical first, then what is due first."""
BY_TIME_LEFT = Order(("rank_at", "id"))
"""Whatever is listed, what is due first coming first, and what has no limit (any more) at the end."""


def posts_that_see(issue: "Issue") -> Q:
    """The memberships whose scope shows the issue; a leader's shows only what the leader reported, and is none."""
    from issues.models import IssueDepartment

    parts = IssueDepartment.objects.filter(issue=issue).values("department_id")
    sees = roles_that(lambda spec: spec.sees_whole and not (issue.confidential and spec.administers))
    whole = Q(subdistrict_id=issue.subdistrict_id, role__in=sorted(sees))
    return Q(community_id=issue.community_id) | Q(department_id__in=parts) | whole


class IssueQuerySet(models.QuerySet["Issue"]):
    """Chainable reads, named as prose."""

    def visible_to(self, access: Access) -> "IssueQuerySet":
        """What this person's scope shows.

        One's communities, what one's departments hold or have held, what one reported, and what one logged of an office
        in which one still is something; everything for the office. By the role of an administrator alone nobody sees a
        confidential one.
        """
        from issues.models import IssueDepartment

        scope: Any = Q(pk__in=[])
        if access.installation_wide:
            scope |= Q(confidential=False)
        elif access.whole_subdistrict_ids - access.confided_subdistrict_ids:
            scope |= Q(subdistrict_id__in=access.whole_subdistrict_ids, confidential=False)
        if access.confided_subdistrict_ids:
            scope |= Q(subdistrict_id__in=access.confided_subdistrict_ids)
        if access.community_ids:
            scope |= Q(community_id__in=access.community_ids)
        if access.department_ids:
            held = IssueDepartment.objects.filter(issue_id=OuterRef("pk"), department_id__in=access.department_ids)
            scope |= LookedUp(held)
        if access.leader_id is not None:
            scope |= Q(leader_id=access.leader_id)
        if access.subdistrict_ids:
            scope |= Q(logged_by_id=access.user_id, subdistrict_id__in=access.subdistrict_ids)
        return self.filter(scope)

    def open(self) -> "IssueQuerySet":
        """Work on it goes on."""
        return self.filter(status__in=sorted(OPEN))

    def overdue(self, at: datetime) -> "IssueQuerySet":
        """Open and past the governing limit, a suspended one apart."""
        return self.open().exclude(status=Status.SUSPENDED).filter(rank_at__lte=at)

    def due_before(self, at: datetime, until: datetime) -> "IssueQuerySet":
        """Open, not yet late, and due before ``until``."""
        return self.open().exclude(status=Status.SUSPENDED).filter(rank_at__gt=at, rank_at__lt=until)

    def due_soon(self, at: datetime) -> "IssueQuerySet":
        """Open, not yet late, within the warning time."""
        return self.open().exclude(status=Status.SUSPENDED).filter(rank_at__gt=at, soon_at__lte=at)

    def awaiting(self, access: Access) -> "IssueQuerySet":
        """The to-do list: issues whose next move is this person's."""
        return self.filter(todo_of(access))

    def untold(self) -> "IssueQuerySet":
        """Something happened that the reporter must be told, and only a person can (待告知)."""
        return self.filter(untold=True)

    def matching(self, *texts: str) -> "IssueQuerySet":
        """Full-text match of any of the texts; nothing matches a text without a searchable character."""
        queries = [query for query in map(search.query, texts) if query]
        if not queries:
            return self.none()
        either = " | ".join(f"({query})" for query in queries) if len(queries) > 1 else queries[0]
        found = RawSQL("issues_issue.lexemes @@ %s::tsquery", [either], output_field=models.BooleanField())
        return self.filter(found)


def todo_of(access: Access) -> Q:
    """The condition of the to-do list: whose turn it is, and of the department's issues those that are mine to move.

    An assigned issue stands with whoever acts for its officer and with the heads; one that nobody is there for, with
    the receiving desk and the heads.
    """
    from accounts.roles import Role
    from issues.policies import DEPUTY_DECIDES

    scope = Q(pk__in=[])
    if access.community_ids:
        scope |= Q(turn=Turn.COMMUNITY, community_id__in=access.community_ids)
    for department_id, roles in access.department_roles.items():
        mine = Q(turn=Turn.DEPARTMENT, lead_department_id=department_id)
        if Role.HEAD not in roles:
            own = Q(officer_id__in=sorted(access.acts_for(department_id)))
            if department_id in access.desk_department_ids:
                own |= ~Q(officer_id__in=sorted(access.staffed(department_id)))
            mine &= own
        scope |= mine
    if access.own_team_ids:
        scope |= Q(turn=Turn.DEPARTMENT, lead_department_id__in=access.own_team_ids)
    if access.department_ids:
        scope |= ~Q(co_waiting_ids=[]) & Q(co_waiting_ids__overlap=sorted(access.department_ids))
    supervised = [pk for pk in access.whole_subdistrict_ids if access.is_in(Role.SUPERVISOR, pk)]
    if supervised:
        scope |= Q(turn=Turn.SUPERVISOR, subdistrict_id__in=supervised)
        scope |= Q(asks_supervisor=True, subdistrict_id__in=supervised)
        scope |= Q(verdict_check=VerdictCheck.DUE, closed_at__isnull=False, subdistrict_id__in=supervised)
    directed = [pk for pk in access.whole_subdistrict_ids if access.is_in(Role.DIRECTOR, pk)]
    if directed:
        scope |= Q(asks_direction=True, subdistrict_id__in=directed)
    assisted = [pk for pk in access.whole_subdistrict_ids if access.is_in(Role.DEPUTY, pk) and pk not in directed]
    if assisted:
        decides = sorted(kind.value for kind in DEPUTY_DECIDES)
        scope |= Q(asks_direction=True, asks__overlap=decides, subdistrict_id__in=assisted)
    return scope


def day_end(at: datetime) -> datetime:
    """Midnight that ends the local day of ``at``."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
