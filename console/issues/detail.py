"""The page of one issue, its actions, and asking for the reporter's full name."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.views import safe_next
from common import dates
from common.clock import local
from console.issues.action_words import done_of, label_of
from console.issues.actions import ActionShape, panel_of
from console.issues.cards import IssueShape, issue_shape
from console.issues.case_state import load_case_state
from console.issues.posting import SentAction, may_try, read_sent
from console.kit.form_fields import words_typed
from console.kit.reading import Reader, code_of, find_issue, flag_of, number_of, reader_of
from console.kit.rows import issue_url
from console.kit.shapes import ErrorItem, error_title
from issues import workflow
from issues.enums import SUBJECT
from issues.models import Issue
from issues.reading.pages import events_of
from issues.services.actions import act
from issues.services.errors import Conflict, InvalidFields, NotPermitted
from issues.services.keeping import told_after
from issues.services.revealing import Revealed, reveal_contact
from issues.services.watching import watch
from issues.timeline.entries import title_of
from ledger.reading import entry_behind
from reminders.services.inbox import mark_matter_read

_CONSOLE = "/console/"


@require_safe
@never_cache
def issue_page(request: HttpRequest, number: str) -> HttpResponse:
    """``/console/issues/<number>/``; with ``?pane=1`` the right half of the workbench, with ``?action=`` a panel."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    show = code_of(request, "show", ("public", "internal"))
    action = code_of(request, "action", sorted(workflow.ACTIONS))
    case = load_case_state(issue)
    shape = issue_shape(issue, reader, case, show=show)
    found = next((item for item in shape.actions if item.code == action and item.allowed), None)
    panel = panel_of(found, issue, reader, case) if found else None
    if request.method == "GET" and not _fetched_ahead(request):
        mark_matter_read(reader.user.pk, SUBJECT, issue.pk, reader.now)
    return _page(request, shape, panel=panel, entry=entry_behind(issue, reader.access))


def _fetched_ahead(request: HttpRequest) -> bool:
    """Whether the browser only prepares a page that nobody may ever look at."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in purpose.lower() or "prerender" in purpose.lower()


def _page(request: HttpRequest, shape: IssueShape, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    pane = flag_of(request, "pane")
    given = {
        "issue": shape,
        "panel": None,
        "errors": [],
        "error_title": "",
        "conflict": None,
        "kept_words": [],
        "return_url": safe_next(request, request.POST.get("next"), "", under=_CONSOLE),
    } | context
    return render(request, "console/issues/_pane.html" if pane else "console/issues/detail.html", given, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_action(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. Success leads back to ``next``; a refusal shows the panel again with what was typed.

    Whoever opens its address finds the panel on the page of the matter.
    """
    if request.method != "POST":
        return HttpResponseRedirect(f"{issue_url(number)}?{urlencode({'action': action})}")
    reader = reader_of(request)
    issue = find_issue(reader, number)
    if not workflow.rows_of(action):
        raise Http404(_("没有这个操作"))
    version = _version(request)
    if not may_try(issue, reader, action):
        if version is None or version == issue.version:
            raise PermissionDenied(_("您没有权限进行此操作"))
        return _no_longer_mine(request, reader, issue, action)
    sent = read_sent(request, issue, reader, action)
    if sent.wrong:
        return _again(request, reader, number, action, sent, errors=sent.wrong)
    try:
        done = act(issue_id=issue.pk, action=action, by=reader.actor, at=reader.now, data=sent.data, version=version)
    except NotPermitted:
        return _no_longer_mine(request, reader, issue, action)
    except Conflict as error:
        return _again(request, reader, number, action, sent, conflict=error)
    except InvalidFields as error:
        return _again(request, reader, number, action, sent, errors=_errors(error))
    mark_matter_read(reader.user.pk, SUBJECT, issue.pk, reader.now)
    messages.success(request, _("%(number)s %(what)s") % {"number": number, "what": done_of(action, done)})
    masked = told_after(sent.data)
    if masked:
        messages.warning(request, masked)
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), issue_url(number), under=_CONSOLE))


def _errors(error: InvalidFields) -> dict[str, list[str]]:
    """What is wrong by field; parts of the place under the one field in which a place is chosen."""
    found: dict[str, list[str]] = {}
    for name, text in error.fields.items():
        found.setdefault("place" if name in ("community", "neighbourhood", "building") else name, []).append(str(text))
    return found


