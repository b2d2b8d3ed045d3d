"""The page of one issue, its actions, and asking for the reporter's full name."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.views import safe_next
from common import dates
from common.clock import local
from issues import workflow
from issues.models import Issue
from issues.reading import events_of
from issues.services.actions import act
from issues.services.errors import Conflict, InvalidFields, NotPermitted, UnknownAction
from issues.services.revealing import Revealed, reveal_contact
from issues.services.watching import watch
from issues.timeline import title_of
from issues.views.console.actions import ActionShape, label_of, panel_of
from issues.views.console.cards import IssueShape, issue_shape
from issues.views.console.reading import Reader, code_of, find_issue, flag_of, reader_of
from issues.views.console.rows import issue_url
from issues.views.console.shapes import ErrorItem

_CONSOLE = "/console/"


@require_safe
@never_cache
def issue_page(request: HttpRequest, number: str) -> HttpResponse:
    """``/console/issues/<number>/``; with ``?pane=1`` the right half of the workbench, with ``?action=`` a panel."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    show = code_of(request, "show", ("public", "internal"))
    action = code_of(request, "action", sorted(workflow.ACTIONS))
    shape = issue_shape(issue, reader, show=show)
    panel = _opened(shape, action, issue, reader)
    return _page(request, shape, panel=panel)


def _page(request: HttpRequest, shape: IssueShape, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    pane = flag_of(request, "pane")
    given = {
        "issue": shape,
        "panel": None,
        "errors": [],
        "error_title": "",
        "conflict": None,
        "return_url": safe_next(request, request.POST.get("next"), "", under=_CONSOLE),
    } | context
    return render(request, "console/_pane.html" if pane else "console/issues/detail.html", given, status=status)


def _opened(shape: IssueShape, action: str, issue: Issue, reader: Reader) -> ActionShape | None:
    found = next((item for item in shape.actions if item.code == action and item.allowed), None)
    return panel_of(found, issue, reader) if found else None


@require_POST
def issue_action(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. Success leads back to ``next``; a refusal shows the panel again with what was typed."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    try:
        done = act(
            issue_id=issue.pk,
            action=action,
            by=reader.actor,
            at=reader.now,
            data=_data(request),
            version=_version(request),
        )
    except UnknownAction as error:
        raise Http404(error.message) from error
    except NotPermitted as error:
        raise PermissionDenied(error.message) from error
    except Conflict as error:
        return _again(request, reader, number, action, conflict=error)
    except InvalidFields as error:
        return _again(request, reader, number, action, invalid=error)
    messages.success(request, _said(action, done))
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), issue_url(number), under=_CONSOLE))


def _data(request: HttpRequest) -> dict[str, str]:
    """The posted fields as plain text; only the last of a repeated one counts."""
    skipped = {"csrfmiddlewaretoken", "version", "next"}
    return {name: request.POST[name] for name in request.POST if name not in skipped}


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _again(
    request: HttpRequest,
    reader: Reader,
    number: str,
    action: str,
    *,
    conflict: Conflict | None = None,
    invalid: InvalidFields | None = None,
) -> HttpResponse:
    """The page with the panel open, everything typed kept, and what is wrong."""
    issue = find_issue(reader, number)
    shape = issue_shape(issue, reader)
    found = next((item for item in shape.actions if item.code == action), None)
    errors = {name: [str(text)] for name, text in invalid.fields.items()} if invalid else {}
    panel = panel_of(found, issue, reader, values=_data(request), errors=errors) if found else None
    return _page(
        request,
        shape,
        status=HTTPStatus.BAD_REQUEST if invalid else HTTPStatus.CONFLICT,
        panel=panel,
        errors=_error_items(action, errors, panel),
        error_title=error_title(len(errors)),
        conflict=_changed(issue, conflict) if conflict else None,
    )


def _error_items(action: str, errors: Mapping[str, Sequence[str]], panel: ActionShape | None) -> list[ErrorItem]:
    shown = {item.name for item in panel.fields} if panel else set()
    return [
        ErrorItem(
            field_id=f"id_{name}" if name in shown else "",
            label=label_of(action, name) if name in shown else "",
            message=text,
        )
        for name, texts in errors.items()
        for text in texts
    ]


def error_title(number: int) -> str:
    """还有 2 项需要填写."""
    return ngettext("还有 %(n)d 项需要填写", "还有 %(n)d 项需要填写", number) % {"n": number}


def _changed(issue: Issue, conflict: Conflict) -> dict[str, Any]:
    """What happened in between: 工单已于 10:32 转派。"""
    last = next(iter(events_of(issue.pk)), None)
    text = str(conflict.message)
    if last is not None and conflict.code == "version_conflict":
        at = local(last.at)
        when = f"{at:%H:%M}" if at.date() == local(conflict.issue.changed_at).date() else dates.moment_short(at)
        text = _("工单已于 %(when)s %(what)s。") % {"when": when, "what": title_of(last)}
    return {
        "text": text,
        "changes_url": "#happened",
        "continue_version": issue.version,
    }


def _said(action: str, issue: Issue) -> str:
    """The toast after an action."""
    department = issue.lead_department.name if issue.lead_department else ""
    words = {
        "accept": _("已受理"),
        "reject": _("已登记为不予受理"),
        "answer_now": _("已即时办结"),
        "dispatch": _("已派单至%(department)s") % {"department": department},
        "acknowledge": _("已签收"),
        "assign": _("已指派承办人"),
        "return": _("已退单"),
        "progress": _("已记录办理进展"),
        "reply": _("已提交答复，由%(community)s核查") % {"community": issue.community.name},
        "verify_pass": _("核查已通过") if issue.is_open else _("核查已通过，已办结"),
        "redo": _("已退回%(department)s重办") % {"department": department},
        "record_follow_up": _("已记录回访") if issue.is_open else _("已记录回访，已办结"),
        "close_explained": _("已解释办结"),
        "reopen": _("已重新办理"),
        "withdraw": _("已撤回"),
        "urge": _("已催办"),
        "contact": _("已记录联系情况"),
        "comment": _("已留言"),
    }
    return _("%(number)s %(what)s") % {"number": issue.number, "what": words.get(action, _("已提交"))}


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
            issue_shape(issue, reader),
            status=HTTPStatus.BAD_REQUEST,
            errors=items,
            error_title=error_title(len(items)),
        )
    answer = _page(request, issue_shape(issue, reader, revealed=revealed))
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
