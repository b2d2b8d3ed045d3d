"""A department's page: its own debts, how long each was held, and what reminds of it next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Role
from common.clock import local
from common.keyset import BadCursor, Page, paginate
from communities.models import Department, DepartmentKind
from console.kit.left_over import left_over_rows, left_over_shapes
from console.kit.reading import PAGE_SIZE, Reader, code_of, pager_of, reader_of, text_of, url_with
from console.kit.rows import issue_url, listed_number, seals_of, short_number
from console.kit.shapes import CountShape, DueShape, Empty, Link, Seal
from console.supervision.rows import held_text
from deadlines import kinds
from deadlines.enums import Level
from deadlines.models import Deadline
from deadlines.wording import left_text
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.models.issue import time_limit_of
from issues.reading.handlers import Handlers
from issues.reading.pages import count_text, counts
from issues.supervision import debts, desk
from issues.supervision.debts import Debt
from meetings.models import MeetingItem
from papers.models import Paper
from reminders import panels
from reminders.panels import NextRung
from reminders.subjects import About

_TITLES: Final = {
    "overdue": gettext_lazy("已超期"),
    "today": gettext_lazy("今日到期"),
    "soon": gettext_lazy("临期"),
    "unacknowledged": gettext_lazy("未签收"),
    "co_reply": gettext_lazy("协办待答复"),
    "promises": gettext_lazy("承诺逾期"),
    "supervision": gettext_lazy("督办待回复"),
    "others": gettext_lazy("其他到期未办"),
    "cards": gettext_lazy("本季度黄红牌"),
}
_TONES: Final = {
    **dict.fromkeys(("overdue", "promises", "cards"), "overdue"),
    **dict.fromkeys(("today", "others"), "due_soon"),
}
_ROWS: Final = "rows"


@dataclass(frozen=True)
class DebtRow:
    """One debt as a row: what, on which issue, until when, who has it, and the next rung."""

    number: str
    short_number: str
    url: str
    title: str
    level: str
    level_label: str
    community: str
    clock: str
    promise: str
    due: DueShape
    person: str
    unassigned: bool
    held: str
    seals: tuple[Seal, ...]
    coming: NextRung | None
    action: Link | None


@dataclass(frozen=True)
class CardRow:
    """One card of this quarter."""

    seal: Seal
    number: str
    issued_at: datetime
    url: str
    title: str
    short_number: str
    community: str


def find_department(reader: Reader, code: str) -> Department:
    """The organisation with this code. Http404 outside the reader's sub-districts, PermissionDenied for a stranger."""
    rows = Department.objects.select_related("subdistrict", "community").filter(code=code)
    mine = rows.filter(pk__in=debts.readable(reader.access).values("pk")).order_by("pk").first()
    if mine is not None:
        return mine
    if debts.known(reader.access).filter(code=code).exists():
        raise PermissionDenied(_("只有本单位和街道社会治理办可以查看"))
    raise Http404(_("未找到该单位"))


@require_safe
def department_page(request: HttpRequest, code: str) -> HttpResponse:
    """``/console/departments/<code>/``: the same number of statements whatever the number of rows."""
    reader = reader_of(request)
    department = find_department(reader, code)
    return render(request, "console/supervision/department.html", _Page(request, reader, department).context())


