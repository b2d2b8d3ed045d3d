"""The hand-over note 交接记录: writing it, reading it, confirming it; and the banner above the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views import safe_next
from console.duty.form import find_shift, keeper_of
from console.duty.pages import who_stands
from console.kit.reading import Reader, number_of, reader_of
from console.kit.rows import issue_url
from console.kit.shapes import ErrorItem, FieldShape, error_title
from deadlines.duty import staffing
from deadlines.duty.roster import (
    LONGEST_TEXT,
    RosterError,
    RosterNotAllowed,
    RosterStale,
    hand_over,
    take_over,
    takes_over,
)
from deadlines.models import DutyNote, DutyShift
from issues.models import Issue
from issues.reading import handing_over


@dataclass(frozen=True)
class NoteShape:
    """A note as templates print it."""

    area: str
    starts_at: datetime
    ends_at: datetime
    people: str
    author: str
    written_at: datetime
    happened: str
    watch: str
    issue_count: int
    event_id: int
    url: str
    take_url: str
    read_at: datetime | None = None
    read_by: str = ""


@dataclass(frozen=True)
class MatterShape:
    """A matter that the shift leaves behind."""

    number: str
    url: str
    title: str
    level: str
    level_label: str
    status_label: str
    place: str


def hand_over_banners(reader: Reader) -> list[NoteShape]:
    """The notes that the reader, being on shift, should read before anything else. One small statement."""
    return [_shape(note) for note in staffing.notes_awaiting(reader.user.pk, reader.now)[:5]]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def note_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/duty/<pk>/note/``: the shift's note; a form for those who were on it, until it is confirmed."""
    reader = reader_of(request)
    shift = find_shift(reader, pk)
    own = reader.user.pk in (shift.clerk_id, shift.leader_id)
    if not staffing.may_read_note(reader.access, shift, near=own) and not staffing.is_near(reader.user.pk, shift):
        raise PermissionDenied(_("交接记录只给本区域的值班人员看"))
    if request.method != "POST":
        return _page(request, reader, shift)
    typed = {name: request.POST.get(name, "").replace("\x00", "") for name in ("happened", "watch")}
    try:
        hand_over(
            shift_id=pk,
            **typed,
            issues=handing_over.numbers_of(shift, reader.now),
            seen_event_id=number_of(request.POST.get("event", "")),
            by=keeper_of(reader),
            at=reader.now,
        )
    except RosterNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except RosterStale as error:
        return _page(request, reader, shift, typed, conflict=error.message, status=HTTPStatus.CONFLICT)
    except RosterError as error:
        return _page(request, reader, shift, typed, error=error, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("交接记录已保存，接班人打开工作台即可看到"))
    return HttpResponseRedirect(reverse("console-duty-note", args=[pk]))


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/duty/<pk>/take/``: 已阅, by the person who takes over."""
    reader = reader_of(request)
    shift = find_shift(reader, pk)
    own_page = reverse("console-duty-note", args=[pk])
    try:
        take_over(
            shift_id=pk, event_id=number_of(request.POST.get("event", "")) or 0, by=keeper_of(reader), at=reader.now
        )
    except RosterNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except RosterStale as error:
        return _page(request, reader, shift, conflict=error.message, status=HTTPStatus.CONFLICT)
    except RosterError as error:
        return _page(request, reader, shift, error=error, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已阅，交接完成"))
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), own_page, under="/console/"))


def _page(
    request: HttpRequest,
    reader: Reader,
    shift: DutyShift,
    typed: dict[str, str] | None = None,
    *,
    conflict: str = "",
    error: RosterError | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The note with what it carries; about ten statements, whatever the number of matters."""
    note = staffing.note_of(shift.pk)
    own = reader.user.pk in (shift.clerk_id, shift.leader_id)
    writes = own and shift.starts_at <= reader.now and (note is None or note.acknowledged_at is None)
    takes = note is not None and note.acknowledged_at is None and takes_over(reader.user.pk, shift, reader.now)
    ids = [pk for pk, _number in handing_over.numbers_of(shift, reader.now)] if writes else _ids(note)
    left = handing_over.left_of(ids, reader.access)
    fields = _fields(typed or _words(note), error)
    items = (
        [ErrorItem(field_id=f"id_{error.field}" if error.field else "", label="", message=error.message)]
        if error
        else []
    )
    context: dict[str, Any] = {
        "shift": shift,
        "area": (shift.community or shift.subdistrict).name,
        "people": who_stands(shift),
        "note": _shape(note) if note else None,
        "writes": writes,
        "takes": takes,
        "fields": fields if writes else [],
        "errors": items,
        "error_title": error_title(len(items)),
        "conflict": conflict,
        "event": note.event_id if note else "",
        "matters": [_matter(issue) for issue in left.issues],
        "hidden_text": _hidden(left.hidden),
        "closed_text": _closed(left.closed),
        "back_url": _roster_url(shift),
    }
    return render(request, "console/duty/note.html", context, status=status)


def _roster_url(shift: DutyShift) -> str:
    area = f"s{shift.subdistrict_id}" if shift.community_id is None else f"c{shift.community_id}"
    return f"{reverse('console-duty')}?area={area}"


def _fields(values: dict[str, str], error: RosterError | None) -> list[FieldShape]:
    wrong = {error.field: [error.message]} if error else {}
    return [
        FieldShape(
            "happened", _("本班情况"), "textarea", value=values["happened"], required=True, maxlength=LONGEST_TEXT,
            rows=6, help=_("接到什么、怎么处理、联系了谁。不写居民姓名和电话，写工单编号"),
            errors=wrong.get("happened", ()),
        ),
        FieldShape(
            "watch", _("接班请留意"), "textarea", value=values["watch"], maxlength=LONGEST_TEXT, rows=4,
            help=_("接班人要盯住的事、约定的时间"), errors=wrong.get("watch", ()),
        ),
    ]  # fmt: skip


def _words(note: DutyNote | None) -> dict[str, str]:
    return {name: getattr(note, name, "") for name in ("happened", "watch")}


def _ids(note: DutyNote | None) -> Sequence[int]:
    return [pk for pk, _number in note.event.value("issues", [])] if note else []


def _shape(note: DutyNote) -> NoteShape:
    shift, words = note.shift, _words(note)
    return NoteShape(
        area=(shift.community or shift.subdistrict).name,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        people=who_stands(shift),
        author=note.event.actor.display_name if note.event.actor else "",
        written_at=note.event.at,
        happened=words["happened"],
        watch=words["watch"],
        issue_count=len(_ids(note)),
        event_id=note.event_id,
        url=reverse("console-duty-note", args=[shift.pk]),
        take_url=reverse("console-duty-take", args=[shift.pk]),
        read_at=note.acknowledged_at,
        read_by=note.acknowledged_by.display_name if note.acknowledged_by_id and note.acknowledged_by else "",
    )


def _matter(issue: Issue) -> MatterShape:
    return MatterShape(
        number=issue.number,
        url=issue_url(issue.number),
        title=issue.title,
        level=issue.level,
        level_label=issue.get_level_display(),
        status_label=issue.get_status_display(),
        place=issue.community.name,
    )


def _hidden(number: int) -> str:
    if not number:
        return ""
    return ngettext("另有 %(n)d 件不在您的查看范围", "另有 %(n)d 件不在您的查看范围", number) % {"n": number}


def _closed(number: int) -> str:
    if not number:
        return ""
    return ngettext("交班后已了结 %(n)d 件", "交班后已了结 %(n)d 件", number) % {"n": number}
