"""The supervision desk 督办台: what is red, where it sits, since when, and who was told; urging from the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Permission, Role
from accounts.views import safe_next
from common import dates
from deadlines.enums import DeadlineKind
from issues.actors import Actor
from issues.enums import DRAFTS, DraftKind, Level, RequestKind, Status, Turn
from issues.models import Holding, Issue, Request
from issues.policies import signable
from issues.querysets import BY_DUE, IssueQuerySet
from issues.reading import count_text, counts, deadlines_of, for_rows
from issues.remaining import left_of, left_text, span_text, worked_between
from issues.timeline import TITLES
from issues.views.console.reading import Reader, code_of, find_issue, page_of, reader_of, text_of, url_with
from issues.views.console.rows import due_of, issue_url, seals_of, short_number
from issues.views.console.shapes import CountShape, DueShape, Empty, Link, Pager, Seal
from reminders import desk, panels
from reminders.bulk import MOST, Chosen, Result, act_on_many, read_chosen
from reminders.desk import Beside, Organisation

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
_RESULT: Final = "supervision_result"


@dataclass(frozen=True)
class Line:
    """A first line and a small second one; ``failed`` alone is red, ``title`` says in full what the first cuts."""

    text: str = ""
    title: str = ""
    at: datetime | None = None
    more: str = ""
    failed: str = ""


@dataclass(frozen=True)
class DeskRow:
    """One issue on the desk. ``value`` is what its checkbox and its buttons send: id and the version that was seen."""

    number: str
    short_number: str
    value: str
    url: str
    told_url: str
    title: str
    level: str
    level_label: str
    community: str
    holder: str
    person: str
    unassigned: bool
    held: str
    clock: str
    due: DueShape | None
    seals: tuple[Seal, ...]
    done: Line
    told: Line
    asked: tuple[Line, ...]
    urgeable: bool
    links: tuple[Link, ...]


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
    return render(request, "console/supervision.html", _Desk(request, reader, areas).context())


class _Desk:
    """Works out one page of the desk."""

    def __init__(self, request: HttpRequest, reader: Reader, areas: frozenset[int]) -> None:
        self.request, self.reader, self.areas = request, reader, areas
        self.view = code_of(request, "view", desk.VIEWS) or "overdue"
        self.organisations = desk.organisations(areas, reader.now)
        self.selects = self._selects()
        self.cursor = text_of(request, "cursor", 400)

    def context(self) -> dict[str, Any]:
        """Everything that supervision.html prints."""
        request = self.request
        rows = self.rows()
        found = page_of(for_rows(rows), order=BY_DUE, cursor=self.cursor)
        number = self._counts(rows)
        besides = desk.beside([issue.pk for issue in found.rows])
        base = url_with(request)
        joined = "&" if "?" in base else "?"
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
            "rows": [row_of(issue, besides[issue.pk], self.reader, self.view) for issue in found.rows],
            "pager": Pager(
                next_url=f"{base}{joined}cursor={found.next_cursor}" if found.next_cursor else "",
                first_url=base if self.cursor else "",
            ),
            "empty": None if found.rows else self._empty(),
            "return_url": f"{base}{joined}cursor={self.cursor}" if self.cursor else base,
            "ranked": [_ranked(found) for found in self.organisations[:_RANKED] if found.red],
            "drafts": [self._draft(row) for row in desk.oldest_drafts(self.areas, _DRAFTS_BESIDE)],
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
            rows = desk.of_organisation(rows, organisation)
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
            ("clock", _("时限"), [(kind.value, str(kind.label)) for kind in DeadlineKind]),
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

    def _draft(self, row: Request) -> dict[str, Any]:
        red = row.kind == RequestKind.RED_CARD
        return {
            "seal": Seal(row.kind if row.kind != RequestKind.ORDER else "supervised", str(row.get_kind_display())),
            "title": row.issue.title,
            "url": f"{issue_url(row.issue.number)}#asked",
            "number": short_number(row.issue),
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


def waited_text(since: datetime, now: datetime) -> str:
    """已等2小时: in working time, as the clock of a decision counts."""
    span = span_text(worked_between(since, now), exact=False)
    return _("已等%(span)s") % {"span": span} if span else _("刚提交")


def row_of(issue: Issue, found: Beside, reader: Reader, view: str) -> DeskRow:
    """One row; no statement."""
    holder, person = holder_of(issue)
    clock = str(DeadlineKind(issue.due_kind).label) if issue.due_kind in DeadlineKind.values else ""
    return DeskRow(
        number=issue.number,
        short_number=short_number(issue),
        value=f"{issue.pk}.{issue.version}",
        url=issue_url(issue.number),
        told_url=reverse("console-supervision-told", args=[issue.number]),
        title=issue.title,
        level=issue.level,
        level_label=str(Level(issue.level).label),
        community=issue.community.name,
        holder=holder,
        person=person,
        unassigned=issue.turn == Turn.DEPARTMENT and issue.officer_id is None,
        held=held_text(found.held_since_at, reader.now) if issue.turn == Turn.DEPARTMENT else "",
        clock=clock,
        due=due_of(issue, reader.now),
        seals=seals_of(issue),
        done=Line(str(TITLES.get(found.done, found.done)), at=found.done_at, more=found.done_by or _("系统")),
        told=_told(found),
        asked=tuple(_asked(found, reader.now)),
        urgeable=issue.is_open and view not in ("waiting", "unsigned"),
        links=tuple(_links(issue, reader, view)),
    )


def holder_of(issue: Issue) -> tuple[str, str]:
    """Where an issue sits: the organisation whose turn it is, and the person."""
    if issue.turn == Turn.DEPARTMENT and issue.lead_department is not None:
        return issue.lead_department.short_name, issue.officer.display_name if issue.officer else _("未指派")
    if issue.turn == Turn.COMMUNITY:
        return issue.community.name, _("社区工作人员")
    return str(Turn(issue.turn).label), ""


def _links(issue: Issue, reader: Reader, view: str) -> list[Link]:
    """What this person does on the issue's own page rather than here."""
    url = issue_url(issue.number)
    roles = reader.access.subdistrict_roles.get(issue.subdistrict_id, frozenset())
    directs = Role.DEPUTY in roles or Role.DIRECTOR in roles
    if view == "waiting":
        return (
            [Link(_("裁定"), f"{url}?action=assign_final")] if _returned(issue) else [Link(_("审批"), f"{url}#asked")]
        )
    if view == "unsigned":
        signs = directs and bool(signable(issue, reader.actor))
        return [Link(_("签发"), f"{url}?action=sign") if signs else Link(_("查看"), f"{url}#asked")]
    return [Link(_("批示"), f"{url}?action=instruct")] if directs and issue.is_open else []


