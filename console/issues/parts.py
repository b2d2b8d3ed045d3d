"""The cards on the right of the issue page: departments, what waits for a decision, promises, joined issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.enums import CommitmentState
from common import dates
from common.clock import local
from common.masking import mask_name, mask_phone
from communities.access import Access
from communities.models.base import localised
from console.issues.actions import ActionShape
from console.issues.case_state import CaseState, WaitingDraft
from console.kit.reading import Reader
from console.kit.rows import clock_due, issue_url
from console.kit.shapes import DueShape
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from deadlines.wording import left_text, span_text, worked_between
from issues.discretion import knows_reporter, readable, reporter_known_to
from issues.enums import (
    ABOUT_WORK,
    FOR_SUPERVISOR,
    Action,
    DeadlineKind,
    DepartmentRole,
    RequestKind,
    Solved,
    Status,
    SuspensionReason,
    TimeLimit,
    Turn,
    Verdict,
)
from issues.models import Holding, Issue, IssueDepartment, Request
from issues.policies import needs_director
from issues.reading.handlers import Handlers
from issues.timeline.facts import days_text
from issues.wording.sentences import due_sentence
from papers.enums import DraftKind

_MOST_JOINED = 60


@dataclass(frozen=True)
class HeldCard:
    """One time in which a department was accountable."""

    since_at: datetime
    until_at: datetime | None
    span: str
    late: bool


@dataclass(frozen=True)
class DepartmentCard:
    """One department of the issue: its part, its own deadline, and how long it held the matter."""

    name: str
    role: str
    role_label: str
    state_text: str
    due: DueShape | None
    due_text: str
    time_limit: str
    time_limit_label: str
    missing: bool = False
    held: tuple[HeldCard, ...] = ()


@dataclass(frozen=True)
class AskedCard:
    """What waits for somebody's decision, and who may decide now."""

    kind: str
    title: str
    facts: tuple[Mapping[str, str], ...]
    text: str
    interim_answer: str
    waits_for: str
    due_text: str
    actions: tuple[ActionShape, ...]
    refused: str


@dataclass(frozen=True)
class PromisedCard:
    """What was promised on the issue."""

    url: str
    text: str
    owner: str
    date_text: str
    state: str
    state_label: str


@dataclass(frozen=True)
class JoinedCard:
    """One matter that belongs to this one."""

    number: str
    short_number: str
    url: str
    title: str
    status_label: str
    reporter: str
    place: str
    verdict: str
    kind: str


@dataclass(frozen=True)
class Related:
    """关联与并案: ``text`` is 共12人反映; ``banner`` leads a joined issue to its master."""

    text: str
    items: tuple[JoinedCard, ...]
    banner: Mapping[str, str] | None = None


def load_parts(issue: Issue) -> list[IssueDepartment]:
    """The departments with the times they held the matter (``held``); one statement."""
    held = (
        Holding.objects.filter(issue_id=OuterRef("issue_id"), department_id=OuterRef("department_id"))
        .order_by("since_at")
        .values(row=JSONObject(since="since_at", until="until_at", late="late"))
    )
    rows = issue.departments.select_related("department").annotate(held=ArraySubquery(held))
    return sorted(rows, key=lambda row: (not row.current, row.role != DepartmentRole.LEAD, row.pk))


def load_related(issue: Issue, access: Access) -> list[Issue]:
    """Master, joined, the earlier report and later ones; one statement, none where there cannot be any.

    All of them only to who sees them. Who raised it before raised it again: the two are shown together to who may know
    both reporters.
    """
    ids = [pk for pk in (issue.master_id, issue.repeat_of_id) if pk]
    if not ids and not issue.joined_count and issue.status != Status.CLOSED:
        return []
    wanted = Q(pk=issue.master_id or 0)
    if knows_reporter(issue, access):
        wanted |= (Q(repeat_of_id=issue.pk) | Q(pk=issue.repeat_of_id or 0)) & reporter_known_to(access)
    if issue.joined_count:
        wanted |= Q(master_id=issue.pk)
    seen = Issue.objects.visible_to(access).filter(wanted)
    rows = seen.select_related("contact", "neighbourhood", "building", "community")
    return list(rows.defer("lexemes", "description").order_by("id")[:_MOST_JOINED])


