"""What the codes, ids, dates and further texts of an event say, a line each, in the active language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import dates
from deadlines import kinds
from deadlines.enums import Level
from issues.discretion import data_told
from issues.enums import (
    ASKED_LABELS,
    Action,
    Kind,
    Outcome,
    Solved,
    Source,
    Supervision,
    Verdict,
    VerdictCheck,
    VerdictVia,
)
from issues.fields import KEEP, MATTER, Choice, Code, Codes, Day, Field, Flag, PointInTime, Text, Whole, field_of
from issues.reading.pages import words_of
from issues.services.keeping import KINDS
from issues.workflow import rows_of
from journal.models import Event
from papers.enums import DraftKind

Words = str | Promise


@dataclass(frozen=True)
class Names:
    """The names behind the ids in events, in the active language; ``issues`` are numbers.

    ``organisations``: id of an event → the department for which its actor worked then.
    """

    departments: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[tuple[str, int], str] = field(default_factory=dict)
    issues: Mapping[int, str] = field(default_factory=dict)
    organisations: Mapping[int, str] = field(default_factory=dict)


Line = Callable[[Any, Names], str]


def _from_choices(label: Words, choices: Any) -> Line:
    def line(value: Any, names: Names) -> str:
        if value not in choices.values:
            return ""
        return _("%(label)s：%(value)s") % {"label": label, "value": choices(value).label}

    return line


def _named(label: Words, kind: str) -> Line:
    def line(value: Any, names: Names) -> str:
        known = getattr(names, kind)
        ids = value if isinstance(value, list) else [value]
        found = [known[pk] for pk in ids if pk in known]
        return _("%(label)s：%(value)s") % {"label": label, "value": _("、").join(found)} if found else ""

    return line


def _counted(text: Words) -> Line:
    return lambda value, names: str(text) % {"n": value}


def _listed(label: Words) -> Line:
    """Numbers of papers."""

    def line(value: Any, names: Names) -> str:
        found = value if isinstance(value, list) else [value]
        return _("%(label)s：%(value)s") % {"label": label, "value": _("、").join(map(str, found))}

    return line


def _ended(value: Any, names: Names) -> str:
    return _("已回应催办") if value == "answered" else ""


def _stands(value: Any, names: Names) -> str:
    """An outside time that our own extension or deferral would have passed."""
    return _("外部时限%(at)s先到，本单位延期、挂账不顺延") % {"at": _moment(value)}


def days_text(number: Any) -> str:
    """4个工作日."""
    if not isinstance(number, int):
        return ""
    return ngettext("%(n)d个工作日", "%(n)d个工作日", number) % {"n": number}


def _said(text: Words) -> Line:
    return lambda value, names: str(text) if value else ""


def _day(label: Words) -> Line:
    def line(value: Any, names: Names) -> str:
        on = _date(value)
        return _("%(label)s：%(value)s") % {"label": label, "value": dates.day(on)} if on else ""

    return line


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: Any) -> str:
    try:
        return dates.moment(datetime.fromisoformat(value)) if isinstance(value, str) else ""
    except ValueError:
        return ""


def _lapsed(value: Any, names: Names) -> str:
    lapsed = [str(ASKED_LABELS[kind]) for kind in value if kind in ASKED_LABELS]
    return _("未审批的申请已失效：%(kinds)s") % {"kinds": _("、").join(lapsed)} if lapsed else ""


def _dates_moved(value: Any, names: Names) -> str:
    """办理：3月4日（周三）17:30 → 3月5日（周四）17:30, for every clock that moved."""
    found = []
    for one in value if isinstance(value, list) else []:
        kind = one.get("clock")
        values = {"old": _moment(one.get("was_at")), "new": _moment(one.get("due_at"))}
        if kinds.find(kind) is not None:
            found.append(_("%(clock)s：%(old)s → %(new)s") % {"clock": kinds.label(kind), **values})
    return _("；").join(found)


def _kept(value: Any, names: Names) -> str:
    """Which cards are kept whole beside the contact."""
    kinds = [str(KINDS[code]) for code in value if code in KINDS] if isinstance(value, list) else []
    return _("已加密保存完整号码：%(kinds)s") % {"kinds": _("、").join(kinds)} if kinds else ""


_LINES: Final[tuple[tuple[str, Line], ...]] = (
    ("source", _from_choices(gettext_lazy("来源"), Source)),
    ("kind", _from_choices(gettext_lazy("诉求性质"), Kind)),
    ("previous", _named(gettext_lazy("原承办单位"), "departments")),
    ("department", _named(gettext_lazy("单位"), "departments")),
    ("departments", _named(gettext_lazy("抄送单位"), "departments")),
    ("users", _named(gettext_lazy("抄送人员"), "people")),
    ("suggested_department", _named(gettext_lazy("建议单位"), "departments")),
    ("handed_from", _named(gettext_lazy("原承办人"), "people")),
    ("officer", _named(gettext_lazy("承办人"), "people")),
    ("to_desk", _said(gettext_lazy("交回收件岗"))),
    ("category", _named(gettext_lazy("类别"), "categories")),
    ("level", _from_choices(gettext_lazy("紧急程度"), Level)),
    ("outcome", _from_choices(gettext_lazy("办理结果"), Outcome)),
    ("due_on", _day(gettext_lazy("承诺完成"))),
    ("review_on", _day(gettext_lazy("复查日期"))),
    ("until", _day(gettext_lazy("复查日期"))),
    ("days", lambda value, names: days_text(value)),
    ("extra_days", _counted(gettext_lazy("顺延%(n)s个工作日"))),
    ("suspensions", _counted(gettext_lazy("第%(n)s次挂账"))),
    ("master", _named(gettext_lazy("主件"), "issues")),
    ("issue", _named(gettext_lazy("工单"), "issues")),
    ("persons", _counted(gettext_lazy("共%(n)s人反映"))),
    ("collective", _said(gettext_lazy("群体性诉求"))),
    ("verdict", _from_choices(gettext_lazy("居民评价"), Verdict)),
    ("solved", _from_choices(gettext_lazy("是否解决"), Solved)),
    ("via", _from_choices(gettext_lazy("评价来自"), VerdictVia)),
    ("sample", _from_choices(gettext_lazy("抽查回访"), VerdictCheck)),
    ("lifted", _from_choices(gettext_lazy("解除"), Supervision)),
    ("supervision", _from_choices(gettext_lazy("督办状态"), Supervision)),
    ("co_missing", _named(gettext_lazy("协办未反馈"), "departments")),
    ("disclosed", _said(gettext_lazy("已解除保密"))),
    ("guardian", _said(gettext_lazy("监护人代未满14周岁的孩子提出"))),
    ("contacted", _said(gettext_lazy("登记时已与反映人联系"))),
    ("deemed", _said(gettext_lazy("超过签收时限两倍，视为签收"))),
    ("expired", _said(gettext_lazy("反映人逾期未补充"))),
    ("supervision_reply", _said(gettext_lazy("督办单的书面回复"))),
    ("redo", _counted(gettext_lazy("第%(n)s次重办"))),
    ("reopened", _counted(gettext_lazy("第%(n)s次重新办理"))),
    ("returns", _counted(gettext_lazy("第%(n)s次退单"))),
    ("urges", _counted(gettext_lazy("第%(n)s次催办"))),
    ("urges_ended", _ended),
    ("paper", _listed(gettext_lazy("文号"))),
    ("papers", _listed(gettext_lazy("解除的文书"))),
    ("cards", _listed(gettext_lazy("本季度的黄牌"))),
    ("party", _named(gettext_lazy("送达单位"), "departments")),
    ("untold", _said(gettext_lazy("须告知反映人"))),
    ("attempt", _counted(gettext_lazy("第%(n)s次未联系上"))),
    ("still_to_call", _counted(gettext_lazy("还须回访并案的%(n)s人"))),
    ("lapsed", _lapsed),
    ("moved", _dates_moved),
    ("emptied", _counted(gettext_lazy("清空文字%(n)s段"))),
    ("erased", _counted(gettext_lazy("删除照片和附件%(n)s个"))),
    ("outside_stands", _stands),
    ("kept", _kept),
)
"""Key of an event's data → how it reads. A field of the action that is not named here reads by its label."""