def _returned(issue: Issue) -> bool:
    return issue.turn == Turn.SUPERVISOR and issue.status == Status.ACCEPTED


def held_text(since: datetime | None, now: datetime) -> str:
    """已持有9天, in working time; "" where no department holds it."""
    if since is None:
        return ""
    span = span_text(worked_between(since, now), exact=False)
    return _("已持有%(span)s") % {"span": span} if span else _("刚接手")


def _told(found: Beside) -> Line:
    if not found.told:
        return Line(text=_("未发过提醒"))
    failed = ""
    if found.failed:
        failed = ngettext("%(n)d 条发送失败", "%(n)d 条发送失败", found.failed) % {"n": found.failed}
    if found.told_number > 1:
        read = _("已读 %(read)d/%(all)d") % {"read": found.read_number, "all": found.told_number}
    elif found.read_at is not None:
        read = _("已读 %(when)s") % {"when": dates.moment_short(found.read_at)}
    else:
        read = _("未读")
    return Line(
        text=panels.told_label(found.told, None),
        title=panels.told_label(found.told, found.told_clock),
        at=found.told_at,
        more=read,
        failed=failed,
    )


def _asked(found: Beside, now: datetime) -> list[Line]:
    """What waits for somebody's decision on it, how long it has waited and what is left of the decision's own clock."""
    clock = {row.kind: row for row in found.clocks}
    lines = []
    for request in found.requests:
        drafted = request.kind in DRAFTS
        what = {"what": request.get_kind_display()}
        row = clock.get(DeadlineKind.SIGNATURE if drafted else DeadlineKind.EXTENSION_DECISION)
        parts = [waited_text(request.asked_at, now), _left(row, now) if row else ""]
        text = _("%(what)s待签发") % what if drafted else _("申请%(what)s") % what
        lines.append(Line(text=text, more=" · ".join(part for part in parts if part)))
    returned = clock.get(DeadlineKind.RETURN_DECISION)
    if returned is not None:
        lines.append(Line(text=_("退单待裁定"), more=_left(returned, now)))
    return lines


def _left(row: Any, now: datetime) -> str:
    return left_text(row.due_at, now, working=row.time_limit.is_working)