class _Page:
    """Works out one page of an organisation's debts."""

    def __init__(self, request: HttpRequest, reader: Reader, department: Department) -> None:
        self.request, self.reader, self.department = request, reader, department
        self.list = code_of(request, "list", debts.LISTS) or "overdue"
        self.cursor = text_of(request, "cursor", 400)

    def context(self) -> dict[str, Any]:
        """Everything that department.html prints."""
        found, number = self._found(), self._counts()
        cards = self.list == "cards"
        return {
            "department": self.department,
            "list": self.list,
            "title": str(_TITLES[self.list]),
            "counts": self._count_shapes(number),
            "left_over": left_over_shapes(number, organisation=self.department.code),
            "total_text": self._total_text(number),
            "rows": [] if cards else self._rows(found.rows),
            "cards": [_card(*pair) for pair in debts.cards(found.rows)] if cards else [],
            "pager": pager_of(self.request, found.next_cursor, self.cursor),
            "empty": None if found.rows else self._empty(),
            "supervises": bool(desk.areas_of(self.reader.access)),
            "now": self.reader.now,
        }

    def _found(self) -> Page:
        rows = debts.in_list(self.list, self.department, self.reader.now)
        order = debts.BY_ISSUE if self.list == "cards" else debts.BY_DUE
        try:
            return paginate(rows, order=order, cursor=self.cursor or None, size=PAGE_SIZE)
        except BadCursor as error:
            raise BadRequest(error.message) from error

    def _counts(self) -> dict[str, int]:
        """The number of each list, and how many rows the open one has."""
        asked = {code: debts.counted(code, self.department, self.reader.now) for code in debts.LISTS}
        asked[_ROWS] = debts.in_list(self.list, self.department, self.reader.now)
        items = MeetingItem.objects.filter(department=self.department)
        return counts(asked | left_over_rows(items, local(self.reader.now).date()))

    def _total_text(self, number: dict[str, int]) -> str:
        """共 2 件; where one matter has several rows also how many these are. Of cards the papers are counted."""
        total, rows = number[self.list], number[_ROWS]
        if self.list == "cards":
            return _("共 %(total)s 份") % {"total": count_text(total)}
        if rows == total:
            return _("共 %(total)s 件") % {"total": count_text(total)}
        return _("共 %(total)s 件，%(clocks)s 项时限") % {"total": count_text(total), "clocks": count_text(rows)}

    def _count_shapes(self, number: dict[str, int]) -> list[CountShape]:
        return [
            CountShape(
                code=code,
                label=str(_TITLES[code]),
                text=count_text(number[code]),
                zero=number[code] == 0,
                tone=_TONES.get(code, ""),
                url=self.request.path if code == "overdue" else f"{self.request.path}?list={code}",
                active=code == self.list,
            )
            for code in debts.LISTS
        ]

    def _rows(self, clocks: Sequence[Deadline]) -> list[DebtRow]:
        found = debts.debts(clocks, self.department)
        handlers = Handlers.load([debt.issue for debt in found if debt.issue is not None], self.reader.now)
        return [row for debt in found if (row := self._row(debt, handlers) or self._other(debt)) is not None]

    def _other(self, debt: Debt) -> DebtRow | None:
        """A matter of another kind: nobody is assigned to it, and nothing is done about it from here."""
        about, clock, now = debt.other, debt.clock, self.reader.now
        if about is None:
            return None
        return DebtRow(
            number=about.number,
            short_number=about.number,
            url=about.url,
            title=about.title,
            level=about.level,
            level_label=str(Level(about.level).label) if about.level else "",
            community="".join(about.places[:1]),
            clock=kinds.label(clock.kind),
            promise=debt.promise,
            due=_due(clock, Status.IN_PROGRESS.value, now),
            person="",
            unassigned=False,
            held="",
            seals=(),
            coming=panels.next_rung(clock, about.level, now),
            action=None,
        )

    def _row(self, debt: Debt, handlers: Handlers) -> DebtRow | None:
        issue, clock, now = debt.issue, debt.clock, self.reader.now
        if issue is None:
            return None
        led = issue.lead_department_id == self.department.pk
        return DebtRow(
            number=issue.number,
            short_number=short_number(issue),
            url=issue_url(issue.number),
            title=issue.title,
            level=issue.level,
            level_label=str(Level(issue.level).label),
            community=issue.community.name,
            clock=kinds.label(clock.kind),
            promise=debt.promise,
            due=_due(clock, issue.status, now),
            person=(handlers.name(issue) or _("未指派")) if led else "",
            unassigned=led and not handlers.is_there(issue),
            held=held_text(debt.held_since_at, now),
            seals=seals_of(issue),
            coming=panels.next_rung(clock, issue.level, now),
            action=self._action(issue, led=led),
        )

    def _action(self, issue: Issue, *, led: bool) -> Link | None:
        """指派 for a head, of what the department works on."""
        heads = Role.HEAD in self.reader.access.department_roles.get(self.department.pk, frozenset())
        if led and heads and issue.status in (Status.DISPATCHED, Status.IN_PROGRESS):
            return Link(_("指派"), f"{issue_url(issue.number)}?action=assign")
        return None

    def _empty(self) -> Empty:
        if self.cursor:
            return Empty(title=_("后面没有了"), action_label=_("回到开头"), action_url=url_with(self.request))
        words = {
            "overdue": _("没有超期的事项"),
            "today": _("今天没有到期的事项"),
            "soon": _("没有临期的事项"),
            "unacknowledged": _("没有未签收的工单"),
            "co_reply": _("没有待答复的协办"),
            "promises": _("没有逾期的承诺"),
            "supervision": _("没有待回复的督办"),
            "others": _("没有其他到期未办的事项"),
            "cards": _("本季度没有黄牌或红牌"),
        }
        return Empty(title=words[self.list], text=_("按时限和持有单位自动列出，办完即从这里消失。"))


def _due(clock: Deadline, status: str, now: datetime) -> DueShape:
    status = status if clock.subject_kind == SUBJECT and clock.is_running is False else Status.IN_PROGRESS.value
    return DueShape(
        relative=left_text(clock.due_at, now, working=clock.time_limit.is_working),
        at=clock.due_at,
        state=time_limit_of(status, clock.due_at, clock.soon_at, clock.due_at, now).value,
        estimated=clock.estimated,
    )


def _card(row: Paper, about: About) -> CardRow:
    return CardRow(
        seal=Seal(row.kind, str(row.get_kind_display())),
        number=row.number,
        issued_at=row.issued_at,
        url=about.url,
        title=about.title,
        short_number=listed_number(row.subject_kind, about),
        community="".join(about.places[:1]),
    )


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """``/console/departments/``: one's own organisations, or all of the area for who supervises it; of one its page."""
    reader = reader_of(request)
    areas = desk.areas_of(reader.access)
    if areas:
        shown = [found for found in desk.organisations(areas, reader.now) if found.kind != DepartmentKind.EXTERNAL]
        rows = [
            {
                "name": found.name,
                "red": count_text(found.red, desk.RED_CAP),
                "zero": found.red == 0,
                "url": reverse("console-department", args=[found.code]),
            }
            for found in shown
        ]
        return render(request, "console/supervision/departments.html", {"rows": rows})
    mine = list(debts.readable(reader.access).filter(retired_at__isnull=True).order_by("pk"))
    if len(mine) == 1:
        return redirect("console-department", code=mine[0].code)
    if not mine:
        raise PermissionDenied(_("您不属于任何单位"))
    rows = [
        {"name": row.name, "red": "", "zero": True, "url": reverse("console-department", args=[row.code])}
        for row in mine
    ]
    return render(request, "console/supervision/departments.html", {"rows": rows})
