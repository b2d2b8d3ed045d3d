"""Issues as rows of a list."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.roles import Role
from communities.access import Access
from console.kit.reading import Reader
from console.kit.shapes import DueShape, Link, RowShape, Seal
from deadlines.enums import Level
from deadlines.models import Deadline
from deadlines.wording import left_text
from issues.enums import (
    SUBJECT,
    Action,
    DepartmentRole,
    RequestKind,
    Status,
    Supervision,
    TimeLimit,
    Turn,
    VerdictCheck,
)
from issues.models import Issue
from issues.models.issue import time_limit_of
from issues.policies import asked_of
from issues.reading.pages import is_awaiting
from issues.services.offers import next_step, offers, primary_offer
from papers.enums import DraftKind
from reminders.subjects import About


def rows_of(issues: Iterable[Issue], reader: Reader, *, selected: str = "", telling: bool = False) -> list[RowShape]:
    """Rows of issues loaded with ``issues.reading.pages.for_rows``; no statement. ``telling``: as in 待告知."""
    return [row_of(issue, reader, selected=issue.number == selected, telling=telling) for issue in issues]


def row_of(issue: Issue, reader: Reader, *, selected: bool = False, telling: bool = False) -> RowShape:
    """One row."""
    mine = is_awaiting(issue, reader.access)
    tells = _tells(issue, reader, telling=telling)
    url = issue_url(issue.number)
    state, state_label = limit_badge(issue, reader.now)
    return RowShape(
        number=issue.number,
        short_number=short_number(issue),
        url=url,
        pane_url=f"{url}?pane=1",
        title=issue.title,
        level=issue.level,
        level_label=str(Level(issue.level).label),
        status_label=str(Status(issue.status).label),
        time_limit=state,
        time_limit_label=state_label,
        place=place_of(issue, with_community=len(reader.access.community_ids) != 1),
        category=issue.category.name if issue.category else _("未分类"),
        department=issue.lead_department.short_name if issue.lead_department else "",
        next_step=_("待您告知") if tells else _step(issue, reader, mine),
        mine=mine or tells,
        due=due_of(issue, reader.now),
        seals=seals_of(issue),
        action=Link(label=_("告知"), url=f"{url}?action=contact")
        if tells
        else _action(issue, reader, url)
        if mine
        else None,
        role_label=_role(issue, reader),
        officer=issue.officer.display_name if issue.officer else "",
        selected=selected,
    )


def _tells(issue: Issue, reader: Reader, *, telling: bool) -> bool:
    """Whether the row is about telling the reporter: on its own tab, and wherever nothing else is left to do."""
    here = issue.community_id in reader.access.community_ids
    return issue.untold and here and (telling or not issue.is_open)


def issue_url(number: str) -> str:
    """The page of one issue."""
    return reverse("console-issue", args=[number])


def short_number(issue: Issue) -> str:
    """The number without its area: 2026-004238."""
    return f"{issue.year}-{issue.serial:06d}"


def listed_number(kind: str, about: About) -> str:
    """The number of a matter of any kind as lists show it: an issue's without its area."""
    return "-".join(about.number.rsplit("-", 2)[1:]) if kind == SUBJECT else about.number


def place_of(issue: Issue, *, with_community: bool) -> str:
    """Where: estate and building, else the address, else the community."""
    if issue.neighbourhood is not None:
        spot = issue.neighbourhood.name
        if issue.building is not None:
            spot = _("%(place)s %(building)s") % {"place": spot, "building": issue.building.name}
    else:
        spot = "" if issue.confidential else issue.address[:24]
    if not spot:
        return issue.community.name
    return _("%(community)s %(place)s") % {"community": issue.community.name, "place": spot} if with_community else spot


def limit_badge(issue: Issue, now: datetime) -> tuple[str, str]:
    """时限状态 as code and word. An ended issue shows that it ended, and 超期 where a limit had been missed."""
    state = issue.time_limit(now)
    if issue.is_open or state == TimeLimit.OVERDUE:
        return state.value, str(state.label)
    return "ended", _("办结") if issue.status == Status.CLOSED else _("终止")


def clock_due(issue: Issue, clock: Deadline, now: datetime) -> DueShape:
    """What is left of one clock of ``issue``."""
    return DueShape(
        relative=left_text(clock.due_at, now, working=clock.time_limit.is_working),
        at=clock.due_at,
        state=time_limit_of(issue.status, clock.due_at, clock.soon_at, clock.due_at, now).value,
        estimated=clock.estimated,
    )


def due_of(issue: Issue, now: datetime) -> DueShape | None:
    """The governing deadline; None where nothing runs."""
    if issue.due_at is None:
        return None
    return DueShape(
        relative=left_text(issue.due_at, now, working=issue.due_working),
        at=issue.due_at,
        state=issue.time_limit(now).value,
        estimated=issue.due_estimated,
    )


