"""The screen on which a secretary types while people talk: by keyboard, kept at every pause, never written over.

Without a script each item is a plain form. With one (static/js/console/meeting.js) the same form is sent at every
pause, and answered as JSON with what was read out of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common.clock import local
from communities.models import Category, Community, Department
from console.kit.choices import category_choices, row_choices
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ChoiceShape, FieldShape
from console.meetings.page import find_kept
from console.meetings.rows import ItemRow, item_row
from deadlines.services import load_calendar
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from issues.services.submissions import kept_key
from meetings.enums import MET, AnswerKind
from meetings.models import Meeting, MeetingItem
from meetings.reading import Reading, Stretch, read
from meetings.services import recording
from meetings.services.base import LONGEST
from meetings.services.errors import ItemChanged
from meetings.services.recording import FIELDS, Writing

_SHORTCUTS: Final = tuple(enumerate(AnswerKind.choices, 1))


@require_safe
@never_cache
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/desk/``: a new item, or the one that ``item`` names, and all that was typed before."""
    reader = reader_of(request)
    meeting = find_kept(reader, pk)
    asked = request.GET.get("item", "")
    number = number_of(asked, 4)
    rows = list(meeting.items.read_by(reader.access).in_order())
    opened = next((row for row in rows if row.number == number), None)
    if asked and opened is None:
        raise Http404(_("没有这一项"))
    return _page(request, reader, meeting, rows, opened=opened)


