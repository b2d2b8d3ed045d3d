"""Logging a matter while the caller is on the line, and what is known already."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.drafts import FIELD
from accounts.roles import Permission, Role
from common import dates
from console.intake.files import upload_of, waiting_files
from console.intake.form import (
    DEFAULTS,
    THEN,
    Intake,
    consequences,
    fields_of,
    may_dispatch,
    read_intake,
)
from console.intake.reference import alarm_item, reference_of
from console.kit.places import read_place, search_places
from console.kit.reading import Reader, reader_of, text_of
from console.kit.rows import issue_url
from console.kit.shapes import ErrorItem, error_title
from deadlines import services as deadlines
from files.models import StoredFile
from issues.models import Issue
from issues.reading.pages import deadlines_of
from issues.services.clocks import limits_of
from issues.services.creation import alarm_of, create, create_and
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.keeping import named, told_after, typed_in
from issues.services.submissions import FormSentBefore, Sent, digest_of, new_key, submit_once

_NO_WORDS: Final = frozenset({"csrfmiddlewaretoken", "idempotency_key", "then", "uploads", FIELD})
"""What may differ between two sendings of one form."""
_FIELD_OF: Final = {"community": "place", "neighbourhood": "place", "building": "place", "note": "description"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def intake(request: HttpRequest) -> HttpResponse:
    """``/console/issues/new/``."""
    reader = reader_of(request)
    if not reader.access.has(Permission.CREATE_ISSUE):
        raise PermissionDenied
    return _save(request, reader) if request.method == "POST" else _blank(request, reader)


def _blank(request: HttpRequest, reader: Reader) -> HttpResponse:
    done = _done(text_of(request, "done", 40), reader)
    return _page(request, reader, values=DEFAULTS, key=new_key(), done=done)


def _page(
    request: HttpRequest,
    reader: Reader,
    *,
    values: Mapping[str, str],
    key: str,
    intake: Intake | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    done: dict[str, Any] | None = None,
    files: Sequence[StoredFile] = (),
) -> HttpResponse:
    wrong = errors or {}
    places_url = reverse("console-places")
    fields = fields_of(reader, values, wrong, intake.place if intake else None, places_url)
    items = [
        ErrorItem(
            field_id=f"id_{name}" if name in fields or name == "attachments" else "",
            label=fields[name].label if name in fields else _("照片和附件") if name == "attachments" else "",
            message=text,
        )
        for name, texts in wrong.items()
        for text in texts
    ]
    inside = bool(reader.access.community_ids) or Role.SUPERVISOR in reader.access.roles
    context = {
        "fields": fields,
        "errors": items,
        "error_title": error_title(len(items)),
        "idempotency_key": key,
        "alarm": None,
        "places_url": places_url,
        "reference_url": reverse("console-intake-reference"),
        "limits_url": reverse("console-intake-limits"),
        "done": done,
        "can_dispatch": inside,
        "can_answer": inside,
        "suggestions": [],
        "upload": upload_of(files, wrong.get("attachments", ())),
        "cards": named(typed_in(values)),
    }
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    return render(request, "console/intake/page.html", context, status=status)


def _save(request: HttpRequest, reader: Reader) -> HttpResponse:
    then, _colon, master = (request.POST.get("then") or "next").partition(":")
    if then not in THEN:
        raise BadRequest(_("无法识别的操作"))
    key = request.POST.get("idempotency_key", "")[:100]
    sent = read_intake(request.POST, reader, then)
    errors: dict[str, Sequence[str]] = dict(sent.errors)
    files, refused = waiting_files(request, reader)
    if refused:
        errors["attachments"] = refused
    if sent.draft is not None:
        sent = replace(sent, draft=replace(sent.draft, uploads=[file.public_id for file in files]))
    issue = None
    try:
        if sent.draft is not None and not errors:
            digest = digest_of({name: request.POST.get(name, "") for name in set(request.POST) - _NO_WORDS})
            sending = Sent(key, reader.user.pk, digest, photos=frozenset(file.sha256 for file in files))
            issue = submit_once(sending, lambda: _make(sent, reader, then, master[:40]))
    except InvalidFields as error:
        for name, text in error.fields.items():
            errors[_FIELD_OF.get(name, name)] = [str(text)]
    except FormSentBefore as reused:
        words = _("这张表已登记为 %(number)s，现在填写的内容与它不同；再保存一次，就登记为另一件")
        errors["idempotency_key"] = [words % {"number": reused.issue.number}]
    except NotPermitted as error:
        raise PermissionDenied(error.message) from error
    if issue is None:
        fresh = new_key() if "idempotency_key" in errors else key
        return _page(request, reader, values=sent.values, key=fresh, intake=sent, errors=errors, files=files)
    masked = told_after(sent.values)
    if masked:
        messages.warning(request, masked)
    return HttpResponseRedirect(_after(request, issue, then))


def _make(sent: Intake, reader: Reader, then: str, master: str) -> Issue:
    """The issue, and what was asked for with it, in one transaction."""
    if sent.draft is None or sent.place is None:
        raise InvalidFields({"place": _("请选择位置")})
    if then == "join":
        return create_and(draft=sent.draft, then=[("merge", {"master": master})], by=reader.actor, at=reader.now)
    if then != "answer" and sent.department and may_dispatch(reader, sent.place):
        steps: list[tuple[str, Mapping[str, Any]]] = [
            ("accept", {}),
            ("dispatch", {"department": sent.department}),
        ]
        return create_and(draft=sent.draft, then=steps, by=reader.actor, at=reader.now)
    return create(draft=sent.draft, by=reader.actor, at=reader.now)


def _after(request: HttpRequest, issue: Issue, then: str) -> str:
    """Where to go on: answering has its panel open, the others get the next empty form."""
    if then == "answer":
        messages.success(request, _("已登记 %(number)s，请填写答复") % {"number": issue.number})
        return f"{issue_url(issue.number)}?action=answer_now"
    return f"{reverse('console-issue-new')}?done={issue.number}"


def _done(number: str, reader: Reader) -> dict[str, Any] | None:
    """What was just saved: number, promised date, receipt."""
    if not number:
        return None
    issue = (
        Issue.objects.visible_to(reader.access)
        .filter(number=number, logged_by_id=reader.user.pk)
        .select_related("category", "community", "master")
        .defer("lexemes", "description", "master__lexemes", "master__description")
        .first()
    )
    if issue is None:
        return None
    return {
        "number": issue.number,
        "url": issue_url(issue.number),
        "alarm": alarm_item(alarm_of(issue)) if issue.alarm else None,
        "promise_text": _joined_text(issue) or promise_of(issue, reader),
        "print_url": reverse("console-issue-receipt", args=[issue.number]),
    }


def _joined_text(issue: Issue) -> str:
    """What is said to somebody who joined: the own number stays, and how many there are now."""
    if issue.master is None:
        return ""
    return _("已并入 %(master)s（共%(n)d人反映），反映人凭自己的编号查询") % {
        "master": issue.master.number,
        "n": issue.master.persons,
    }


def promise_of(issue: Issue, reader: Reader) -> str:
    """By when an answer is due, as it is said to the caller; "" where no clock runs."""
    handle = next((row for row in deadlines_of(issue.pk) if row.kind == "handle"), None)
    if handle is not None:
        return _("应于%(day)s前答复") % {"day": dates.day(handle.due_at)}
    choice = limits_of(issue).get("handle")
    if choice is None:
        return ""
    due_at = choice.limit.due(reader.now, deadlines.load_calendar()).due_at
    return _("预计%(day)s前答复") % {"day": dates.day(due_at)}


@require_POST
@never_cache
def intake_reference(request: HttpRequest) -> HttpResponse:
    """What is known of this phone, this place and these words; the form's values come as they are."""
    reader = reader_of(request)
    if not reader.access.has(Permission.CREATE_ISSUE):
        raise PermissionDenied
    return render(request, "console/intake/_reference.html", reference_of(request.POST, reader))


@require_POST
@never_cache
def intake_limits(request: HttpRequest) -> HttpResponse:
    """What each level leads to for the kind, category and place of the form, as they stand now."""
    reader = reader_of(request)
    if not reader.access.has(Permission.CREATE_ISSUE):
        raise PermissionDenied
    place = read_place(request.POST.get("place", ""), reader.access)
    values = {name: request.POST.get(name, "") for name in ("kind", "category")}
    return render(request, "console/intake/_limits.html", {"limits": consequences(reader, place, values)})


@require_safe
def places(request: HttpRequest) -> JsonResponse:
    """``?q=``: places of the person's sub-districts by name or pinyin initials."""
    reader = reader_of(request)
    return JsonResponse({"results": search_places(text_of(request, "q", 60), reader.access)})