def seals_of(issue: Issue) -> tuple[Seal, ...]:
    """催, 督, 黄牌, 红牌: how far supervision has gone; dashed what waits for a signature."""
    drafts = tuple(_DRAFT_SEALS[kind]() for kind in DraftKind if kind in issue.asks)
    if issue.supervision == Supervision.NONE:
        return drafts
    seals = []
    if issue.urge_count or issue.supervision == Supervision.URGED:
        times = issue.urge_count
        seals.append(
            Seal(
                code=Supervision.URGED.value,
                label=_("催%(n)d") % {"n": times} if times > 1 else _("催"),
                title=_("已催办%(n)d次") % {"n": times} if times else _("已催办"),
            )
        )
    words = {
        Supervision.SUPERVISED: (_("督"), _("已督办")),
        Supervision.YELLOW_CARD: (_("黄牌"), _("黄牌警示")),
        Supervision.RED_CARD: (_("红牌"), _("红牌通报")),
    }
    further = words.get(Supervision(issue.supervision))
    if further:
        seals.append(Seal(code=issue.supervision, label=further[0], title=further[1]))
    return (*seals, *drafts)


_DRAFT_SEALS: Final[dict[DraftKind, Callable[[], Seal]]] = {
    DraftKind.ORDER: lambda: Seal("supervised", _("督办待签"), _("督办单待签发"), draft=True),
    DraftKind.YELLOW_CARD: lambda: Seal("yellow_card", _("黄牌待签"), _("黄牌警示待签发"), draft=True),
    DraftKind.RED_CARD: lambda: Seal("red_card", _("红牌待签"), _("红牌通报待签发"), draft=True),
}


def _step(issue: Issue, reader: Reader, mine: bool) -> str:
    """The next step as a verb, with how often it was tried before."""
    special = _special_step(issue, reader)
    if special:
        return special
    step = next_step(issue.status, mine)
    if issue.status == Status.FOLLOW_UP and issue.call_attempts:
        return _("%(step)s，已拨%(n)d次") % {"step": step, "n": issue.call_attempts}
    if issue.status == Status.ACCEPTED and issue.return_count:
        return _("%(step)s，已退单%(n)d次") % {"step": step, "n": issue.return_count}
    if issue.status == Status.IN_PROGRESS and issue.co_waiting_ids:
        return _("%(step)s，待协办反馈") % {"step": step}
    if issue.status == Status.IN_PROGRESS and issue.redo_count:
        return _("%(step)s，第%(n)d次重办") % {"step": step, "n": issue.redo_count}
    return step


def _special_step(issue: Issue, reader: Reader) -> str:
    """What waits beside the status: a decision, a signature, a co-department's answer, the supervisor's word."""
    access, area = reader.access, issue.subdistrict_id
    supervises = access.is_in(Role.SUPERVISOR, area)
    if issue.asks_direction and (access.is_in(Role.DEPUTY, area) or access.is_in(Role.DIRECTOR, area)):
        return _asked_above(issue, access)
    if issue.asks_supervisor:
        return _("待您审批") if supervises else _("申请待审批")
    if not access.department_ids.isdisjoint(issue.co_waiting_ids):
        return _("待您协办答复")
    if issue.verdict_check == VerdictCheck.DUE and supervises and not issue.is_open:
        return _("待您抽查回访")
    if issue.turn == Turn.SUPERVISOR:
        words = {
            Status.ACCEPTED: (_("待您裁定"), _("待街道裁定")),
            Status.REPLIED: (_("待您核查"), _("待街道核查")),
            Status.FOLLOW_UP: (_("待您裁定"), _("待街道裁定")),
        }.get(Status(issue.status))
        return words[0 if supervises else 1] if words else ""
    if issue.status == Status.IN_PROGRESS and issue.turn == Turn.COMMUNITY:
        return _("待您跟踪") if issue.community_id in access.community_ids else _("外单位办理中")
    return ""


def _asked_above(issue: Issue, access: Access) -> str:
    """What waits for the deputy's or the director's word, and for whose."""
    mine = asked_of(issue, access)
    if set(DraftKind) & set(mine):
        return _("待您签发")
    if mine:
        return _("待您审批剔除") if RequestKind.EXCLUSION in mine else _("待您审批")
    words = _("待%(whom)s签发") if set(DraftKind.values) & set(issue.asks) else _("待%(whom)s审批")
    return words % {"whom": _("街道主要领导")}


def _action(issue: Issue, reader: Reader, url: str) -> Link | None:
    """The one row button: the action that moves the issue on."""
    offer = primary_offer(offers(issue, reader.actor, reader.now, (), ()))
    if offer is None:
        return None
    if offer.action.startswith("grant_"):
        return Link(label=pgettext("button", "审批"), url=f"{url}#asked")
    short: Mapping[str, str] = {
        Action.VERIFY_PASS: _("核查"),
        Action.RECORD_FOLLOW_UP: _("回访"),
        Action.PROGRESS: _("反馈"),
        Action.REOPEN: _("重办"),
        Action.CO_REPLY: _("协办"),
        Action.RESUME: _("恢复"),
        Action.GIVE_INFO: _("补充"),
        Action.ASSIGN_FINAL: _("裁定"),
    }
    return Link(label=short.get(offer.action, offer.label), url=f"{url}?action={offer.action}")


def _role(issue: Issue, reader: Reader) -> str:
    if issue.lead_department_id in reader.access.department_ids:
        return str(DepartmentRole.LEAD.label)
    if not reader.access.department_ids.isdisjoint(issue.co_department_ids):
        return str(DepartmentRole.CO.label)
    return ""
