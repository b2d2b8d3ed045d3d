"""The workflow as data: what may happen in which status, by whom, and what the clocks do.

A pure module: no ORM, no HTTP. The engine (issues.services.actions) executes rows, the policies decide who a person is
to an issue, the console, the phone pages and the API show what ``rows_from`` yields, and ``manage.py workflow_diagram``
draws docs/workflow.md from it. T stands for time itself: what happens by the clock and by nobody's hand, and what the
product does at once with a matter that a resident raised as 我也遇到了 (issues.services.joining_in).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.enums import ENDED, OPEN, Action, Status
from issues.fields import KEEP, MATTER


class Party(StrEnum):
    """What a person is to one issue. A person may be several."""

    COMMUNITY = "C"
    LEAD = "L"
    LEAD_HEAD = "H"
    CO = "O"
    SUPERVISOR = "S"
    REPORTER = "R"
    DIRECTION = "D"
    TIME = "T"


class Effect(StrEnum):
    """What a row does to a clock."""

    START = "start"
    STOP = "stop"
    STOP_ALL = "stop_all"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    REINSTATE = "reinstate"


@dataclass(frozen=True)
class ClockEffect:
    """One effect on one kind of deadline."""

    effect: Effect
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the table. ``targets`` are the statuses it may lead to; empty means that the status stays.

    ``answers``: done by whoever's move it is, it answers what they were urged to (the clock ``urge_reply``).
    """

    action: Action
    label: Promise
    sources: frozenset[Status]
    targets: tuple[Status, ...]
    who: frozenset[Party]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    clocks: tuple[ClockEffect, ...] = ()
    visible: bool = False
    needs_version: bool = True
    answers: bool = False


def start(*kinds: str) -> tuple[ClockEffect, ...]:
    """These clocks begin."""
    return tuple(ClockEffect(Effect.START, kind) for kind in kinds)


def stop(*kinds: str) -> tuple[ClockEffect, ...]:
    """These clocks end, if they run."""
    return tuple(ClockEffect(Effect.STOP, kind) for kind in kinds)


STOP_ALL = (ClockEffect(Effect.STOP_ALL),)
C, L, H, O, S, R, D, T = Party  # noqa: E741
_S = Status


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


