"""Actions as panels: one mechanism makes every form from what the table offers and what the fields may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.enums import Level, Outcome, Status, Verdict
from issues.fields import Choice, Code, Flag, Text, choices_of, field_of
from issues.models import Issue
from issues.services.offers import Offer, offers, primary
from issues.views.console.choices import Choices
from issues.views.console.previews import foot_below, title_before, titles_by_outcome
from issues.views.console.reading import Reader
from issues.views.console.rows import issue_url
from issues.views.console.shapes import ChoiceShape, FieldShape

_KEYS: Final = {"accept": "a", "dispatch": "d", "reply": "r"}
_DANGER: Final = frozenset({"reject", "return", "redo", "withdraw", "close_explained"})
_PREVIEW: Final = {
    "reply": "note",
    "answer_now": "note",
    "reject": "note",
    "progress": "note",
    "close_explained": "reason",
}
_SUBMIT: Final[dict[str, Promise]] = {"reply": gettext_lazy("提交答复")}
_LABELS: Final[dict[tuple[str, str], Promise]] = {
    ("", "note"): gettext_lazy("备注"),
    ("", "reason"): gettext_lazy("原因"),
    ("", "basis"): gettext_lazy("职责依据"),
    ("", "channel"): gettext_lazy("联系方式"),
    ("", "result"): gettext_lazy("联系结果"),
    ("", "outcome"): gettext_lazy("办理结果"),
    ("", "verdict"): gettext_lazy("居民评价"),
    ("", "solved"): gettext_lazy("是否解决"),
    ("", "check"): gettext_lazy("核实方式"),
    ("", "level"): gettext_lazy("紧急程度"),
    ("", "category"): gettext_lazy("类别"),
    ("", "department"): gettext_lazy("承办单位"),
    ("", "suggested_department"): gettext_lazy("建议承办单位"),
    ("", "officer"): gettext_lazy("承办人"),
    ("", "first_report"): gettext_lazy("作为首次反馈"),
    ("", "visible_to_resident"): gettext_lazy("对居民可见"),
    ("reply", "note"): gettext_lazy("答复内容"),
    ("answer_now", "note"): gettext_lazy("答复内容"),
    ("progress", "note"): gettext_lazy("办理情况"),
    ("comment", "note"): gettext_lazy("留言内容"),
    ("contact", "note"): gettext_lazy("联系情况"),
    ("verify_pass", "note"): gettext_lazy("核查情况"),
    ("record_follow_up", "note"): gettext_lazy("回访情况"),
    ("record_follow_up", "reason"): gettext_lazy("不满意的原因"),
    ("reject", "note"): gettext_lazy("告诉反映人的去处"),
    ("close_explained", "reason"): gettext_lazy("解释说明"),
    ("urge", "note"): gettext_lazy("催办意见"),
}
_HELP: Final[dict[tuple[str, str], Promise]] = {
    ("reply", "note"): gettext_lazy("写清原因、做了什么、以后怎么做"),
    ("reject", "note"): gettext_lazy("反映人会看到，请写明应当找谁、怎么找"),
    ("accept", "level"): gettext_lazy("不选则按类别和诉求性质确定"),
    ("record_follow_up", "reason"): gettext_lazy("评价为不满意时必填"),
    ("verify_pass", "note"): gettext_lazy("只有工作人员能看到"),
    ("redo", "reason"): gettext_lazy("承办单位和反映人都会看到"),
    ("return", "basis"): gettext_lazy("写明按什么规定不属本单位职责"),
}
_LEVELS_AT_DESK: Final = (Level.NORMAL, Level.URGENT, Level.CRITICAL, Level.COMPLEX, Level.PROJECT)


@dataclass(frozen=True)
class ActionShape:
    """One action as the head, the menu and the panel print it."""

    code: str
    label: str
    submit_label: str
    allowed: bool
    reason: str
    key: str
    danger: bool
    primary: bool
    url: str
    submit_url: str
    note: str = ""
    fields: tuple[FieldShape, ...] = ()
    preview: bool = False
    preview_field: str = ""
    preview_title: str = ""
    preview_titles: tuple[ChoiceShape, ...] = ()
    preview_foot: str = ""
    phrases: tuple[Mapping[str, str], ...] = ()


def actions_of(issue: Issue, reader: Reader) -> list[ActionShape]:
    """Every action that this person's part knows, the possible ones first; no statement."""
    found = offers(issue, reader.actor, reader.now)
    first = primary(found)
    shapes = [_shape(offer, issue, is_primary=offer is first) for offer in found]
    return sorted(shapes, key=lambda shape: not shape.allowed)


