"""The words an issue's facts are made of (docs/rules/issues.md#the-four-facts)."""

from enum import IntEnum, StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from papers.enums import DraftKind

SUBJECT = "issue"
"""The subject kind under which the journal and the deadlines know an issue."""

PROMISE_REOPENED: Final = "promise_reopened"
"""The kind of the event on an issue whose promise was not kept after all."""


class Proof(IntEnum):
    """What somebody without an account has shown (docs/rules/privacy.md#proof-of-being-the-reporter)."""

    LINK = 1
    """The secret link or the number alone."""
    TAIL = 2
    """The last four digits of the phone, which staff see in the mask: enough to read the office's answers."""
    WHOLE = 3
    """The whole phone number, or the device that raised the matter: to read one's own words, and to act."""


class Kind(models.TextChoices):
    """诉求性质."""

    ENQUIRY = "enquiry", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    REPORT = "report", _("举报")
    SUGGESTION = "suggestion", _("建议")
    PRAISE = "praise", _("表扬")


class Source(models.TextChoices):
    """来源渠道."""

    COUNTER = "counter", _("窗口")
    PHONE = "phone", _("电话")
    WEB = "web", _("居民网页")
    LEADER = "leader", _("楼长上报")
    PATROL = "patrol", _("巡查")
    LIAISON = "liaison", _("驻点直联")
    MEETING = "meeting", _("会议")
    DEPUTY = "deputy", _("人大代表")
    HOTLINE_12345 = "hotline_12345", _("12345热线")
    API = "api", _("系统对接")
    SENSOR = "sensor", _("传感器")


class Status(models.TextChoices):
    """Where it is."""

    SUBMITTED = "submitted", _("待受理")
    NEED_INFO = "need_info", _("待补充")
    REJECTED = "rejected", _("不予受理")
    ACCEPTED = "accepted", _("待派单")
    DISPATCHED = "dispatched", _("待签收")
    IN_PROGRESS = "in_progress", _("办理中")
    SUSPENDED = "suspended", _("挂账")
    REPLIED = "replied", _("待核查")
    FOLLOW_UP = "follow_up", _("待回访")
    CLOSED = "closed", _("已办结")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")


ENDED = frozenset({Status.REJECTED, Status.CLOSED, Status.MERGED, Status.WITHDRAWN})
OPEN = frozenset(Status) - ENDED


class Outcome(models.TextChoices):
    """What the reply says came of it."""

    SOLVED = "solved", _("已解决")
    PARTLY = "partly", _("部分解决")
    EXPLAINED = "explained", _("解释说明")
    PLANNED = "planned", _("列入计划")
    NOT_NOW = "not_now", _("暂不具备解决条件")
    UNFOUNDED = "unfounded", _("反映不实")


class Verdict(models.TextChoices):
    """What the resident says of the handling."""

    SATISFIED = "satisfied", _("满意")
    FAIRLY = "fairly", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")
    UNREACHABLE = "unreachable", _("未联系上")
    NO_REPORTER = "no_reporter", _("无需回访")


class Solved(models.TextChoices):
    """Whether the resident says it is solved."""

    YES = "yes", _("已解决")
    PARTLY = "partly", _("部分解决")
    NO = "no", _("没有解决")


class VerdictVia(models.TextChoices):
    """How the verdict came: the reporter's own page, a call-back, or what a caller said at the counter or desk."""

    WEB = "web", _("居民网页")
    CALL = "call", _("社区回访")
    DESK = "desk", _("社区登记")

    def of(self, verdict: str, solved: str) -> str:
        """This way, "" where nobody has said anything."""
        return self.value if solved or verdict not in ("", Verdict.NO_REPORTER) else ""


class VerdictCheck(models.TextChoices):
    """Whether the supervisor calls back about a verdict that came by the reporter's own page, and what came of it."""

    DUE = "due", _("待抽查")
    CONFIRMED = "confirmed", _("已抽查属实")
    REPLACED = "replaced", _("抽查更正")
    UNREACHED = "unreached", _("抽查未联系上")