_WORDED: Final = frozenset(key for key, _line in _LINES) | {"kind", "reason"}

_KINDS: Final[Mapping[str, type[DraftKind]]] = {
    Action.SUPERVISE: DraftKind,
    Action.SIGN: DraftKind,
    Action.REFUSE_SIGN: DraftKind,
}
_ASKED_BY: Final[Mapping[str, str]] = {Action.GRANT_SUSPENSION: Action.REQUEST_SUSPENSION}
"""Decisions that repeat the code of the reason that was asked with."""

_WORDS: Final[tuple[tuple[str, Words], ...]] = (
    ("basis", gettext_lazy("职责依据")),
    ("interim_answer", gettext_lazy("给居民的阶段答复")),
    ("commitment", gettext_lazy("承诺内容")),
    ("document", gettext_lazy("文书内容")),
    (KEEP, gettext_lazy("保留完整号码的理由")),
)


def lines_of(event: Event, names: Names, *, identity: bool = True) -> list[str]:
    """What the event's data and further texts say; ``identity``: whether the reporter's masked name may be named."""
    words, data = words_of(event), event.data if identity else data_told(event.data)
    skipped = _NOT_SAID.get(event.kind, frozenset())
    found = [line(data[key], names) for key, line in _LINES if key not in skipped and _is_there(data, key)]
    choices, kind = _KINDS.get(event.kind), event.value("kind", "")
    if choices is not None and kind in choices.values:
        found.insert(0, _("种类：%(kind)s") % {"kind": choices(kind).label})
    told = [key for key in _told_fields(event.kind) if _is_there(data, key)]
    found += [said_of(field_of(event.kind, key))(data[key], names) for key in told]
    reasons, reason = field_of(_ASKED_BY.get(event.kind, event.kind), "reason"), event.value("reason", "")
    if isinstance(reasons, Choice) and reason in reasons.choices.values:
        found.append(_("原因：%(reason)s") % {"reason": reasons.choices(reason).label})
    found += [_pair(label, words[key]) for key, label in _WORDS if words.get(key)]
    if event.kind == Action.PUBLISH:
        found += [text for text in (words.get("title", ""), words.get("text", "")) if text]
    if event.kind == Action.EDIT:
        found += _edited(data.get("changed"), words, names, identity=identity)
    return [line for line in found if line]


