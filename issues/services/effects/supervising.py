"""Urging, instructions, copies, and what leaves the figures."""

from collections.abc import Iterable
from typing import Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models import Department, Membership
from deadlines import services as deadlines
from issues.clock_specs import SIDE
from issues.enums import Action, DepartmentRole, RequestKind, RequestState, Supervision, Turn
from issues.models import IssueDepartment
from issues.policies import is_urged
from issues.querysets import posts_that_see
from issues.services.effects.base import Change, raise_supervision
from issues.services.errors import InvalidFields
from issues.workflow import Party
from papers.enums import PaperKind
from papers.services import PaperAbout, issue_paper

_COPIED = """
INSERT INTO issues_participation (issue_id, user_id, copied_at, watching) SELECT %s, u, %s, false FROM unnest(%s) AS u
ON CONFLICT (user_id, issue_id) DO UPDATE SET copied_at = EXCLUDED.copied_at
"""


def urge(change: Change) -> None:
    """催办: a numbered paper to whose move it is; one that finds an earlier urge unanswered wants an answer in 1 wd."""
    issue = change.issue
    change.set(urge_count=issue.urge_count + 1)
    change.facts["urges"] = issue.urge_count
    raise_supervision(change, Supervision.URGED)
    paper = issue_paper(
        change.supervised,
        PaperKind.URGE,
        _about(change),
        at=change.at,
        by_id=change.by.user_id,
        urges=issue.urge_count,
    )
    change.facts["paper"] = paper.number
    ignored = issue.urged_at is not None and issue.urged_at < change.at
    if not is_urged(issue.turn) or not ignored:
        change.not_started.add("urge_reply")
    if is_urged(issue.turn):
        since = issue.urged_at or change.at
        change.set(urged_at=since)
        change.facts["unanswered_since"] = since.isoformat()


def _about(change: Change) -> PaperAbout:
    """What an urge is about: the clock that is due first, else only whose move it is."""
    clock = deadlines.governing_deadline(row for row in change.clocks.rows if row.kind not in SIDE)
    if clock is None:
        team = change.issue.turn == Turn.COMMUNITY
        return PaperAbout(change.clocks.team_id if team else change.clocks.accountable_id())
    return PaperAbout.clock(clock)


def request_callback(change: Change) -> None:
    """The clock says it; while it runs a second wish is refused (policies)."""


def instruct(change: Change) -> None:
    """批示: the words say it."""


def comment(change: Change) -> None:
    change.visible = Party.REPORTER in change.who or bool(change.values.get("visible_to_resident"))


def copy(change: Change) -> None:
    """抄送: people who may see it anyway find it among their copies; an organisation may see it from now on."""
    departments = _copied_departments(change, change.values.get("departments", []))
    users = _copied_users(change, change.values.get("users", []), {row.pk for row in departments})
    if not departments and not users:
        raise InvalidFields({"users": _("请选择抄送的人或单位")})
    IssueDepartment.objects.bulk_create(
        [
            IssueDepartment(
                issue=change.issue,
                department=row,
                role=DepartmentRole.CC,
                current=False,
                dispatched_at=change.at,
            )
            for row in departments
        ],
        ignore_conflicts=True,
    )
    if users:
        with connection.cursor() as cursor:
            cursor.execute(_COPIED, [change.issue.pk, change.at, users])
    change.facts |= {"departments": [row.pk for row in departments], "users": users}


def _copied_departments(change: Change, codes: list[str]) -> list[Department]:
    if not codes:
        return []
    found = list(
        Department.objects.filter(
            subdistrict_id=change.issue.subdistrict_id, code__in=codes, retired_at__isnull=True
        ).order_by("pk")
    )
    _none_missing("departments", codes, {row.code for row in found})
    return found


def _copied_users(change: Change, names: list[str], department_ids: set[int]) -> list[int]:
    """Accounts by user name; refused where their scope does not show the issue."""
    if not names:
        return []
    scope = posts_that_see(change.issue) | Q(department_id__in=department_ids)
    found = dict(
        Membership.objects.filter(
            scope, user__username__in=names, ended_at__isnull=True, user__is_active=True
        ).values_list("user__username", "user_id")
    )
    _none_missing("users", names, found)
    return sorted(set(found.values()))


def _none_missing(name: str, wanted: Iterable[str], found: Iterable[str]) -> None:
    missing = [code for code in wanted if code not in set(found)]
    if missing:
        raise InvalidFields({name: _("没有找到，或无权查看此件：%(codes)s") % {"codes": "、".join(missing)}})


def request_exclusion(change: Change) -> None:
    change.ask(RequestKind.EXCLUSION, text=change.values["reason"])


def grant_exclusion(change: Change) -> None:
    """Leaves the figures with the approval of a second person."""
    change.decide(change.open_request(RequestKind.EXCLUSION), RequestState.GRANTED)
    change.set(excluded_at=change.at, excluded_by=change.by.user)


def refuse_exclusion(change: Change) -> None:
    """It stays in the figures."""
    change.decide(change.open_request(RequestKind.EXCLUSION), RequestState.REFUSED)


EFFECTS: Final = {
    Action.URGE: urge,
    Action.REQUEST_CALLBACK: request_callback,
    Action.INSTRUCT: instruct,
    Action.CC: copy,
    Action.COMMENT: comment,
    Action.REQUEST_EXCLUSION: request_exclusion,
    Action.GRANT_EXCLUSION: grant_exclusion,
    Action.REFUSE_EXCLUSION: refuse_exclusion,
}
