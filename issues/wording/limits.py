"""Time limits in words, for pages that say in advance how long something may take.

Every limit comes from ``limits_of``, which the clocks themselves are started with, so that no page can promise another
time than the one that will be counted: whatever the kind, the level, the category and the sub-district's own rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from communities.models import Category
from deadlines.calendar import WorkCalendar
from deadlines.enums import Level
from deadlines.rules import Override, RuleChoice
from issues.enums import Kind
from issues.models import Issue
from issues.services.clocks import limits_of


def limit_text(issue: Issue, clock: str) -> str:
    """The limit of one clock of this issue, as it would be started now: 2个工作日; "" where there is none."""
    choice = limits_of(issue).get(clock)
    return choice.limit.label() if choice else ""


def within(issue: Issue, clock: str) -> str:
    """The same as part of a sentence: 2个工作日内; without a limit 尽快."""
    text = limit_text(issue, clock)
    return _("%(limit)s内") % {"limit": text} if text else _("尽快")


def limits_if(*, subdistrict_id: int | None, kind: str, level: str, category: Category | None) -> dict[str, RuleChoice]:
    """The limits of a matter that is not logged yet; ``level`` "" leaves it to the category.

    Without a sub-district those of the installation.
    """
    matter = Issue(kind=kind, category=category, level=level or Level.NORMAL, level_set=bool(level))
    if subdistrict_id is not None:
        matter.subdistrict_id = subdistrict_id
    return limits_of(matter)


@dataclass(frozen=True)
class LatestStep:
    """Something that is owed: ``code`` of the clock, until when, its limit in words, whether a day is estimated."""

    code: str
    due_at: datetime
    limit: str
    estimated: bool


def latest_if(
    *, subdistrict_id: int | None, kind: str, category: Category | None, at: datetime, calendar: WorkCalendar
) -> list[LatestStep]:
    """Until when a matter raised ``at`` is taken up, first told of and answered, each at the very latest.

    What counts from being taken up counts here from the latest moment of that.
    """
    limits = limits_if(subdistrict_id=subdistrict_id, kind=kind, level="", category=category)
    steps: list[LatestStep] = []
    since = at
    for clock in ("accept", "first_report", "handle"):
        choice = limits.get(clock)
        if choice is None:
            continue
        due = choice.limit.due(since, calendar)
        steps.append(LatestStep(clock, due.due_at, choice.limit.label(), due.estimated))
        since = due.due_at if clock == "accept" else since
    return steps


def consequence(*, subdistrict_id: int | None, kind: str, level: str, category: Category | None) -> str:
    """What a level leads to, and what it was counted for: 投诉：10个工作日内办理.

    Where the kind or the category decides, it is named, so that the words stay true when either is changed and no
    script counts anew.
    """
    limits = limits_if(subdistrict_id=subdistrict_id, kind=kind, level=level, category=category)
    source, text = _source(limits, kind, category), promise_text(limits)
    return _("%(source)s：%(text)s") % {"source": source, "text": text} if source else capfirst(text)


def _source(limits: Mapping[str, RuleChoice], kind: str, category: Category | None) -> str:
    """What decided: the kind, the category with the level or kind that its rule is about, "" for a level alone."""
    choice = limits.get("handle") or limits.get("note")
    head, _colon, _rest = choice.reason.partition(":") if choice else ("kind", "", kind)
    if head == "level":
        return ""
    own = Override.parse(category.override) if category is not None and head == "category" else None
    if category is None or own is None:
        return str(Kind(kind).label)
    more = str(Level(own.level).label) if own.level else str(Kind(kind).label) if own.kind else ""
    return _("%(what)s（%(more)s）") % {"what": category.name, "more": more} if more else category.name


def promise_text(limits: Mapping[str, RuleChoice]) -> str:
    """24小时内首次反馈，3个工作日内办理."""
    words = (("first_report", _("%(limit)s内首次反馈")), ("handle", _("%(limit)s内办理")))
    parts = [text % {"limit": limits[clock].limit.label()} for clock, text in words if clock in limits]
    if "handle" not in limits and "note" in limits:
        parts.append(_("按节点办理，每%(limit)s记录进展") % {"limit": limits["note"].limit.label()})
    return _("，").join(parts) if parts else _("不设时限")