def _shape(offer: Offer, issue: Issue, *, is_primary: bool) -> ActionShape:
    return ActionShape(
        code=offer.action,
        label=offer.label,
        submit_label=str(_SUBMIT.get(offer.action, offer.label)),
        allowed=offer.allowed,
        reason=offer.reason,
        key=_KEYS.get(offer.action, ""),
        danger=offer.action in _DANGER,
        primary=is_primary,
        url=f"{issue_url(issue.number)}?action={offer.action}",
        submit_url=reverse("console-issue-action", args=[issue.number, offer.action]),
    )


def panel_of(
    action: ActionShape,
    issue: Issue,
    reader: Reader,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> ActionShape:
    """``action`` with its fields; ``values`` are what was typed before. One statement per kind of choice it needs."""
    offer = next(offer for offer in offers(issue, reader.actor, reader.now) if offer.action == action.code)
    names = (*offer.required, *(name for name in offer.optional if name not in offer.required))
    choices = Choices(issue, reader)
    fields = tuple(
        _field(
            action.code,
            name,
            issue,
            choices,
            required=name in offer.required or (name == "category" and issue.category_id is None),
            value=values.get(name, "") if values is not None else _initial(action.code, name, issue),
            errors=(errors or {}).get(name, ()),
        )
        for name in names
    )
    previewed = _PREVIEW.get(action.code, "")
    shown = bool(previewed) and previewed in names
    return replace(
        action,
        fields=fields,
        note=_note(action.code, issue),
        preview=shown,
        preview_field=previewed,
        preview_title=title_before(action.code, issue, str((values or {}).get("outcome", ""))) if shown else "",
        preview_titles=titles_by_outcome(action.code, issue),
        preview_foot=foot_below(action.code, issue, reader) if shown else "",
        phrases=phrases_of(action.code),
    )


def label_of(action: str, name: str) -> str:
    """The word on a field of an action."""
    return str(_LABELS.get((action, name)) or _LABELS["", name])


def _field(
    action: str,
    name: str,
    issue: Issue,
    choices: Choices,
    *,
    required: bool,
    value: Any,
    errors: Sequence[str],
) -> FieldShape:
    base = FieldShape(
        name=name,
        label=label_of(action, name),
        value=value,
        required=required,
        help=str(_HELP.get((action, name), "")) or _usual_department(action, name, issue),
        errors=tuple(str(error) for error in errors),
        preview=_PREVIEW.get(action) == name,
    )
    match field_of(action, name):
        case Text(longest=longest):
            return replace(base, type="textarea", maxlength=longest, rows=5 if base.preview else 3)
        case Flag():
            return replace(base, type="checkbox", value=value in (True, "true", "on", "1"))
        case Choice():
            return _choice(base, action, name, issue)
        case Code():
            return _code(base, name, choices)


def _usual_department(action: str, name: str, issue: Issue) -> str:
    """Who usually handles this category: said, never chosen by itself."""
    usual = issue.category.department if issue.category else None
    if (action, name) != ("dispatch", "department") or usual is None or usual.is_external:
        return ""
    return _("该类别通常由%(department)s办理") % {"department": usual.name}


def _choice(base: FieldShape, action: str, name: str, issue: Issue) -> FieldShape:
    shapes = [
        ChoiceShape(value=code, label=str(label), help=_consequence(name, code, issue))
        for code, label in choices_of(action, name)
    ]
    if name == "level":
        order = [level.value for level in _LEVELS_AT_DESK]
        shapes = [ChoiceShape(value="", label=_("按类别")), *sorted(shapes, key=lambda shape: order.index(shape.value))]
        return replace(base, type="radio", choices=tuple(shapes))
    if name == "verdict" and issue.contact_id is not None:
        shapes = [shape for shape in shapes if shape.value != Verdict.NO_REPORTER]
    long_words = name in ("outcome", "reason")
    return replace(base, type="choice" if long_words else "radio", choices=tuple(shapes))


def _code(base: FieldShape, name: str, choices: Choices) -> FieldShape:
    if name == "category":
        return replace(
            base, type="department", choices=choices.categories(), placeholder=_("输入名称、编号或拼音首字母")
        )
    if name == "officer":
        return replace(base, type="officer", choices=choices.officers(), placeholder=_("输入姓名或拼音首字母"))
    return replace(base, type="department", choices=choices.departments(), placeholder=_("输入名称或拼音首字母"))


def _initial(action: str, name: str, issue: Issue) -> Any:
    if name == "category" and issue.category is not None:
        return issue.category.code
    if name == "level" and issue.level_set:
        return issue.level
    if name == "officer" and issue.officer is not None:
        return issue.officer.username
    return ""


def _consequence(name: str, code: str, issue: Issue) -> str:
    """What a choice leads to, in a line under it."""
    if name == "outcome":
        return {
            Outcome.SOLVED.value: _("问题已经处理完，居民将被询问是否解决"),
            Outcome.PARTLY.value: _("处理了一部分，答复中写明余下的怎么办"),
            Outcome.EXPLAINED.value: _("不需要处置，已把情况和规定讲清楚"),
            Outcome.UNFOUNDED.value: _("经核实没有所反映的情况"),
        }.get(code, "")
    return ""


def _note(action: str, issue: Issue) -> str:
    names = {
        "community": issue.community.name,
        "department": issue.lead_department.name if issue.lead_department else "",
    }
    match action:
        case "reply":
            return _("提交后由%(community)s核查") % names
        case "accept":
            return _("受理后开始计算办理时限")
        case "dispatch":
            return _("派单后由该单位收件岗签收")
        case "acknowledge":
            return _("签收后由您承办，未指派时您为承办人")
        case "verify_pass":
            return (
                _("通过后由%(community)s回访反映人") % names if issue.contact_id else _("没有留下联系方式，通过后办结")
            )
        case "redo":
            return _("退回%(department)s，按短时限重新计时") % names
        case "return":
            return _("退单后办理时限不停")
        case "reject" | "answer_now" | "close_explained":
            return _("提交后此件结束，所有计时停止")
        case "reopen":
            return _("重新交%(department)s办理，按短时限计时") % names
        case "record_follow_up" if issue.status == Status.FOLLOW_UP:
            return _("满意或基本满意、且已解决或部分解决的，提交后办结")
        case _:
            return ""


def phrases_of(action: str) -> tuple[Mapping[str, str], ...]:
    """Phrases to start from, always to be finished by hand."""
    found: tuple[tuple[str, str], ...]
    match action:
        case "reply":
            found = (
                (_("已处理完"), _("您反映的情况已到现场核实，现已处理完毕：")),
                (_("解释说明"), _("您反映的情况已核实。根据有关规定，说明如下：")),
                (_("今后措施"), _("今后将加强巡查，再次出现请随时联系我们。")),
            )
        case "progress":
            found = (
                (_("已到现场"), _("已到现场查看，情况是：")),
                (_("正在安排"), _("已安排人员处理，预计完成时间：")),
            )
        case "verify_pass":
            found = ((_("电话核实"), _("已致电反映人核实，")), (_("现场核实"), _("已到现场核实，")))
        case "record_follow_up":
            found = ((_("电话回访"), _("已致电反映人，")), (_("无人接听"), _("电话无人接听，将再次回访。")))
        case _:
            found = ()
    return tuple({"label": label, "text": text} for label, text in found)
