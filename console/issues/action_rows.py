"""How the console speaks of each action: one row an action, in the order of the menu 更多操作.

A refused action stays in the menu, grey, where a person may well look for it: the status allows it but a rule does
not (不能答复：协办单位尚未反馈), or the next status would (答复 before 签收). It is left out where there is nothing to
act on (撤销并案 of an issue that is not merged) and where its time is past or far.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from issues.enums import Action, RequestKind, Status, VerdictCheck
from issues.models import Issue

Said = Promise | Callable[[Issue], str]
"""Words in which %(community)s, %(department)s and the like stand for names."""


@dataclass(frozen=True)
class ActionRow:
    """One action. ``done`` is said after it, ``then`` in its panel: what happens next; ``limit`` is the clock it names.

    ``submit`` is on its button where that is not its name, ``read`` the field whose words residents will read, ``key``
    on the keyboard. ``files``: its panel takes photos and documents. ``quiet``: it answers something, without which
    there is nothing to refuse, so it is never grey; ``ahead``: the statuses just before it is possible, where it is.
    ``at_once``: where it is the next step of a matter of which this holds, one click or key does it; whoever wants to
    add words finds its panel in the menu.
    """

    action: Action
    done: Said
    then: Said | None = None
    limit: str = ""
    submit: Promise | None = None
    read: str = ""
    key: str = ""
    files: bool = False
    danger: bool = False
    quiet: bool = False
    ahead: frozenset[Status] = frozenset()
    at_once: Callable[[Issue], bool] | None = None


def _always(_issue: Issue) -> bool:
    return True


def _is_sorted(issue: Issue) -> bool:
    """Its category decides its time limit; without one it is asked for."""
    return issue.category_id is not None


def _passed(issue: Issue) -> str:
    return gettext("核查已通过") if issue.is_open else gettext("核查已通过，已办结")


def _followed_up(issue: Issue) -> str:
    if issue.verdict_check:
        return gettext("已记录抽查回访")
    return gettext("已记录回访，已办结") if issue.status == Status.CLOSED else gettext("已记录回访")


def _after_reply(issue: Issue) -> str:
    if issue.co_waiting_ids:
        return gettext("协办单位尚未反馈，答复中将注明“协办未反馈”；提交后由%(community)s核查")
    return gettext("提交后由%(community)s核查")


def _after_check(issue: Issue) -> str:
    return gettext("通过后由%(community)s回访反映人") if issue.contact_id else gettext("没有留下联系方式，通过后办结")


def _after_call(issue: Issue) -> str:
    if issue.verdict_check == VerdictCheck.DUE:
        return gettext("居民确认的，网页评价计入统计；表示没有解决或不满意的，以这次回访为准，可以接着重新办理")
    if issue.status == Status.FOLLOW_UP:
        return gettext("满意或基本满意、且已解决或部分解决的，提交后办结")
    return gettext("并案的反映人单独回访，表示没有解决的交街道社会治理办")


def _after_deferral(issue: Issue) -> str:
    if RequestKind.SUSPENSION in issue.asks and issue.status == Status.SUSPENDED:
        return gettext("同意后继续挂账，按新的复查日期提醒；居民看到新的阶段答复")
    return gettext("同意后各项办理时限暂停，剩余时间保留，到复查日提醒；居民看到阶段答复")


def _after_reopening(issue: Issue) -> str:
    if issue.lead_department_id is None:
        return gettext("由社区重新派单，按完整时限计时；原答复人不参加核查")
    return gettext("重新交%(department)s办理，按短时限计时")


# fmt: off
GROUPS: Final[tuple[tuple[Promise, tuple[ActionRow, ...]], ...]] = (
    (
        _("流转"),
        (
            ActionRow(
                Action.ACCEPT, done=_("已受理"), then=_("受理后开始计算办理时限"), key="a", at_once=_is_sorted,
            ),
            ActionRow(
                Action.REQUEST_INFO, done=_("已请反映人补充"),
                then=_("反映人收到后%(within)s补充，期间首次联系和办理时限暂停"), limit="more_info", read="note",
                files=True,
            ),
            ActionRow(Action.GIVE_INFO, done=_("已记录补充情况"), then=_("提交后回到待受理，时限继续计算"), files=True),
            ActionRow(
                Action.ANSWER_NOW, done=_("已即时办结"), then=_("提交后此件结束，所有计时停止"), read="note",
                files=True,
            ),
            ActionRow(
                Action.DISPATCH, done=_("已派单至%(department)s"), then=_("派单后由该单位收件岗签收"), key="d",
                ahead=frozenset({Status.SUBMITTED}),
            ),
            ActionRow(
                Action.TRANSFER_OUT, done=_("已转交%(department)s"),
                then=_("外单位没有系统账号，由%(community)s每%(every)s跟踪一次，代为记录进展和答复"), limit="tracking",
                files=True,
            ),
            ActionRow(
                Action.ASSIGN_FINAL, done=_("已指定%(department)s承办"), then=_("指定承办后该单位不能再退单"),
                quiet=True,
            ),
            ActionRow(
                Action.ACKNOWLEDGE, done=_("已签收"), then=_("签收后由您承办，未指派时您为承办人"), key="a",
                at_once=_always,
            ),
            ActionRow(Action.ASSIGN, done=_("已指派承办人"), then=_("指派后进入该承办人的待办")),
            ActionRow(
                Action.CO_REPLY, done=_("已提交协办意见"), then=_("提交给主办单位%(department)s"), files=True,
                quiet=True,
            ),
            ActionRow(
                Action.REPLY, done=_("已提交答复，由%(community)s核查"), then=_after_reply, submit=_("提交答复"),
                read="note", key="r", files=True, ahead=frozenset({Status.DISPATCHED, Status.SUSPENDED}),
            ),
            ActionRow(
                Action.VERIFY_PASS, done=_passed, then=_after_check, files=True, ahead=frozenset({Status.IN_PROGRESS}),
            ),
            ActionRow(
                Action.RECORD_FOLLOW_UP, done=_followed_up, then=_after_call, files=True,
                ahead=frozenset({Status.REPLIED}),
            ),
            ActionRow(
                Action.REDO, done=_("已退回%(department)s重办"), then=_("退回%(department)s，按短时限重新计时"),
                files=True, danger=True,
            ),
            ActionRow(
                Action.ADD_DEPARTMENT, done=_("已加协办"),
                then=_("协办单位有自己的期限，早于办理时限；全部反馈后主办单位答复"),
                ahead=frozenset({Status.DISPATCHED}),
            ),
            ActionRow(Action.WAIVE_DEPARTMENT, done=_("已免除协办"), then=_("免除后不再等待该单位反馈"), quiet=True),
            ActionRow(
                Action.RETURN, done=_("已退单"), then=_("退单后办理时限不停；下一单位签收前，首接单位仍负责"),
                files=True, danger=True,
            ),
            ActionRow(Action.REASSIGN, done=_("已转派%(department)s"), then=_("新单位签收前，%(department)s仍负责")),
            ActionRow(
                Action.MERGE, done=_("已并入 %(master)s"),
                then=_("并入后此件随主件办理；反映人保留自己的编号和查询链接，单独回访"), submit=_("并入另一工单"),
            ),
            ActionRow(
                Action.UNMERGE, done=_("已撤销并案"), then=_("恢复到并案前的状态，时限接着计算；只能在并案当天撤销"),
                quiet=True,
            ),
            ActionRow(Action.REOPEN, done=_("已重新办理"), then=_after_reopening, files=True, quiet=True),
            ActionRow(
                Action.CLOSE_EXPLAINED, done=_("已解释办结"), then=_("提交后此件结束，列入“办结未解决”"), read="reason",
                files=True, danger=True,
            ),
            ActionRow(
                Action.REJECT, done=_("已登记为不予受理"), then=_("提交后此件结束，所有计时停止"), read="note",
                files=True, danger=True,
            ),
            ActionRow(Action.WITHDRAW, done=_("已撤回"), then=_("撤回后此件结束"), danger=True, quiet=True),
        ),
    ),
    (
        _("时限"),
        (
            ActionRow(
                Action.REQUEST_EXTENSION, done=_("已提交延期申请"),
                then=_("由街道社会治理办在%(within)s审批；未批准前时限照常计算"), limit="extension_decision",
                files=True, ahead=frozenset({Status.DISPATCHED}),
            ),
            ActionRow(
                Action.GRANT_EXTENSION, done=_("已同意延期"), then=_("同意后办理时限和协办时限一并顺延"), quiet=True,
            ),
            ActionRow(Action.REFUSE_EXTENSION, done=_("已回复不同意延期"), then=_("办理时限不变"), quiet=True),
            ActionRow(
                Action.REQUEST_SUSPENSION, done=_("已提交挂账申请"),
                then=_("由街道社会治理办在%(within)s审批；未批准前时限照常计算"), limit="extension_decision",
                read="interim_answer", files=True,
            ),
            ActionRow(Action.GRANT_SUSPENSION, done=_("已同意挂账"), then=_after_deferral, quiet=True),
            ActionRow(Action.REFUSE_SUSPENSION, done=_("已回复不同意挂账"), then=_("办理时限照常计算"), quiet=True),
            ActionRow(
                Action.ENDORSE, done=_("已表示部门同意"), then=_("表示部门负责人同意，仍由街道社会治理办审批"),
                quiet=True,
            ),
            ActionRow(
                Action.RESUME, done=_("已恢复办理"), then=_("恢复后按挂账前剩余的时间继续计时"), at_once=_always,
            ),
            ActionRow(
                Action.FULFIL, done=_("承诺已兑现"), then=_("提交后承诺记为已兑现，反映人可以看到"), read="note",
                files=True, quiet=True,
            ),
            ActionRow(Action.MOVE_PROMISE, done=_("承诺已改期"), then=_("原定日期作废，按新日期跟踪"), quiet=True),
        ),
    ),
    (
        _("督办"),
        (
            ActionRow(Action.URGE, done=_("已催办"), then=_("主办单位的承办人和负责人会立即收到")),
            ActionRow(Action.INSTRUCT, done=_("已批示"), files=True),
            ActionRow(
                Action.SUPERVISE, done=_("已提交签发"), then=_("草稿提交领导签发，签发前不发给承办单位"),
                submit=_("拟督办文书"), files=True,
            ),
            ActionRow(
                Action.SIGN, done=_("已签发"), then=_("签发后承办单位立即收到"), submit=_("签发督办文书"), quiet=True,
            ),
            ActionRow(
                Action.REFUSE_SIGN, done=_("已退回，不予签发"), then=_("退回街道社会治理办，此稿作废"),
                submit=_("不予签发"), danger=True, quiet=True,
            ),
            ActionRow(Action.LIFT, done=_("已解除督办"), then=_("解除后退回到催办之前的督办状态"), quiet=True),
        ),
    ),
    (
        _("记录"),
        (
            ActionRow(
                Action.CONTACT, done=_("已记录联系情况"), then=_("联系上反映人的，首次联系时限停止计时"), files=True,
            ),
            ActionRow(Action.PROGRESS, done=_("已记录办理进展"), read="note", files=True),
            ActionRow(Action.COMMENT, done=_("已留言"), files=True),
            ActionRow(Action.CC, done=_("已抄送"), then=_("被抄送的人会在“抄送我的”中看到")),
            ActionRow(
                Action.EDIT, done=_("已更正"), then=_("只改需要更正的；留空的项目保持不变"), submit=_("更正登记内容"),
            ),
            ActionRow(
                Action.PUBLISH, done=_("已公开"), then=_("公开后显示在居民首页“社区正在办理”，可以随时撤回"),
                submit=_("公开到居民页面"), read="text", quiet=True,
            ),
            ActionRow(Action.UNPUBLISH, done=_("已撤回公开"), then=_("撤回后居民首页不再显示"), quiet=True),
            ActionRow(Action.REQUEST_CALLBACK, done=_("已提交"), quiet=True),
            ActionRow(
                Action.SET_MESSAGES, done=_("已记录短信设置"),
                then=_("不发短信的，须告知的事项列入待告知，由社区打电话"), quiet=True,
            ),
            ActionRow(
                Action.REQUEST_EXCLUSION, done=_("已申请剔除"), then=_("由分管领导审批；同意前照常计入统计"),
                submit=_("申请剔除（不计入统计）"), quiet=True,
            ),
            ActionRow(
                Action.GRANT_EXCLUSION, done=_("已同意剔除"), then=_("同意后此件不计入各项统计"),
                submit=_("同意剔除（不计入统计）"), quiet=True,
            ),
            ActionRow(Action.REFUSE_EXCLUSION, done=_("已回复不同意剔除"), then=_("此件照常计入各项统计"), quiet=True),
            ActionRow(
                Action.REQUEST_DISCLOSURE, done=_("已申请解除保密"),
                then=_("由街道社会治理办在%(within)s审批；同意前继续保密"), limit="extension_decision", quiet=True,
            ),
            ActionRow(
                Action.GRANT_DISCLOSURE, done=_("已同意解除保密"),
                then=_("同意后承办单位可以看到反映人，反映人会被告知理由"), quiet=True,
            ),
            ActionRow(Action.REFUSE_DISCLOSURE, done=_("已回复不同意解除保密"), then=_("此件继续保密"), quiet=True),
        ),
    ),
)

# fmt: on
ROWS: Final[Mapping[str, ActionRow]] = {row.action: row for _label, rows in GROUPS for row in rows}


def said(words: Said | None, issue: Issue, names: Mapping[str, str]) -> str:
    """Words of a row about this issue, with the names that they ask for; "" where there are none."""
    if words is None:
        return ""
    return (words(issue) if callable(words) else str(words)) % names