class Supervision(models.TextChoices):
    """How far supervision has gone."""

    NONE = "none", _("无")
    URGED = "urged", _("催办")
    SUPERVISED = "supervised", _("督办")
    YELLOW_CARD = "yellow_card", _("黄牌警示")
    RED_CARD = "red_card", _("红牌通报")


class TimeLimit(models.TextChoices):
    """时限状态: shown as word plus colour."""

    ON_TIME = "on_time", _("正常")
    DUE_SOON = "due_soon", _("临期")
    OVERDUE = "overdue", _("超期")
    SUSPENDED = "suspended", _("挂账")


class Turn(models.TextChoices):
    """Whose move it is: decides in whose to-do list an issue stands."""

    COMMUNITY = "community", _("社区")
    DEPARTMENT = "department", _("主办单位")
    SUPERVISOR = "supervisor", _("街道社会治理办")
    REPORTER = "reporter", _("反映人")
    NOBODY = "nobody", _("无")


class DepartmentRole(models.TextChoices):
    """What a department is to an issue."""

    LEAD = "lead", _("主办")
    CO = "co", _("协办")
    CC = "cc", _("抄送")


class RequestKind(models.TextChoices):
    """What one person asks for and another decides."""

    EXTENSION = "extension", _("延期")
    SUSPENSION = "suspension", _("挂账")
    EXCLUSION = "exclusion", _("剔除")
    DISCLOSURE = "disclosure", _("解除保密")


class RequestState(models.TextChoices):
    """How a request stands. ``lapsed``: the matter moved on before anybody decided."""

    OPEN = "open", _("待审批")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("不同意")
    LAPSED = "lapsed", _("已失效")


ASKED: Final[tuple[RequestKind | DraftKind, ...]] = (*RequestKind, *DraftKind)
"""What may wait for somebody's decision on an issue (``Issue.asks``): requests, and drafts for signature."""

ASKED_LABELS: Final = {kind.value: kind.label for kind in ASKED}

ABOUT_WORK = frozenset({RequestKind.EXTENSION, RequestKind.SUSPENSION})
"""The department's requests for time: its head may endorse them, and they lapse once the work has gone on or ended."""

FOR_SUPERVISOR = ABOUT_WORK | {RequestKind.DISCLOSURE}
"""Requests that the supervisor decides; the clock ``extension_decision`` runs while one of them waits."""


class SuspensionReason(models.TextChoices):
    """Why a matter has to wait."""

    PUBLICITY = "publicity", _("公示期")
    APPROVAL = "approval", _("上级审批")
    FUNDING = "funding", _("资金计划")
    LITIGATION = "litigation", _("诉讼仲裁")
    NEGOTIATION = "negotiation", _("居民协商")
    OTHER = "other", _("其他")


class RejectReason(models.TextChoices):
    """Why a matter is not accepted, and so where to go."""

    EMERGENCY = "emergency", _("紧急警情，应拨打110、119、120")
    PETITION = "petition", _("属信访事项")
    COURT = "court", _("属诉讼、仲裁事项")
    HOTLINE = "hotline", _("属12345热线受理范围")
    OUT_OF_AREA = "out_of_area", _("不在本街道范围")
    NOT_A_MATTER = "not_a_matter", _("无具体诉求")


class ReturnReason(models.TextChoices):
    """Why a department returns an issue."""

    NOT_OURS = "not_ours", _("不属本单位职责")
    INCOMPLETE = "incomplete", _("信息不全无法办理")
    DUPLICATE = "duplicate", _("重复派单")
    OTHER = "other", _("其他")


class ContactChannel(models.TextChoices):
    """How the reporter was contacted."""

    PHONE = "phone", _("电话")
    VISIT = "visit", _("上门")
    MESSAGE = "message", _("短信或留言")


class ContactResult(models.TextChoices):
    """Whether the reporter was reached."""

    REACHED = "reached", _("已联系上")
    NOT_REACHED = "not_reached", _("未联系上")


class MessageWish(models.TextChoices):
    """What is said of short messages to the reporter (communities.models.Messages)."""

    AGREED = "agreed", _("发短信")
    OFF = "off", _("不发短信")