def _version(request: HttpRequest) -> int | None:
    return number_of(request.POST.get("version", ""), 9)


def _again(
    request: HttpRequest,
    reader: Reader,
    number: str,
    action: str,
    sent: SentAction,
    *,
    conflict: Conflict | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> HttpResponse:
    """The page with the panel open, everything typed and every file kept, and what is wrong."""
    issue = find_issue(reader, number)
    case = load_case_state(issue)
    shape = issue_shape(issue, reader, case)
    found = next((item for item in shape.actions if item.code == action), None)
    wrong = dict(errors or {})
    panel = None
    if found:
        panel = panel_of(found, issue, reader, case, values=sent.typed, errors=wrong, kept=sent.kept)
    return _page(
        request,
        shape,
        status=HTTPStatus.CONFLICT if conflict else HTTPStatus.BAD_REQUEST,
        panel=panel,
        errors=_error_items(action, wrong, panel),
        error_title=error_title(len(wrong)),
        conflict=_changed(issue, str(conflict.message), stale=conflict.code == "version_conflict")
        if conflict
        else None,
    )


def _no_longer_mine(request: HttpRequest, reader: Reader, issue: Issue, action: str) -> HttpResponse:
    """Somebody else acted and this person's part is over: what changed, and the words to copy."""
    fresh = find_issue(reader, issue.number)
    words = words_typed(request, [(name, label_of(action, name)) for name in _WORDS])
    return _page(
        request,
        issue_shape(fresh, reader, load_case_state(fresh)),
        status=HTTPStatus.CONFLICT,
        conflict=_changed(fresh, "", stale=True),
        kept_words=words,
    )


_WORDS = ("note", "reason", "basis", "commitment", "interim_answer", "title", "text", "description")


def _error_items(action: str, errors: Mapping[str, Sequence[str]], panel: ActionShape | None) -> list[ErrorItem]:
    shown = {item.name for item in panel.fields} if panel else set()
    if panel and panel.upload:
        shown.add(panel.upload.name)
    return [
        ErrorItem(
            field_id=f"id_{name}" if name in shown else "",
            label=label_of(action, name) if name in shown or name == "attachments" else "",
            message=text,
        )
        for name, texts in errors.items()
        for text in texts
    ]


def _changed(issue: Issue, text: str, *, stale: bool) -> dict[str, Any]:
    """What happened in between: 工单已于 10:32 转派。"""
    last = next(iter(events_of(issue.pk)), None)
    if last is not None and stale:
        at = local(last.at)
        when = f"{at:%H:%M}" if at.date() == local(issue.changed_at).date() else dates.moment_short(at)
        text = _("工单已于 %(when)s %(what)s。") % {"when": when, "what": title_of(last)}
    return {"text": text, "changes_url": "#happened"}


@require_POST
@never_cache
def issue_reveal(request: HttpRequest, number: str) -> HttpResponse:
    """查看完整信息: with a reason, journalled; the answer shows it once and nothing keeps it."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    try:
        revealed: Revealed = reveal_contact(
            issue_id=issue.pk, by=reader.actor, reason=request.POST.get("reason", ""), at=reader.now
        )
    except NotPermitted as error:
        raise PermissionDenied(error.message) from error
    except InvalidFields as error:
        texts = [str(text) for text in error.fields.values()]
        items = [ErrorItem(field_id="id_reveal_reason", label=_("查看原因"), message=text) for text in texts]
        return _page(
            request,
            issue_shape(issue, reader, load_case_state(issue)),
            status=HTTPStatus.BAD_REQUEST,
            errors=items,
            error_title=error_title(len(items)),
        )
    answer = _page(request, issue_shape(issue, reader, load_case_state(issue), revealed=revealed))
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def issue_watch(request: HttpRequest, number: str) -> HttpResponse:
    """Follow an issue (``on=1``) or stop following it."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    on = request.POST.get("on") == "1"
    watch(issue_id=issue.pk, user_id=reader.user.pk, on=on)
    messages.success(request, _("已关注") if on else _("已取消关注"))
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), issue_url(number), under=_CONSOLE))
