"""The words of the panels as data: labels, helpers, what a choice leads to, what happens next, phrases."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues import fields
from issues.enums import Action, Outcome, RejectReason, RequestKind, Status, SuspensionReason, VerdictCheck
from issues.models import Issue
from issues.wording.limits import limit_text, within
from papers.enums import DraftKind

SUBMIT: Final[dict[str, Promise]] = {
    Action.REPLY: gettext_lazy("提交答复"),
    Action.SUPERVISE: gettext_lazy("拟督办文书"),
    Action.SIGN: gettext_lazy("签发督办文书"),
    Action.REFUSE_SIGN: gettext_lazy("不予签发"),
    Action.PUBLISH: gettext_lazy("公开到居民页面"),
    Action.EDIT: gettext_lazy("更正登记内容"),
    Action.MERGE: gettext_lazy("并入另一工单"),
    Action.REQUEST_EXCLUSION: gettext_lazy("申请剔除（不计入统计）"),
    Action.GRANT_EXCLUSION: gettext_lazy("同意剔除（不计入统计）"),
}
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


_LIMIT_NAMED: Final[Mapping[str, str]] = {
    Action.REQUEST_INFO: "more_info",
    Action.TRANSFER_OUT: "tracking",
    Action.REQUEST_EXTENSION: "extension_decision",
    Action.REQUEST_SUSPENSION: "extension_decision",
    Action.REQUEST_DISCLOSURE: "extension_decision",
}
"""Action → the clock that it starts and whose limit its note names."""


def note_of(action: str, issue: Issue) -> str:
    """What happens next once the panel is sent."""
    names = {
        "community": issue.community.name,
        "department": issue.lead_department.name if issue.lead_department else _("承办单位"),
        "within": within(issue, _LIMIT_NAMED[action]) if action in _LIMIT_NAMED else "",
        "every": limit_text(issue, _LIMIT_NAMED[action]) if action in _LIMIT_NAMED else "",
    }
    special = _note_by_state(action, issue, names)
    if special:
        return special
    words: Mapping[str, str] = {
        Action.CONTACT: _("联系上反映人的，首次联系时限停止计时"),
        Action.ACCEPT: _("受理后开始计算办理时限"),
        Action.REQUEST_INFO: _("反映人收到后%(within)s补充，期间首次联系和办理时限暂停") % names,
        Action.GIVE_INFO: _("提交后回到待受理，时限继续计算"),
        Action.REJECT: _("提交后此件结束，所有计时停止"),
        Action.ANSWER_NOW: _("提交后此件结束，所有计时停止"),
        Action.DISPATCH: _("派单后由该单位收件岗签收"),
        Action.TRANSFER_OUT: _("外单位没有系统账号，由%(community)s每%(every)s跟踪一次，代为记录进展和答复") % names,
        Action.ACKNOWLEDGE: _("签收后由您承办，未指派时您为承办人"),
        Action.ASSIGN: _("指派后进入该承办人的待办"),
        Action.RETURN: _("退单后办理时限不停；下一单位签收前，首接单位仍负责"),
        Action.ASSIGN_FINAL: _("指定承办后该单位不能再退单"),
        Action.REASSIGN: _("新单位签收前，%(department)s仍负责") % names,
        Action.ADD_DEPARTMENT: _("协办单位有自己的期限，早于办理时限；全部反馈后主办单位答复"),
        Action.WAIVE_DEPARTMENT: _("免除后不再等待该单位反馈"),
        Action.CO_REPLY: _("提交给主办单位%(department)s") % names,
        Action.REQUEST_EXTENSION: _("由街道社会治理办在%(within)s审批；未批准前时限照常计算") % names,
        Action.GRANT_EXTENSION: _("同意后办理时限和协办时限一并顺延"),
        Action.REFUSE_EXTENSION: _("办理时限不变"),
        Action.REQUEST_SUSPENSION: _("由街道社会治理办在%(within)s审批；未批准前时限照常计算") % names,
        Action.GRANT_SUSPENSION: _("同意后各项办理时限暂停，剩余时间保留，到复查日提醒；居民看到阶段答复"),
        Action.REFUSE_SUSPENSION: _("办理时限照常计算"),
        Action.ENDORSE: _("表示部门负责人同意，仍由街道社会治理办审批"),
        Action.RESUME: _("恢复后按挂账前剩余的时间继续计时"),
        Action.REDO: _("退回%(department)s，按短时限重新计时") % names,
        Action.CLOSE_EXPLAINED: _("提交后此件结束，列入“办结未解决”"),
        Action.REOPEN: _("重新交%(department)s办理，按短时限计时") % names
        if issue.lead_department_id is not None
        else _("由社区重新派单，按完整时限计时；原答复人不参加核查"),
        Action.MERGE: _("并入后此件随主件办理；反映人保留自己的编号和查询链接，单独回访"),
        Action.UNMERGE: _("恢复到并案前的状态，时限接着计算；只能在并案当天撤销"),
        Action.URGE: _("主办单位的承办人和负责人会立即收到"),
        Action.SUPERVISE: _("草稿提交领导签发，签发前不发给承办单位"),
        Action.SIGN: _("签发后承办单位立即收到"),
        Action.REFUSE_SIGN: _("退回街道社会治理办，此稿作废"),
        Action.LIFT: _("解除后退回到催办之前的督办状态"),
        Action.CC: _("被抄送的人会在“抄送我的”中看到"),
        Action.EDIT: _("只改需要更正的；留空的项目保持不变"),
        Action.PUBLISH: _("公开后显示在居民首页“社区正在办理”，可以随时撤回"),
        Action.UNPUBLISH: _("撤回后居民首页不再显示"),
        Action.REQUEST_EXCLUSION: _("由分管领导审批；同意前照常计入统计"),
        Action.GRANT_EXCLUSION: _("同意后此件不计入各项统计"),
        Action.REFUSE_EXCLUSION: _("此件照常计入各项统计"),
        Action.REQUEST_DISCLOSURE: _("由街道社会治理办在%(within)s审批；同意前继续保密") % names,
        Action.GRANT_DISCLOSURE: _("同意后承办单位可以看到反映人，反映人会被告知理由"),
        Action.REFUSE_DISCLOSURE: _("此件继续保密"),
        Action.WITHDRAW: _("撤回后此件结束"),
        Action.FULFIL: _("提交后承诺记为已兑现，反映人可以看到"),
        Action.MOVE_PROMISE: _("原定日期作废，按新日期跟踪"),
    }
    return words.get(action, "")


def _note_by_state(action: str, issue: Issue, names: Mapping[str, str]) -> str:
    if action == Action.REPLY:
        if issue.co_waiting_ids:
            return _("协办单位尚未反馈，答复中将注明“协办未反馈”；提交后由%(community)s核查") % names
        return _("提交后由%(community)s核查") % names
    if action == Action.VERIFY_PASS:
        return _("通过后由%(community)s回访反映人") % names if issue.contact_id else _("没有留下联系方式，通过后办结")
    if action == Action.RECORD_FOLLOW_UP and issue.verdict_check == VerdictCheck.DUE:
        return _("居民确认的，网页评价计入统计；表示没有解决或不满意的，以这次回访为准，可以接着重新办理")
    if action == Action.RECORD_FOLLOW_UP:
        if issue.status == Status.FOLLOW_UP:
            return _("满意或基本满意、且已解决或部分解决的，提交后办结")
        return _("并案的反映人单独回访，表示没有解决的交街道社会治理办")
    if action == Action.GRANT_SUSPENSION and RequestKind.SUSPENSION in issue.asks and issue.status == Status.SUSPENDED:
        return _("同意后继续挂账，按新的复查日期提醒；居民看到新的阶段答复")
    return ""


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