@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/items/``: keep what was typed; JSON for the script, a page for a plain form."""
    reader = reader_of(request)
    meeting = find_kept(reader, pk)
    typed = request.POST
    number = number_of(typed.get("number", ""), 4)
    rows = meeting.items.read_by(reader.access)
    if typed.get("number") and (number is None or not rows.filter(number=number).exists()):
        raise Http404(_("没有这一项"))
    writing = Writing(
        key=typed.get("key", ""),
        version=number_of(typed.get("version", ""), 9),
        attempt=typed.get("attempt", ""),
        previous=typed.get("previous", ""),
    )
    given = {name: typed[name] for name in FIELDS if name in typed}
    by_script = request.headers.get("Accept") == "application/json"
    try:
        item = recording.write_item(
            meeting_id=meeting.pk,
            given=given,
            writing=writing,
            number=number,
            by=reader.actor,
            at=reader.now,
            reason=typed.get("reason", ""),
        )
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except ItemChanged as error:
        theirs = MeetingItem.objects.read_by(reader.access).get(pk=error.item.pk)
        if by_script:
            return JsonResponse(_said(str(error.message), theirs, reader), status=HTTPStatus.CONFLICT)
        return _refused(request, reader, meeting, str(error.message), HTTPStatus.CONFLICT, theirs=theirs)
    except InvalidFields as error:
        words = "；".join(str(one) for one in error.fields.values())
        return _no(request, reader, meeting, words, HTTPStatus.BAD_REQUEST, by_script=by_script)
    except IssueError as error:
        return _no(request, reader, meeting, str(error.message), HTTPStatus.CONFLICT, by_script=by_script)
    if by_script:
        return JsonResponse(_answer(MeetingItem.objects.read_by(reader.access).get(pk=item.pk), reader, meeting))
    messages.success(request, _("已记录第%(number)d项") % {"number": item.number})
    return redirect("console-meeting-desk", pk=meeting.pk)


def _page(
    request: HttpRequest,
    reader: Reader,
    meeting: Meeting,
    rows: list[MeetingItem],
    *,
    opened: MeetingItem | None = None,
    refusal: str = "",
    theirs: ItemRow | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    if refusal:
        number, version = request.POST.get("number", ""), request.POST.get("version", "")
        values = {name: request.POST.get(name, "") for name in FIELDS}
    else:
        number, version = (str(opened.number), str(opened.version)) if opened else ("", "")
        values = _values(opened)
    context = {
        "meeting": meeting,
        "items": [item_row(row, reader) for row in rows],
        "number": number,
        "version": theirs.version if theirs else version,
        "key": kept_key(request.POST.get("key", "") if refusal else ""),
        "refusal": refusal,
        "theirs": theirs,
        "kinds": [
            {"code": code, "label": label, "key": number, "on": values["answer_kind"] == code}
            for number, (code, label) in _SHORTCUTS
        ],
        "met": meeting.state in MET,
        "field": _fields(meeting, values),
        "write_url": reverse("console-meeting-write", args=[meeting.pk]),
    }
    return render(request, "console/meetings/desk.html", context, status=status)


def _fields(meeting: Meeting, values: Mapping[str, str]) -> dict[str, FieldShape]:
    """The fields of the form by name; three statements for what may be chosen."""
    office = meeting.subdistrict_id
    communities = Community.objects.filter(subdistrict_id=office, retired_at__isnull=True).order_by("initials", "id")
    departments = Department.objects.filter(subdistrict_id=office, retired_at__isnull=True)
    ids = {code: str(pk) for code, pk in Category.objects.filter(subdistrict_id=office).values_list("code", "pk")}
    categories = [ChoiceShape(ids[one.value], one.label, keys=one.keys) for one in category_choices({office})]
    shapes = (
        FieldShape("community", _("社区"), "department", choices=row_choices(communities)),
        FieldShape("raised_by", _("提出人（身份、职务）"), maxlength=LONGEST["raised_by"], autocomplete="off"),
        FieldShape("category", _("类别"), "department", choices=categories),
        FieldShape("words", _("提出的问题"), "textarea", rows=2, required=True, autofocus=True),
        FieldShape("answer", _("现场答复"), "textarea", rows=2),
        FieldShape(
            "department",
            _("答复或承办单位"),
            "department",
            choices=row_choices(departments.order_by("kind", "name_zh")),
        ),
        FieldShape("answered_by", _("答复人（职务）"), maxlength=LONGEST["answered_by"], autocomplete="off"),
        FieldShape("due_on", _("完成期限"), "date"),
    )
    return {one.name: replace(one, value=values[one.name]) for one in shapes}


def _values(item: MeetingItem | None) -> dict[str, str]:
    if item is None:
        return dict.fromkeys(FIELDS, "")
    chosen = {name: str(getattr(item, f"{name}_id") or "") for name in recording.CHOSEN}
    texts = {name: getattr(item, name) for name in recording.TEXTS}
    return chosen | texts | {"answer_kind": item.answer_kind, "due_on": item.due_on.isoformat() if item.due_on else ""}


def _no(
    request: HttpRequest, reader: Reader, meeting: Meeting, words: str, status: int, *, by_script: bool
) -> HttpResponse:
    if by_script:
        return JsonResponse({"said": words}, status=status)
    return _refused(request, reader, meeting, words, status)


def _refused(
    request: HttpRequest,
    reader: Reader,
    meeting: Meeting,
    words: str,
    status: int,
    *,
    theirs: MeetingItem | None = None,
) -> HttpResponse:
    rows = list(meeting.items.read_by(reader.access).in_order())
    shown = item_row(theirs, reader) if theirs else None
    return _page(request, reader, meeting, rows, refusal=words, theirs=shown, status=status)


def _said(words: str, theirs: MeetingItem, reader: Reader) -> dict[str, Any]:
    """Of a conflict: what stands there now, beside what was typed."""
    row = item_row(theirs, reader)
    return {
        "said": words,
        "version": theirs.version,
        "theirs": _values(theirs),
        "words": row.words,
        "answer": row.answer,
    }


def kept_of(item: MeetingItem, reader: Reader) -> dict[str, Any]:
    """What was kept of an item ``with_names``, as the script of the screen shows it in its list."""
    row = item_row(item, reader)
    made = [{"label": link.label, "url": link.url} for link in row.links]
    shown = {"who": row.who, "words": row.words, "answer": row.answer, "left": row.left_label}
    return {
        "number": item.number,
        "version": item.version,
        "row": shown | {"made": made[0] if made else None, "may": row.may},
        "at": f"{local(reader.now):%H:%M:%S}",
    }


def _answer(item: MeetingItem, reader: Reader, meeting: Meeting) -> dict[str, Any]:
    """What was kept, and what is read out of the answer: proposals, with the words that decided."""
    found: dict[str, Any] = kept_of(item, reader) | {"proposals": []}
    if not item.answer:
        return found
    departments = {row.code: row for row in Department.objects.filter(subdistrict_id=meeting.subdistrict_id)}
    names = {code: (one.name_zh.partition("（")[0], one.short_zh) for code, one in departments.items()}
    got = read(item.answer, at=meeting.on, calendar=load_calendar(), names=names)
    return found | {"proposals": _proposals(item, got, departments)}


def _proposals(item: MeetingItem, got: Reading, departments: dict[str, Department]) -> list[dict[str, str]]:
    """What differs from what is chosen; nothing is taken over by itself."""
    found: list[dict[str, str]] = []
    if got.is_undated and item.due_on is None:
        said = _("、").join(dict.fromkeys(_cut(item.answer, span) for span in got.vague))
        found.append({
            "mark": "undated",
            "label": _("有承诺，没有期限：请当场追问日期"),
            "because": said or _cut(item.answer, got.verb),
        })  # fmt: skip
    if got.department and departments[got.department.code].pk != item.department_id:
        one = departments[got.department.code]
        found.append(_proposal("department", str(one.pk), one.short_name, _cut(item.answer, got.department.span)))
    if got.due and got.due.on != item.due_on:
        found.append(
            _proposal("due_on", got.due.on.isoformat(), got.due.on.isoformat(), _cut(item.answer, got.due.span))
        )
    if got.is_promise and item.answer_kind not in (AnswerKind.DATED, AnswerKind.STUDY, AnswerKind.TRANSFERRED):
        label = str(AnswerKind.DATED.label)
        found.append(_proposal("answer_kind", AnswerKind.DATED.value, label, _cut(item.answer, got.verb)))
    return found


def _proposal(field: str, value: str, label: str, because: str) -> dict[str, str]:
    return {"field": field, "value": value, "label": label, "because": because}


def _cut(text: str, span: Stretch | None) -> str:
    return text[span.start : span.end] if span else ""