class Check(models.TextChoices):
    """How a reply was verified."""

    PHONE = "phone", _("电话核实")
    SITE = "site", _("现场核实")


class DeadlineKind(models.TextChoices):
    """The clocks of an issue (issues.clock_specs says who owes each)."""

    RESPOND = "respond", _("首次联系")
    ACCEPT = "accept", _("受理")
    DISPATCH = "dispatch", _("派单")
    ACKNOWLEDGE = "acknowledge", _("签收")
    FIRST_REPORT = "first_report", _("首次反馈")
    HANDLE = "handle", _("办理")
    NOTE = "note", _("每月进展")
    VERIFY = "verify", _("核查")
    FOLLOW_UP = "follow_up", _("回访")
    CO_REPLY = "co_reply", _("协办答复")
    MORE_INFO = "more_info", _("补充材料")
    TRACKING = "tracking", _("外单位跟踪")
    CALLBACK = "callback", _("回电")
    SUSPENSION_REVIEW = "suspension_review", _("挂账复查")
    EXTENSION_DECISION = "extension_decision", _("申请审批")
    RETURN_DECISION = "return_decision", _("退单裁定")
    SUPERVISION_REPLY = "supervision_reply", _("督办回复")
    PROGRESS = "progress", _("办理进展")
    SIGNATURE = "signature", _("签发")
    URGE_REPLY = "urge_reply", _("催办回应")
    INFORM = "inform", _("告知")
    SAMPLE = "sample", _("抽查回访")


class Action(StrEnum):
    """What may be done with an issue (issues.workflow has a row, or several, for each)."""

    CONTACT = "contact"
    ACCEPT = "accept"
    REQUEST_INFO = "request_info"
    GIVE_INFO = "give_info"
    REJECT = "reject"
    ANSWER_NOW = "answer_now"
    DISPATCH = "dispatch"
    TRANSFER_OUT = "transfer_out"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    RETURN = "return"
    ASSIGN_FINAL = "assign_final"
    REASSIGN = "reassign"
    ADD_DEPARTMENT = "add_department"
    WAIVE_DEPARTMENT = "waive_department"
    CO_REPLY = "co_reply"
    PROGRESS = "progress"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    REQUEST_SUSPENSION = "request_suspension"
    GRANT_SUSPENSION = "grant_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    ENDORSE = "endorse"
    RESUME = "resume"
    REPLY = "reply"
    VERIFY_PASS = "verify_pass"  # noqa: S105 - no password
    RECORD_FOLLOW_UP = "record_follow_up"
    REDO = "redo"
    CLOSE_EXPLAINED = "close_explained"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    UNMERGE = "unmerge"
    URGE = "urge"
    REQUEST_CALLBACK = "request_callback"
    SUPERVISE = "supervise"
    SIGN = "sign"
    REFUSE_SIGN = "refuse_sign"
    LIFT = "lift"
    INSTRUCT = "instruct"
    CC = "cc"
    COMMENT = "comment"
    FULFIL = "fulfil"
    MOVE_PROMISE = "move_promise"
    EDIT = "edit"
    REQUEST_DISCLOSURE = "request_disclosure"
    GRANT_DISCLOSURE = "grant_disclosure"
    REFUSE_DISCLOSURE = "refuse_disclosure"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    REQUEST_EXCLUSION = "request_exclusion"
    GRANT_EXCLUSION = "grant_exclusion"
    REFUSE_EXCLUSION = "refuse_exclusion"
    SET_MESSAGES = "set_messages"
    CREATE = "create"


class EventKind(StrEnum):
    """Events that are no action on the issue itself: done to one that it is joined with, or only a look."""

    JOIN = "join"
    LEAVE = "leave"
    JOINER_VERDICT = "joiner_verdict"
    MASTER_CHANGED = "master_changed"
    VERDICT_RESET = "verdict_reset"
    REVEAL = "reveal"
    HAND_OVER = "hand_over"
    PRINT = "print"
    MASK = "mask"
    HOLD = "hold"
    UNHOLD = "unhold"