class PartCards:
    """Makes the cards of one issue from what was loaded."""

    def __init__(self, issue: Issue, reader: Reader, case: CaseState, handlers: Handlers) -> None:
        self.issue, self.reader, self.case, self.handlers = issue, reader, case, handlers

    # Departments

    def department(self, row: IssueDepartment) -> DepartmentCard:
        """One department."""
        clock = self._clock_of(row)
        due = clock_due(self.issue, clock, self.reader.now) if clock is not None and row.current else None
        badge = TimeLimit(due.state) if due else None
        waits = row.department_id in self.issue.co_waiting_ids
        return DepartmentCard(
            name=row.department.name,
            role=row.role if row.current or row.role == DepartmentRole.CC else "past",
            role_label=self._role(row),
            state_text=self._state(row),
            due=due,
            due_text=due_sentence(clock.kind, clock.due_at, self.reader.now, working=clock.time_limit.is_working)
            if clock is not None and due
            else "",
            time_limit=badge.value if badge else "",
            time_limit_label=str(badge.label) if badge else "",
            missing=waits and clock is not None and clock.is_overdue(self.reader.now),
            held=self._held(row),
        )

    def _role(self, row: IssueDepartment) -> str:
        if row.role == DepartmentRole.CC:
            return str(DepartmentRole.CC.label)
        if not row.current:
            return _("曾协办") if row.role == DepartmentRole.CO else _("曾承办")
        if row.role == DepartmentRole.LEAD and row.department.is_external:
            return _("主办（外单位）")
        return str(DepartmentRole(row.role).label)

    def _clock_of(self, row: IssueDepartment) -> Deadline | None:
        """The clock that this department owes and that is due first."""
        if row.role == DepartmentRole.CO:
            found = [
                clock
                for clock in self.case.clocks
                if clock.kind == DeadlineKind.CO_REPLY and clock.party_id == row.department_id and clock.is_open
            ]
            return found[0] if found else None
        if row.department_id != self.issue.lead_department_id:
            return None
        owed = [
            clock
            for clock in self.case.clocks
            if clock.state == DeadlineState.RUNNING and clock.kind in ("handle", "acknowledge")
        ]
        return next((clock for clock in owed if clock.kind == "handle"), owed[0] if owed else None)

    def _state(self, row: IssueDepartment) -> str:
        if row.role == DepartmentRole.CC:
            return _("%(when)s 抄送") % {"when": dates.moment_short(row.dispatched_at)}
        if row.waived_at is not None and not row.current:
            return _("%(when)s 免协办") % {"when": dates.moment_short(row.waived_at)}
        if not row.current:
            return (
                _("%(when)s 退单") % {"when": dates.moment_short(row.returned_at)} if row.returned_at else _("已转派")
            )
        if row.role == DepartmentRole.CO:
            return self._co_state(row)
        if row.acknowledged_at is None:
            return _("%(when)s 派单，待签收") % {"when": dates.moment_short(row.dispatched_at)}
        status = str(Status(self.issue.status).label)
        if self.issue.officer is not None and row.department_id == self.issue.lead_department_id:
            return _("%(state)s · %(name)s") % {"state": status, "name": self.handlers.name(self.issue)}
        return status

    def _co_state(self, row: IssueDepartment) -> str:
        if row.answered_at is not None:
            return _("%(when)s 已反馈") % {"when": dates.moment_short(row.answered_at)}
        if row.department_id in self.issue.co_waiting_ids:
            return _("%(when)s 加协办，待反馈") % {"when": dates.moment_short(row.dispatched_at)}
        return _("协办未反馈")

    def _held(self, row: IssueDepartment) -> tuple[HeldCard, ...]:
        found = []
        for one in row.held:  # type: ignore[attr-defined]
            since, until = _at(one["since"]), _at(one["until"])
            if since is not None:
                span = span_text(worked_between(since, until or self.reader.now)) or _("不到1分钟")
                late = bool(one["late"]) or (until is None and self._is_late(since))
                found.append(HeldCard(since_at=since, until_at=until, span=span, late=late))
        return tuple(found)

    def _is_late(self, since: datetime) -> bool:
        """Whether the handling limit passed while the present holder had it."""
        dues = [row.due_at for row in self.case.clocks if row.kind == DeadlineKind.HANDLE and row.paused_at is None]
        return any(since < due <= self.reader.now for due in dues)

    # What waits for a decision

    def asked(self, actions: Mapping[str, ActionShape]) -> tuple[AskedCard, ...]:
        """The requests, and the drafts for signature, as they were put."""
        found = [(row.asked_at, self._requested(row, actions)) for row in self.case.requests]
        found += [(row.asked_at, self._drafted(row, actions)) for row in self.case.drafts]
        return tuple(card for _at, card in sorted(found, key=lambda pair: pair[0]))

    def _requested(self, request: Request, actions: Mapping[str, ActionShape]) -> AskedCard:
        issue, kind = self.issue, RequestKind(request.kind)
        mine = [actions[code] for code in _ANSWERS[kind] if code in actions]
        director = kind == RequestKind.SUSPENSION and needs_director(issue, request)
        whom = _("街道主要领导") if director else _("分管领导") if kind not in FOR_SUPERVISOR else _("街道社会治理办")
        clock = next(
            (row for row in self.case.clocks if row.kind == DeadlineKind.EXTENSION_DECISION and row.is_open), None
        )
        due = ""
        if clock is not None and kind in FOR_SUPERVISOR:
            due = due_sentence(clock.kind, clock.due_at, self.reader.now, working=clock.time_limit.is_working)
        decides = [action for action in mine if action.code != Action.ENDORSE]
        return AskedCard(
            kind=kind.value,
            title=_("%(kind)s申请") % {"kind": kind.label},
            facts=tuple(fact for fact in self._asked_facts(request) if fact["value"]),
            text=readable(issue, self.reader.access, request.text),
            interim_answer=readable(issue, self.reader.access, request.interim_answer),
            waits_for=_("待%(whom)s审批") % {"whom": whom},
            due_text=due,
            actions=tuple(action for action in mine if action.allowed),
            refused=next((action.reason for action in decides if not action.allowed), ""),
        )

    def _drafted(self, draft: WaitingDraft, actions: Mapping[str, ActionShape]) -> AskedCard:
        kind = draft.kind
        mine = [actions[code] for code in (Action.SIGN, Action.REFUSE_SIGN) if code in actions]
        whom = _("街道主要领导") if kind == DraftKind.RED_CARD else _("分管领导")
        return AskedCard(
            kind=kind.value,
            title=_("%(kind)s待签发") % {"kind": kind.label},
            facts=(_put_by(draft.asked_by or _("系统自动拟稿"), draft.asked_at),),
            text=readable(self.issue, self.reader.access, draft.text),
            interim_answer="",
            waits_for=_("待%(whom)s签发") % {"whom": whom},
            due_text="",
            actions=tuple(action for action in mine if action.allowed),
            refused=next((action.reason for action in mine if not action.allowed), ""),
        )

    def objection(self, actions: Mapping[str, ActionShape]) -> tuple[AskedCard, ...]:
        """After an objection the supervisor decides: redone, or closed with an explanation."""
        issue = self.issue
        if issue.status != Status.FOLLOW_UP or issue.turn != Turn.SUPERVISOR:
            return ()
        mine = [actions[code] for code in (Action.REDO, Action.CLOSE_EXPLAINED) if code in actions]
        return (
            AskedCard(
                kind="objection",
                title=_("反映人表示没有解决"),
                facts=(),
                text="",
                interim_answer="",
                waits_for=_("待街道社会治理办裁定"),
                due_text="",
                actions=tuple(action for action in mine if action.allowed),
                refused="",
            ),
        )

    def _asked_facts(self, request: Request) -> list[dict[str, str]]:
        asked_by = request.asked_by.display_name
        if request.department is not None and request.kind in ABOUT_WORK:
            asked_by = _("%(organisation)s · %(name)s") % {
                "organisation": request.department.short_name,
                "name": asked_by,
            }
        reason = str(SuspensionReason(request.reason_code).label) if request.reason_code else ""
        endorsed = ""
        if request.endorsed_by is not None and request.endorsed_at is not None:
            endorsed = _("%(name)s，%(when)s") % {
                "name": request.endorsed_by.display_name,
                "when": dates.moment_short(request.endorsed_at),
            }
        elif request.kind in ABOUT_WORK:
            endorsed = _("部门负责人尚未表示意见")
        handle = next((row for row in self.case.clocks if row.kind == DeadlineKind.HANDLE and row.is_running), None)
        left = ""
        if handle is not None and request.kind in ABOUT_WORK:
            left = left_text(handle.due_at, self.reader.now, working=handle.time_limit.is_working)
        return [
            {"label": _("延长"), "value": days_text(request.days) if request.days else ""},
            {"label": _("原因"), "value": reason},
            {"label": _("复查日期"), "value": dates.day_weekday(request.until_on) if request.until_on else ""},
            {"label": _("办理时限"), "value": left},
            _put_by(asked_by, request.asked_at),
            {"label": _("部门意见"), "value": endorsed},
        ]

    # Promises

    def promised(self) -> tuple[PromisedCard, ...]:
        """What was promised on it, as ``find_issue`` read it."""
        return tuple(self._promise(row) for row in self.issue.promises)  # type: ignore[attr-defined]

    def _promise(self, row: Mapping[str, str | None]) -> PromisedCard:
        due_on, review_on = parse_date(row["due_on"] or ""), parse_date(row["review_on"] or "")
        on, today = due_on or review_on, local(self.reader.now).date()
        late = row["state"] == CommitmentState.OPEN and on is not None and on < today
        words = _("承诺 %(day)s 前完成") if due_on else _("%(day)s 前复查")
        state = CommitmentState(row["state"] or CommitmentState.OPEN)
        return PromisedCard(
            url=reverse("console-commitment", args=[row["id"]]),
            text=readable(self.issue, self.reader.access, row["text"] or ""),
            owner=localised(row["owner_zh"] or "", row["owner_en"] or ""),
            date_text=words % {"day": dates.day_weekday(on)} if on else "",
            state="overdue" if late else state.value,
            state_label=_late_text(on, today) if late and on else str(state.label),
        )

    # Joined issues

    def related(self, rows: Sequence[Issue], *, identity: bool) -> Related | None:
        """Who joined, what it joined, and repeats of the same matter, as far as the reader sees them."""
        issue = self.issue
        if not rows and issue.persons == 1:
            return None
        master = next((row for row in rows if row.pk == issue.master_id), None)
        joined = [row for row in rows if row.master_id == issue.pk]
        others = [row for row in rows if row is not master and row.master_id != issue.pk]
        text = _("共%(n)d人反映") % {"n": issue.persons} if issue.persons > 1 else ""
        return Related(
            text=text,
            items=tuple(self._joined(row, identity=identity) for row in [*joined, *others]),
            banner=self._banner(master) if master else None,
        )

    def _banner(self, master: Issue) -> dict[str, str]:
        return {
            "text": _("此件已并入 %(number)s，随主件办理；反映人单独回访。") % {"number": master.number},
            "more": _("主件：%(title)s（%(status)s，共%(n)d人反映）")
            % {"title": master.title, "status": Status(master.status).label, "n": master.persons},
            "url": issue_url(master.number),
        }

    def _joined(self, row: Issue, *, identity: bool) -> JoinedCard:
        is_joined = row.master_id == self.issue.pk
        shows = identity and knows_reporter(row, self.reader.access)
        reporter = ""
        if row.contact is not None and is_joined:
            reporter = f"{mask_name(row.contact.name)} {mask_phone(row.contact.phone)}".strip() if shows else _("保密")
        parts = [str(Verdict(row.verdict).label)] if row.verdict else []
        parts += [str(Solved(row.solved).label)] if row.solved else []
        place = row.neighbourhood.name if row.neighbourhood else "" if row.confidential else row.address[:24]
        building = row.building.name if row.building else ""
        return JoinedCard(
            number=row.number,
            short_number=f"{row.year}-{row.serial:06d}",
            url=issue_url(row.number),
            title=row.title,
            status_label=str(Status(row.status).label) if not is_joined else "",
            reporter=reporter,
            place=f"{place} {building}".strip(),
            verdict=" · ".join(parts) or (_("未回访") if is_joined else ""),
            kind="" if is_joined else _("再次反映") if row.repeat_of_id == self.issue.pk else _("上次反映"),
        )


_ANSWERS: dict[RequestKind, tuple[str, ...]] = {
    RequestKind.EXTENSION: (Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION, Action.ENDORSE),
    RequestKind.SUSPENSION: (Action.GRANT_SUSPENSION, Action.REFUSE_SUSPENSION, Action.ENDORSE),
    RequestKind.EXCLUSION: (Action.GRANT_EXCLUSION, Action.REFUSE_EXCLUSION),
    RequestKind.DISCLOSURE: (Action.GRANT_DISCLOSURE, Action.REFUSE_DISCLOSURE),
}


def _put_by(name: str, at: datetime) -> dict[str, str]:
    return {"label": _("提出"), "value": f"{name} {dates.moment_short(at)}"}


def _late_text(on: date, today: date) -> str:
    return ngettext("已逾期 %(n)d 天", "已逾期 %(n)d 天", (today - on).days) % {"n": (today - on).days}


def _at(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) else value
