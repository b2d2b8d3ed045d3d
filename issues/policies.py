"""What a person is to an issue, and which state rules stand beside the table. Pure: no ORM, no HTTP.

``parties`` is about the person; ``refusal`` is about the state. Both work on the issue's own columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from issues.enums import Kind, Status
from issues.workflow import Party

if TYPE_CHECKING:
    from deadlines.calendar import WorkCalendar
    from issues.actors import Actor
    from issues.models import Issue

REOPEN_WITHIN = timedelta(days=15)
"""How long after closing an issue can be reopened; later a new one is raised."""

RETURNS_UNTIL_SUPERVISOR = 2
"""The return after which the supervisor decides."""


@dataclass(frozen=True)
class Moment:
    """When something is attempted, and the calendar that counts working time."""

    at: datetime
    calendar: "WorkCalendar"


def parties(actor: "Actor", issue: "Issue") -> frozenset[Party]:
    """What ``actor`` is to ``issue``; empty for a stranger."""
    found: set[Party] = set()
    access = actor.access
    if issue.community_id in access.community_ids:
        found.add(Party.COMMUNITY)
    if issue.lead_department_id is not None:
        found |= _lead_parties(actor, issue)
    if access.is_in(Role.SUPERVISOR, issue.subdistrict_id):
        found.add(Party.SUPERVISOR)
    if access.is_in(Role.DEPUTY, issue.subdistrict_id) or access.is_in(Role.DIRECTOR, issue.subdistrict_id):
        found.add(Party.DIRECTION)
    reported = issue.leader_id is not None and access.leader_id == issue.leader_id
    if reported or (actor.reporter_of is not None and actor.reporter_of == issue.pk):
        found.add(Party.REPORTER)
    return frozenset(found)


def _lead_parties(actor: "Actor", issue: "Issue") -> set[Party]:
    department_id = issue.lead_department_id
    if department_id in actor.access.own_team_ids:
        return {Party.LEAD}
    roles = actor.access.department_roles.get(department_id or 0, frozenset())
    if Role.HEAD in roles:
        return {Party.LEAD, Party.LEAD_HEAD}
    on_desk = department_id in actor.access.desk_department_ids
    if Role.OFFICER in roles and (issue.officer_id in (None, actor.user_id) or on_desk):
        return {Party.LEAD}
    return set()


def refusal(action: str, issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """Why the state forbids ``action`` to this person now although the table has a row for it; None if it does not."""
    rule = _RULES.get(action)
    return rule(issue, actor, who, now) if rule else None


_Rule = Callable[["Issue", "Actor", frozenset[Party], Moment], Promise | None]


def _dispatch(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.return_count >= RETURNS_UNTIL_SUPERVISOR and Party.SUPERVISOR not in who:
        return _("已退单两次，由街道社会治理办裁定")
    return None


def _answer_now(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.kind != Kind.ENQUIRY and Party.SUPERVISOR not in who:
        return _("只有咨询可以由社区即时办结")
    return None


def _return(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.redo_count or issue.reopen_count:
        return _("退回重办的工单不能退单")
    if issue.status == Status.IN_PROGRESS and issue.acknowledged_at is not None:
        if now.at > now.calendar.add_working_days(issue.acknowledged_at, 1):
            return _("签收已超过 1 个工作日，不能退单")
    return None


def _verify_pass(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if actor.user_id is not None and actor.user_id in (issue.replied_by_id, issue.officer_id):
        return _("承办人不能核查自己的答复")
    return None


def _reopen(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.lead_department_id is None:
        return _("此件当场办结，没有承办单位，请另行登记")
    if issue.closed_at is not None and now.at > issue.closed_at + REOPEN_WITHIN:
        return _("办结已超过 15 天，请作为再次反映登记")
    return None


def _request_callback(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return _("没有留下电话，无法回电") if issue.contact_id is None else None


_RULES: dict[str, _Rule] = {
    "dispatch": _dispatch,
    "answer_now": _answer_now,
    "return": _return,
    "verify_pass": _verify_pass,
    "reopen": _reopen,
    "request_callback": _request_callback,
}
