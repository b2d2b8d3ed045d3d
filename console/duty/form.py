"""Adding, changing and taking off a shift of the duty roster."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common import dates
from common.clock import SHANGHAI, local
from console.duty.pages import area_choices, area_of, who_stands
from console.kit.reading import LONGEST, Reader, number_of, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, error_title
from deadlines.duty import staffing
from deadlines.duty.roster import (
    Keeper,
    RosterError,
    RosterNotAllowed,
    RosterStale,
    ShiftDraft,
    add_shift,
    cancel_shift,
    change_shift,
    phone_kept,
)
from deadlines.duty.staffing import Area, DutyPerson, may_keep
from deadlines.models import DutyShift

NAMES: Final = ("area", "starts_at", "ends_at", "clerk", "leader", "phone")
Errors = Mapping[str, Sequence[str]]


def keeper_of(reader: Reader) -> Keeper:
    """The reader as the services know them."""
    return Keeper(access=reader.access, role=reader.actor.role)


def find_shift(reader: Reader, pk: int) -> DutyShift:
    """A shift of the reader's sub-districts, cancelled ones too. Http404 for everybody else."""
    rows = DutyShift.objects.select_related("subdistrict", "community", "clerk", "leader")
    if not reader.access.installation_wide:
        rows = rows.filter(subdistrict_id__in=reader.access.subdistrict_ids)
    shift = rows.filter(pk=pk).first()
    if shift is None:
        raise Http404(_("没有这个班次"))
    return shift


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_shift(request: HttpRequest) -> HttpResponse:
    """``/console/duty/new/``: one shift; a gap's link brings area and hours along."""
    reader = reader_of(request)
    areas = [area for area in staffing.areas_of(reader.access) if area.kept]
    if not areas:
        raise PermissionDenied(_("您不能修改值班表"))
    page = _Form(request, reader, areas)
    if request.method != "POST":
        given = {name: request.GET.get(name, "")[:40] for name in NAMES}
        given["area"] = given["area"] if area_of(given["area"], areas) else areas[0].code
        return page.show(given)
    draft, errors = page.read()
    if draft is None or errors:
        return page.show(page.values, errors, status=HTTPStatus.BAD_REQUEST)
    try:
        shift = add_shift(draft=draft, by=keeper_of(reader), at=reader.now)
    except RosterNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except RosterError as error:
        return page.show(page.values, {error.field: [error.message]}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已排班：%(start)s") % {"start": dates.moment(shift.starts_at)})
    return HttpResponseRedirect(_back(shift))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/duty/<pk>/``: change a shift; 409 keeps what was typed and shows what stands now."""
    reader = reader_of(request)
    shift = _kept_shift(reader, pk)
    areas = [
        area
        for area in staffing.areas_of(reader.access)
        if area.subdistrict_id == shift.subdistrict_id
        and (area.kept or area.key == (shift.subdistrict_id, shift.community_id))
    ]
    page = _Form(request, reader, areas, shift)
    if request.method != "POST":
        return page.show(_values_of(shift))
    draft, errors = page.read()
    if draft is None or errors:
        return page.show(page.values, errors, status=HTTPStatus.BAD_REQUEST)
    try:
        changed = change_shift(shift_id=pk, version=_version(request), draft=draft, by=keeper_of(reader), at=reader.now)
    except RosterNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except RosterStale as error:
        return _conflict(request, reader, areas, pk, error)
    except RosterError as error:
        return page.show(page.values, {error.field: [error.message]}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已修改班次：%(start)s") % {"start": dates.moment(changed.starts_at)})
    return HttpResponseRedirect(_back(changed))


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/duty/<pk>/cancel/``: take a shift off the roster; the row and its journal stay."""
    reader = reader_of(request)
    _kept_shift(reader, pk)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST]
    try:
        shift = cancel_shift(shift_id=pk, version=_version(request), by=keeper_of(reader), at=reader.now, reason=reason)
    except RosterNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except RosterError as error:
        shift = find_shift(reader, pk)
        areas = [area for area in staffing.areas_of(reader.access) if area.subdistrict_id == shift.subdistrict_id]
        page = _Form(request, reader, areas, shift)
        status = HTTPStatus.CONFLICT if isinstance(error, RosterStale) else HTTPStatus.BAD_REQUEST
        return page.show(_values_of(shift), {"": [error.message]}, status=status, reason=reason)
    messages.success(request, _("已撤下班次：%(start)s") % {"start": dates.moment(shift.starts_at)})
    return HttpResponseRedirect(_back(shift))


def _kept_shift(reader: Reader, pk: int) -> DutyShift:
    shift = find_shift(reader, pk)
    if not may_keep(reader.access, shift.subdistrict_id, shift.community_id):
        raise PermissionDenied(_("您不能修改这个区域的值班表"))
    return shift


