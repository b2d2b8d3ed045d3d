"""The page of one issue as plain values: head, sentence, cards, timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common import dates
from common.clock import local
from common.masking import mask_name, mask_phone
from communities.lines import OfficeLines
from console.issues.actions import ActionShape, actions_of
from console.issues.case_state import CaseState
from console.issues.menu import MenuGroup, menu_of
from console.issues.papers import PaperLine, lines_of
from console.issues.parts import (
    AskedCard,
    DepartmentCard,
    PartCards,
    PromisedCard,
    Related,
    load_parts,
    load_related,
)
from console.kit.reading import Reader
from console.kit.rows import clock_due, due_of, issue_url, limit_badge, seals_of, short_number
from console.kit.shapes import DueShape, Seal, Tab
from deadlines import kinds
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineState, Level
from deadlines.models import Deadline
from deadlines.rules import describe_rule
from issues.discretion import hidden_account, knows_reporter, may_reveal, readable
from issues.enums import (
    SUBJECT,
    Action,
    DeadlineKind,
    Kind,
    Outcome,
    Solved,
    Source,
    Status,
    SuspensionReason,
    Verdict,
    VerdictCheck,
    VerdictVia,
)
from issues.fields import LISTED, MATTER
from issues.models import Issue
from issues.reading.attachments import gallery_for_staff
from issues.reading.handlers import Handlers
from issues.reading.pages import events_of, words_of
from issues.services.revealing import Revealed
from issues.timeline.entries import TimelineDay, actor_of, by_day, entries_of, names_for
from issues.wording.sentences import Circumstances, Sentence, sentence_of
from journal.models import Event
from reminders.panels import what_comes_next, who_was_told

_SKIPPED_SHOWN = 6
_REPORTERS = frozenset({"resident", "leader"})


@dataclass(frozen=True)
class Said:
    """Words of one event on a card."""

    text: str
    actor: str
    at: datetime
    department: str = ""
    public: bool = False
    in_time_text: str = ""
    photos: Sequence[Mapping[str, Any]] = ()
    documents: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Basis:
    """What one clock rests on."""

    label: str
    rule: str
    started_at: datetime
    due_at: datetime
    due: DueShape | None
    state_label: str
    paused_text: str
    calendar_text: str
    estimated: bool


@dataclass(frozen=True)
class Reporter:
    """Who reported, masked unless just revealed."""

    name: str
    phone: str
    note: str
    reveal_url: str
    refused: str


@dataclass(frozen=True)
class IssueShape:
    """Everything that detail.html and _pane.html print of an issue."""

    number: str
    short_number: str
    url: str
    title: str
    status: str
    status_label: str
    version: int
    kind_label: str
    source_label: str
    created_at: datetime
    level: str
    level_label: str
    time_limit: str
    time_limit_label: str
    seals: tuple[Seal, ...]
    due: DueShape | None
    sentence: Sentence
    holder_text: str
    basis: tuple[Basis, ...]
    description: str
    occurred_text: str
    details: tuple[Mapping[str, str], ...]
    first_report: Said | None
    progress: tuple[Said, ...]
    reply: Said | None
    facts: tuple[Mapping[str, str], ...]
    timeline: tuple[TimelineDay, ...]
    timeline_tabs: tuple[Tab, ...]
    departments: tuple[DepartmentCard, ...]
    reporter: Reporter
    place: Mapping[str, str]
    reminders: Sequence[Mapping[str, Any]]
    coming: Sequence[Any]
    actions: tuple[ActionShape, ...]
    menu: tuple[MenuGroup[ActionShape], ...]
    primary: ActionShape | None
    track_url: str
    watch_url: str
    watching: bool
    marks: tuple[Mapping[str, str], ...]
    instructions: tuple[Said, ...]
    asked: tuple[AskedCard, ...]
    promised: tuple[PromisedCard, ...]
    related: Related | None
    reported: Said | None
    pairs: Sequence[Mapping[str, Any]]
    co_missing: str
    papers: tuple[PaperLine, ...] = ()
    steps: tuple[Any, ...] = field(default=())


def issue_shape(
    issue: Issue, reader: Reader, case: CaseState, *, show: str = "", revealed: Revealed | None = None
) -> IssueShape:
    """The page of ``issue``; ``show`` is "public", "internal" or "" (all of the timeline). At most eight statements."""
    return _Builder(issue, reader, case, show, revealed).shape()


def _said_once(revealed: Revealed) -> str:
    """What stands below a name and a number that were asked for with a reason."""
    parts = [_("住址：%(address)s") % {"address": revealed.address}] if revealed.address else []
    if revealed.numbers:
        values = {"numbers": _("、").join(revealed.numbers), "reason": revealed.numbers_reason}
        parts.append(_("%(numbers)s（保留理由：%(reason)s）") % values)
    return " ".join([*parts, _("本次查看已记入日志，离开此页后不再显示。")])


class _Builder:
    """Loads what belongs to one issue and puts the page together."""

    def __init__(self, issue: Issue, reader: Reader, case: CaseState, show: str, revealed: Revealed | None) -> None:
        self.issue, self.reader, self.case, self.show, self.revealed = issue, reader, case, show, revealed
        self.who = reader.parties(issue)
        self.identity, self.lines = knows_reporter(issue, reader.access), OfficeLines(issue.subdistrict_id)
        self.clocks = case.clocks
        self.events = events_of(issue.pk)
        self.rows = load_parts(issue)
        self.near = load_related(issue, reader.access)
        self.gallery = gallery_for_staff(issue, reader.access, self.events)
        self.calendar: WorkCalendar = deadlines.load_calendar()
        self.handlers = Handlers.of_page(issue, reader.now)
        self.parts = PartCards(issue, reader, case, self.handlers)
        departments = {row.department_id: row.department.name for row in self.rows}
        numbers = {row.pk: row.number for row in self.near}
        self.names = names_for(issue, self.events, departments, numbers)

    def shape(self) -> IssueShape:
        """Everything."""
        issue, reader = self.issue, self.reader
        state, state_label = limit_badge(issue, reader.now)
        actions = actions_of(issue, reader, self.case)
        by_code = {action.code: action for action in actions}
        url = issue_url(issue.number)
        progress = [event for event in self.events if event.kind == Action.PROGRESS]
        first_report = next((event for event in reversed(progress) if event.value("first_report")), None)
        return IssueShape(
            number=issue.number,
            short_number=short_number(issue),
            url=url,
            title=issue.title,
            status=issue.status,
            status_label=str(Status(issue.status).label),
            version=issue.version,
            kind_label=str(Kind(issue.kind).label),
            source_label=str(Source(issue.source).label),
            created_at=issue.created_at,
            level=issue.level,
            level_label=str(Level(issue.level).label),
            time_limit=state,
            time_limit_label=state_label,
            seals=seals_of(issue),
            due=due_of(issue, reader.now),
            sentence=sentence_of(issue, reader.now, self._circumstances()),
            holder_text=self._holder(),
            basis=tuple(self._basis(row) for row in self.clocks),
            description=issue.description,
            occurred_text=dates.moment(issue.occurred_at) if issue.occurred_at else "",
            details=self._details(),
            first_report=self._first_report(first_report),
            progress=tuple(self._said(event) for event in progress if event is not first_report),
            reply=self._reply(),
            facts=self._facts(),
            timeline=self._timeline(),
            timeline_tabs=self._timeline_tabs(url),
            departments=tuple(self.parts.department(row) for row in self.rows),
            reporter=self._reporter(),
            place=self._place(),
            reminders=who_was_told(SUBJECT, issue.pk, hidden_account(issue, reader.access)),
            coming=what_comes_next(self.clocks, issue.level, self.reader.now),
            actions=tuple(actions),
            menu=menu_of(actions, issue.status),
            primary=next((action for action in actions if action.primary), None),
            track_url=reverse("matter", args=[issue.token]) if self.identity and self.who else "",
            watch_url=reverse("console-issue-watch", args=[issue.number]),
            watching=getattr(issue, "watched", False),
            marks=self._marks(),
            instructions=tuple(self._said(event) for event in self.events if event.kind == Action.INSTRUCT),
            asked=(
                *self.parts.objection(by_code),
                *self.parts.asked(by_code),
            ),
            promised=self.parts.promised(),
            related=self.parts.related(self.near, identity=self.identity),
            reported=self._reported(),
            pairs=self.gallery.pairs,
            co_missing=self._co_missing(),
            papers=lines_of(issue),
        )

    def _circumstances(self) -> Circumstances:
        waiting = [row.department.name for row in self.rows if row.department_id in self.issue.co_waiting_ids]
        master = next((row.number for row in self.near if row.pk == self.issue.master_id), "")
        granted = next((event for event in self.events if event.kind == Action.GRANT_SUSPENSION), None)
        code = granted.value("reason", "") if granted and self.issue.status == Status.SUSPENDED else ""
        why = str(SuspensionReason(code).label) if code in SuspensionReason.values else ""
        return Circumstances(waiting=waiting, deferred_for=why, master=master, clocks=self.clocks)

    def _marks(self) -> tuple[Mapping[str, str], ...]:
        """What stands out of the ordinary, as short words with an explanation."""
        issue = self.issue
        at = dates.moment_short
        found = (
            (issue.alarm, _("急：%(words)s") % {"words": issue.alarm}, _("描述中有急事用语，登记时据此定级，请先核实")),
            (issue.confidential, _("保密"), _("承办单位、楼长和物业看不到反映人身份")),
            (issue.deemed, _("视为签收"), _("超过签收时限两倍无人签收，自动视为签收")),
            (issue.info_expired, _("逾期未补充"), _("反映人没有在期限内补充，按现有情况办理")),
            (issue.assigned_final, _("指定承办"), _("由街道社会治理办指定，不能退单")),
            (issue.collective_at, _("群体性诉求"), _("7天内有5人以上反映同一件事")),
            (issue.repeat_of_id and self.identity, _("再次反映"), _("同一件事办结15天后再次反映")),
            (issue.published_at, _("已公开"), _("居民首页可以看到，公开于 %(when)s"), issue.published_at),
            (issue.excluded_at, _("已剔除"), _("不计入各项统计，剔除于 %(when)s"), issue.excluded_at),
        )
        return tuple(
            {"label": label, "title": title % {"when": at(when[0])} if when and when[0] else title}
            for holds, label, title, *when in found
            if holds
        )

    def _reported(self) -> Said | None:
        """The reporter's own photos and documents, with those that came later, shown with the description."""
        told = [event for event in self.events if event.kind == Action.CREATE or event.actor_role in _REPORTERS]
        files = [file for event in reversed(told) for file in self._files(event)]
        if not files:
            return None
        photos = [file for file in files if file["kind"] == "photo"]
        rest = [file for file in files if file["kind"] != "photo"]
        return Said(text="", actor="", at=self.issue.created_at, photos=photos, documents=rest)

    def _files(self, event: Event) -> Sequence[Mapping[str, Any]]:
        return self.gallery.of_event.get(event.pk, [])

    def _co_missing(self) -> str:
        """Which co-departments had not answered when the reply was given."""
        last = next((event for event in self.events if event.kind == Action.REPLY), None)
        ids = last.value("co_missing", []) if last else []
        names = [self.names.departments[pk] for pk in ids if pk in self.names.departments]
        return _("协办未反馈：%(names)s") % {"names": _("、").join(names)} if names else ""

    # Head

    def _holder(self) -> str:
        issue = self.issue
        if issue.officer is None or not issue.is_open:
            return ""
        name = self.handlers.name(issue, own=issue.officer_id == self.reader.user.pk)
        if issue.acknowledged_at is None:
            return _("承办人 %(name)s") % {"name": name}
        return _("承办人 %(name)s · %(when)s 签收") % {
            "name": name,
            "when": dates.moment_short(issue.acknowledged_at),
        }

    def _basis(self, row: Deadline) -> Basis:
        running = row.state == DeadlineState.RUNNING
        states = {
            DeadlineState.RUNNING.value: _("超期") if row.is_overdue(self.reader.now) else _("进行中"),
            DeadlineState.PAUSED.value: _("已暂停"),
            DeadlineState.MET.value: _("按时完成"),
            DeadlineState.LATE.value: _("逾期完成"),
            DeadlineState.CANCELLED.value: _("已取消"),
        }
        return Basis(
            label=kinds.label(row.kind),
            rule=describe_rule(row.rule, row.kind, row.limit),
            started_at=row.started_at,
            due_at=row.due_at,
            due=clock_due(self.issue, row, self.reader.now) if running else None,
            state_label=states[row.state],
            paused_text=_("自 %(when)s 起暂停") % {"when": dates.moment(row.paused_at)} if row.paused_at else "",
            calendar_text=self._skipped(row),
            estimated=row.estimated,
        )

    def _skipped(self, row: Deadline) -> str:
        """The days that the calendar skipped between start and due."""
        if not row.time_limit.is_working:
            return ""
        first, last = local(row.started_at).date(), local(row.due_at).date()
        days = [first + timedelta(days=n) for n in range(1, (last - first).days)]
        free = [f"{on:%m-%d}" for on in days if not self.calendar.is_workday(on)]
        if not free:
            return ""
        shown = _("、").join(free[:_SKIPPED_SHOWN])
        if len(free) > _SKIPPED_SHOWN:
            return _("跳过 %(days)s 等 %(n)d 天") % {"days": shown, "n": len(free)}
        return _("跳过 %(days)s") % {"days": shown}

    def _logged_by(self) -> str:
        """Who logged it; not the leader who reports confidentially."""
        issue = self.issue
        if issue.logged_by is None or (issue.leader_id is not None and not self.identity):
            return ""
        return issue.logged_by.display_name

    # Cards on the left

    def _clean(self, text: str) -> str:
        return readable(self.issue, self.reader.access, text, lines=self.lines)

    def _said(self, event: Event) -> Said:
        words = words_of(event)
        department = self.issue.lead_department.name if self.issue.lead_department else self.issue.community.name
        files = self._files(event)
        return Said(
            text=self._clean(words.get("note") or words.get("reason") or ""),
            actor=actor_of(self.issue, event, self.names, identity=self.identity),
            at=event.at,
            department=self.names.organisations.get(event.pk) or department,
            public=event.visible,
            photos=[file for file in files if file["kind"] == "photo"],
            documents=[file for file in files if file["kind"] != "photo"],
        )

    def _first_report(self, event: Event | None) -> Said | None:
        if event is None:
            return None
        clock = next((row for row in self.clocks if row.kind == DeadlineKind.FIRST_REPORT), None)
        said = self._said(event)
        if clock is None:
            return said
        text = {DeadlineState.MET.value: _("按时"), DeadlineState.LATE.value: _("逾期")}.get(clock.state, "")
        return replace(said, in_time_text=text)

    def _reply(self) -> Said | None:
        last = next((event for event in self.events if event.kind in (Action.REPLY, Action.ANSWER_NOW)), None)
        if last is None:
            return None
        said = self._said(last)
        return replace(said, actor=last.actor.display_name if last.actor else said.actor)

    def _facts(self) -> tuple[Mapping[str, str], ...]:
        """办理结果, 居民评价, 是否解决: three facts that are never one."""
        issue = self.issue
        waiting = _("待回访") if issue.is_open else _("无")
        outcome = str(Outcome(issue.outcome).label) if issue.outcome else _("待答复") if issue.is_open else _("无")
        said = [str(Verdict(issue.verdict).label)] if issue.verdict else []
        said += [str(VerdictVia(issue.verdict_via).label)] if issue.verdict_via else []
        said += [str(VerdictCheck(issue.verdict_check).label)] if issue.verdict_check else []
        return (
            {"label": _("办理结果"), "value": outcome},
            {"label": _("居民评价"), "value": " · ".join(said) or waiting},
            {"label": _("是否解决"), "value": str(Solved(issue.solved).label) if issue.solved else waiting},
            *self._noted_at_desk(),
        )

    def _noted_at_desk(self) -> tuple[Mapping[str, str], ...]:
        """社区登记: what a caller said when it was answered at once stays to be read after the resident's own word."""
        noted = next((event for event in self.events if event.kind == Action.ANSWER_NOW), None)
        if noted is None or self.issue.verdict_via == VerdictVia.DESK:
            return ()
        verdict, solved = noted.value("verdict", ""), noted.value("solved", "")
        if not VerdictVia.DESK.of(verdict, solved):
            return ()
        said = [str(Verdict(verdict).label)] if verdict else []
        said += [str(Solved(solved).label)] if solved else []
        return ({"label": str(VerdictVia.DESK.label), "value": " · ".join(said)},)

    def _timeline(self) -> tuple[TimelineDay, ...]:
        events = self.events
        if self.show:
            events = [event for event in events if event.visible == (self.show == "public")]
        entries = entries_of(self.issue, events, self.names, identity=self.identity, files=self.gallery.of_event)
        return tuple(by_day(entries, local(self.reader.now).date()))

    def _timeline_tabs(self, url: str) -> tuple[Tab, ...]:
        words = (("", _("全部")), ("public", _("对居民可见")), ("internal", _("内部")))
        return tuple(
            Tab(
                code=code,
                label=label,
                url=f"{url}?show={code}#happened" if code else f"{url}#happened",
                active=code == self.show,
            )
            for code, label in words
        )

    # Cards on the right

    def _reporter(self) -> Reporter:
        issue = self.issue
        if issue.masked_at is not None:
            note = _("%(on)s起不再保存反映人的姓名、电话和住址") % {"on": dates.day(issue.masked_at)}
            return Reporter(name=_("个人信息已清除"), phone="", note=note, reveal_url="", refused="")
        if issue.contact is None:
            return Reporter(name=_("匿名"), phone="", note=_("没有留下联系方式，无需回访"), reveal_url="", refused="")
        if not self.identity:
            return Reporter(
                name=_("保密"),
                phone="",
                note="",
                reveal_url="",
                refused=_("此件保密，只有登记社区和街道社会治理办可以查看反映人"),
            )
        if self.revealed is not None:
            return Reporter(self.revealed.name, self.revealed.phone, _said_once(self.revealed), "", "")
        allowed = may_reveal(issue, self.reader.access, self.who)
        note = _("保密件，承办单位看不到反映人") if issue.confidential else ""
        return Reporter(
            name=mask_name(issue.contact.name) or _("未留称呼"),
            phone=mask_phone(issue.contact.phone),
            note=note,
            reveal_url=reverse("console-issue-reveal", args=[issue.number]) if allowed else "",
            refused="" if allowed else _("您没有权限查看反映人的完整信息"),
        )

    def _place(self) -> Mapping[str, str]:
        issue = self.issue
        spot = [issue.community.name]
        spot += [issue.neighbourhood.name] if issue.neighbourhood else []
        spot += [issue.building.name] if issue.building else []
        return {"name": " ".join(spot), "detail": issue.address}

    def _details(self) -> tuple[Mapping[str, str], ...]:
        issue = self.issue
        place = self._place()
        category = issue.category
        level = str(Level(issue.level).label)
        facts = (
            (_("位置"), " ".join(part for part in (place["name"], place["detail"]) if part)),
            (_("发生时间"), dates.moment(issue.occurred_at) if issue.occurred_at else ""),
            (_("诉求性质"), str(Kind(issue.kind).label)),
            (_("类别"), category.name if category else _("未分类")),
            (_("紧急程度"), level if issue.level_set else _("%(level)s（按类别）") % {"level": level}),
            (_("急事用语"), issue.alarm),
            (_("来源"), str(Source(issue.source).label)),
            *((MATTER[name].label, _shown(getattr(issue, name))) for name in LISTED),
            (_("登记人"), self._logged_by()),
            (_("保密"), _("是") if issue.confidential else ""),
        )
        return tuple({"label": str(label), "value": value} for label, value in facts if value)


def _shown(value: str | datetime | None) -> str:
    return dates.moment(value) if isinstance(value, datetime) else value or ""
