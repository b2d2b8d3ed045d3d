"""Closed sets of the deadline tables."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeadlineKind(models.TextChoices):
    """What is due."""

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
    FULFIL = "fulfil", _("兑现承诺")
    COMMITMENT_REVIEW = "commitment_review", _("承诺复查")
    SAMPLE = "sample", _("抽查回访")


SIDE: Final = frozenset(
    {
        DeadlineKind.PROGRESS,
        DeadlineKind.SIGNATURE,
        DeadlineKind.URGE_REPLY,
        DeadlineKind.INFORM,
        DeadlineKind.SAMPLE,
    }
)
"""Side clocks: they climb only rungs that name them, never govern an issue's own due time, and residents see none."""

OUTLIVING: Final = frozenset(
    {DeadlineKind.SIGNATURE, DeadlineKind.INFORM, DeadlineKind.SUPERVISION_REPLY, DeadlineKind.SAMPLE}
)
"""Clocks that may run after their matter has ended: somebody must still sign, be told, write, or check a verdict."""


class DeadlineState(models.TextChoices):
    """How a deadline stands. ``late`` was met after its due time; an overdue one is still ``running``."""

    RUNNING = "running", _("计时中")
    PAUSED = "paused", _("已暂停")
    MET = "met", _("按时完成")
    LATE = "late", _("逾期完成")
    CANCELLED = "cancelled", _("已取消")


class ScopeKind(models.TextChoices):
    """What a row of the rule table is about: a level, a kind of issue, or every issue."""

    LEVEL = "level", _("级别")
    KIND = "kind", _("类型")
    ANY = "any", _("全部")
