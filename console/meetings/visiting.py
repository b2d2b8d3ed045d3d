"""Visits: the list with the communities that nobody visited for long, a new one, and one with its visitors' log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import dates
from common.clock import local
from common.keyset import BadCursor, Order, paginate
from communities.access import Access
from communities.models import Category, Community, Department
from console.kit.choices import category_choices, pair_choices, row_choices
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import PAGE_SIZE, Reader, number_of, pager_of, reader_of, text_of
from console.kit.shapes import FieldShape, Link, error_title
from console.kit.typed import chosen, day_typed, shaper
from console.meetings.arranging import may_arrange
from console.meetings.listing import VISITS, frame
from issues.models import Issue
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from issues.services.submissions import kept_key, new_key
from meetings.enums import VisitKind
from meetings.models import Visit, VisitItem
from meetings.rights import keeps_in
from meetings.services.visiting import Brought, NewVisit, add_brought, record_visit
from meetings.visits import unvisited
from meetings.words import age_of

_NEWEST = Order(("-on", "-id"))


@dataclass(frozen=True)
class VisitItemRow:
    """What was brought up: the words and their answer, or the matter; its title and number for who sees it."""

    number: int
    words: str
    answer: str
    category: str
    link: Link | None


@require_safe
def visit_list(request: HttpRequest) -> HttpResponse:
    """``/console/visits/``: newest first, above them the communities without a visit for 90 days."""
    reader = reader_of(request)
    today, cursor = local(reader.now).date(), text_of(request, "cursor", 400)
    rows = Visit.objects.visible_to(reader.access).with_names()
    try:
        page = paginate(rows, order=_NEWEST, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    waiting = unvisited(reader.access, today) if not cursor else []
    context = frame(reader, VISITS) | {
        "visits": page.rows,
        "unvisited": [
            {"name": one.community.name, "age": age_of(one.last_on, today), "last": dates.day(one.last_on)}
            for one in waiting
            if one.last_on
        ],
        "never": _("、").join(one.community.name for one in waiting if not one.last_on),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/meetings/visits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_visit(request: HttpRequest) -> HttpResponse:
    """``/console/visits/new/``: who was where, on which day."""
    reader = reader_of(request)
    offered = _Offered(reader)
    if request.method != "POST":
        return _form(request, offered, {})
    wrong: dict[str, list[str]] = {}
    given = offered.read(request.POST, wrong)
    if given is None:
        return _form(request, offered, wrong, HTTPStatus.BAD_REQUEST)
    try:
        visit = record_visit(given=given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _form(request, offered, errors_of(error), HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已记录走访，可以逐件登记来访事项"))
    return redirect("console-visit", pk=visit.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def visit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/visits/<pk>/``: what was brought up; a form for the next one."""
    reader = reader_of(request)
    visit = Visit.objects.visible_to(reader.access).with_names().filter(pk=pk).first()
    if visit is None:
        raise Http404(_("没有找到走访记录，可能不在您的范围"))
    if request.method != "POST":
        return _page(request, reader, visit, {})
    typed = request.POST
    category = _category(visit, typed.get("category", ""))
    if category is None and typed.get("category"):
        wrong = {"category": [_("请从列出的选项中选择")]}
        return _page(request, reader, visit, wrong, status=HTTPStatus.BAD_REQUEST)
    given = Brought(
        key=typed.get("key", ""),
        words=typed.get("words", ""),
        answer=typed.get("answer", ""),
        category=category,
        matter=typed.get("matter") == "true",
        contact_name=typed.get("contact_name", ""),
        contact_phone=typed.get("contact_phone", ""),
    )
    try:
        item = add_brought(visit_id=visit.pk, given=given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, visit, _named(errors_of(error)), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        return _page(request, reader, visit, {"words": [str(error.message)]}, status=HTTPStatus.CONFLICT)
    if item.issue is not None:
        messages.success(request, _("已转为工单 %(number)s") % {"number": item.issue.number})
    else:
        messages.success(request, _("已记录第%(number)d项") % {"number": item.number})
    return redirect("console-visit", pk=pk)


def _category(visit: Visit, code: str) -> Category | None:
    rows = Category.objects.filter(subdistrict_id=visit.subdistrict_id, retired_at__isnull=True)
    return next((row for row in rows if row.code == code), None) if code else None


def _named(wrong: Errors) -> Errors:
    """A matter calls the words its description."""
    return {"words" if name == "description" else name: errors for name, errors in wrong.items()}


class _Offered:
    """What this person may choose among: communities whose meetings they keep, organisations of the office."""

    def __init__(self, reader: Reader) -> None:
        access = reader.access
        if not may_arrange(access):
            raise PermissionDenied(_("走访由本社区或街道社会治理办记录"))
        rows = Community.objects.filter(subdistrict_id__in=sorted(access.subdistrict_ids), retired_at__isnull=True)
        self.communities = [row for row in rows.order_by("initials", "id") if keeps_in(access, row)]
        teams = Department.objects.filter(subdistrict_id__in=sorted(access.subdistrict_ids), retired_at__isnull=True)
        self.teams = list(teams.exclude(kind="external").order_by("name_zh", "id"))

    def read(self, typed: Mapping[str, str], wrong: dict[str, list[str]]) -> NewVisit | None:
        """What was typed; None where something is wrong."""
        community = chosen(self.communities, typed.get("community", ""))
        team = chosen(self.teams, typed.get("team", ""))
        on = day_typed(typed.get("on", ""))
        visitors = number_of(typed.get("visitors", "") or "0", 4)
        if community is None:
            wrong["community"] = [_("请选择社区")]
        if team is None and typed.get("team"):
            wrong["team"] = [_("请从列出的选项中选择")]
        if on is None:
            wrong["on"] = [_("请填写日期，例如 2026-12-31")]
        if visitors is None:
            wrong["visitors"] = [_("请填写整数")]
        if wrong or community is None or on is None or visitors is None:
            return None
        texts = {name: typed.get(name, "") for name in ("members", "place", "note", "key")}
        return NewVisit(community, typed.get("kind", ""), on, team, visitors=visitors, **texts)

    def fields(self, typed: Mapping[str, str], wrong: Errors, today: date) -> list[FieldShape]:
        """The fields of the form, with what stands in them."""
        shape = shaper(typed, wrong)
        only = str(self.communities[0].pk) if len(self.communities) == 1 else ""
        kinds = pair_choices(VisitKind.choices)
        communities = row_choices(self.communities)
        return [
            shape("kind", _("类型"), "radio", VisitKind.LIAISON.value, choices=kinds, required=True),
            shape("community", _("社区"), "department", only, choices=communities, required=True, half=True),
            shape("on", _("日期"), "date", today.isoformat(), required=True, half=True),
            shape("team", _("走访单位"), "department", choices=row_choices(self.teams), half=True),
            shape("place", _("地点"), maxlength=120, autocomplete="off", half=True),
            shape("members", _("走访人员（单位、职务）"), maxlength=200, autocomplete="off"),
            shape("visitors", _("接待人数"), "number", "0", least="0", most="9999", half=True),
            shape("note", _("走访记录"), "textarea", rows=3, help=_("看到、听到的情况；不写居民姓名和电话")),
        ]


def _form(request: HttpRequest, offered: _Offered, wrong: Errors, status: int = HTTPStatus.OK) -> HttpResponse:
    fields = offered.fields(request.POST, wrong, local(reader_of(request).now).date())
    context = {"fields": fields, "errors": error_items(fields, wrong), "error_title": error_title(len(wrong))}
    context["key"] = new_key()
    return render(request, "console/meetings/visit_new.html", context, status=status)


def _page(
    request: HttpRequest, reader: Reader, visit: Visit, wrong: Errors, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    keeps = keeps_in(reader.access, visit.community)
    fields = _item_fields(request.POST, wrong, visit) if keeps else []
    context = {
        "visit": visit,
        "facts": _facts(visit),
        "items": _items(visit, reader.access),
        "keeps": keeps,
        "fields": fields,
        "key": new_key() if status == HTTPStatus.CONFLICT else kept_key(request.POST.get("key", "")),
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
    }
    return render(request, "console/meetings/visit.html", context, status=status)


def _item_fields(typed: Mapping[str, str], wrong: Errors, visit: Visit) -> list[FieldShape]:
    shape = shaper(typed, wrong)

    categories = category_choices({visit.subdistrict_id})
    why = _("没有现场答复的，自动转为工单")
    return [
        shape("words", _("反映的问题"), "textarea", rows=3, required=True, maxlength=1000),
        shape("category", _("类别"), "department", choices=categories, half=True),
        shape("answer", _("现场答复"), "textarea", rows=2, maxlength=1000, help=why),
        shape("matter", _("已答复，仍要办理：转为工单"), "checkbox"),
        shape("contact_name", _("姓名"), maxlength=40, autocomplete="off", half=True, help=_("只记在工单里")),
        shape("contact_phone", _("电话"), "tel", autocomplete="off", half=True, help=_("只记在工单里")),
    ]


def _items(visit: Visit, access: Access) -> list[VisitItemRow]:
    """In order; two statements."""
    rows = list(visit.items.select_related("category", "issue").defer("issue__lexemes").order_by("number"))
    ids = [row.issue_id for row in rows if row.issue_id]
    seen = set(Issue.objects.visible_to(access).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [_item(row, seen) for row in rows]


def _item(row: VisitItem, seen: set[int]) -> VisitItemRow:
    link = None
    words = row.words
    if row.issue is not None:
        number, shown = row.issue.number, row.issue.pk in seen
        words = row.issue.title if shown else ""
        link = Link(number, reverse("console-issue", args=[number])) if shown else Link(_("已转为工单"), "")
    return VisitItemRow(row.number, words, row.answer, row.category.name if row.category else "", link)


def _facts(visit: Visit) -> list[dict[str, str]]:
    found = (
        (_("类型"), str(visit.get_kind_display())),
        (_("社区"), visit.community.name),
        (_("地点"), visit.place),
        (_("走访单位"), visit.team.name if visit.team else ""),
        (_("走访人员"), visit.members),
        (_("接待人数"), str(visit.visitors)),
        (_("走访记录"), visit.note),
    )
    return [{"label": label, "value": value} for label, value in found]