@require_safe
@never_cache
def told(request: HttpRequest, number: str) -> HttpResponse:
    """Who was told of one issue, when and how; the lower half of a row to htmx, a page of its own otherwise."""
    reader, _areas = desk_reader(request)
    issue = find_issue(reader, number)
    clocks = deadlines_of(issue.pk)
    context = {
        "issue": issue,
        "short_number": short_number(issue),
        "issue_url": issue_url(issue.number),
        "reminders": panels.who_was_told(issue.pk),
        "coming": panels.what_comes_next(clocks, issue, reader.now),
        "holdings": _holdings(issue, reader.now),
    }
    by_htmx = request.headers.get("HX-Request") == "true"
    return render(request, "console/_supervision_told.html" if by_htmx else "console/supervision_told.html", context)


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


@require_POST
def act_from_desk(request: HttpRequest) -> HttpResponse:
    """Urge or draft a supervision document for one issue (``one``) or for all that are ticked (``issue``).

    Each is an action of its own in a transaction of its own; what is refused is collected with its reason.
    """
    reader, _areas = desk_reader(request)
    back = safe_next(request, request.POST.get("next"), reverse("console-supervision"), under="/console/")
    action, kind, values = _wanted(request)
    chosen = read_chosen(values)
    if not action or not chosen:
        messages.warning(request, _("请先勾选工单") if action else _("请选择催办或拟督办"))
        return HttpResponseRedirect(back)
    if len(chosen) > MOST:
        messages.warning(request, _("一次最多处理 %(n)d 件") % {"n": MOST})
        return HttpResponseRedirect(back)
    note = request.POST.get("note", "").strip()
    result = _carry_out(reader, action, kind, note, chosen)
    what = _("拟%(kind)s") % {"kind": DraftKind(kind).label} if action == "supervise" else _("催办")
    said = ngettext("已%(what)s %(n)d 件", "已%(what)s %(n)d 件", len(result.done)) % {
        "what": what,
        "n": len(result.done),
    }
    if not result.refused:
        messages.success(request, said)
        return HttpResponseRedirect(back)
    request.session[_RESULT] = {
        "said": said,
        "refused": [{"number": row.number, "title": row.title, "reason": row.reason} for row in result.refused],
        "back": back,
    }
    return HttpResponseRedirect(reverse("console-supervision-result"))


def _wanted(request: HttpRequest) -> tuple[str, str, Sequence[str]]:
    """The action, the document's kind, and what it is to be done to.

    The button of one row carries both: ``one=urge:12.3``; the buttons below the list say only what.
    """
    one = request.POST.get("one", "")
    if one:
        action, _colon, value = one.partition(":")
        return (action if action in ("urge", "supervise") else ""), DraftKind.ORDER.value, [value]
    kind = request.POST.get("kind", "")
    action = request.POST.get("action", "")
    if action not in ("urge", "supervise"):
        return "", "", ()
    return action, kind if kind in DraftKind.values else DraftKind.ORDER.value, request.POST.getlist("issue")


def _carry_out(reader: Reader, action: str, kind: str, note: str, chosen: Sequence[Chosen]) -> Result:
    def fields(issue: Issue) -> dict[str, str]:
        if action == "urge":
            return {"note": note} if note else {}
        return {"kind": kind, "note": note or default_text(issue, reader.now)}

    return act_on_many(action, chosen, by=Actor.staff(reader.user), at=reader.now, fields=fields)


def default_text(issue: Issue, now: datetime) -> str:
    """What a supervision document says where nobody wrote anything: which clock, how late, what is wanted.

    It is a draft: whoever signs it reads it first.
    """
    if issue.due_at is None or issue.due_kind not in DeadlineKind.values:
        return _("请抓紧办理，并书面回复办理情况。")
    words = {
        "clock": DeadlineKind(issue.due_kind).label,
        "due": dates.moment(issue.due_at),
        "span": span_text(left_of(issue.due_at, now, working=issue.due_working), exact=False),
    }
    if issue.due_at > now:
        return _("%(clock)s应于%(due)s前完成，请抓紧办理，并书面回复办理情况。") % words
    return _("%(clock)s应于%(due)s前完成，已超期%(span)s，请立即办理，并书面回复原因和办理情况。") % words


@require_safe
@never_cache
def result(request: HttpRequest) -> HttpResponse:
    """What the last action for many did, and what was refused for which reason."""
    desk_reader(request)
    found = request.session.get(_RESULT)
    if not found:
        return HttpResponseRedirect(reverse("console-supervision"))
    rows = [{**row, "url": issue_url(row["number"]) if row["number"] else ""} for row in found["refused"]]
    context = {"said": found["said"], "refused": rows, "back_url": found["back"]}
    return render(request, "console/supervision_result.html", context)
