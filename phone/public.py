"""Released matters and promises: three of each on the home page, all of them on pages of their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import dates
from common.clock import now
from common.keyset import BadCursor
from deadlines.wording import left_text
from issues.enums import Status, TimeLimit
from issues.reading import published
from issues.reading.published import PublicMatter, PublicPromise
from issues.resident.words import late_words
from phone.shared import chosen_community, community_card, public

ON_HOME = 3
ON_PAGE = 20


def home_sections(community_id: int | None) -> dict[str, Any]:
    """What the home page shows of them; at most four statements."""
    at = now()
    matters = published.matters_page(community_id, at=at, cursor=None, size=ON_HOME)
    promises = published.promises_page(community_id, at=at, cursor=None, size=ON_HOME)
    return {
        "public": [matter_item(row) for row in matters.rows],
        "public_more": matters.next_cursor is not None,
        "promises": [promise_item(row) for row in promises.rows],
        "promises_more": promises.next_cursor is not None,
    }


def matter_item(row: PublicMatter) -> dict[str, str]:
    """As templates/phone/_items.html takes it."""
    late = row.limit == TimeLimit.OVERDUE
    text = ""
    if row.answer_at is not None:
        text = left_text(row.answer_at, now(), working=True) if late else _answering(row)
    return {
        "title": row.title,
        "url": "",
        "state": row.limit or "plain",
        "state_label": str(TimeLimit(row.limit).label) if row.limit else stage_words(row.status),
        "department": row.who,
        "text": text,
    }


def _answering(row: PublicMatter) -> str:
    return _("%(day)s前答复") % {"day": dates.day(row.answer_at)} if row.answer_at else ""


def stage_words(status: str) -> str:
    """Where a released matter is, for everybody."""
    words: dict[str, str] = {
        Status.SUBMITTED: _("已收到"),
        Status.NEED_INFO: _("正在核实"),
        Status.ACCEPTED: _("已受理"),
        Status.DISPATCHED: _("已交办"),
        Status.IN_PROGRESS: _("办理中"),
        Status.SUSPENDED: _("暂缓"),
        Status.REPLIED: _("已答复"),
        Status.FOLLOW_UP: _("已答复"),
    }
    return words.get(status, "")


def promise_item(row: PublicPromise) -> dict[str, str]:
    """承诺 12月31日前完成, or 已逾期 5 天."""
    text = ""
    if row.due_on is not None:
        text = _("承诺 %(day)s前完成") % {"day": dates.day(row.due_on)}
    elif row.review_on is not None:
        text = _("%(day)s前复查") % {"day": dates.day(row.review_on)}
    return {
        "title": row.text,
        "url": "",
        "state": "overdue" if row.days_late else "",
        "state_label": late_words(row.days_late) if row.days_late else "",
        "department": row.who,
        "text": text,
    }


@public
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """社区正在办理, page by page."""
    return _listed(request, "public-list", promises=False)


@public
@require_safe
def public_promises(request: HttpRequest) -> HttpResponse:
    """公开承诺, page by page."""
    return _listed(request, "public-promises", promises=True)


def _listed(request: HttpRequest, name: str, *, promises: bool) -> HttpResponse:
    community = chosen_community(request)
    pages = published.promises_page if promises else published.matters_page
    try:
        page = pages(
            community.pk if community else None, at=now(), cursor=request.GET.get("after", "")[:200], size=ON_PAGE
        )
    except BadCursor:
        return redirect(name)
    items = [promise_item(row) if promises else matter_item(row) for row in page.rows]
    following = f"{reverse(name)}?after={page.next_cursor}" if page.next_cursor else ""
    context = {
        "items": items,
        "promises": promises,
        "community": community_card(community),
        "next_url": following,
        "first_url": reverse(name) if request.GET.get("after") else "",
    }
    return render(request, "phone/public_list.html", context)
