"""今日值班 on the sign-in page: the sub-district's shift now, or the next one of today."""

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from common.clock import local
from deadlines.models import DutyShift


def duty_lines(at: datetime) -> list[str]:
    """Two lines for each sub-district: who is on shift (or is next, and from when), and the duty phone. One statement.

    Only the phone of the roster or of the sub-district is told, never one of a person.
    """
    midnight = datetime.combine(local(at).date() + timedelta(days=1), time(), tzinfo=local(at).tzinfo)
    shifts = (
        DutyShift.objects.filter(community__isnull=True, ends_at__gt=at, starts_at__lt=midnight)
        .select_related("clerk", "leader", "subdistrict")
        .order_by("subdistrict_id", "starts_at", "id")
    )
    first: dict[int, DutyShift] = {}
    for shift in shifts:
        first.setdefault(shift.subdistrict_id, shift)
    lines: list[str] = []
    for shift in first.values():
        lines.append(_people(shift, at, named=len(first) > 1))
        phone = shift.phone or shift.subdistrict.duty_phone
        if phone:
            lines.append(_("值班电话 %(phone)s") % {"phone": phone})
    return lines


def _people(shift: DutyShift, at: datetime, *, named: bool) -> str:
    """钟文杰 · 值班领导 郑国栋, with the place where there are several and the hour where it has not begun."""
    parts = [shift.subdistrict.name] if named else []
    if shift.starts_at > at:
        parts.append(_("%(hour)s 起") % {"hour": f"{local(shift.starts_at):%H:%M}"})
    parts.append(shift.clerk.display_name)
    if shift.leader is not None:
        parts.append(_("值班领导 %(name)s") % {"name": shift.leader.display_name})
    return " · ".join(parts)