def _conflict(request: HttpRequest, reader: Reader, areas: Sequence[Area], pk: int, error: RosterStale) -> HttpResponse:
    """409: everything typed stays; saving again overwrites what is shown as standing now."""
    shift = find_shift(reader, pk)
    page = _Form(request, reader, areas, shift)
    standing = _("现为：%(start)s 至 %(end)s，%(who)s") % {
        "start": dates.moment(shift.starts_at),
        "end": dates.moment(shift.ends_at),
        "who": who_stands(shift),
    }
    conflict = {"text": error.message, "more": "" if shift.cancelled_at else standing}
    if shift.cancelled_at:
        conflict["again_url"] = f"{reverse('console-duty-new')}?{urlencode(page.values)}"
    return page.show(page.values, status=HTTPStatus.CONFLICT, conflict=conflict)


def _back(shift: DutyShift) -> str:
    area = f"s{shift.subdistrict_id}" if shift.community_id is None else f"c{shift.community_id}"
    return f"{reverse('console-duty')}?area={area}&week={local(shift.starts_at).date().isoformat()}"


def _version(request: HttpRequest) -> int:
    return number_of(request.POST.get("version", ""), 9) or 0


def _values_of(shift: DutyShift) -> dict[str, str]:
    return {
        "area": f"s{shift.subdistrict_id}" if shift.community_id is None else f"c{shift.community_id}",
        "starts_at": f"{local(shift.starts_at):%Y-%m-%dT%H:%M}",
        "ends_at": f"{local(shift.ends_at):%Y-%m-%dT%H:%M}",
        "clerk": shift.clerk.username,
        "leader": shift.leader.username if shift.leader else "",
        "phone": shift.phone,
    }


class _Form:
    """The form of one shift: what was typed, what it means, and the page around it."""

    def __init__(
        self, request: HttpRequest, reader: Reader, areas: Sequence[Area], shift: DutyShift | None = None
    ) -> None:
        self.request, self.reader, self.areas, self.shift = request, reader, areas, shift
        self.people: list[DutyPerson] = staffing.people_of({area.subdistrict_id for area in areas})
        self.values = {name: request.POST.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in NAMES}

    def read(self) -> tuple[ShiftDraft | None, dict[str, list[str]]]:
        """The shift that was typed, and every mistake by field."""
        values, wrong = self.values, {}
        area = area_of(values["area"], self.areas)
        if area is None:
            wrong["area"] = [_("请从列出的选项中选择")]
        starts_at, ends_at = _moment(values["starts_at"]), _moment(values["ends_at"])
        for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
            if moment is None:
                wrong[name] = [_("请按 年-月-日 时:分 填写")]
        clerk_id, leader_id = self._person(values["clerk"], area), self._person(values["leader"], area)
        if clerk_id is None:
            wrong["clerk"] = [_("不是这个区域的工作人员") if values["clerk"] else _("请选择值班员")]
        if leader_id is None and values["leader"]:
            wrong["leader"] = [_("不是这个区域的工作人员")]
        if wrong or area is None or starts_at is None or ends_at is None or clerk_id is None:
            return None, wrong
        draft = ShiftDraft(
            area.subdistrict_id, area.community_id, starts_at, ends_at, clerk_id, leader_id, phone_kept(values["phone"])
        )
        return draft, wrong

    def _person(self, username: str, area: Area | None) -> int | None:
        found = (p for p in self.people if p.username == username and (area is None or p.fits(area)))
        return next((person.user_id for person in found), None)

    def show(
        self,
        values: Mapping[str, str],
        errors: Errors | None = None,
        *,
        status: int = HTTPStatus.OK,
        conflict: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> HttpResponse:
        """The page with these values."""
        errors = errors or {}
        fields = [replace(f, value=values.get(f.name, ""), errors=errors.get(f.name, ())) for f in self._fields()]
        labels = {field.name: field.label for field in fields}
        items = [
            ErrorItem(field_id=f"id_{name}" if name in labels else "", label=labels.get(name, ""), message=text)
            for name, texts in errors.items()
            for text in texts
        ]
        shift = self.shift
        back = _back(shift) if shift else f"{reverse('console-duty')}?area={values.get('area', '')}"
        context: dict[str, Any] = {
            "shift": shift,
            "fields": {field.name: field for field in fields},
            "errors": items,
            "error_title": error_title(len(items)),
            "conflict": conflict,
            "version": shift.version if shift else 0,
            "changeable": shift is None or (shift.cancelled_at is None and shift.ends_at > self.reader.now),
            "back_url": back,
            "reason": reason,
        }
        return render(self.request, "console/duty/form.html", context, status=status)

    def _fields(self) -> list[FieldShape]:
        people = tuple(
            ChoiceShape(value=person.username, label=person.name, help=person.place, keys=person.username)
            for person in self.people
            if any(person.fits(area) for area in self.areas)
        )
        return [
            FieldShape("area", _("区域"), "select", choices=area_choices(self.areas), required=True),
            FieldShape("starts_at", _("开始时间"), "datetime", required=True),
            FieldShape("ends_at", _("结束时间"), "datetime", required=True),
            FieldShape(
                "clerk", _("值班员"), "officer", choices=people, required=True, placeholder=_("输入姓名或账号")
            ),
            FieldShape("leader", _("值班领导"), "officer", choices=people, placeholder=_("选填")),
            FieldShape(
                "phone", _("值班电话"), "tel", maxlength=30, autocomplete="off", inputmode="tel",
                help=_("填值班室电话，不填个人手机；不填则用街道值班电话"),
            ),
        ]  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= at.year <= 2100:
        return None
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
