"""会议: what is to come, what was held, the series; and 提出未答复, 有答复无期限, 承诺逾期, 已预告未举行."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from commitments.words import day_of
from common.clock import local
from common.keyset import BadCursor, Order, Page, paginate
from communities.access import Access
from communities.models import Community, Department, DepartmentKind
from console.kit.choices import row_choices
from console.kit.reading import PAGE_SIZE, Reader, code_of, number_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import FieldShape
from console.meetings.arranging import may_arrange
from console.meetings.rows import item_row, meeting_row
from deadlines.services import load_calendar
from meetings.enums import LeftOver
from meetings.models import Meeting, MeetingItem, Series
from meetings.querysets import ItemQuerySet, MeetingQuerySet
from meetings.recurrence import Rule, dates
from meetings.rights import keeps_at

COMING, HELD, SERIES, NOT_HELD, QUESTIONS = "coming", "held", "series", "not_held", "questions"
VISITS: Final = "visits"
APPOINTMENTS: Final = "appointments"
ACTIVITIES: Final = "activities"
MEETING_VIEWS: Final[dict[str, Promise]] = {
    COMING: gettext_lazy("待开"),
    HELD: gettext_lazy("已开"),
    NOT_HELD: gettext_lazy("已预告未举行"),
}
_SOONEST: Final = Order(("on", "id"))
_NEWEST: Final = Order(("-on", "-id"))
_OLDEST: Final = Order(("raised_on", "id"))
_LONGEST_LATE: Final = Order(("due_on", "id"))
_FILTERS: Final = ("department", "community", "meeting", "organisation")
_NEXT_DATES: Final = 3
_MOST_SERIES: Final = 100


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/``: what is to come, due first; ``view=held`` newest first; ``view=not_held``."""
    reader = reader_of(request)
    view = code_of(request, "view", (*MEETING_VIEWS, SERIES)) or COMING
    today = local(reader.now).date()
    context = frame(reader, view)
    if view == SERIES:
        context["series"] = _series(reader.access, today)
        context["kind_fields"] = _kind_fields() if reader.access.areas(Permission.KEEP_MEETINGS) else ()
        return render(request, "console/meetings/list.html", context)
    rows: MeetingQuerySet = Meeting.objects.visible_to(reader.access).with_names()
    if view == COMING:
        rows, order = rows.to_come().filter(on__gte=today), _SOONEST
    else:
        rows, order = (rows.met() if view == HELD else rows.not_held(today)), _NEWEST
    page, cursor = _page(request, rows, order)
    topics = _topics([row.pk for row in page.rows], reader.access) if view == NOT_HELD and page.rows else {}
    context["rows"] = [meeting_row(row, today, topics.get(row.pk, ())) for row in page.rows]
    context["live"] = _live(reader, today) if view == COMING and not cursor else ()
    context["pager"] = pager_of(request, page.next_cursor, cursor)
    return render(request, "console/meetings/list.html", context)


