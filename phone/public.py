"""Released matters and promises: three of each on the home page, with meetings, all of them on pages of their own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commitments.enums import CommitmentState, Precision
from common import dates
from common.clock import now
from common.keyset import BadCursor
from common.plain import plain
from communities.models import Community
from deadlines.wording import left_text
from files.enums import FileKind
from files.models import StoredFile
from files.presenting import present_file
from files.serving import serve
from issues.enums import Status, TimeLimit
from issues.reading import published
from issues.reading.published import PROMISE_VIEWS, PublicMatter, PublicPromise, PublicStep
from issues.resident.words import late_words
from phone.meetings import expected_items
from phone.shared import chosen_community, community_card, findable, public
from reminders import tellings

_CLOSED = ("/t/", "/report/done/", "/leader/", "/console/", "/login/", "/api/", "/files/")
"""What no search engine is to ask for: pages of one matter, and those behind a sign-in."""

ON_HOME = 3
ON_PAGE = 20


def home_sections(community: Community | None) -> dict[str, Any]:
    """What the home page shows of them, and of meetings; at most five statements."""
    at, community_id = now(), community.pk if community else None
    matters = published.matters_page(community_id, at=at, cursor=None, size=ON_HOME)
    promises = published.promises_page(community_id, at=at, cursor=None, size=ON_HOME)
    return {
        "public": [matter_item(row) for row in matters.rows],
        "public_more": matters.next_cursor is not None,
        "promises": [promise_item(row) for row in promises.rows],
        "promises_more": promises.next_cursor is not None,
        "meetings": expected_items(community, ON_HOME),
    }


def matter_item(row: PublicMatter) -> dict[str, str]:
    """As templates/phone/_items.html takes it."""
    late = row.limit == TimeLimit.OVERDUE
    text = ""
    if row.answer_at is not None:
        text = left_text(row.answer_at, now(), working=True) if late else _answering(row)
    return {
        "title": row.title,
        "url": reverse("public-matter", args=[row.pk]),
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
    badge, label = promise_badge(row)
    return {
        "title": row.text,
        "url": reverse("public-promise", args=[row.pk]),
        "state": badge,
        "state_label": label,
        "department": row.who,
        "text": promised_text(row),
    }


def promise_badge(row: PublicPromise) -> tuple[str, str]:
    """Its colour and word; nothing while it is simply to be kept."""
    if row.days_late:
        return "overdue", late_words(row.days_late)
    if row.state == CommitmentState.OPEN:
        return "", ""
    return ("on_time" if row.state == CommitmentState.FULFILLED else "plain"), str(CommitmentState(row.state).label)


def promised_text(row: PublicPromise) -> str:
    """承诺 12月31日前完成; of a year as it was promised."""
    if row.due_on is not None and row.precision == Precision.YEAR:
        return _("承诺 %(year)d年内完成") % {"year": row.due_on.year}
    if row.due_on is not None:
        return _("承诺 %(day)s前完成") % {"day": dates.day(row.due_on)}
    return _("%(day)s前复查") % {"day": dates.day(row.review_on)} if row.review_on is not None else ""


@findable
@public
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """社区正在办理, page by page."""
    return _listed(request, "public-list", promises=False)


@findable
@public
@require_safe
def public_promises(request: HttpRequest) -> HttpResponse:
    """公开承诺, page by page: what is to be kept, what was kept, what earlier years promised."""
    view = request.GET.get("view", "")
    return _listed(request, "public-promises", promises=True, view=view if view in PROMISE_VIEWS else "")


def _listed(request: HttpRequest, name: str, *, promises: bool, view: str = "") -> HttpResponse:
    community, everywhere = chosen_community(request), request.GET.get("all") == "1"
    place = community.pk if community and not everywhere else None
    words = plain(request.GET.get("q", "")[:60]).strip()
    given: dict[str, Any] = {"at": now(), "cursor": request.GET.get("after", "")[:200], "size": ON_PAGE, "words": words}
    try:
        if promises:
            page = published.promises_page(place, view=view, **given)
        else:
            page = published.matters_page(place, **given)
    except BadCursor:
        return redirect(name)
    items = [promise_item(row) if promises else matter_item(row) for row in page.rows]
    asked = {"view": view, "q": words, "all": "1" if everywhere else ""}
    context = {
        "items": items,
        "promises": promises,
        "view": view,
        "views": _views(view) if promises else [],
        "words": words,
        "everywhere": everywhere,
        "community": community_card(community),
        "search_url": reverse(name),
        "elsewhere_url": _address(name, asked | {"all": "" if everywhere else "1"}),
        "next_url": _address(name, asked | {"after": page.next_cursor}) if page.next_cursor else "",
        "first_url": _address(name, asked) if request.GET.get("after") else "",
    }
    return render(request, "phone/public_list.html", context)


def _address(name: str, asked: Mapping[str, str]) -> str:
    given = {key: value for key, value in asked.items() if value}
    return f"{reverse(name)}?{urlencode(given)}" if given else reverse(name)


def _views(view: str) -> list[dict[str, str]]:
    """The other lists of promises."""
    names = {"": _("正在兑现的承诺"), "kept": _("已兑现的承诺"), "historic": _("往年报道中的承诺")}
    return [
        {"label": label, "url": reverse("public-promises") + (f"?view={code}" if code else "")}
        for code, label in names.items()
        if code != view
    ]


@public
@require_safe
def public_matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One released matter: what it is about, who works on it, until when, and what was promised."""
    found = published.find_matter(pk, at=now())
    if found is None:
        raise Http404(_("没有找到这件事"))
    row = found.matter
    item = matter_item(row)
    context = {
        "found": found,
        "matter": item | {"persons": row.persons, "state_label": item["state_label"] if found.is_open else _("已答复")},
        "stage": stage_words(row.status) or _("已答复"),
        "promise_url": reverse("public-promise", args=[found.promise]) if found.promise else "",
    }
    return render(request, "phone/public_matter.html", context)


