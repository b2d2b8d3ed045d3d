"""The workbench: what is next for this person, in order of urgency."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Role, roles_that
from common.clock import local
from communities.access import Access
from console.duty.note import hand_over_banners
from console.inbox.arrivals import arrived, since_of, token_of, words_of
from console.kit.filters import Filters, chips_of, not_taken, read_filters
from console.kit.left_over import left_over_rows, left_over_shapes
from console.kit.reading import Reader, code_of, flag_of, page_of, pager_of, reader_of, text_of, url_with
from console.kit.rows import rows_of
from console.kit.shapes import CountShape, Empty, Pager, RowGroup, RowShape, Tab
from issues.enums import Status, Turn
from issues.models import Issue, Participation
from issues.querysets import BY_DUE, NEWEST, IssueQuerySet, day_end, todo_of
from issues.reading.pages import count_text, counts, for_rows
from meetings.models import MeetingItem

LAYOUT_COOKIE: Final = "inbox_layout"
LAYOUTS: Final = ("list", "split")
_YEAR: Final = 365 * 24 * 3600
_DAY: Final = timedelta(days=1)
_WATCHES_ALL: Final = roles_that(lambda spec: spec.sees_whole)


@dataclass(frozen=True)
class Focus:
    """A count that is a filter of the tab 待办; ``whole`` counts the reader's whole scope instead of the to-do list."""

    code: str
    label: Promise
    fits: Callable[[IssueQuerySet, datetime], IssueQuerySet]
    tone: str = ""
    whole: bool = False


def _in_status(status: Status) -> Callable[[IssueQuerySet, datetime], IssueQuerySet]:
    return lambda rows, now: rows.filter(status=status)


