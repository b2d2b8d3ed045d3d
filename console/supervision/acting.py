"""Urging and drafting from the supervision desk, one issue or many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.views import safe_next
from common import dates
from communities.actors import Actor
from console.kit.reading import Reader
from console.kit.rows import issue_url
from console.supervision.desk import desk_reader
from deadlines import kinds
from deadlines.wording import left_of, span_text
from issues.enums import Action
from issues.models import Issue
from issues.services.bulk import MOST, Chosen, Result, act_on_many, read_chosen
from papers.enums import DraftKind

_RESULT: Final = "supervision_result"


@require_POST
def act_from_desk(request: HttpRequest) -> HttpResponse:
    """Urge or draft a supervision document for one issue (``one``) or for all that are ticked (``issue``).

    Each is an action of its own in a transaction of its own; what is refused is collected with its reason.
    """
    reader, _areas = desk_reader(request)
    back = safe_next(request, request.POST.get("next"), reverse("console-supervision"), under="/console/")
    action, kind, values = _wanted(request)
    chosen = read_chosen(values)
    if not action or not chosen:
        messages.warning(request, _("请先勾选工单") if action else _("请选择催办或拟督办"))
        return HttpResponseRedirect(back)
    if len(chosen) > MOST:
        messages.warning(request, _("一次最多处理 %(n)d 件") % {"n": MOST})
        return HttpResponseRedirect(back)
    note = request.POST.get("note", "").strip()
    result = _carry_out(reader, action, kind, note, chosen)
    what = _("拟%(kind)s") % {"kind": DraftKind(kind).label} if action == Action.SUPERVISE else _("催办")
    said = ngettext("已%(what)s %(n)d 件", "已%(what)s %(n)d 件", len(result.done)) % {
        "what": what,
        "n": len(result.done),
    }
    if not result.refused:
        messages.success(request, said)
        return HttpResponseRedirect(back)
    request.session[_RESULT] = {
        "said": said,
        "refused": [{"number": row.number, "title": row.title, "reason": row.reason} for row in result.refused],
        "back": back,
    }
    return HttpResponseRedirect(reverse("console-supervision-result"))


def _wanted(request: HttpRequest) -> tuple[str, str, Sequence[str]]:
    """The action, the document's kind, and what it is to be done to.

    The button of one row carries both: ``one=urge:12.3``; the buttons below the list say only what.
    """
    one = request.POST.get("one", "")
    if one:
        action, _colon, value = one.partition(":")
        return (action if action in (Action.URGE, Action.SUPERVISE) else ""), DraftKind.ORDER.value, [value]
    kind = request.POST.get("kind", "")
    action = request.POST.get("action", "")
    if action not in (Action.URGE, Action.SUPERVISE):
        return "", "", ()
    return action, kind if kind in DraftKind.values else DraftKind.ORDER.value, request.POST.getlist("issue")


def _carry_out(reader: Reader, action: str, kind: str, note: str, chosen: Sequence[Chosen]) -> Result:
    def fields(issue: Issue) -> dict[str, str]:
        if action == Action.URGE:
            return {"note": note} if note else {}
        return {"kind": kind, "note": note or default_text(issue, reader.now)}

    return act_on_many(action, chosen, by=Actor.staff(reader.user), at=reader.now, fields=fields)


def default_text(issue: Issue, now: datetime) -> str:
    """What a supervision document says where nobody wrote anything: which clock, how late, what is wanted.

    It is a draft: whoever signs it reads it first.
    """
    if issue.due_at is None or kinds.find(issue.due_kind) is None:
        return _("请抓紧办理，并书面回复办理情况。")
    words = {
        "clock": kinds.label(issue.due_kind),
        "due": dates.moment(issue.due_at),
        "span": span_text(left_of(issue.due_at, now, working=issue.due_working), exact=False),
    }
    if issue.due_at > now:
        return _("%(clock)s应于%(due)s前完成，请抓紧办理，并书面回复办理情况。") % words
    return _("%(clock)s应于%(due)s前完成，已超期%(span)s，请立即办理，并书面回复原因和办理情况。") % words


@require_safe
@never_cache
def result(request: HttpRequest) -> HttpResponse:
    """What the last action for many did, and what was refused for which reason."""
    desk_reader(request)
    found = request.session.get(_RESULT)
    if not found:
        return HttpResponseRedirect(reverse("console-supervision"))
    rows = [{**row, "url": issue_url(row["number"]) if row["number"] else ""} for row in found["refused"]]
    context = {"said": found["said"], "refused": rows, "back_url": found["back"]}
    return render(request, "console/supervision/result.html", context)