def _told_fields(action: str) -> list[str]:
    """The fields of an action that its events say by their labels."""
    names = {name for row in rows_of(action) for name in (*row.required, *row.optional)}
    return sorted(name for name in names - _WORDED if field_of(action, name).told)


def said_of(field: Field) -> Line:
    """How a value of a field reads: label and value; "" of words, and of names that only a line of its own can know."""
    match field:
        case Choice():
            return _from_choices(field.label, field.choices)
        case Flag():
            return _said(field.label)
        case Day():
            return _day(field.label)
        case Whole():
            return lambda value, names: _pair(field.label, str(value))
        case PointInTime():
            return lambda value, names: _pair(field.label, _moment(value))
        case Text() | Code() | Codes():
            return lambda value, names: ""
    assert_never(field)


_OWN_DEPARTMENT: Final = frozenset({"department"})
_NOT_SAID: Final[Mapping[str, frozenset[str]]] = dict.fromkeys(
    (Action.PROGRESS, Action.ACKNOWLEDGE, Action.CO_REPLY, Action.REPLY, Action.RETURN), _OWN_DEPARTMENT
)
"""Facts that stand beside the actor's name already."""


def _is_there(data: Mapping[str, Any], key: str) -> bool:
    return data.get(key) not in (None, "", [], False)


def _pair(label: Words, value: str) -> str:
    return _("%(label)s：%(value)s") % {"label": label, "value": value}


_OF_THE_REPORTER: Final = frozenset({"contact", "address"})


def _edited(changed: Any, words: Mapping[str, str], names: Names, *, identity: bool) -> list[str]:
    """标题：旧 → 新, for every field that was corrected."""
    if not isinstance(changed, dict):
        return []
    lines = []
    for name, pair in changed.items():
        if name not in MATTER and name != "contact":
            continue
        label = MATTER[name].label if name in MATTER else _("反映人")
        if name in _OF_THE_REPORTER and not identity:
            lines.append(_pair(label, _("已更正")))
            continue
        old, new = _both(name, pair, words, names)
        values = {"label": label, "old": old or _("（空）"), "new": new or _("（空）")}
        lines.append(_("%(label)s：%(old)s → %(new)s") % values)
    return lines


def _both(name: str, pair: Sequence[Any], words: Mapping[str, str], names: Names) -> tuple[str, str]:
    if f"old.{name}" in words or f"new.{name}" in words:
        return words.get(f"old.{name}", ""), words.get(f"new.{name}", "")
    old, new = (*pair, None, None)[:2]
    return _value(name, old, names), _value(name, new, names)


def _value(name: str, value: Any, names: Names) -> str:
    if value in (None, ""):
        return ""
    match MATTER.get(name):
        case Choice(choices=choices):
            return str(choices(value).label) if value in choices.values else ""
        case Flag():
            return _("是") if value else _("否")
        case PointInTime():
            return _moment(value)
    if name == "category":
        return names.categories.get(value, "")
    return names.places.get((name, value), "")
