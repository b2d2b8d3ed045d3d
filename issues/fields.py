"""The fields of the actions and of a matter: what each may hold, its label, its hint. One table for all faces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from common.clock import SHANGHAI, end_of_named_day
from common.plain import plain
from common.texts import clean_text, kept_text
from deadlines.enums import Level
from issues.enums import (
    Action,
    Check,
    ContactChannel,
    ContactResult,
    Kind,
    MessageWish,
    Outcome,
    RejectReason,
    ReturnReason,
    Solved,
    Source,
    SuspensionReason,
    Verdict,
)
from issues.services.errors import InvalidFields, Words
from papers.enums import DraftKind


@dataclass(frozen=True, kw_only=True)
class _Worded:
    """``label`` names the field and ``hint`` helps to fill it in, wherever it stands.

    ``told``: the event says its value; of free text and of names that is left to issues.timeline.facts.
    """

    label: Words = ""
    hint: Words = ""
    told: bool = True


@dataclass(frozen=True)
class Text(_Worded):
    """Free text: goes to the journal's redactable texts, without cards (docs/rules/privacy.md#cards-in-the-words)."""

    longest: int = 2000

    def read(self, value: Any) -> str:
        return kept_text(value, longest=self.longest)


@dataclass(frozen=True)
class OutsideNumber(Text):
    """The number of another office: as that office prints it, in plain letters."""

    longest: int = 40

    def read(self, value: Any) -> str:
        return clean_text(" ".join(plain(value).split()) if isinstance(value, str) else value, longest=self.longest)


@dataclass(frozen=True)
class Choice(_Worded):
    """One code of a closed set."""

    choices: type[TextChoices]

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or (value and value not in self.choices.values):
            raise ValueError(_("请从列出的选项中选择"))
        return value


@dataclass(frozen=True)
class Flag(_Worded):
    """True or false."""

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "on", "1", "yes"):
            return True
        if value in ("", None) or (isinstance(value, str) and value.lower() in ("false", "off", "0", "no")):
            return False
        raise ValueError(_("请填写是或否"))


