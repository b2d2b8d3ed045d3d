"""The workflow as data (product.md section 4): what may happen in which status, by whom, and what the clocks do.

A pure module: no ORM, no HTTP. The engine (issues.services.actions) executes rows, the policies decide who a person is
to an issue, the console, the phone pages and the API show what ``rows_from`` yields, and ``manage.py workflow_diagram``
draws docs/workflow.md from it. A row whose ``ready`` is False is named and drawn, but not offered yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.enums import ENDED, OPEN, Status


class Party(StrEnum):
    """What a person is to one issue. A person may be several."""

    COMMUNITY = "C"
    LEAD = "L"
    LEAD_HEAD = "H"
    CO = "O"
    SUPERVISOR = "S"
    REPORTER = "R"
    DIRECTION = "D"


class Effect(StrEnum):
    """What a row does to a clock."""

    START = "start"
    STOP = "stop"
    STOP_ALL = "stop_all"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True)
class Clock:
    """One effect on one kind of deadline."""

    effect: Effect
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the table. ``targets`` are the statuses it may lead to; empty means that the status stays."""

    action: str
    label: Promise
    sources: frozenset[Status]
    targets: tuple[Status, ...]
    who: frozenset[Party]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    visible: bool = False
    needs_version: bool = True
    ready: bool = True

    @property
    def stays(self) -> bool:
        """Whether the status never changes by it."""
        return not self.targets


def start(*kinds: str) -> tuple[Clock, ...]:
    """These clocks begin."""
    return tuple(Clock(Effect.START, kind) for kind in kinds)


def stop(*kinds: str) -> tuple[Clock, ...]:
    """These clocks end, if they run."""
    return tuple(Clock(Effect.STOP, kind) for kind in kinds)


STOP_ALL = (Clock(Effect.STOP_ALL),)
C, L, H, O, S, R, D = Party  # noqa: E741
_S = Status


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


