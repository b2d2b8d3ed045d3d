"""我的: what a leader reported, what became of each, and what is new of it."""

from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import dates
from common.clock import local, now
from common.keyset import BadCursor, paginate
from communities.models import Leader
from files.enums import Size
from files.services import of_owners
from issues.enums import SUBJECT, Action, Proof, Status
from issues.models import Issue
from issues.querysets import NEWEST, IssueQuerySet
from issues.reading.attachments import ids_in, naming_events, resident_link
from issues.resident import ResidentView, for_reporters, resident_views
from leaders.outcomes import outcomes_of
from ledger.models import LedgerEntry
from ledger.reading import news_of, note_seen, totals_of
from phone.leading import for_leaders, place_names

SHOWN: Final = 20


@require_safe
@for_leaders
def mine(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/mine/``: who I am here, what I noted this month, and all that I reported, the newest first."""
    at = now()
    try:
        page = paginate(reported(leader), order=NEWEST, cursor=request.GET.get("after", "")[:200], size=SHOWN)
    except BadCursor:
        return redirect("leader-mine")
    first = local(at).date().replace(day=1)
    context = {
        "leader": leader,
        "places": place_names(leader),
        "totals": totals_of(LedgerEntry.objects.filter(leader=leader), first),
        "month": dates.month(first),
        "outcomes": outcomes_of(leader, at),
        "reports": items_of(leader, page.rows, at),
        "next_url": f"{reverse('leader-mine')}?after={page.next_cursor}" if page.next_cursor else "",
    }
    return render(request, "phone/leader/mine.html", context)


@require_safe
@for_leaders
def open_report(request: HttpRequest, leader: Leader, pk: int) -> HttpResponse:
    """``/leader/reports/<pk>/``: on to the page of a report, which is read herewith; no longer marked as new."""
    issue = Issue.objects.filter(leader_id=leader.pk, pk=pk).only("pk", "token").first()
    if issue is None:
        raise Http404(_("没有找到，可能不是您上报的"))
    if request.method == "GET":
        note_seen(leader, issue, now())
    return redirect("matter", token=issue.token)


def reported(leader: Leader) -> IssueQuerySet:
    """What a leader reported, with what the list needs of each."""
    return for_reporters(Issue.objects.filter(leader_id=leader.pk))


def items_of(leader: Leader, issues: list[Issue], at: datetime) -> list[dict[str, Any]]:
    """Reports as phone/_items.html takes them; the same number of statements for one and for many."""
    views = resident_views(issues, at, [Proof.WHOLE] * len(issues))
    photos, news, entries = _answer_photos(issues), news_of(leader, issues), _entries_of(issues)
    return [
        _item(issue, view, at)
        | {"photo": photos.get(issue.pk), "news": issue.pk in news, "entry": entries.get(issue.pk)}
        for issue, view in zip(issues, views, strict=True)
    ]


def _entries_of(issues: list[Issue]) -> dict[int, str]:
    """The address of the ledger's entry that became such a matter."""
    rows = LedgerEntry.objects.filter(issue_id__in=[issue.pk for issue in issues]).values_list("issue_id", "pk")
    return {issue_id: reverse("leader-ledger-entry", args=[pk]) for issue_id, pk in rows if issue_id is not None}


def _answer_photos(issues: list[Issue]) -> dict[int, dict[str, str]]:
    """The first photo of each one's last answer, small; two statements."""
    ids = [issue.pk for issue in issues]
    answers = {event.subject_id: event for event in naming_events(ids) if event.kind == Action.REPLY}
    files, found = of_owners(SUBJECT, ids), {}
    for issue in issues:
        named = ids_in(answers[issue.pk]) if issue.pk in answers else []
        photo = next((file for file in files[issue.pk] if file.pk in named and file.is_photo and file.is_ready), None)
        if photo is not None:
            found[issue.pk] = {"url": resident_link(issue.token)(photo, Size.SMALL), "label": _("答复的照片")}
    return found


def _item(issue: Issue, view: ResidentView, at: datetime) -> dict[str, Any]:
    """The state in words, the promised date, and what waits for the leader's word."""
    state, label = "plain", view.stage
    if view.asks_verdict:
        state, label = "fresh", _("等您确认")
    elif view.promised_at is not None and not view.promised_estimated:
        late = at > view.promised_at
        state, label = ("overdue", _("超期")) if late else ("on_time", view.stage)
    elif view.status == Status.SUSPENDED:
        state = "suspended"
    promised = view.promised_at is not None
    return {
        "title": issue.title,
        "number": issue.number,
        "url": reverse("leader-report-open", args=[issue.pk]),
        "state": state,
        "state_label": label,
        "department": view.department,
        "text": _dated(view, at) if promised else "".join(view.sentence),
    }


def _dated(view: ResidentView, at: datetime) -> str:
    if view.promised_at is None:
        return ""
    day = {"day": dates.day(view.promised_at)}
    if at > view.promised_at:
        return _("原定%(day)s答复") % day
    return (_("预计%(day)s前答复") if view.promised_estimated else _("%(day)s前答复")) % day
