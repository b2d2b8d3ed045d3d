"""Terms of people beside the staff who are invited to meetings: begun and ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import Appointment, AppointmentKind, Community, Department, SubDistrict
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.texts import read_texts
from meetings.enums import APPOINTMENT
from meetings.rights import keeps_for, keeps_in
from meetings.services.base import tell
from meetings.services.errors import NotNow

_LONGEST = {"name": 40, "post": 80}
_EARLIEST: Final = date(1990, 1, 1)
_AHEAD: Final = timedelta(days=60 * 366)
"""A term that begins before or ends after is a slip of the pen."""


@dataclass(frozen=True)
class NewAppointment:
    """What is known of a term; a body of the office or of one community, or neither."""

    subdistrict: SubDistrict
    kind: str
    name: str
    post: str
    from_on: date
    to_on: date | None = None
    community: Community | None = None
    department: Department | None = None


def appoint(*, given: NewAppointment, by: Actor, at: datetime) -> Appointment:
    """A term begins; the same twice is one. Raises NotPermitted, InvalidFields."""
    _check_right(by, given.subdistrict.pk, given.community)
    required: dict[str, Words] = {"name": _("请填写姓名或单位名称")}
    names = {"name": given.name, "post": given.post}
    texts = read_texts(names, longest=_LONGEST, one_line=_LONGEST, required=required)
    wrong: dict[str, Words] = {}
    if given.kind not in AppointmentKind.values:
        wrong["kind"] = _("请从列出的选项中选择")
    latest = local(at).date() + _AHEAD
    for name, on in (("from_on", given.from_on), ("to_on", given.to_on)):
        if on is not None and not _EARLIEST <= on <= latest:
            wrong[name] = _("请填写 1990 年以后、六十年以内的日期")
    if given.to_on is not None and given.to_on < given.from_on:
        wrong.setdefault("to_on", _("任期结束不能早于开始"))
    if given.community is not None and given.department is not None:
        wrong["department"] = _("社区和单位只能选一个")
    if wrong:
        raise InvalidFields(wrong)
    values: dict[str, Any] = {
        name: getattr(given, name) for name in ("subdistrict", "community", "department", "kind", "from_on", "to_on")
    }
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).get(pk=given.subdistrict.pk)
        same = (one for one in Appointment.objects.filter(**values) if {"name": one.name, "post": one.post} == texts)
        if (there := next(same, None)) is not None:
            return there
        made = Appointment.objects.create(made_at=at, made_by_id=by.user_id or 0, **values, **texts)
        data = {"kind": made.kind, "community": made.community_id, "department": made.department_id}
        tell(APPOINTMENT, made.pk, "appointed", by, at, data=data | {"from_on": made.from_on.isoformat()})
    return made


def end_term(*, appointment_id: int, on: date, by: Actor, at: datetime) -> Appointment:
    """Its last day is ``on``. Raises NotPermitted, NotNow."""
    with transaction.atomic():
        rows = Appointment.objects.select_for_update(of=("self",), no_key=True).select_related("community")
        row = rows.get(pk=appointment_id)
        _check_right(by, row.subdistrict_id, row.community)
        if on < row.from_on or (row.to_on is not None and row.to_on <= on):
            raise NotNow(_("这个任期已经结束，或还没有开始"))
        row.to_on = on
        row.save(update_fields=["to_on"])
        tell(APPOINTMENT, row.pk, "term_ended", by, at, data={"to_on": on.isoformat()})
    return row


def _check_right(by: Actor, subdistrict_id: int, community: Community | None) -> None:
    allowed = keeps_in(by.access, community) if community else keeps_for(by.access, subdistrict_id)
    if not allowed:
        raise NotPermitted(_("社区只能登记本社区的任职"))