def _by_supervisor(rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
    return rows.filter(turn=Turn.SUPERVISOR)


def _redone(rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
    return rows.filter(status=Status.IN_PROGRESS).filter(Q(redo_count__gt=0) | Q(reopen_count__gt=0))


def _due_today(rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
    return rows.due_before(now, day_end(local(now)))


def _critical(rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
    return rows.open().filter(urgency=0)


_TODAY = Focus("today", gettext_lazy("今日到期"), _due_today, "due_soon")
_OVERDUE = Focus("overdue", gettext_lazy("已超期"), lambda rows, now: rows.overdue(now), "overdue")
_TODAY_ALL = Focus("today", gettext_lazy("今日到期"), _due_today, "due_soon", whole=True)
_OVERDUE_ALL = Focus("overdue", gettext_lazy("已超期"), lambda rows, now: rows.overdue(now), "overdue", whole=True)
_NOT_TAKEN = Focus("unacknowledged", gettext_lazy("未签收"), lambda rows, now: not_taken(rows), whole=True)
_BY_PLACE: Final = {
    "community": (
        Focus("to_accept", gettext_lazy("待受理"), _in_status(Status.SUBMITTED)),
        Focus("to_call", gettext_lazy("待回访"), _in_status(Status.FOLLOW_UP)),
    ),
    "department": (
        Focus("to_acknowledge", gettext_lazy("待签收"), _in_status(Status.DISPATCHED)),
        Focus("redo", pgettext_lazy("count", "退回重办"), _redone),
    ),
}
_SUPERVISION: Final = (
    _OVERDUE_ALL,
    _NOT_TAKEN,
    Focus("to_decide", gettext_lazy("退单待裁定"), _by_supervisor),
    Focus("to_dispatch", gettext_lazy("待派单"), _in_status(Status.ACCEPTED), whole=True),
)
_DIRECTION: Final = (
    _OVERDUE_ALL,
    _TODAY_ALL,
    Focus("critical", gettext_lazy("特急"), _critical, whole=True),
    _NOT_TAKEN,
)


def focuses_of(access: Access) -> tuple[Focus, ...]:
    """The four counts of this person; of several roles the first of each."""
    if Role.SUPERVISOR in access.roles:
        return _SUPERVISION
    places = [
        name for name, here in (("community", access.community_ids), ("department", access.department_roles)) if here
    ]
    if not places:
        return _DIRECTION
    further = [_BY_PLACE[name][0] for name in places] + [_BY_PLACE[name][1] for name in places]
    return (_TODAY, _OVERDUE, *further[:2])


def todo_rows(reader: Reader) -> IssueQuerySet:
    """待办: what awaits this person; those who watch a sub-district see besides what is overdue in it."""
    access = reader.access
    watched = [pk for pk, roles in access.subdistrict_roles.items() if not roles.isdisjoint(_WATCHES_ALL)]
    if not watched and not access.installation_wide:
        # What awaits somebody lies within their scope; asking for both makes the planner loop over the department.
        return Issue.objects.awaiting(access)
    rows = Issue.objects.visible_to(access)
    if access.installation_wide:
        return rows.overdue(reader.now)
    overdue = Q(pk__in=[]) | Q(
        subdistrict_id__in=watched,
        status__in=sorted(status for status in Status if status in _MOVING),
        rank_at__lte=reader.now,
    )
    return rows.filter(todo_of(access) | overdue)


_MOVING: Final = frozenset(Status) - {
    Status.SUSPENDED, Status.REJECTED, Status.CLOSED, Status.MERGED, Status.WITHDRAWN,
}  # fmt: skip


def _mine(reader: Reader, **participation: Any) -> IssueQuerySet:
    part = Participation.objects.filter(user_id=reader.user.pk, **participation)
    return Issue.objects.visible_to(reader.access).filter(pk__in=part.values("issue_id"))


TABS: Final[tuple[tuple[str, Promise, Callable[[Reader], IssueQuerySet]], ...]] = (
    ("todo", gettext_lazy("待办"), todo_rows),
    ("done", gettext_lazy("已办"), lambda reader: _mine(reader, acted_at__isnull=False)),
    (
        "mine",
        gettext_lazy("我发起的"),
        lambda reader: Issue.objects.visible_to(reader.access).filter(logged_by_id=reader.user.pk),
    ),
    ("copied", gettext_lazy("抄送我的"), lambda reader: _mine(reader, copied_at__isnull=False)),
    ("watching", gettext_lazy("关注"), lambda reader: _mine(reader, watching=True)),
    (
        "suspended",
        gettext_lazy("挂账"),
        lambda reader: Issue.objects.visible_to(reader.access).filter(status=Status.SUSPENDED),
    ),
    ("untold", gettext_lazy("待告知"), lambda reader: Issue.objects.visible_to(reader.access).untold()),
)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """``/console/``: at most ten statements, whatever the number of rows."""
    reader = reader_of(request)
    by_htmx = request.headers.get("HX-Request") == "true"
    if flag_of(request, "news") and by_htmx:
        return _news(request, reader)
    layout = code_of(request, "layout", LAYOUTS) or request.COOKIES.get(LAYOUT_COOKIE, "")
    context = _Inbox(request, reader, layout if layout in LAYOUTS else "split").context()
    partial = flag_of(request, "partial") and by_htmx
    if not partial:
        context["hand_overs"] = hand_over_banners(reader)
    answer = render(request, "console/inbox/_rows.html" if partial else "console/inbox/page.html", context)
    if request.GET.get("layout") in LAYOUTS:
        answer.set_cookie(LAYOUT_COOKIE, request.GET["layout"], max_age=_YEAR, samesite="Lax", path="/console/")
    return answer


def _news(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The bar above the rows, or 204 where nothing came since the page was made."""
    number = arrived(_Inbox(request, reader, "").rows(), reader, since_of(request))
    if not number:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "console/inbox/_news.html", {"new_text": words_of(number), "page_url": url_with(request)})


class _Inbox:
    """Works out one page of the workbench."""

    def __init__(self, request: HttpRequest, reader: Reader, layout: str) -> None:
        self.request, self.reader, self.layout = request, reader, layout
        self.tab = code_of(request, "tab", [code for code, _label, _rows in TABS]) or "todo"
        self.focuses = focuses_of(reader.access)
        codes = [focus.code for focus in self.focuses]
        self.focus = next((f for f in self.focuses if f.code == code_of(request, "count", codes)), None)
        self.filters: Filters = read_filters(request, reader)
        self.cursor = text_of(request, "cursor", 400)

    def context(self) -> dict[str, Any]:
        """Everything that inbox/page.html prints."""
        request, now = self.request, self.reader.now
        rows, order = self.rows(), BY_DUE if self._ranked else NEWEST
        found = page_of(for_rows(rows), order=order, cursor=self.cursor)
        number = self._counts(rows)
        selected = text_of(request, "selected", 40)
        shown = rows_of(found.rows, self.reader, selected=selected, telling=self.tab == "untold")
        ranked = self._ranked
        groups = list(self._groups(found.rows, shown, last=found.next_cursor is None)) if ranked else []
        if not ranked and shown:
            groups = [RowGroup(label="", count="", rows=tuple(shown))]
        first = next((row for row in shown if row.selected), shown[0] if shown else None)
        return {
            "tab": self.tab,
            "counts": self._count_shapes(number),
            "left_over": [one for one in left_over_shapes(number, mine="1") if not one.zero],
            "tabs": self._tabs(number),
            "filters": chips_of(request, self.filters),
            "filtered": self._filtered,
            "clear_url": self._plain_url(),
            "today": local(now).date(),
            "total_text": self._total(number, ranked),
            "layout": self.layout,
            "list_url": url_with(request, layout="list"),
            "split_url": url_with(request, layout="split"),
            "groups": groups,
            "pager": self._pager(found.next_cursor),
            "empty": None if shown else self._empty(),
            "selected": None,
            "pane_url": first.pane_url if first and self.layout == "split" else "",
            "rows_url": url_with(request, partial="1"),
            "news_url": url_with(request, news="1", since=token_of(now)) if ranked and not self.cursor else "",
            "page_url": url_with(request),
            "updated_text": f"{local(now):%H:%M}",
        }

    @property
    def _filtered(self) -> bool:
        return self.filters.any or self.focus is not None

    @property
    def _ranked(self) -> bool:
        """Whether the list runs by due time; the others show the newest first."""
        return self.tab == "todo" or self.focus is not None

    def rows(self) -> IssueQuerySet:
        """The rows of the tab, the count and the filters."""
        rows = next(rows for code, _label, rows in TABS if code == self.tab)(self.reader)
        if self.focus is not None:
            rows = self._focused(self.focus)
        return self.filters.apply(rows, self.reader.now)

    def _focused(self, focus: Focus) -> IssueQuerySet:
        base = Issue.objects.visible_to(self.reader.access) if focus.whole else todo_rows(self.reader)
        return focus.fits(base, self.reader.now)

    def _counts(self, rows: IssueQuerySet) -> dict[str, int]:
        """All counts of the page in one statement."""
        wanted: dict[str, QuerySet[Any, Any]] = {f"tab:{code}": made(self.reader) for code, _label, made in TABS}
        wanted |= {f"count:{focus.code}": self._focused(focus) for focus in self.focuses}
        if self.filters.any:
            wanted["list"] = rows
        owed = MeetingItem.objects.filter(department_id__in=sorted(self.reader.access.department_ids))
        return counts(wanted | left_over_rows(owed.filter(record__isnull=True), local(self.reader.now).date()))

    def _count_shapes(self, number: dict[str, int]) -> list[CountShape]:
        shapes = []
        for focus in self.focuses:
            count = number[f"count:{focus.code}"]
            active = self.focus is focus
            url = self._plain_url() if active else f"{self.request.path}?count={focus.code}"
            shapes.append(
                CountShape(
                    code=focus.code,
                    label=str(focus.label),
                    text=count_text(count),
                    zero=count == 0,
                    tone=focus.tone,
                    url=url,
                    active=active,
                )
            )
        return shapes

    def _tabs(self, number: dict[str, int]) -> list[Tab]:
        return [
            Tab(
                code=code,
                label=str(label),
                url=self.request.path if code == "todo" else f"{self.request.path}?tab={code}",
                active=code == self.tab,
                count=count_text(number[f"tab:{code}"]),
            )
            for code, label, _rows in TABS
        ]

    def _plain_url(self) -> str:
        return self.request.path if self.tab == "todo" else f"{self.request.path}?tab={self.tab}"

    def _total(self, number: dict[str, int], ranked: bool) -> str:
        key = "list" if self.filters.any else f"count:{self.focus.code}" if self.focus else f"tab:{self.tab}"
        words = {"total": count_text(number[key])}
        if ranked:
            return _("共 %(total)s 件，特急、超期在前，其余按到期先后") % words
        return _("共 %(total)s 件，新的在前") % words

    def _pager(self, next_cursor: str | None) -> Pager:
        return pager_of(self.request, next_cursor, self.cursor)

    def _groups(self, issues: list[Issue], shown: list[RowShape], *, last: bool) -> Iterator[RowGroup]:
        """特急与超期, 今天到期, 之后; a count only where the whole group is on this page."""
        labels = (_("特急与超期"), _("今天到期"), _("之后"))
        numbered = [(self._group_of(issue), row) for issue, row in zip(issues, shown, strict=True)]
        parts = [(place, [row for _place, row in rows]) for place, rows in groupby(numbered, key=lambda pair: pair[0])]
        for index, (place, rows) in enumerate(parts):
            whole = not (self.cursor and index == 0) and (last or index < len(parts) - 1)
            yield RowGroup(label=labels[place], count=str(len(rows)) if whole else "", rows=tuple(rows))

    def _group_of(self, issue: Issue) -> int:
        if issue.urgency == 0 or issue.rank_at <= self.reader.now:
            return 0
        return 1 if issue.rank_at < day_end(local(self.reader.now)) else 2

    def _empty(self) -> Empty:
        if self._filtered:
            return Empty(title=_("没有符合条件的工单"), action_label=_("清除筛选"), action_url=self._plain_url())
        if self.cursor:
            return Empty(title=_("后面没有了"), action_label=_("回到开头"), action_url=self._plain_url())
        if self.tab == "todo":
            return self._all_done()
        words = {
            "done": (_("还没有办过的工单"), _("您办理过的工单会留在这里。")),
            "mine": (_("还没有发起过诉求"), _("您登记的诉求会留在这里。")),
            "copied": (_("还没有抄送给您的工单"), _("别人抄送给您的工单会留在这里。")),
            "untold": (_("没有待告知的反映人"), _("须由您电话告知反映人办理情况的工单会列在这里。")),
            "suspended": (_("没有挂账的工单"), _("经同意挂账、等待复查的工单会列在这里。")),
            "watching": (_("还没有关注的工单"), _("在工单页点“关注”，以后从这里找到它。")),
        }
        title, text = words[self.tab]
        return Empty(title=title, text=text)

    def _all_done(self) -> Empty:
        """待办已清零, with what was done today and what comes tomorrow (one statement)."""
        reader = self.reader
        midnight = day_end(local(reader.now))
        seen = Issue.objects.visible_to(reader.access)
        today = Participation.objects.filter(user_id=reader.user.pk, acted_at__gte=midnight - _DAY)
        number = counts({"today": today, "tomorrow": seen.due_before(midnight, midnight + _DAY)})
        words = {"done": count_text(number["today"]), "due": count_text(number["tomorrow"])}
        return Empty(
            title=_("待办已清零。"),
            text=_("今日已处理 %(done)s 件，明日到期 %(due)s 件") % words,
            action_label=_("看明日到期") if number["tomorrow"] else "",
            action_url=f"{reverse('console-issues')}?due=tomorrow" if number["tomorrow"] else "",
        )