def _who(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


_BEFORE_REPLY = OPEN - {_S.REPLIED, _S.FOLLOW_UP}
_WITH_DEPARTMENT = _from(_S.DISPATCHED, _S.IN_PROGRESS)

# fmt: off
TABLE: tuple[Row, ...] = (
    Row("contact", _("首次联系"), OPEN, (), _who(C, L), ("channel", "result"), ("note",), stop("respond"),
        visible=True, needs_version=False),
    Row("accept", _("受理"), _from(_S.SUBMITTED, _S.NEED_INFO), (_S.ACCEPTED,), _who(C, S), (),
        ("category", "level", "note"), stop("accept") + start("dispatch", "first_report", "handle", "note"),
        visible=True),
    Row("request_info", _("要求补充"), _from(_S.SUBMITTED, _S.ACCEPTED), (_S.NEED_INFO,), _who(C, S), ("note",), (),
        (Clock(Effect.PAUSE, "respond"), Clock(Effect.PAUSE, "handle")), visible=True, ready=False),
    Row("give_info", _("补充"), _from(_S.NEED_INFO), (_S.SUBMITTED,), _who(R, C), ("note",), (),
        (Clock(Effect.RESUME, "respond"), Clock(Effect.RESUME, "handle")), visible=True, ready=False),
    Row("reject", _("不予受理"), _from(_S.SUBMITTED, _S.NEED_INFO, _S.ACCEPTED), (_S.REJECTED,), _who(C, S),
        ("reason", "note"), (), STOP_ALL, visible=True),
    Row("answer_now", _("即时办结"), _from(_S.SUBMITTED, _S.ACCEPTED), (_S.CLOSED,), _who(C, S), ("note",),
        ("verdict", "solved", "category"), stop("respond", "accept", "dispatch", "first_report", "handle") + STOP_ALL,
        visible=True),
    Row("dispatch", _("派单"), _from(_S.ACCEPTED), (_S.DISPATCHED,), _who(C, S), ("department",), ("note",),
        stop("dispatch", "return_decision") + start("acknowledge"), visible=True),
    Row("transfer_out", _("转交外单位"), _from(_S.ACCEPTED), (_S.IN_PROGRESS,), _who(C, S), ("department",), ("note",),
        stop("dispatch") + start("tracking"), visible=True, ready=False),
    Row("acknowledge", _("签收"), _from(_S.DISPATCHED), (_S.IN_PROGRESS,), _who(L, H), (), ("note",),
        stop("acknowledge"), visible=True),
    Row("assign", _("指派承办人"), _WITH_DEPARTMENT, (), _who(H, S), ("officer",), ("note",)),
    Row("return", _("退单"), _WITH_DEPARTMENT, (_S.ACCEPTED,), _who(L, H), ("reason", "basis"),
        ("suggested_department", "note"), stop("acknowledge") + start("dispatch")),
    Row("assign_final", _("指定承办"), _from(_S.ACCEPTED), (_S.DISPATCHED,), _who(S), ("department", "reason"),
        ("extra_days",), stop("dispatch") + start("acknowledge"), visible=True, ready=False),
    Row("reassign", _("转派"), _WITH_DEPARTMENT, (_S.DISPATCHED,), _who(C, S), ("department", "reason"), (),
        stop("acknowledge") + start("acknowledge"), visible=True, ready=False),
    Row("add_department", _("加协办"), _from(_S.IN_PROGRESS), (), _who(L, H, S), ("department",), ("note",),
        start("co_reply"), ready=False),
    Row("waive_department", _("免协办"), _from(_S.IN_PROGRESS), (), _who(S), ("department", "reason"), (),
        stop("co_reply"), ready=False),
    Row("co_reply", _("协办答复"), _from(_S.IN_PROGRESS), (), _who(O), ("note",), (), stop("co_reply"), ready=False),
    Row("progress", _("办理进展"), _from(_S.IN_PROGRESS, _S.SUSPENDED), (), _who(L, H, O), ("note",),
        ("first_report", "visible_to_resident"), needs_version=False),
    Row("request_extension", _("申请延期"), _from(_S.IN_PROGRESS), (), _who(L, H), ("days", "reason"), (),
        start("extension_decision"), ready=False),
    Row("grant_extension", _("同意延期"), _from(_S.IN_PROGRESS), (), _who(S), (), ("note",),
        stop("extension_decision"), visible=True, ready=False),
    Row("refuse_extension", _("不同意延期"), _from(_S.IN_PROGRESS), (), _who(S), ("reason",), (),
        stop("extension_decision"), ready=False),
    Row("request_suspension", _("申请挂账"), _from(_S.IN_PROGRESS, _S.FOLLOW_UP), (), _who(L, H),
        ("reason", "until", "interim_answer"), (), ready=False),
    Row("grant_suspension", _("同意挂账"), _from(_S.IN_PROGRESS, _S.FOLLOW_UP), (_S.SUSPENDED,), _who(S), (), ("note",),
        (Clock(Effect.PAUSE, "handle"), Clock(Effect.START, "suspension_review")), visible=True, ready=False),
    Row("refuse_suspension", _("不同意挂账"), _from(_S.IN_PROGRESS, _S.FOLLOW_UP), (), _who(S), ("reason",), (),
        ready=False),
    Row("resume", _("恢复办理"), _from(_S.SUSPENDED), (_S.IN_PROGRESS,), _who(L, H, S), (), ("note",),
        (Clock(Effect.STOP, "suspension_review"), Clock(Effect.RESUME, "handle")), visible=True, ready=False),
    Row("reply", _("答复"), _from(_S.IN_PROGRESS), (_S.REPLIED,), _who(L, H), ("outcome", "note"), (),
        stop("first_report", "handle") + start("verify"), visible=True),
    Row("verify_pass", _("核查通过"), _from(_S.REPLIED), (_S.FOLLOW_UP, _S.CLOSED), _who(C, S), ("check", "note"), (),
        stop("verify") + start("follow_up")),
    Row("redo", _("退回重办"), _from(_S.REPLIED, _S.FOLLOW_UP), (_S.IN_PROGRESS,), _who(C, S, R), ("reason",),
        ("verdict", "solved"), stop("verify", "follow_up") + start("handle"), visible=True),
    Row("record_follow_up", _("记录回访"), _from(_S.FOLLOW_UP), (_S.CLOSED, _S.FOLLOW_UP), _who(C), ("verdict",),
        ("solved", "reason", "note"), stop("respond"), visible=True),
    Row("record_follow_up", _("居民评价"), _from(_S.FOLLOW_UP), (_S.CLOSED,), _who(R), ("verdict", "solved"),
        ("reason", "note"), stop("respond", "follow_up") + STOP_ALL, visible=True),
    Row("record_follow_up", _("居民评价"), _from(_S.REPLIED), (), _who(R), ("verdict", "solved"), ("reason", "note"),
        (), visible=True),
    Row("close_explained", _("解释办结"), _from(_S.FOLLOW_UP, _S.SUSPENDED), (_S.CLOSED,), _who(S), ("reason",), (),
        stop("follow_up", "suspension_review") + STOP_ALL, visible=True),
    Row("reopen", _("重新办理"), _from(_S.CLOSED), (_S.IN_PROGRESS,), _who(R, C, S), ("reason",), (), start("handle"),
        visible=True),
    Row("withdraw", _("撤回"), _BEFORE_REPLY, (_S.WITHDRAWN,), _who(R), (), ("note",), STOP_ALL, visible=True),
    Row("merge", _("并案"), OPEN, (_S.MERGED,), _who(C, S), ("master",), (), STOP_ALL, visible=True, ready=False),
    Row("unmerge", _("撤销并案"), _from(_S.MERGED), (_S.SUBMITTED,), _who(C, S), (), (), visible=True, ready=False),
    Row("urge", _("催办"), OPEN, (), _who(C, S, D), (), ("note",), needs_version=False),
    Row("request_callback", _("请给我回电"), OPEN, (), _who(R), (), ("note",), start("callback"), visible=True,
        needs_version=False),
    Row("supervise", _("拟督办"), OPEN, (), _who(S), ("kind", "note"), (), ready=False),
    Row("sign", _("签发"), OPEN, (), _who(D), (), ("note",), ready=False),
    Row("lift", _("解除督办"), OPEN, (), _who(D), ("note",), (), ready=False),
    Row("instruct", _("批示"), OPEN, (), _who(D), ("note",), (), ready=False),
    Row("cc", _("抄送"), OPEN, (), _who(C, L, H, S), (), ("users", "departments"), needs_version=False, ready=False),
    Row("comment", _("留言"), frozenset(Status), (), _who(C, L, H, O, S, R, D), ("note",), ("visible_to_resident",),
        needs_version=False),
    Row("edit", _("更正"), OPEN, (), _who(C, S), (), (), ready=False),
    Row("publish", _("公开"), frozenset(Status), (), _who(C, S), (), (), ready=False),
    Row("unpublish", _("撤回公开"), frozenset(Status), (), _who(C, S), (), (), ready=False),
    Row("request_exclusion", _("申请剔除"), ENDED, (), _who(S), ("reason",), (), ready=False),
    Row("grant_exclusion", _("同意剔除"), ENDED, (), _who(D), ("reason",), (), ready=False),
)

# fmt: on
CREATE = Row(
    "create",
    _("登记"),
    frozenset(),
    (_S.SUBMITTED,),
    frozenset(Party),
    ("description", "community"),
    (),
    start("respond", "accept"),
    visible=True,
)

ACTIONS: frozenset[str] = frozenset(row.action for row in TABLE)
READY_ACTIONS: frozenset[str] = frozenset(row.action for row in TABLE if row.ready)


_OFFERED = {
    action: tuple(row for row in TABLE if row.action == action and row.ready) for action in sorted(READY_ACTIONS)
}


def rows_of(action: str) -> tuple[Row, ...]:
    """The rows of one action that are offered, () for an unknown one."""
    return _OFFERED.get(action, ())


def rows_from(status: str) -> Iterator[Row]:
    """The offered rows that leave or act in ``status``, in the table's order."""
    return (row for row in TABLE if row.ready and status in row.sources)


def find(action: str, status: str, parties: Iterable[Party]) -> Row | None:
    """The offered row of ``action`` in ``status`` for somebody who is ``parties``, or None."""
    mine = frozenset(parties)
    return next((row for row in rows_of(action) if status in row.sources and mine & row.who), None)
