"""会议: released meetings, announced and held, and what came of what was raised there."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.calendars import CONTENT_TYPE
from common.clock import now, today
from common.keyset import BadCursor
from communities.models import Community
from meetings import calendars, published
from meetings.published import PublicMeeting
from phone.shared import chosen_community, community_card, findable, public

ON_PAGE = 20


@findable
@public
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """``/meetings/``: of the community that the phone keeps or of all, page by page, the newest first."""
    community, cursor = chosen_community(request), request.GET.get("after", "")[:200]
    try:
        page = published.meetings_page(community, today=today(), cursor=cursor, size=ON_PAGE)
    except BadCursor:
        return redirect("public-meetings")
    following = f"{reverse('public-meetings')}?after={page.next_cursor}" if page.next_cursor else ""
    context = {
        "items": [_item(row) for row in page.rows],
        "community": community_card(community),
        "next_url": following,
        "first_url": reverse("public-meetings") if cursor else "",
    }
    return render(request, "phone/meetings.html", context)


@findable
@public
@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """``/meetings/<pk>/``: what was raised and answered, and what is still open of it."""
    found = published.find(pk)
    if found is None:
        raise Http404(_("没有找到"))
    box = published.box_of(pk)
    context = {
        "meeting": published.public_meeting(found, today()),
        "items": published.items_of(found, today()),
        "box": box,
        "asks": box is not None and box.is_open(today()),
    }
    return render(request, "phone/meeting.html", context)


@public
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """``/meetings/calendar.ics``: released meetings and promises, for whoever subscribes; no account, no secret."""
    return HttpResponse(calendars.released(now()), content_type=CONTENT_TYPE)


def expected_items(community: Community | None, size: int) -> list[dict[str, str]]:
    """What is to come or in progress; where the public may ask it leads there. One statement."""
    rows = published.expected(community, today=today(), size=size)
    return [_item(row) | (_asks(row) if asks else {}) for row, asks in rows]


def _asks(row: PublicMeeting) -> dict[str, str]:
    return {"url": reverse("public-questions", args=[row.pk]), "state": "fresh", "state_label": _("可以提问")}


def _item(row: PublicMeeting) -> dict[str, str]:
    """As templates/phone/_items.html takes it."""
    return {
        "title": row.title,
        "url": reverse("public-meeting", args=[row.pk]),
        "state": "overdue" if row.not_held else "plain",
        "state_label": row.state,
        "department": row.place,
        "text": row.day,
    }
