"""The words of the panels: labels, what a choice leads to, what happens next, phrases."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.issues.action_rows import ROWS, said
from issues import fields
from issues.enums import Action, Outcome, RejectReason, SuspensionReason
from issues.models import Issue
from issues.wording.limits import limit_text, within
from papers.enums import DraftKind

_LABELS: Final[Mapping[str, Promise]] = {
    "attachments": gettext_lazy("照片和附件"),
    "master_number": gettext_lazy("主件编号"),
    "place": gettext_lazy("位置"),
}
"""Of what stands in a panel and is no field of the action."""

PLACEHOLDERS: Final[dict[str, Promise]] = {
    "category": gettext_lazy("输入名称、编号或拼音首字母"),
    "officer": gettext_lazy("输入姓名或拼音首字母"),
    "place": gettext_lazy("输入小区、楼栋或拼音首字母，如 bhhy 3"),
    "many": gettext_lazy("按名称或拼音筛选"),
    "": gettext_lazy("输入名称或拼音首字母"),
}


def label_of(action: str, name: str) -> str:
    """The word on a field of an action; "" for one that no panel has."""
    return str(_LABELS.get(name) or fields.label_of(action, name))


def placeholder_of(name: str) -> str:
    """What a type-ahead says while it is empty."""
    return str(PLACEHOLDERS.get(name, PLACEHOLDERS[""]))


def consequence(action: str, issue: Issue, name: str, code: str) -> str:
    """What a choice leads to, in a line under it."""
    words: dict[tuple[str, str], str] = {
        ("outcome", Outcome.SOLVED): _("问题已经处理完，居民将被询问是否解决"),
        ("outcome", Outcome.PARTLY): _("处理了一部分，答复中写明余下的怎么办"),
        ("outcome", Outcome.EXPLAINED): _("不需要处置，已把情况和规定讲清楚"),
        ("outcome", Outcome.PLANNED): _("作为承诺事项跟踪，须填写完成日期"),
        ("outcome", Outcome.NOT_NOW): _("须填写复查日期，由街道社会治理办核查"),
        ("outcome", Outcome.UNFOUNDED): _("经核实没有所反映的情况"),
    }
    if action == Action.SUPERVISE:
        words |= {
            ("kind", DraftKind.ORDER): _("由分管领导签发，承办单位须在%(within)s书面回复")
            % {"within": within(issue, "supervision_reply")},
            ("kind", DraftKind.YELLOW_CARD): _("由分管领导签发"),
            ("kind", DraftKind.RED_CARD): _("由街道主要领导签发"),
        }
    return words.get((name, code), "")


def note_of(action: str, issue: Issue) -> str:
    """What happens next once the panel is sent."""
    row = ROWS[action]
    names = {
        "community": issue.community.name,
        "department": issue.lead_department.name if issue.lead_department else _("承办单位"),
        "within": within(issue, row.limit) if row.limit else "",
        "every": limit_text(issue, row.limit) if row.limit else "",
    }
    return said(row.then, issue, names)


def done_of(action: str, issue: Issue) -> str:
    """What is said once it is done."""
    names = {
        "department": issue.lead_department.name if issue.lead_department else "",
        "community": issue.community.name,
        "master": issue.master.number if issue.master else "",
    }
    return said(ROWS[action].done, issue, names)


def phrases_of(action: str) -> tuple[Mapping[str, str], ...]:
    """Phrases to start from, always to be finished by hand."""
    found: dict[str, tuple[tuple[str, str], ...]] = {
        Action.REPLY: (
            (_("已处理完"), _("您反映的情况已到现场核实，现已处理完毕：")),
            (_("解释说明"), _("您反映的情况已核实。根据有关规定，说明如下：")),
            (_("今后措施"), _("今后将加强巡查，再次出现请随时联系我们。")),
        ),
        Action.PROGRESS: (
            (_("已到现场"), _("已到现场查看，情况是：")),
            (_("正在安排"), _("已安排人员处理，预计完成时间：")),
        ),
        Action.REQUEST_INFO: (
            (_("具体位置"), _("请告诉我们具体位置，例如门牌、楼栋或附近的店铺。")),
            (_("现场照片"), _("请补充一两张现场照片，便于安排人员处理。")),
        ),
        Action.REQUEST_SUSPENSION: (
            (str(SuspensionReason.PUBLICITY.label), _("此事正在公示，公示期至，期满后继续办理并告诉您。")),
            (str(SuspensionReason.APPROVAL.label), _("此事须报上级审批，预计批复，批复后继续办理并告诉您。")),
        ),
        Action.VERIFY_PASS: ((_("电话核实"), _("已致电反映人核实，")), (_("现场核实"), _("已到现场核实，"))),
        Action.RECORD_FOLLOW_UP: (
            (_("电话回访"), _("已致电反映人，")),
            (_("无人接听"), _("电话无人接听，将再次回访。")),
        ),
        Action.REJECT: (
            (str(RejectReason.PETITION.label), _("您反映的属信访事项，请到街道信访窗口反映，或登录信访网上平台。")),
            (str(RejectReason.HOTLINE.label), _("您反映的请拨打 12345 热线，由热线按职责转办。")),
        ),
    }
    return tuple({"label": label, "text": text} for label, text in found.get(action, ()))
