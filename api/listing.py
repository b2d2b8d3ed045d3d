"""The parameters of lists: read, checked, turned into conditions."""

import re
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import reference
from api.errors import InvalidInput, TooMany
from common.keyset import BadCursor, Order, Page, paginate
from common.limits import Denied
from common.prepared import PreparedByKey
from communities.access import Access
from communities.actors import Actor
from issues.enums import Status, TimeLimit
from issues.models import Issue
from issues.querysets import BY_TIME_LEFT, NEWEST, IssueQuerySet
from issues.reading.finding import by_number, parse_number, phone_in, search_in
from issues.services.callers import may_look_up
from issues.services.errors import Words

PAGE_SIZE: Final = 25
MOST_PER_PAGE: Final = 100
OLDEST: Final = Order(("id",))
ORDERINGS: Final = {"-created": NEWEST, "created": OLDEST, "due": BY_TIME_LEFT}
MINE: Final = ("true", "todo", "logged", "done", "watching")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SIZE = re.compile(r"\d{1,4}", re.ASCII)

T = TypeVar("T")


@dataclass
class Parameters:
    """The query of one request; ``get`` notes what is wrong, ``check`` raises it all at once."""

    query: QueryDict
    wrong: dict[str, Words] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Which were given."""
        return frozenset(self.query)

    def get(self, name: str, longest: int = 200) -> str:
        """The parameter, trimmed; "" where it is missing or cannot be read."""
        value = self.query.get(name, "").strip()
        if _CONTROL.search(value):
            self.wrong[name] = _("含有不允许的字符")
            return ""
        if len(value) > longest:
            self.wrong[name] = _("最多 %(longest)d 个字") % {"longest": longest}
            return ""
        return value

    def choices(self, name: str, allowed: Collection[str]) -> list[str]:
        """Several codes by comma."""
        values = [value for value in self.get(name).split(",") if value]
        unknown = [value for value in values if value not in allowed]
        if unknown:
            self.wrong[name] = _("没有这个选项：%(value)s") % {"value": unknown[0]}
            return []
        return values

    def found(self, name: str, find: Callable[[str], T]) -> T | None:
        """What ``find`` makes of the parameter, None where it is missing or unknown."""
        value = self.get(name)
        if not value:
            return None
        try:
            return find(value)
        except reference.UnknownNameError as error:
            self.wrong[name] = error.args[0]
            return None

    def size(self) -> int:
        """``page_size``: 1 to 100, 25 where none was given."""
        value = self.get("page_size")
        if not value:
            return PAGE_SIZE
        if not _SIZE.fullmatch(value) or not 1 <= int(value) <= MOST_PER_PAGE:
            self.wrong["page_size"] = _("须为 1 至 100 的整数")
            return PAGE_SIZE
        return int(value)

    def check(self) -> None:
        """Raise Invalid where anything was wrong."""
        if self.wrong:
            raise InvalidInput(self.wrong)


def page_of(rows: Any, order: Order, parameters: Parameters) -> Page:
    """The page of ``rows`` that the parameters ask for. Raises Invalid."""
    size = parameters.size()
    cursor = parameters.get("cursor", 400)
    parameters.check()
    try:
        return paginate(rows, order=order, cursor=cursor or None, size=size)
    except BadCursor as error:
        raise InvalidInput({"cursor": error.message}) from error


_FIRST_PAGES: Final = PreparedByKey(2000)


def first_page_of(key: Hashable, make: Callable[[], Any], order: Order, parameters: Parameters) -> Page:
    """``page_of`` where no cursor is asked for, compiled once for each ``key``.

    The key holds all on which ``make`` depends: the whole access, the parameters, the day. Raises Invalid.
    """
    size = parameters.size()

    def asked() -> Any:
        rows = order.apply(make(), None)[: size + 1]
        parameters.check()
        return rows

    found = _FIRST_PAGES((key, size), asked)
    page = found[:size]
    return Page(rows=page, next_cursor=order.cursor(page[-1]) if len(found) > size else None)


def next_url(request: Request, cursor: str | None) -> str | None:
    """The address of the next page with the same parameters."""
    if cursor is None:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def time_limit_is(state: str, at: datetime) -> Q:
    """``Issue.time_limit`` as a condition on the stored times."""
    suspended = Q(status=Status.SUSPENDED)
    overdue = Q(overdue_at__lte=at)
    not_overdue = Q(overdue_at__isnull=True) | Q(overdue_at__gt=at)
    soon = Q(due_at__isnull=False, soon_at__lte=at)
    not_soon = Q(due_at__isnull=True) | Q(soon_at__isnull=True) | Q(soon_at__gt=at)
    conditions: Mapping[str, Q] = {
        TimeLimit.SUSPENDED: suspended,
        TimeLimit.OVERDUE: ~suspended & overdue,
        TimeLimit.DUE_SOON: ~suspended & not_overdue & soon,
        TimeLimit.ON_TIME: ~suspended & not_overdue & not_soon,
    }
    return conditions[state]


def issues_asked_for(actor: Actor, parameters: Parameters, at: datetime) -> tuple[IssueQuerySet, Order]:
    """The caller's issues within the filters, and their order. Raises Invalid naming every parameter that is wrong.

    TooMany where people were looked for by too many numbers.
    """
    access = actor.access
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    rows = Issue.objects.visible_to(access)
    statuses = parameters.choices("status", Status.values)
    limits = parameters.choices("time_limit", TimeLimit.values)
    community = parameters.found("community", lambda value: reference.community_id(value, subdistrict_ids=scope))
    departments = parameters.found("department", lambda value: reference.department_ids(value, subdistrict_ids=scope))
    categories = parameters.found("category", lambda value: reference.category_ids(value, subdistrict_ids=scope))
    masters = parameters.found("master", lambda value: _masters(value, access, at))
    words = parameters.get("q", 100)
    mine = parameters.choices("mine", (*MINE, "1", "false", "0"))
    ordering = parameters.choices("ordering", ORDERINGS) or ["-created"]
    parameters.check()
    if statuses:
        rows = rows.filter(status__in=statuses)
    if limits:
        anyone = Q()
        for state in limits:
            anyone |= time_limit_is(state, at)
        rows = rows.filter(anyone)
    if community is not None:
        rows = rows.filter(community_id=community)
    if departments is not None:
        rows = rows.filter(lead_department_id__in=departments)
    if categories is not None:
        rows = rows.filter(category_id__in=categories)
    if masters is not None:
        rows = rows.filter(master_id__in=masters)
    if words:
        area = min(access.subdistrict_ids, default=None)
        answer = may_look_up(line=phone_in(words, at), subdistrict_id=area, by=actor, at=at, door="api")
        if isinstance(answer, Denied):
            raise TooMany(answer.retry_after)
        rows = search_in(rows, words, at, access)
    return _mine(rows, access, mine[0] if mine else ""), ORDERINGS[ordering[0]]


def _masters(value: str, access: Access, at: datetime) -> list[int]:
    """The issue with this number, in any form; two where the area was left out. Raises UnknownNameError."""
    form = parse_number(value, at)
    found = list(by_number(form).visible_to(access).values_list("pk", flat=True)) if form else []
    if not found:
        raise reference.UnknownNameError(_("没有找到该编号的工单"))
    return found


def _mine(rows: IssueQuerySet, access: Access, which: str) -> IssueQuerySet:
    match which:
        case "true" | "1" | "todo":
            return rows.awaiting(access)
        case "logged":
            return rows.filter(logged_by_id=access.user_id)
        case "done":
            return rows.filter(participations__user_id=access.user_id, participations__acted_at__isnull=False)
        case "watching":
            return rows.filter(participations__user_id=access.user_id, participations__watching=True)
        case _:
            return rows
