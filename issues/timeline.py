"""The journal of one issue as people read it: a title, who, the words, and what changed, in the active language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from common.clock import local
from common.masking import mask_name
from communities.models import Category, Department
from issues.enums import (
    Check,
    ContactChannel,
    ContactResult,
    Level,
    Outcome,
    RejectReason,
    ReturnReason,
    Solved,
    Source,
    Verdict,
)
from issues.models import Issue
from issues.reading import words_of
from journal.models import Event

Words = str | Promise


@dataclass(frozen=True)
class Names:
    """The names behind the ids in events, in the active language."""

    departments: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    kind: str
    title: str
    actor: str
    text: str
    changes: tuple[str, ...]
    public: bool


@dataclass(frozen=True)
class Day:
    """The entries of one day; ``label`` is 今天, 昨天 or ""."""

    on: date
    label: str
    entries: tuple[TimelineEntry, ...]


TITLES: dict[str, Words] = {
    "create": gettext_lazy("登记"),
    "contact": gettext_lazy("首次联系"),
    "accept": gettext_lazy("受理"),
    "request_info": gettext_lazy("要求补充"),
    "give_info": gettext_lazy("补充"),
    "reject": gettext_lazy("不予受理"),
    "answer_now": gettext_lazy("即时办结"),
    "dispatch": gettext_lazy("派单"),
    "transfer_out": gettext_lazy("转交外单位"),
    "acknowledge": gettext_lazy("签收"),
    "assign": gettext_lazy("指派承办人"),
    "return": gettext_lazy("退单"),
    "assign_final": gettext_lazy("指定承办"),
    "reassign": gettext_lazy("转派"),
    "progress": gettext_lazy("办理进展"),
    "reply": gettext_lazy("答复"),
    "verify_pass": gettext_lazy("核查通过"),
    "redo": gettext_lazy("退回重办"),
    "record_follow_up": gettext_lazy("回访"),
    "close_explained": gettext_lazy("解释办结"),
    "reopen": gettext_lazy("重新办理"),
    "withdraw": gettext_lazy("撤回"),
    "urge": gettext_lazy("催办"),
    "request_callback": gettext_lazy("请求回电"),
    "comment": gettext_lazy("留言"),
    "reveal": gettext_lazy("查看完整信息"),
    "redact": gettext_lazy("文字已遮盖"),
}
"""Event kind → title. Higher floors add the kinds that they write with ``register_kind``."""

_EXTRA: dict[str, Callable[[Event, Names], Sequence[str]]] = {}


def register_kind(kind: str, title: Words, changes: Callable[[Event, Names], Sequence[str]] | None = None) -> None:
    """Name an event kind of a higher floor, and say how its data reads. Called in ``AppConfig.ready()``."""
    TITLES[kind] = title
    if changes is not None:
        _EXTRA[kind] = changes


def title_of(event: Event) -> str:
    """What happened, in a word or two."""
    if event.kind == "progress" and event.value("first_report"):
        return _("首次反馈")
    if event.kind == "record_follow_up" and event.actor_role == "resident":
        return _("居民评价")
    if event.kind == "redo" and event.actor_role == "resident":
        return _("居民表示没有解决")
    return str(TITLES.get(event.kind, _("系统记录")))


def _from_choices(label: Words, choices: Any) -> Callable[[Any, Names], str]:
    def line(value: Any, names: Names) -> str:
        if value not in choices.values:
            return ""
        return _("%(label)s：%(value)s") % {"label": label, "value": choices(value).label}

    return line


def _named(label: Words, kind: str) -> Callable[[Any, Names], str]:
    def line(value: Any, names: Names) -> str:
        name = getattr(names, kind).get(value, "")
        return _("%(label)s：%(value)s") % {"label": label, "value": name} if name else ""

    return line


_LINES: tuple[tuple[str, Callable[[Any, Names], str]], ...] = (
    ("source", _from_choices(gettext_lazy("来源"), Source)),
    ("department", _named(gettext_lazy("单位"), "departments")),
    ("suggested_department", _named(gettext_lazy("建议单位"), "departments")),
    ("officer", _named(gettext_lazy("承办人"), "people")),
    ("category", _named(gettext_lazy("类别"), "categories")),
    ("level", _from_choices(gettext_lazy("紧急程度"), Level)),
    ("channel", _from_choices(gettext_lazy("联系方式"), ContactChannel)),
    ("result", _from_choices(gettext_lazy("联系结果"), ContactResult)),
    ("check", _from_choices(gettext_lazy("核实方式"), Check)),
    ("outcome", _from_choices(gettext_lazy("办理结果"), Outcome)),
    ("verdict", _from_choices(gettext_lazy("居民评价"), Verdict)),
    ("solved", _from_choices(gettext_lazy("是否解决"), Solved)),
)


def changes_of(event: Event, names: Names) -> tuple[str, ...]:
    """What the event's codes and ids say, a line each."""
    found = [line(event.data[key], names) for key, line in _LINES if event.data.get(key) not in (None, "")]
    reason = event.value("reason", "")
    for choices in (RejectReason, ReturnReason):
        if reason in choices.values and event.kind in ("reject", "return"):
            found.append(_("原因：%(reason)s") % {"reason": choices(reason).label})
            break
    if event.value("contacted"):
        found.append(_("登记时已与反映人联系"))
    for key, text in (
        ("redo", _("第%(n)s次重办")),
        ("returns", _("第%(n)s次退单")),
        ("attempt", _("第%(n)s次未联系上")),
    ):
        if event.value(key):
            found.append(text % {"n": event.value(key)})
    basis = words_of(event).get("basis", "")
    if basis:
        found.append(_("职责依据：%(basis)s") % {"basis": basis})
    if event.kind in _EXTRA:
        found += _EXTRA[event.kind](event, names)
    return tuple(line for line in found if line)