def _who(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


def cancel(*kinds: str) -> tuple[ClockEffect, ...]:
    """These clocks end because nobody owes them any more."""
    return tuple(ClockEffect(Effect.CANCEL, kind) for kind in kinds)


def pause(*kinds: str) -> tuple[ClockEffect, ...]:
    """These clocks stand still and keep what is left."""
    return tuple(ClockEffect(Effect.PAUSE, kind) for kind in kinds)


def resume(*kinds: str) -> tuple[ClockEffect, ...]:
    """These clocks run on with what they kept."""
    return tuple(ClockEffect(Effect.RESUME, kind) for kind in kinds)


ANYWHERE = frozenset(Status)
_BEFORE_REPLY = OPEN - {_S.REPLIED, _S.FOLLOW_UP}
_WITH_DEPARTMENT = _from(_S.DISPATCHED, _S.IN_PROGRESS)
_BEFORE_WORK = _from(_S.SUBMITTED, _S.NEED_INFO, _S.ACCEPTED)
_SUSPENDABLE = _from(_S.IN_PROGRESS, _S.SUSPENDED, _S.FOLLOW_UP)
_WAITING_FOR_INFO = ("respond", "accept", "first_report", "handle")
_WORK = ("handle", "first_report", "co_reply", "note", "tracking", "progress")
"""Clocks that stand still while a matter is deferred."""

_BACK = (_S.SUBMITTED, _S.ACCEPTED, _S.DISPATCHED, _S.IN_PROGRESS, _S.REPLIED, _S.FOLLOW_UP)
"""Where taking back a merge may lead: to where the matter was."""

CHECK = Row(
    Action.RECORD_FOLLOW_UP,
    _("抽查回访"),
    _from(_S.CLOSED, _S.MERGED),
    (),
    _who(S),
    ("verdict",),
    ("solved", "reason", "note"),
    stop("sample", "inform"),
)
"""The supervisor's call about a verdict by web; there is nothing to say of it where none waits."""

# fmt: off
TABLE: tuple[Row, ...] = (
    Row(Action.CONTACT, _("首次联系"), OPEN, (), _who(C, L), ("channel", "result"), ("note",), stop("respond"),
        visible=True, needs_version=False, answers=True),
    Row(Action.CONTACT, _("告知"), ENDED, (), _who(C), ("channel", "result"), ("note",), (), visible=True,
        needs_version=False),
    Row(Action.CONTACT, _("短信未送达"), ANYWHERE, (), _who(T), ("channel", "result"), (), start("inform"),
        needs_version=False),
    Row(Action.ACCEPT, _("受理"), _from(_S.SUBMITTED, _S.NEED_INFO), (_S.ACCEPTED,), _who(C, S), (),
        ("category", "level", "note"),
        stop("accept", "more_info") + resume(*_WAITING_FOR_INFO) + start("dispatch", "first_report", "handle", "note"),
        visible=True, answers=True),
    Row(Action.REQUEST_INFO, _("要求补充"), _from(_S.SUBMITTED, _S.ACCEPTED), (_S.NEED_INFO,), _who(C, S), ("note",),
        (), cancel("dispatch") + pause(*_WAITING_FOR_INFO) + start("more_info", "inform"), visible=True, answers=True),
    Row(Action.GIVE_INFO, _("补充"), _from(_S.NEED_INFO), (_S.SUBMITTED,), _who(R, C), ("note",), (),
        stop("more_info", "inform") + resume(*_WAITING_FOR_INFO) + start("accept"), visible=True),
    Row(Action.GIVE_INFO, _("逾期未补充"), _from(_S.NEED_INFO), (_S.SUBMITTED,), _who(T), (), (),
        stop("more_info") + resume(*_WAITING_FOR_INFO) + start("accept"), visible=True, needs_version=False),
    Row(Action.REJECT, _("不予受理"), _BEFORE_WORK, (_S.REJECTED,), _who(C, S), ("reason", "note"), (),
        STOP_ALL + start("inform"), visible=True, answers=True),
    Row(Action.ANSWER_NOW, _("即时办结"), _from(_S.SUBMITTED, _S.ACCEPTED), (_S.CLOSED,), _who(C, S), ("note",),
        ("verdict", "solved", "category"), stop("respond", "accept", "dispatch", "first_report", "handle") + STOP_ALL,
        visible=True, answers=True),
    Row(Action.DISPATCH, _("派单"), _from(_S.ACCEPTED), (_S.DISPATCHED,), _who(C, S), ("department",), ("note",),
        stop("dispatch", "return_decision") + start("acknowledge"), visible=True, answers=True),
    Row(Action.TRANSFER_OUT, _("转交外单位"), _from(_S.ACCEPTED), (_S.IN_PROGRESS,), _who(C, S), ("department",),
        ("note",), stop("dispatch", "return_decision") + start("tracking"), visible=True, answers=True),
    Row(Action.ACKNOWLEDGE, _("签收"), _from(_S.DISPATCHED), (_S.IN_PROGRESS,), _who(L, H), (), ("note",),
        stop("acknowledge") + start("progress"), visible=True, answers=True),
    Row(Action.ACKNOWLEDGE, _("视为签收"), _from(_S.DISPATCHED), (_S.IN_PROGRESS,), _who(T), (), (),
        stop("acknowledge") + start("progress"), visible=True, needs_version=False),
    Row(Action.ASSIGN, _("指派承办人"), _WITH_DEPARTMENT, (), _who(H, S), ("officer",), ("note",), answers=True),
    Row(Action.RETURN, _("退单"), _WITH_DEPARTMENT, (_S.ACCEPTED,), _who(L, H), ("reason", "basis"),
        ("suggested_department", "note"), stop("acknowledge") + cancel("progress") + start("dispatch"), answers=True),
    Row(Action.ASSIGN_FINAL, _("指定承办"), _from(_S.ACCEPTED), (_S.DISPATCHED,), _who(S), ("department", "reason"),
        ("extra_days",), stop("dispatch", "return_decision") + start("acknowledge"), visible=True, answers=True),
    Row(Action.REASSIGN, _("转派"), _WITH_DEPARTMENT, (_S.DISPATCHED,), _who(C, S), ("department", "reason"), (),
        cancel("acknowledge", "tracking", "progress") + start("acknowledge"), visible=True, answers=True),
    Row(Action.ADD_DEPARTMENT, _("加协办"), _from(_S.IN_PROGRESS), (), _who(L, H, S), ("department",), ("note",),
        start("co_reply"), answers=True),
    Row(Action.WAIVE_DEPARTMENT, _("免协办"), _from(_S.IN_PROGRESS), (), _who(S), ("department", "reason"), (),
        cancel("co_reply"), answers=True),
    Row(Action.CO_REPLY, _("协办答复"), _from(_S.IN_PROGRESS), (), _who(O), ("note",), (), stop("co_reply"),
        answers=True),
    Row(Action.PROGRESS, _("办理进展"), _from(_S.IN_PROGRESS, _S.SUSPENDED), (), _who(L, H, O), ("note",),
        ("first_report", "visible_to_resident", "supervision_reply"), needs_version=False, answers=True),
    Row(Action.PROGRESS, _("回复督办单"), _from(_S.REPLIED, _S.FOLLOW_UP, _S.CLOSED), (), _who(L, H), ("note",), (),
        stop("supervision_reply"), needs_version=False),
    Row(Action.REQUEST_EXTENSION, _("申请延期"), _from(_S.IN_PROGRESS), (), _who(L, H), ("days", "reason"), (),
        start("extension_decision"), answers=True),
    Row(Action.GRANT_EXTENSION, _("同意延期"), _from(_S.IN_PROGRESS), (), _who(S), (), ("note",),
        stop("extension_decision") + start("inform"), visible=True),
    Row(Action.REFUSE_EXTENSION, _("不同意延期"), _from(_S.IN_PROGRESS), (), _who(S), ("reason",), (),
        stop("extension_decision")),
    Row(Action.REQUEST_SUSPENSION, _("申请挂账"), _SUSPENDABLE, (), _who(L, H), ("reason", "until", "interim_answer"),
        (), start("extension_decision"), answers=True),
    Row(Action.GRANT_SUSPENSION, _("同意挂账"), _SUSPENDABLE, (_S.SUSPENDED,), _who(S, D), (), ("note",),
        stop("extension_decision", "follow_up") + cancel("suspension_review") + pause(*_WORK)
        + start("suspension_review", "inform"), visible=True),
    Row(Action.REFUSE_SUSPENSION, _("不同意挂账"), _SUSPENDABLE, (), _who(S, D), ("reason",), (),
        stop("extension_decision")),
    Row(Action.ENDORSE, _("部门同意"), _SUSPENDABLE, (), _who(H), (), ("note",), answers=True),
    Row(Action.RESUME, _("恢复办理"), _from(_S.SUSPENDED), (_S.IN_PROGRESS,), _who(L, H, S), (), ("note",),
        stop("suspension_review") + resume(*_WORK) + start("inform"), visible=True, answers=True),
    Row(Action.REPLY, _("答复"), _from(_S.IN_PROGRESS), (_S.REPLIED,), _who(L, H), ("outcome", "note"),
        ("due_on", "review_on", "commitment"),
        stop("first_report", "handle", "progress") + cancel("co_reply", "tracking", "note", "inform")
        + start("verify"), visible=True, answers=True),
    Row(Action.VERIFY_PASS, _("核查通过"), _from(_S.REPLIED), (_S.FOLLOW_UP, _S.CLOSED), _who(C, S),
        ("check", "note"), (), stop("verify") + start("follow_up"), answers=True),
    Row(Action.REDO, _("退回重办"), _from(_S.REPLIED, _S.FOLLOW_UP), (_S.IN_PROGRESS,), _who(C, S, R), ("reason",),
        ("verdict", "solved"), stop("verify", "follow_up") + start("handle", "tracking", "note", "progress"),
        visible=True, answers=True),
    Row(Action.RECORD_FOLLOW_UP, _("记录回访"), _from(_S.FOLLOW_UP), (_S.CLOSED, _S.FOLLOW_UP), _who(C), ("verdict",),
        ("solved", "reason", "note"), stop("respond", "inform"), visible=True, answers=True),
    Row(Action.RECORD_FOLLOW_UP, _("居民评价"), _from(_S.FOLLOW_UP), (_S.CLOSED, _S.FOLLOW_UP), _who(R),
        ("verdict", "solved"), ("reason", "note"), stop("respond", "inform"), visible=True),
    Row(Action.RECORD_FOLLOW_UP, _("居民评价"), _from(_S.REPLIED), (), _who(R), ("verdict", "solved"),
        ("reason", "note"), stop("inform"), visible=True),
    Row(Action.RECORD_FOLLOW_UP, _("居民评价"), _from(_S.CLOSED), (), _who(R), ("verdict", "solved"),
        ("reason", "note"), stop("inform"), visible=True),
    Row(Action.RECORD_FOLLOW_UP, _("记录回访"), _from(_S.MERGED), (), _who(C), ("verdict",),
        ("solved", "reason", "note"), stop("inform"), visible=True),
    Row(Action.RECORD_FOLLOW_UP, _("居民评价"), _from(_S.MERGED), (), _who(R), ("solved",),
        ("verdict", "reason", "note"), stop("inform"), visible=True),
    CHECK,
    Row(Action.CLOSE_EXPLAINED, _("解释办结"), _from(_S.FOLLOW_UP, _S.SUSPENDED), (_S.CLOSED,), _who(S), ("reason",),
        (), stop("follow_up", "suspension_review") + STOP_ALL + start("inform"), visible=True, answers=True),
    Row(Action.REOPEN, _("重新办理"), _from(_S.CLOSED), (_S.IN_PROGRESS, _S.ACCEPTED), _who(R, C, S), ("reason",), (),
        start("handle", "tracking", "note", "progress", "dispatch", "first_report"), visible=True),
    Row(Action.WITHDRAW, _("撤回"), _BEFORE_REPLY, (_S.WITHDRAWN,), _who(R), (), ("note",), STOP_ALL, visible=True),
    Row(Action.MERGE, _("并案"), OPEN, (_S.MERGED,), _who(C, S), ("master",), ("note",), STOP_ALL + start("inform"),
        visible=True, answers=True),
    Row(Action.MERGE, _("我也遇到了"), _from(_S.SUBMITTED), (_S.MERGED,), _who(T), ("master",), (), STOP_ALL,
        visible=True, needs_version=False),
    Row(Action.UNMERGE, _("撤销并案"), _from(_S.MERGED), _BACK, _who(C, S), (), ("note",),
        (*cancel("inform"), ClockEffect(Effect.REINSTATE)), visible=True),
    Row(Action.URGE, _("催办"), OPEN, (), _who(C, S, D), (), ("note",), start("urge_reply"), needs_version=False),
    Row(Action.REQUEST_CALLBACK, _("请给我回电"), OPEN, (), _who(R), (), ("note",), start("callback"), visible=True,
        needs_version=False),
    Row(Action.SUPERVISE, _("拟督办"), ANYWHERE, (), _who(S), ("kind", "note"), (), start("signature")),
    Row(Action.SUPERVISE, _("自动拟督办"), ANYWHERE, (), _who(T), ("kind", "deadline"), (), start("signature"),
        needs_version=False),
    Row(Action.SIGN, _("签发"), ANYWHERE, (), _who(D), (), ("kind", "note"),
        stop("signature") + start("supervision_reply")),
    Row(Action.REFUSE_SIGN, _("不予签发"), ANYWHERE, (), _who(D), ("note",), ("kind",), stop("signature")),
    Row(Action.LIFT, _("解除督办"), ANYWHERE, (), _who(D), ("note",), (), cancel("supervision_reply")),
    Row(Action.INSTRUCT, _("批示"), OPEN, (), _who(D), ("note",), ()),
    Row(Action.CC, _("抄送"), OPEN, (), _who(C, L, H, S), (), ("users", "departments", "note"), needs_version=False),
    Row(Action.COMMENT, _("留言"), ANYWHERE, (), _who(C, L, H, O, S, R, D), ("note",), ("visible_to_resident",),
        needs_version=False),
    Row(Action.FULFIL, _("兑现承诺"), ANYWHERE, (), _who(L, H, S), ("note",), (),
        stop("supervision_reply") + start("inform"), visible=True),
    Row(Action.MOVE_PROMISE, _("承诺改期"), ANYWHERE, (), _who(S), ("reason",), ("due_on", "review_on"),
        start("inform"), visible=True),
    Row(Action.EDIT, _("更正"), OPEN, (), _who(C, S), (), (*MATTER, "note", KEEP)),
    Row(Action.REQUEST_DISCLOSURE, _("申请解除保密"), OPEN, (), _who(C), ("reason",), (), start("extension_decision")),
    Row(Action.GRANT_DISCLOSURE, _("同意解除保密"), OPEN, (), _who(S), ("reason",), (),
        stop("extension_decision") + start("inform"), visible=True),
    Row(Action.REFUSE_DISCLOSURE, _("不同意解除保密"), OPEN, (), _who(S), ("reason",), (), stop("extension_decision")),
    Row(Action.SET_MESSAGES, _("短信通知"), ANYWHERE, (), _who(C, R), ("messages",), (), (), needs_version=False),
    Row(Action.PUBLISH, _("公开"), ANYWHERE, (), _who(C, S), (), ("title", "text")),
    Row(Action.UNPUBLISH, _("撤回公开"), ANYWHERE, (), _who(C, S), (), ("note",)),
    Row(Action.REQUEST_EXCLUSION, _("申请剔除"), ENDED, (), _who(S), ("reason",), ()),
    Row(Action.GRANT_EXCLUSION, _("同意剔除"), ENDED, (), _who(D), ("reason",), ()),
    Row(Action.REFUSE_EXCLUSION, _("不同意剔除"), ENDED, (), _who(D), ("reason",), ()),
)

# fmt: on
CREATE = Row(
    Action.CREATE,
    _("登记"),
    frozenset(),
    (_S.SUBMITTED,),
    frozenset(Party),
    ("description", "community"),
    (),
    start("respond", "accept"),
    visible=True,
)

MOST_FILES = 9
"""Files that one action may carry."""

ACTIONS: frozenset[str] = frozenset(row.action for row in TABLE)

_ROWS = {action: tuple(row for row in TABLE if row.action == action) for action in sorted(ACTIONS)}


def rows_of(action: str) -> tuple[Row, ...]:
    """The rows of one action, () for an unknown one."""
    return _ROWS.get(action, ())


def rows_from(status: str) -> Iterator[Row]:
    """The rows that leave or act in ``status``, in the table's order."""
    return (row for row in TABLE if status in row.sources)


def find(action: str, status: str, parties: Iterable[Party]) -> Row | None:
    """The row of ``action`` in ``status`` for somebody who is ``parties``, or None."""
    mine = frozenset(parties)
    return next((row for row in rows_of(action) if status in row.sources and mine & row.who), None)
