"""Who works in an organisation or community: the receiving desk, who is away, and who acts meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import ROLES, Role
from common import dates
from communities.models import Membership
from communities.presence import NO_STAFF, load_staffing
from console.kit.areas import OfficeSetting
from console.kit.reading import number_of
from offices.kinds import COMMUNITY, ORGANISATION, ReferenceKind
from offices.services.desks import set_desk
from reminders.services.absences import standing_absences


@dataclass(frozen=True)
class StaffRow:
    """One person there. ``remark``: who does it instead; ``away``: absences that are entered, one a line."""

    id: int
    name: str
    roles: str
    desk: bool
    remark: str
    away: Sequence[str]
    url: str
    absence_url: str


def staff_of(setting: OfficeSetting, spec: ReferenceKind, row: Any) -> dict[str, Any] | None:
    """What ``_staff.html`` prints of an organisation or a community; None of anything else. Four statements."""
    if row is None or spec not in (ORGANISATION, COMMUNITY):
        return None
    name = "department" if spec is ORGANISATION else "community"
    now = setting.reader.now
    memberships = Membership.objects.filter(**{name: row}, ended_at__isnull=True, user__is_active=True)
    found: dict[int, list[Membership]] = {}
    for one in memberships.select_related("user").order_by("user__display_name", "user_id", "id"):
        found.setdefault(one.user_id, []).append(one)
    ids = {name: [row.pk]}
    staffing = load_staffing(ids.get("department", []), ids.get("community", []), now).get((name, row.pk), NO_STAFF)
    absences: dict[int, list[str]] = {}
    for absence in standing_absences(list(found), 0, now):
        absences.setdefault(absence.user_id, []).append(_absence(absence))
    return {
        "rows": [_row(setting, own, staffing.remark(pk), absences.get(pk, ())) for pk, own in found.items()],
        "receiving": _("、").join(staffing.names[pk] for pk in sorted(staffing.seats.desk)),
        "has_desk": spec is ORGANISATION,
    }


def _row(setting: OfficeSetting, own: Sequence[Membership], remark: str, away: Sequence[str]) -> StaffRow:
    user = own[0].user
    return StaffRow(
        id=user.pk,
        name=user.display_name,
        roles=_("、").join(str(ROLES[Role(row.role)].label) for row in own),
        desk=any(row.receiving_desk for row in own),
        remark=remark,
        away=away,
        url=f"{reverse('console-person', args=[user.pk])}?office={setting.office.pk}",
        absence_url=f"{reverse('console-absences')}?person={user.username}",
    )


def _absence(absence: Any) -> str:
    told = {"start": dates.moment(absence.starts_at), "end": dates.moment(absence.ends_at)}
    if absence.cover is None:
        return _("%(start)s 至 %(end)s 不在岗") % told
    return _("%(start)s 至 %(end)s 不在岗，由 %(name)s 代班") % {**told, "name": absence.cover.display_name}


def save_desk(setting: OfficeSetting, row: Any, back: str) -> HttpResponse:
    """The ticked people are the desk from now on."""
    given = map(number_of, setting.request.POST.getlist("desk"))
    ids = {number for number in given if number is not None}
    changed = set_desk(
        office=setting.office, department=row, user_ids=ids, by=setting.reader.actor, at=setting.reader.now
    )
    messages.success(setting.request, _("收件岗已保存") if changed else _("没有改动"))
    return HttpResponseRedirect(back)