@dataclass(frozen=True)
class Code(_Worded):
    """The code or name of another row; the effect of the action looks it up."""

    longest: int = 60

    def read(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(_("请从列出的选项中选择"))
        return clean_text(str(value), longest=self.longest)


@dataclass(frozen=True)
class Codes(_Worded):
    """Several codes or names of other rows: a list, or text with commas."""

    most: int = 20

    def read(self, value: Any) -> list[str]:
        parts = re.split(r"[,，、\s]+", value) if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError(_("请从列出的选项中选择"))
        if len(parts) > self.most:
            raise ValueError(_("最多 %(most)d 项") % {"most": self.most})
        return list(dict.fromkeys(code for code in (Code().read(part) for part in parts) if code))


@dataclass(frozen=True)
class Whole(_Worded):
    """A whole number from 1 on."""

    most: int

    def read(self, value: Any) -> int:
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
            text = int(text)
        if isinstance(text, bool) or not isinstance(text, int) or not 1 <= text <= self.most:
            raise ValueError(_("请填写 1 到 %(most)d 的整数") % {"most": self.most})
        return text


@dataclass(frozen=True)
class Day(_Worded):
    """A date, YYYY-MM-DD. ``ahead``: only one after today makes sense."""

    ahead: bool = False

    def read(self, value: Any) -> date:
        return _whole_day(value)


@dataclass(frozen=True)
class PointInTime(_Worded):
    """A point in time, ISO 8601; without a zone it is Shanghai's.

    ``until``: what is allowed until then; a day alone means all of it.
    """

    until: bool = False

    def read(self, value: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else ""
        try:
            found = (end_of_named_day(text) if self.until else None) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None or not 1970 <= found.year <= 2200:
            raise ValueError(_("请填写日期和时间"))
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _whole_day(value: Any) -> date:
    try:
        found = parse_date(value.strip()) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2200:
        raise ValueError(_("请填写日期"))
    return found


Field = Text | Choice | Flag | Code | Codes | Whole | Day | PointInTime

MATTER: Final[dict[str, Field]] = {
    "title": Text(120, label=_("标题")),
    "description": Text(4000, label=_("反映内容")),
    "kind": Choice(Kind, label=_("诉求性质")),
    "level": Choice(Level, label=_("紧急程度")),
    "category": Code(8, label=_("类别")),
    "source": Choice(Source, label=_("来源渠道")),
    "community": Code(label=_("社区")),
    "neighbourhood": Code(label=_("位置")),
    "building": Code(label=_("楼栋")),
    "address": Text(200, label=_("详细地址")),
    "occurred_at": PointInTime(label=_("发生时间")),
    "contact_name": Text(60, label=_("反映人称呼")),
    "contact_phone": Text(40, label=_("联系电话")),
    "contact_address": Text(200, label=_("住址")),
    "confidential": Flag(label=_("保密"), hint=_("保密件的承办单位看不到反映人身份")),
    "external_number": OutsideNumber(label=_("外部编号")),
    "external_due_at": PointInTime(
        until=True, label=_("外部时限"), hint=_("12345等外部时限早于本系统时限的，以外部时限为准")
    ),
}
"""What is logged of a matter, in the order in which it is corrected."""

KEEP: Final = "keep_numbers"
KEEPING: Final = Text(
    200,
    label=_("保留完整号码，理由"),
    hint=_("证件号、银行卡号默认遮盖；确需留存才写明理由，号码加密保存在反映人资料里"),
)
"""Why the whole of the cards in the words must be kept."""

LONGEST: Final[Mapping[str, int]] = {
    name: field.longest for name, field in (MATTER | {KEEP: KEEPING}).items() if isinstance(field, Text)
}
"""How long its texts may be."""

PLAIN: Final = (
    "title", "description", "kind", "source", "address", "occurred_at", "external_number", "external_due_at"
)  # fmt: skip
"""Those that the issue's column of the same name holds as they were given."""

LISTED: Final = ("external_number", "external_due_at")
"""Those of them that the page of an issue lists as they are."""

_BY_NAME: Final[Mapping[str, Field]] = {
    **MATTER,
    "note": Text(label=_("备注")),
    "reason": Text(1000, label=_("原因")),
    "basis": Text(1000, label=_("职责依据")),
    "interim_answer": Text(500, label=_("给居民的阶段答复")),
    "commitment": Text(500, label=_("承诺内容")),
    "channel": Choice(ContactChannel, label=_("联系方式")),
    "result": Choice(ContactResult, label=_("联系结果")),
    "outcome": Choice(Outcome, label=_("办理结果")),
    "verdict": Choice(Verdict, label=_("居民评价")),
    "solved": Choice(Solved, label=_("是否解决")),
    "check": Choice(Check, label=_("核实方式")),
    "kind": Choice(DraftKind, label=_("文书种类")),
    "department": Code(label=_("承办单位")),
    "departments": Codes(label=_("抄送单位")),
    "suggested_department": Code(label=_("建议承办单位")),
    "officer": Code(label=_("承办人")),
    "users": Codes(label=_("抄送人员")),
    "master": Code(label=_("并入的主件")),
    "days": Whole(366, label=_("延长的工作日")),
    "deadline": Whole(2**62, told=False),
    "extra_days": Whole(60, label=_("顺延的工作日")),
    "until": Day(ahead=True, label=_("复查日期")),
    "due_on": Day(ahead=True, label=_("承诺完成日期")),
    "review_on": Day(ahead=True, label=_("复查日期")),
    "first_report": Flag(label=_("作为首次反馈"), told=False),
    "visible_to_resident": Flag(label=_("对居民可见"), told=False),
    "supervision_reply": Flag(label=_("作为督办单的书面回复")),
    "text": Text(2000, label=_("公开的内容")),
    "messages": Choice(
        MessageWish, label=_("短信通知"), hint=_("只有编号和查询链接；保密件须反映人同意才发，不发的由社区电话告知")
    ),
    KEEP: KEEPING,
}


FREE_TEXTS: Final = frozenset(name for name, field in _BY_NAME.items() if type(field) is Text) - {"contact_phone"}
"""The fields whose words are masked where they are stored."""


def _as(name: str, label: Words = "", hint: Words = "") -> Field:
    """The field as it is everywhere, with words of its own."""
    usual = _BY_NAME[name]
    return replace(usual, label=label or usual.label, hint=hint)


_BY_ACTION: Final[Mapping[str, Mapping[str, Field]]] = {
    Action.CONTACT: {"note": _as("note", _("联系情况"))},
    Action.ACCEPT: {"level": _as("level", hint=_("不选则按类别和诉求性质确定"))},
    Action.REQUEST_INFO: {"note": _as("note", _("请反映人补充什么"), _("反映人会看到，请写明缺什么、怎么补"))},
    Action.GIVE_INFO: {"note": _as("note", _("补充的情况"))},
    Action.REJECT: {
        "note": _as("note", _("告诉反映人的去处"), _("反映人会看到，请写明应当找谁、怎么找")),
        "reason": Choice(RejectReason, label=_("原因")),
    },
    Action.ANSWER_NOW: {"note": _as("note", _("答复内容"))},
    Action.DISPATCH: {"note": _as("note", _("交办意见"))},
    Action.TRANSFER_OUT: {
        "department": _as("department", _("外单位")),
        "note": _as("note", _("转交情况")),
    },
    Action.ASSIGN: {"note": _as("note", _("交办意见"))},
    Action.RETURN: {
        "reason": Choice(ReturnReason, label=_("退单原因")),
        "basis": _as("basis", hint=_("写明按什么规定不属本单位职责")),
    },
    Action.ASSIGN_FINAL: {
        "reason": _as("reason", _("裁定理由")),
        "extra_days": _as("extra_days", hint=_("改派顺延：办理时限剩余不足三分之一时可以填写")),
    },
    Action.REASSIGN: {
        "department": _as("department", _("新的承办单位")),
        "reason": _as("reason", _("转派原因"), _("原承办单位和新承办单位都会看到")),
    },
    Action.ADD_DEPARTMENT: {
        "department": _as("department", _("协办单位")),
        "note": _as("note", _("请其办理什么")),
    },
    Action.WAIVE_DEPARTMENT: {
        "department": _as("department", _("免除的协办单位")),
        "reason": _as("reason", hint=_("协办单位会看到")),
    },
    Action.CO_REPLY: {"note": _as("note", _("协办意见"))},
    Action.PROGRESS: {
        "note": _as("note", _("办理情况")),
        "visible_to_resident": _as(
            "visible_to_resident", hint=_("不勾选的只有工作人员能看到；项目类每月的进展要让居民看到")
        ),
    },
    Action.REQUEST_EXTENSION: {"reason": _as("reason", _("延期原因"), _("写明已做了什么、为什么需要更多时间"))},
    Action.GRANT_EXTENSION: {"note": _as("note", _("审批意见"))},
    Action.REFUSE_EXTENSION: {"reason": _as("reason", _("不同意的理由"))},
    Action.REQUEST_SUSPENSION: {
        "reason": Choice(SuspensionReason, label=_("挂账原因")),
        "note": _as("note", _("情况说明"), _("只有工作人员能看到")),
        "until": _as("until", hint=_("到期须复查；超过180天或第三次续期由街道主要领导审批")),
        "interim_answer": _as("interim_answer", hint=_("同意挂账后居民会看到，请写清为什么要等、等到什么时候")),
    },
    Action.GRANT_SUSPENSION: {"note": _as("note", _("审批意见"))},
    Action.REFUSE_SUSPENSION: {"reason": _as("reason", _("不同意的理由"))},
    Action.ENDORSE: {"note": _as("note", _("部门意见"))},
    Action.REPLY: {
        "note": _as("note", _("答复内容"), _("写清原因、做了什么、以后怎么做")),
        "due_on": _as("due_on", hint=_("办理结果为“列入计划”时必填，居民会看到这个日期")),
        "review_on": _as("review_on", hint=_("办理结果为“暂不具备解决条件”时必填，到期须复查并告知居民")),
        "commitment": _as("commitment", hint=_("办理结果为“列入计划”或“暂不具备解决条件”时填写；不填则用答复内容")),
    },
    Action.VERIFY_PASS: {
        "note": _as("note", _("核查情况"), _("只有工作人员能看到")),
        "check": _as("check", hint=_("现场核实须附照片")),
    },
    Action.RECORD_FOLLOW_UP: {
        "note": _as("note", _("回访情况")),
        "reason": _as("reason", _("不满意的原因"), _("不满意的必填；抽查回访中表示没有解决的也必填")),
        "solved": _as("solved", hint=_("联系上反映人的必填")),
    },
    Action.REDO: {"reason": _as("reason", _("哪里没有办好"), _("承办单位和反映人都会看到"))},
    Action.CLOSE_EXPLAINED: {"reason": _as("reason", _("解释说明"))},
    Action.REOPEN: {"reason": _as("reason", _("重新办理的原因"), _("承办单位和反映人都会看到"))},
    Action.WITHDRAW: {"note": _as("note", _("撤回的原因"))},
    Action.URGE: {"note": _as("note", _("催办意见"))},
    Action.SUPERVISE: {"note": _as("note", _("文书内容"), _("签发后承办单位会收到这段文字"))},
    Action.SIGN: {"note": _as("note", _("签发意见"))},
    Action.REFUSE_SIGN: {"note": _as("note", _("不予签发的理由"))},
    Action.LIFT: {"note": _as("note", _("解除的理由"))},
    Action.INSTRUCT: {"note": _as("note", _("批示内容"), _("主办单位、社区和街道社会治理办都会收到"))},
    Action.CC: {
        "note": _as("note", _("附言")),
        "users": _as("users", hint=_("只列出可以查看此件的人")),
        "departments": _as("departments", hint=_("被抄送的单位从此可以查看此件")),
    },
    Action.COMMENT: {
        "note": _as("note", _("留言内容")),
        "visible_to_resident": _as("visible_to_resident", hint=_("不勾选的只有工作人员能看到")),
    },
    Action.FULFIL: {"note": _as("note", _("兑现情况"), _("反映人会看到，请写明做了什么、何时完成"))},
    Action.MOVE_PROMISE: {
        "reason": _as("reason", _("改期的原因"), _("原来的日期和原因都保留，反映人会看到")),
        "due_on": _as("due_on", _("新的完成日期"), _("完成日期和复查日期填写其中一项")),
        "review_on": _as("review_on", _("新的复查日期")),
    },
    Action.EDIT: {**MATTER, "note": _as("note", _("更正原因"), _("原来的内容全部保留在流转记录中"))},
    Action.REQUEST_DISCLOSURE: {
        "reason": _as("reason", _("申请的理由"), _("办理此件的工作人员会看到，不要写反映人的姓名和电话")),
    },
    Action.GRANT_DISCLOSURE: {"reason": _as("reason", _("同意的理由"), _("反映人会看到，请写明为什么解除保密"))},
    Action.REFUSE_DISCLOSURE: {"reason": _as("reason", _("不同意的理由"))},
    Action.PUBLISH: {
        "title": _as("title", hint=_("不写人名、门牌和电话")),
        "text": _as("text", hint=_("电话、证件号码和反映人姓名已自动遮盖，请逐句审阅后再公开")),
    },
    Action.REQUEST_EXCLUSION: {"reason": _as("reason", _("剔除的理由"))},
    Action.GRANT_EXCLUSION: {"reason": _as("reason", _("同意的理由"))},
    Action.REFUSE_EXCLUSION: {"reason": _as("reason", _("不同意的理由"))},
}
"""Fields that one action takes or words in its own way."""


def field_of(action: str, name: str) -> Field:
    """What field ``name`` of ``action`` may hold."""
    return _BY_ACTION.get(action, {}).get(name) or _BY_NAME[name]


def label_of(action: str, name: str) -> str:
    """The word on a field of an action; "" for what is no field."""
    return str(field_of(action, name).label) if name in _BY_NAME else ""


def choices_of(action: str, name: str) -> list[tuple[str, Any]]:
    """The choices of a closed field with their labels, [] for the others."""
    field = field_of(action, name)
    if not isinstance(field, Choice):
        return []
    return list(field.choices.choices)


CLEARED: Final = frozenset({"external_due_at"})
"""Fields that an explicit null takes away; for the others it says nothing."""


def read_fields(
    action: str, required: tuple[str, ...], optional: tuple[str, ...], data: Mapping[str, Any]
) -> dict[str, Any]:
    """The cleaned values of the fields that a row names; unknown ones are ignored.

    Raises InvalidFields naming every field that is missing or wrong.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, Words] = {}
    for name in (*required, *(name for name in ("note", *optional) if name not in required)):
        if name in CLEARED and name in data and data[name] is None:
            values[name] = None
            continue
        if data.get(name) in (None, "") and name not in required:
            continue
        try:
            value = field_of(action, name).read(data.get(name, ""))
        except ValueError as error:
            wrong[name] = error.args[0]
            continue
        if value == "" and name in required:
            wrong[name] = _("必填")
        else:
            values[name] = value
    if wrong:
        raise InvalidFields(wrong)
    return values
