"""Issues as rows of the supervision desk: where each sits, since when, what was done and who was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.roles import Role
from common import dates
from console.kit.reading import Reader
from console.kit.rows import due_of, issue_url, seals_of, short_number
from console.kit.shapes import DueShape, Link, Seal
from deadlines import kinds
from deadlines.enums import Level
from deadlines.wording import left_text, span_text, worked_between
from issues.enums import DeadlineKind, Status, Turn
from issues.models import Issue
from issues.policies import DEPUTY_DECIDES, signable
from issues.reading.handlers import Handlers
from issues.supervision.desk import Beside
from issues.telling import title
from reminders import panels


@dataclass(frozen=True)
class DeskLine:
    """A first line and a small second one; ``failed`` alone is red, ``title`` says in full what the first cuts."""

    text: str = ""
    title: str = ""
    at: datetime | None = None
    more: str = ""
    failed: str = ""


@dataclass(frozen=True)
class DeskRowShape:
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
    done: DeskLine
    told: DeskLine
    asked: tuple[DeskLine, ...]
    urgeable: bool
    links: tuple[Link, ...]


def waited_text(since: datetime, now: datetime) -> str:
    """已等2小时: in working time, as the clock of a decision counts."""
    span = span_text(worked_between(since, now), exact=False)
    return _("已等%(span)s") % {"span": span} if span else _("刚提交")


def row_of(issue: Issue, found: Beside, reader: Reader, view: str, handlers: Handlers) -> DeskRowShape:
    """One row; no statement."""
    holder, person = holder_of(issue, handlers)
    clock = kinds.label(issue.due_kind)
    return DeskRowShape(
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
        unassigned=issue.turn == Turn.DEPARTMENT and not handlers.is_there(issue),
        held=held_text(found.held_since_at, reader.now) if issue.turn == Turn.DEPARTMENT else "",
        clock=clock,
        due=due_of(issue, reader.now),
        seals=seals_of(issue),
        done=DeskLine(title(found.done), at=found.done_at, more=found.done_by or _("系统")),
        told=_told(found),
        asked=tuple(_asked(found, reader.now)),
        urgeable=issue.is_open and view not in ("waiting", "unsigned"),
        links=tuple(_links(issue, reader, view)),
    )


def holder_of(issue: Issue, handlers: Handlers) -> tuple[str, str]:
    """Where an issue sits: the organisation whose turn it is, and the person."""
    if issue.turn == Turn.DEPARTMENT and issue.lead_department is not None:
        return issue.lead_department.short_name, handlers.name(issue) or _("未指派")
    if issue.turn == Turn.COMMUNITY:
        return issue.community.name, _("社区工作人员")
    if issue.turn == Turn.NOBODY and issue.asks_direction:
        return str(Role.DEPUTY.label if DEPUTY_DECIDES & set(issue.asks) else Role.DIRECTOR.label), ""
    return str(Turn(issue.turn).label), ""


def _links(issue: Issue, reader: Reader, view: str) -> list[Link]:
    """What this person does on the issue's own page rather than here."""
    url = issue_url(issue.number)
    roles = reader.access.subdistrict_roles.get(issue.subdistrict_id, frozenset())
    directs = Role.DEPUTY in roles or Role.DIRECTOR in roles
    if view == "waiting":
        return [_decision(issue, url)]
    if view == "unsigned":
        signs = directs and bool(signable(issue, reader.actor))
        return [Link(_("签发"), f"{url}?action=sign") if signs else Link(_("查看"), f"{url}#asked")]
    return [Link(_("批示"), f"{url}?action=instruct")] if directs and issue.is_open else []


def _decision(issue: Issue, url: str) -> Link:
    """What the supervisor is asked for: a request, a ruling after two returns, a check, or what to do after a no."""
    if issue.asks_supervisor or issue.turn != Turn.SUPERVISOR:
        return Link(pgettext("button", "审批"), f"{url}#asked")
    if issue.status == Status.ACCEPTED:
        return Link(_("裁定"), f"{url}?action=assign_final")
    if issue.status == Status.REPLIED:
        return Link(_("核查"), f"{url}?action=verify_pass")
    return Link(_("裁定"), url)


def held_text(since: datetime | None, now: datetime) -> str:
    """已持有9天, in working time; "" where no department holds it."""
    if since is None:
        return ""
    span = span_text(worked_between(since, now), exact=False)
    return _("已持有%(span)s") % {"span": span} if span else _("刚接手")


def _told(found: Beside) -> DeskLine:
    if not found.told:
        return DeskLine(text=_("未发过提醒"))
    failed = ""
    if found.failed:
        failed = ngettext("%(n)d 条发送失败", "%(n)d 条发送失败", found.failed) % {"n": found.failed}
    if found.told_number > 1:
        read = _("已读 %(read)d/%(all)d") % {"read": found.read_number, "all": found.told_number}
    elif found.read_at is not None:
        read = _("已读 %(when)s") % {"when": dates.moment_short(found.read_at)}
    else:
        read = _("未读")
    return DeskLine(
        text=panels.told_label(found.told, None),
        title=panels.told_label(found.told, found.told_clock),
        at=found.told_at,
        more=read,
        failed=failed,
    )


def _asked(found: Beside, now: datetime) -> list[DeskLine]:
    """What waits for somebody's decision on it, how long it has waited and what is left of the decision's own clock."""
    clock = {row.kind: row for row in found.clocks}
    lines = []
    for request in found.requests:
        what = {"kind": request.label}
        row = clock.get(DeadlineKind.SIGNATURE if request.is_draft else DeadlineKind.EXTENSION_DECISION)
        parts = [waited_text(request.asked_at, now), _left(row, now) if row else ""]
        text = _("%(kind)s待签发") % what if request.is_draft else _("申请%(kind)s") % what
        lines.append(DeskLine(text=text, more=" · ".join(part for part in parts if part)))
    returned = clock.get(DeadlineKind.RETURN_DECISION)
    if returned is not None:
        lines.append(DeskLine(text=_("退单待裁定"), more=_left(returned, now)))
    return lines


def _left(row: Any, now: datetime) -> str:
    return left_text(row.due_at, now, working=row.time_limit.is_working)
