"""The supervision desk 督办台: what is red, where it sits, since when, and who was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Permission, Role
from console.kit.reading import (
    Reader,
    code_of,
    find_issue,
    page_of,
    pager_of,
    reader_of,
    text_of,
    url_with,
    url_with_cursor,
)
from console.kit.rows import issue_url, listed_number, short_number
from console.kit.shapes import CountShape, Empty, Seal
from console.supervision.rows import row_of, waited_text
from deadlines import kinds
from deadlines.enums import Level
from deadlines.wording import span_text, worked_between
from issues.discretion import hidden_account
from issues.enums import SUBJECT
from issues.models import Holding, Issue
from issues.querysets import BY_DUE, IssueQuerySet
from issues.reading.handlers import Handlers
from issues.reading.pages import count_text, counts, deadlines_of, for_rows
from issues.supervision import desk
from issues.supervision.desk import Organisation
from papers.enums import DraftKind
from papers.models import Draft
from reminders import panels
from reminders.desk import on_desk
from reminders.subjects import About

_TITLES: Final = {
    "overdue": gettext_lazy("超期未结"),
    "due_soon": gettext_lazy("临期"),
    "unacknowledged": gettext_lazy("未签收"),
    "waiting": gettext_lazy("待裁定、待审批"),
    "unsigned": gettext_lazy("待签发"),
}
_TONES: Final = {"overdue": "overdue", "due_soon": "due_soon", "unsigned": "due_soon"}
_RANKED: Final = 8
_DRAFTS_BESIDE: Final = 4


@dataclass(frozen=True)
class Select:
    """A filter as a field of the form."""

    name: str
    label: str
    value: str
    choices: Sequence[tuple[str, str]]


def desk_reader(request: HttpRequest) -> tuple[Reader, frozenset[int]]:
    """Who asks and the sub-districts whose desk they read. PermissionDenied for everybody else."""
    reader = reader_of(request)
    areas = desk.areas_of(reader.access)
    if not areas:
        raise PermissionDenied(_("督办台由街道社会治理办和街道领导使用"))
    return reader, areas


@require_safe
def supervision(request: HttpRequest) -> HttpResponse:
    """``/console/supervision/``: the same number of statements whatever the number of rows."""
    reader, areas = desk_reader(request)
    return render(request, "console/supervision/desk.html", _Desk(request, reader, areas).context())


class _Desk:
    """Works out one page of the desk."""

    def __init__(self, request: HttpRequest, reader: Reader, areas: frozenset[int]) -> None:
        self.request, self.reader, self.areas = request, reader, areas
        self.view = code_of(request, "view", desk.VIEWS) or "overdue"
        self.organisations = desk.organisations(areas, reader.now)
        self.selects = self._selects()
        self.cursor = text_of(request, "cursor", 400)

    def context(self) -> dict[str, Any]:
        """Everything that supervision/desk.html prints."""
        request = self.request
        rows = self.rows()
        found = page_of(for_rows(rows), order=BY_DUE, cursor=self.cursor)
        number = self._counts(rows)
        besides = desk.beside([issue.pk for issue in found.rows])
        handlers = Handlers.load(found.rows, self.reader.now)
        base = url_with(request)
        return {
            "view": self.view,
            "title": str(_TITLES[self.view]),
            "counts": self._count_shapes(number),
            "failed": number["failed"],
            "failed_text": count_text(number["failed"]),
            "total_text": self._total(number["list"]),
            "selects": self.selects,
            "filtered": any(select.value for select in self.selects),
            "clear_url": self._url(self.view),
            "rows": [row_of(issue, besides[issue.pk], self.reader, self.view, handlers) for issue in found.rows],
            "pager": pager_of(self.request, found.next_cursor, self.cursor),
            "empty": None if found.rows else self._empty(),
            "return_url": url_with_cursor(base, self.cursor) if self.cursor else base,
            "ranked": [_ranked(found) for found in self.organisations[:_RANKED] if found.red],
            "others": on_desk(self.view, areas=self.areas, at=self.reader.now),
            "drafts": [self._draft(*pair) for pair in desk.oldest_drafts(self.areas, _DRAFTS_BESIDE)],
            "may_supervise": self._supervises,
            "kinds": [(kind.value, str(kind.label)) for kind in DraftKind],
            "now": self.reader.now,
            "failed_url": reverse("console-outbox") if self.reader.access.has(Permission.HANDLE_DEAD_LETTERS) else "",
        }

    @property
    def _supervises(self) -> bool:
        return any(self.reader.access.is_in(Role.SUPERVISOR, area) for area in self.areas)

    def rows(self) -> IssueQuerySet:
        """The issues of the list that is open, narrowed by the filters."""
        rows = desk.in_view(self.view, self.areas, self.reader.now)
        chosen = {select.name: select.value for select in self.selects}
        organisation = next((found for found in self.organisations if found.code == chosen["organisation"]), None)
        if organisation is not None:
            rows = desk.of_organisation(self.view, rows, organisation, self.reader.now)
        if chosen["community"]:
            rows = rows.filter(community_id=int(chosen["community"]))
        if chosen["level"]:
            rows = rows.filter(level=chosen["level"])
        if chosen["clock"]:
            rows = rows.filter(due_kind=chosen["clock"])
        if chosen["longer"]:
            rows = rows.filter(rank_at__lte=desk.overdue_since(self.reader.now, int(chosen["longer"])))
        return rows

    def _selects(self) -> list[Select]:
        communities = [
            (str(found.community_id), found.community) for found in self.organisations if found.community_id is not None
        ]
        by_name = sorted(self.organisations, key=lambda found: (found.community_id or 0, found.pk))
        given = (
            ("organisation", _("持有单位"), [(found.code, found.name) for found in by_name]),
            ("community", _("社区"), sorted(communities, key=lambda pair: int(pair[0]))),
            ("level", _("紧急程度"), [(level.value, str(level.label)) for level in Level]),
            ("clock", _("时限"), [(spec.code, str(spec.label)) for spec in kinds.every()]),
            ("longer", _("超期多久"), [(str(days), _longer(days)) for days in desk.LONGER]),
        )
        return [
            Select(name, label, code_of(self.request, name, [code for code, _label in choices]), choices)
            for name, label, choices in given
        ]

    def _counts(self, rows: IssueQuerySet) -> dict[str, int]:
        """All counts of the page in one statement."""
        wanted: dict[str, Any] = {view: desk.in_view(view, self.areas, self.reader.now) for view in desk.VIEWS}
        return counts({**wanted, "failed": desk.undelivered(self.areas), "list": rows})

    def _count_shapes(self, number: dict[str, int]) -> list[CountShape]:
        return [
            CountShape(
                code=view,
                label=str(_TITLES[view]),
                text=count_text(number[view]),
                zero=number[view] == 0,
                tone=_TONES.get(view, ""),
                url=self._url(view),
                active=view == self.view,
            )
            for view in desk.VIEWS
        ]

    def _url(self, view: str) -> str:
        return self.request.path if view == "overdue" else f"{self.request.path}?view={view}"

    def _total(self, number: int) -> str:
        return _("%(total)s 件，特急在前，其余按到期先后") % {"total": count_text(number)}

    def _empty(self) -> Empty:
        if any(select.value for select in self.selects):
            return Empty(title=_("没有符合条件的工单"), action_label=_("清除筛选"), action_url=self._url(self.view))
        if self.cursor:
            return Empty(title=_("后面没有了"), action_label=_("回到开头"), action_url=url_with(self.request))
        words = {
            "overdue": (_("没有超期的工单"), _("超过时限的工单会列在这里。")),
            "due_soon": (_("没有临期的工单"), _("快到时限的工单会列在这里。")),
            "unacknowledged": (_("没有未签收的工单"), _("已派单而未签收的工单，以及视为签收的工单，会列在这里。")),
            "waiting": (_("没有等待裁定或审批的事项"), _("两次退单、延期、挂账和剔除申请会列在这里。")),
            "unsigned": (_("没有待签发的文书"), _("督办单、黄牌和红牌在签发前列在这里。")),
        }
        title, text = words[self.view]
        return Empty(title=title, text=text)

    def _draft(self, row: Draft, about: About) -> dict[str, Any]:
        red = row.kind == DraftKind.RED_CARD
        return {
            "seal": Seal(row.kind if row.kind != DraftKind.ORDER else "supervised", str(row.get_kind_display())),
            "title": about.title,
            "url": f"{about.url}#asked",
            "number": listed_number(row.subject_kind, about),
            "department": row.department.short_name if row.department else "",
            "signer": str(Role.DIRECTOR.label) if red else str(Role.DEPUTY.label),
            "at": row.asked_at,
            "waited": waited_text(row.asked_at, self.reader.now),
        }


def _longer(days: int) -> str:
    return ngettext("超期%(n)d个工作日以上", "超期%(n)d个工作日以上", days) % {"n": days}


def _ranked(found: Organisation) -> dict[str, Any]:
    return {
        "name": found.name,
        "url": reverse("console-department", args=[found.code]),
        "red": count_text(found.red, desk.RED_CAP),
        "share": found.red,
        "cap": desk.RED_CAP,
    }


@require_safe
@never_cache
def told_page(request: HttpRequest, number: str) -> HttpResponse:
    """Who was told of one issue, when and how; the lower half of a row to htmx, a page of its own otherwise."""
    reader, _areas = desk_reader(request)
    issue = find_issue(reader, number)
    clocks = deadlines_of(issue.pk)
    context = {
        "issue": issue,
        "short_number": short_number(issue),
        "issue_url": issue_url(issue.number),
        "reminders": panels.who_was_told(SUBJECT, issue.pk, hidden_account(issue, reader.access)),
        "coming": panels.what_comes_next(clocks, issue.level, reader.now),
        "holdings": _holdings(issue, reader.now),
    }
    by_htmx = request.headers.get("HX-Request") == "true"
    return render(request, "console/supervision/_told.html" if by_htmx else "console/supervision/told.html", context)


def _holdings(issue: Issue, now: datetime) -> list[dict[str, Any]]:
    """Who held it from when to when (one statement); lateness counts against the holder."""
    rows = Holding.objects.filter(issue=issue).select_related("department").order_by("since_at", "id")
    return [
        {
            "name": row.department.short_name,
            "since_at": row.since_at,
            "until_at": row.until_at,
            "span": span_text(worked_between(row.since_at, row.until_at or now), exact=False),
            "late": row.late,
        }
        for row in rows
    ]