def entries_of(issue: Issue, events: Iterable[Event], names: Names, *, identity: bool) -> list[TimelineEntry]:
    """Readable entries, in the order given; ``identity``: whether the reader may see the reporter's (masked) name."""
    return [
        TimelineEntry(
            at=local(event.at),
            kind=event.kind,
            title=title_of(event),
            actor=actor_of(issue, event, identity=identity),
            text=_said(event),
            changes=changes_of(event, names),
            public=event.visible,
        )
        for event in events
    ]


def _said(event: Event) -> str:
    words = words_of(event)
    return "\n".join(text for text in (words.get("note", ""), words.get("reason", "")) if text)


def actor_of(issue: Issue, event: Event, *, identity: bool) -> str:
    """Who did it, with the organisation: 夏东社区 · 陈晓琳."""
    if event.actor_role == "resident":
        name = mask_name(issue.contact.name) if identity and issue.contact else ""
        return _("反映人 %(name)s") % {"name": name} if name else _("反映人")
    if event.actor is None:
        return _("系统")
    organisation = _organisation(issue, event)
    if not organisation:
        return event.actor.display_name
    return _("%(organisation)s · %(name)s") % {"organisation": organisation, "name": event.actor.display_name}


def _organisation(issue: Issue, event: Event) -> str:
    if event.actor_role in (Role.CLERK, Role.SECRETARY):
        return issue.community.name
    if event.actor_role in (Role.OFFICER, Role.HEAD) and issue.lead_department is not None:
        return issue.lead_department.name
    return str(Role(event.actor_role).label) if event.actor_role in list(Role) else ""


def names_for(issue: Issue, events: Sequence[Event], departments: Mapping[int, str]) -> Names:
    """The names that these events need. No statement for what the issue's own rows know, one per table for the rest."""
    people = {event.actor.pk: event.actor.display_name for event in events if event.actor}
    if issue.officer is not None:
        people[issue.officer.pk] = issue.officer.display_name
    categories = {issue.category.pk: issue.category.name} if issue.category else {}
    known = dict(departments)
    wanted = {
        key: {event.data[key] for event in events if isinstance(event.data.get(key), int)}
        for key in ("officer", "category", "department", "suggested_department")
    }
    if missing := wanted["officer"] - people.keys():
        people |= {user.pk: user.display_name for user in User.objects.filter(pk__in=missing)}
    if missing := wanted["category"] - categories.keys():
        categories |= {row.pk: row.name for row in Category.objects.filter(pk__in=missing)}
    if missing := (wanted["department"] | wanted["suggested_department"]) - known.keys():
        known |= {row.pk: row.name for row in Department.objects.filter(pk__in=missing)}
    return Names(departments=known, people=people, categories=categories)


def by_day(entries: Iterable[TimelineEntry], today: date) -> list[Day]:
    """Entries (newest first) grouped by their local day."""
    near = {today: _("今天"), today - timedelta(days=1): _("昨天")}
    return [
        Day(on=on, label=near.get(on, ""), entries=tuple(group))
        for on, group in groupby(entries, key=lambda entry: entry.at.date())
    ]
