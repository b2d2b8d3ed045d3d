"""Urging, supervision orders and cards, instructions, copies, and what leaves the figures."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models import Department, Membership
from deadlines.enums import DeadlineState
from issues.enums import DRAFTS, DepartmentRole, DraftKind, RequestKind, RequestState, Supervision
from issues.models import IssueDepartment
from issues.policies import signable
from issues.services.effects.base import Change, raise_supervision
from issues.services.errors import InvalidFields
from issues.workflow import Party

_SUPERVISION_OF = {
    RequestKind.ORDER: Supervision.SUPERVISED,
    RequestKind.YELLOW_CARD: Supervision.YELLOW_CARD,
    RequestKind.RED_CARD: Supervision.RED_CARD,
}
_COPIED = """
INSERT INTO issues_participation (issue_id, user_id, copied_at, watching) SELECT %s, u, %s, false FROM unnest(%s) AS u
ON CONFLICT (user_id, issue_id) DO UPDATE SET copied_at = EXCLUDED.copied_at
"""


def urge(change: Change) -> None:
    change.set(urge_count=change.issue.urge_count + 1)
    change.facts["urges"] = change.issue.urge_count
    raise_supervision(change, Supervision.URGED)


def request_callback(change: Change) -> None:
    """A second wish goes on the clock of the first."""


def supervise(change: Change) -> None:
    """A draft that waits for a signature. Cards are for a handling limit that was missed (product.md section 6)."""
    kind = RequestKind(change.values["kind"])
    if kind in change.issue.asks:
        raise InvalidFields({"kind": _("已有一份待签发的%(kind)s") % {"kind": kind.label}})
    if kind != RequestKind.ORDER and not _handle_missed(change):
        raise InvalidFields({"kind": _("办理时限未超期，不能拟黄牌或红牌")})
    change.ask(kind, text=change.values["note"])


def _handle_missed(change: Change) -> bool:
    return any(
        row.kind == "handle" and (row.is_overdue(change.at) or row.state == DeadlineState.LATE)
        for row in change.clocks.rows
    )


def _draft(change: Change) -> RequestKind:
    """The draft that is meant: the one named, else the gravest that this person may sign."""
    possible = signable(change.issue, change.by)
    wanted = change.values.get("kind")
    if wanted and wanted not in possible:
        raise InvalidFields({"kind": _("没有待您签发的%(kind)s") % {"kind": DraftKind(wanted).label}})
    return RequestKind(wanted) if wanted else max(possible, key=DRAFTS.index)


def sign(change: Change) -> None:
    """签发: an order wants a written reply in 2 wd."""
    request = change.open_request(_draft(change))
    change.decide(request, RequestState.GRANTED)
    change.facts["kind"] = request.kind
    change.texts.setdefault("document", request.text)
    if request.kind != RequestKind.ORDER:
        change.not_started.add("supervision_reply")
    raise_supervision(change, _SUPERVISION_OF[RequestKind(request.kind)])


def refuse_sign(change: Change) -> None:
    request = change.open_request(_draft(change))
    change.decide(request, RequestState.REFUSED)
    change.facts["kind"] = request.kind


def lift(change: Change) -> None:
    """解除: back to urged where anybody urged, else to nothing."""
    to = Supervision.URGED if change.issue.urge_count else Supervision.NONE
    change.facts |= {"lifted": change.issue.supervision, "supervision": to.value}
    change.set(supervision=to)


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
    issue = change.issue
    parts = IssueDepartment.objects.filter(issue=issue).values("department_id")
    scope: Any = (
        Q(community_id=issue.community_id)
        | Q(department_id__in=department_ids)
        | Q(department_id__in=parts)
        | Q(subdistrict_id=issue.subdistrict_id, community__isnull=True, department__isnull=True)
    )
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