@findable
@public
@require_safe
def public_promise(request: HttpRequest, pk: int) -> HttpResponse:
    """One released promise: who, the first date and the present one, what was done."""
    found = published.find_promise(pk, at=now())
    if found is None:
        raise Http404(_("没有找到这项承诺"))
    row = found.promise
    badge, label = promise_badge(row)
    moved = row.first_on is not None and row.first_on != (row.due_on or row.review_on)
    context = {
        "promise": row,
        "badge": {"state": badge, "label": label},
        "promised": promised_text(row),
        "first_on": row.first_on if moved else None,
        "others": found.others,
        "milestones": found.milestones,
        "told": [_told(row.pk, step) for step in found.told],
    }
    return render(request, "phone/promise.html", context)


@public
@require_safe
def promise_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """``/promises/<pk>/feed/``: what becomes of one released promise, as Atom."""
    found = published.find_promise(pk, at=now())
    if found is None:
        raise Http404(_("没有找到这项承诺"))
    page = settings.PUBLIC_URL + reverse("public-promise", args=[pk])
    feed = Atom1Feed(
        title=found.promise.text,
        link=page,
        description=promised_text(found.promise),
        subtitle=f"{found.promise.who} · {promised_text(found.promise)}",
        feed_url=settings.PUBLIC_URL + request.path,
        language=get_language(),
    )
    for step in found.told:
        feed.add_item(
            title=tellings.title(step.kind),
            link=page,
            description=step.text,
            unique_id=f"{page}#{step.seq}",
            updateddate=step.at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _told(pk: int, step: PublicStep) -> dict[str, Any]:
    def link(file: StoredFile, size: str) -> str:
        return reverse("public-promise-file", args=[pk, file.public_id, size])

    files = [present_file(file, link) for file in step.files]
    return {
        "title": tellings.title(step.kind),
        "text": step.text,
        "on": step.on,
        "photos": [file for file in files if file["kind"] == FileKind.PHOTO],
        "documents": [file for file in files if file["kind"] != FileKind.PHOTO],
    }


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """``/robots.txt`` (RFC 9309). What a page's ``X-Robots-Tag`` says holds beside it."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def promise_file(request: HttpRequest, pk: int, public_id: str, size: str) -> HttpResponseBase:
    """``/promises/<pk>/files/<public_id>/<size>/``: what is shown on the page of a released promise."""
    row = published.public_promises(None).filter(pk=pk).first()
    files = published.promise_files(row).values() if row is not None else ()
    file = next((one for one in files if one.public_id == public_id), None)
    if file is None:
        raise Http404
    return serve(request, file, size)
