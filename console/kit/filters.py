"""The filters that inbox and list share: status, category, department, time limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from communities.access import Access
from communities.models import Category, Department, DepartmentKind
from communities.models.base import localised
from console.kit.reading import Reader, code_of, url_with
from console.kit.shapes import Chip, Option
from issues.enums import Status, TimeLimit
from issues.models import IssueDepartment
from issues.querysets import IssueQuerySet, day_end

NAMES: Final = ("status", "category", "department", "limit")
NOT_TAKEN: Final = "not_taken"
DUE_DAYS: Final = ("today", "tomorrow")


@dataclass(frozen=True)
class FilterChoices:
    """What can be filtered by, as (code, label); reference data of the reader's sub-districts."""

    statuses: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    departments: Sequence[tuple[str, str]]
    limits: Sequence[tuple[str, str]]

    def of(self, name: str) -> Sequence[tuple[str, str]]:
        """The choices of one filter."""
        plural = {"status": "statuses", "category": "categories", "department": "departments", "limit": "limits"}
        found: Sequence[tuple[str, str]] = getattr(self, plural[name])
        return found


@dataclass(frozen=True)
class Filters:
    """The filters that are set; "" where one is not."""

    status: str = ""
    category: str = ""
    department: str = ""
    limit: str = ""
    due: str = ""
    choices: FilterChoices = field(default_factory=lambda: FilterChoices((), (), (), ()))

    @property
    def any(self) -> bool:
        """Whether something is filtered."""
        return bool(self.status or self.category or self.department or self.limit or self.due)

    def apply(self, rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
        """Only the rows that fit."""
        if self.status == NOT_TAKEN:
            rows = not_taken(rows)
        elif self.status:
            rows = rows.filter(status=self.status)
        if self.category:
            rows = rows.filter(Q(category__code=self.category) | Q(category__parent__code=self.category))
        if self.department:
            part = IssueDepartment.objects.filter(
                issue_id=OuterRef("pk"), department__code=self.department, current=True
            )
            rows = rows.filter(Exists(part))
        if self.limit:
            rows = _LIMITS[self.limit](rows, now)
        if self.due == "today":
            rows = rows.due_before(now, day_end(now))
        elif self.due == "tomorrow":
            rows = rows.due_before(now, day_end(now) + timedelta(days=1)).filter(rank_at__gte=day_end(now))
        return rows


def not_taken(rows: IssueQuerySet) -> IssueQuerySet:
    """未签收: dispatched, or deemed acknowledged (视为签收) and still without a word from the department."""
    return rows.filter(Q(status=Status.DISPATCHED) | Q(status=Status.IN_PROGRESS, deemed=True))


def _on_time(rows: IssueQuerySet, now: datetime) -> IssueQuerySet:
    return rows.open().exclude(status=Status.SUSPENDED).filter(Q(soon_at__gt=now) | Q(due_at__isnull=True))


_LIMITS: dict[str, Callable[[IssueQuerySet, datetime], IssueQuerySet]] = {
    TimeLimit.ON_TIME: _on_time,
    TimeLimit.DUE_SOON: lambda rows, now: rows.due_soon(now),
    TimeLimit.OVERDUE: lambda rows, now: rows.overdue(now),
    TimeLimit.SUSPENDED: lambda rows, now: rows.filter(status=Status.SUSPENDED),
}


def read_filters(request: HttpRequest, reader: Reader) -> Filters:
    """The filters of the address; one statement. BadRequest for a code that this reader cannot choose."""
    choices = load_choices(reader.access)
    chosen = {name: code_of(request, name, [code for code, _label in choices.of(name)]) for name in NAMES}
    return Filters(**chosen, due=code_of(request, "due", DUE_DAYS), choices=choices)


def load_choices(access: Access) -> FilterChoices:
    """What this reader can filter by; one statement."""
    categories = Category.objects.filter(parent__isnull=True, retired_at__isnull=True)
    departments = Department.objects.filter(retired_at__isnull=True).filter(
        ~Q(kind=DepartmentKind.COMMUNITY_TEAM) | Q(pk__in=access.department_ids)
    )
    if not access.installation_wide:
        categories = categories.filter(subdistrict_id__in=access.subdistrict_ids)
        departments = departments.filter(subdistrict_id__in=access.subdistrict_ids)
    names = ("what", "code", "name_zh", "name_en", "order")
    rows = list(
        categories.annotate(what=Value("category"), order=Value(0))
        .values_list(*names)
        .union(departments.annotate(what=Value("department"), order=Value(0)).values_list(*names))
    )
    found: dict[str, dict[str, str]] = {"category": {}, "department": {}}
    for what, code, zh, en, _order in sorted(rows):
        found[what].setdefault(code, localised(zh, en))
    return FilterChoices(
        statuses=[
            *((status.value, str(status.label)) for status in Status),
            (NOT_TAKEN, _("未签收（含视为签收）")),
        ],
        categories=list(found["category"].items()),
        departments=list(found["department"].items()),
        limits=[(limit.value, str(limit.label)) for limit in TimeLimit if limit != TimeLimit.SUSPENDED],
    )


def label_of(name: str) -> str:
    """The word on a filter."""
    return {
        "status": _("状态"),
        "category": _("类别"),
        "department": _("主办单位"),
        "limit": _("时限状态"),
    }[name]


def chips_of(request: HttpRequest, filters: Filters) -> list[Chip]:
    """The filters as menus of links."""
    chips = []
    for name in NAMES:
        value = getattr(filters, name)
        choices = filters.choices.of(name)
        chips.append(
            Chip(
                name=name,
                label=label_of(name),
                value_label=dict(choices).get(value, ""),
                clear_url=url_with(request, **{name: ""}),
                options=tuple(
                    Option(label=label, url=url_with(request, **{name: code}), selected=code == value)
                    for code, label in choices
                ),
            )
        )
    return chips