@require_safe
def left_over_list(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/items/``: one of the three lists, the oldest first, by department, community and meeting.

    ``organisation`` is a department by its code; ``mine``: what one's own organisations owe, no record of the press.
    """
    reader = reader_of(request)
    which = code_of(request, "list", LeftOver.values) or LeftOver.UNANSWERED.value
    today = local(reader.now).date()
    rows: ItemQuerySet = MeetingItem.objects.visible_to(reader.access).raised().left_over(which, today)
    for name in ("department", "community", "meeting"):
        text = text_of(request, name)
        if text:
            pk = number_of(text)
            if pk is None:
                raise BadRequest(_("筛选条件无效，请清除筛选后重试"))
            rows = rows.filter(**{f"{name}_id": pk})
    organisation, mine = text_of(request, "organisation"), bool(text_of(request, "mine"))
    if organisation:
        rows = rows.filter(department__code=organisation)
    if mine:
        rows = rows.filter(department_id__in=sorted(reader.access.department_ids), record__isnull=True)
    order = _LONGEST_LATE if which == LeftOver.LATE else _OLDEST
    page, cursor = _page(request, rows.read_by(reader.access), order)
    context = frame(reader, which) | {
        "rows": [item_row(row, reader) for row in page.rows],
        "late": which == LeftOver.LATE,
        "which": which,
        "filters": _filters(request, reader.access),
        "filtered": mine or any(request.GET.get(name) for name in _FILTERS),
        "clear_url": url_with(request, **dict.fromkeys((*_FILTERS, "mine"), "")),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/meetings/left.html", context)


def _topics(meeting_ids: Sequence[int], access: Access) -> dict[int, list[str]]:
    """What was to be talked about at each; one statement."""
    found: dict[int, list[str]] = {}
    rows = MeetingItem.objects.filter(meeting_id__in=meeting_ids).read_by(access).in_order()
    for meeting_id, words in rows.values_list("meeting_id", "words"):
        if meeting_id is not None:
            found.setdefault(meeting_id, []).append(words)
    return found


def _page(request: HttpRequest, rows: Any, order: Order) -> tuple[Page, str]:
    cursor = text_of(request, "cursor", 400)
    try:
        return paginate(rows, order=order, cursor=cursor or None, size=PAGE_SIZE), cursor
    except BadCursor as error:
        raise BadRequest(error.message) from error


def _live(reader: Reader, today: date) -> list[Any]:
    """What is being held: above all that is to come."""
    rows = Meeting.objects.visible_to(reader.access).filter(state="live").with_names().order_by("-on", "-id")
    return [meeting_row(row, today) for row in rows[:10]]


def frame(reader: Reader, active: str) -> dict[str, Any]:
    """The tabs above every list of meetings, questions, visits, and whether this person arranges any."""
    meetings, left = reverse("console-meetings"), reverse("console-meeting-items")
    tabs = [(view, label, f"{meetings}?view={view}") for view, label in MEETING_VIEWS.items()]
    tabs += [(one.value, one.label, f"{left}?list={one.value}") for one in LeftOver]
    tabs.append((QUESTIONS, gettext_lazy("待答复提问"), reverse("console-questions-owed")))
    tabs.append((SERIES, gettext_lazy("系列会议"), f"{meetings}?view={SERIES}"))
    tabs.append((VISITS, gettext_lazy("走访"), reverse("console-visits")))
    tabs.append((ACTIVITIES, gettext_lazy("活动"), reverse("console-activities")))
    tabs.append((APPOINTMENTS, gettext_lazy("任职"), reverse("console-appointments")))
    return {
        "tabs": [{"label": str(label), "url": url, "active": code == active} for code, label, url in tabs],
        "active": active,
        "may_arrange": may_arrange(reader.access),
    }


def _kind_fields() -> tuple[FieldShape, ...]:
    return (
        FieldShape("name_zh", _("会议类型"), required=True, maxlength=120, autocomplete="off"),
        FieldShape("name_en", _("英文名称"), maxlength=80, autocomplete="off"),
    )


def _series(access: Access, today: date) -> list[dict[str, Any]]:
    """Each with its next dates as the rule gives them, estimated ones marked; three statements."""
    calendar = load_calendar()
    rows = Series.objects.visible_to(access).standing().select_related("kind", "community", "convener")
    found = []
    for row in rows.order_by("name", "id")[:_MOST_SERIES]:
        rule = Rule.read(row.rule)
        coming = dates(rule, calendar, today, date(today.year + 1, 12, 31))[:_NEXT_DATES]
        found.append({
            "pk": row.pk,
            "may_change": keeps_at(access, row.subdistrict_id, row.community),
            "name": row.name,
            "kind": row.kind.name,
            "place": row.place or (row.community.name if row.community else ""),
            "convener": row.convener.short_name,
            "rule": rule_words(rule),
            "dates": [{"day": day_of(one.on, "day"), "estimated": one.estimated} for one in coming],
        })  # fmt: skip
    return found


def rule_words(rule: Rule) -> str:
    """A rule as people read it: 每周二；遇节假日不开."""
    weekdays = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    if rule.every == "week":
        words = _("每%(weekday)s") % {"weekday": weekdays[rule.weekday - 1]}
    elif rule.every == "dates":
        words = _("指定的%(n)d个日期") % {"n": len(rule.on_dates)}
    else:
        day = _("第%(n)d个工作日") % {"n": rule.nth} if rule.nth > 0 else _("倒数第%(n)d个工作日") % {"n": -rule.nth}
        return (
            _("每月%(day)s") % {"day": day}
            if rule.every == "month"
            else _("每季度第%(month)d个月%(day)s") % {"month": rule.month, "day": day}
        )
    return _("%(rule)s；遇休息日%(off_day)s") % {"rule": words, "off_day": rule.off_day.label}


def _filters(request: HttpRequest, access: Access) -> list[FieldShape]:
    """By whom it is owed, and where it was raised; two statements."""
    departments = Department.objects.filter(retired_at__isnull=True).exclude(kind=DepartmentKind.COMMUNITY_TEAM)
    communities = Community.objects.filter(retired_at__isnull=True)
    if not access.installation_wide:
        departments = departments.filter(subdistrict_id__in=sorted(access.subdistrict_ids))
        communities = communities.filter(subdistrict_id__in=sorted(access.subdistrict_ids))
    offered: tuple[tuple[str, str, Any], ...] = (
        ("department", _("单位"), departments),
        ("community", _("社区"), communities),
    )
    return [
        FieldShape(
            *(name, label, "department", request.GET.get(name, "")),
            choices=row_choices(rows.order_by("name_zh", "id")),
            placeholder=_("全部"),
        )
        for name, label, rows in offered
    ]
