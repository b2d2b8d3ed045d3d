"""我的楼栋: the places that a leader looks after, their households, and what is open there."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import dates
from common.clock import now
from common.keyset import BadCursor, paginate
from communities.models import Leader
from issues.enums import Proof, Status
from issues.models import Issue
from issues.querysets import NEWEST
from issues.resident import ResidentView, for_reporters, resident_views
from ledger.reading import households_of, open_at
from phone.leading import for_leaders, place_name, places_of

SHOWN: Final = 20


@require_safe
@for_leaders
def building(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/building/``: each place with its households; open matters by number, category, step and date."""
    at, places = now(), places_of(leader)
    chosen = next((row for row in places if str(row.pk) == request.GET.get("place")), None)
    here = open_at([chosen] if chosen else places)
    try:
        after = request.GET.get("after", "")[:200]
        page = paginate(for_reporters(here), order=NEWEST, cursor=after, size=SHOWN)
    except BadCursor:
        return redirect("leader-building")
    views = resident_views(page.rows, at, [Proof.LINK] * len(page.rows))
    households, together = households_of(places)
    query = f"place={chosen.pk}&" if chosen else ""
    context = {
        "places": [
            {
                "name": place_name(row),
                "households": households[row.pk],
                "url": f"{reverse('leader-building')}?place={row.pk}",
                "current": row == chosen,
            }
            for row in places
        ],
        "chosen": place_name(chosen) if chosen else "",
        "households": households[chosen.pk] if chosen else together,
        "open_here": here.count() if places else 0,
        "matters": [_matter(leader, issue, view) for issue, view in zip(page.rows, views, strict=True)],
        "next_url": f"{reverse('leader-building')}?{query}after={page.next_cursor}" if page.next_cursor else "",
    }
    return render(request, "phone/leader/building.html", context)


def _matter(leader: Leader, issue: Issue, view: ResidentView) -> dict[str, Any]:
    """One line of phone/_items.html; a way to its page only where the leader reported it."""
    text = ""
    if view.promised_at is not None:
        words = _("预计%(day)s前答复") if view.promised_estimated else _("%(day)s前答复")
        text = words % {"day": dates.day(view.promised_at)}
    return {
        "title": issue.number,
        "url": reverse("leader-report-open", args=[issue.pk]) if issue.leader_id == leader.pk else "",
        "state": "suspended" if view.status == Status.SUSPENDED else "plain",
        "state_label": view.stage,
        "department": issue.category.name if issue.category else _("待分类"),
        "text": text or dates.day(issue.created_at),
    }
