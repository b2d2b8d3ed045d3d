"""Closed sets of the reminder tables."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

READER = "notifications"
"""The name under which this app reads the journal."""

SET_ASIDE = "notifications.failed"
"""The reader's name for events that it could not tell: dead letters, kept for a person to look at."""

REMIND = "remind"
"""The kind of the event that the sweep writes for a rung."""

NO_LONGER_NEEDED, NO_LONGER_ALLOWED, NO_ADDRESS = "no_longer_needed", "no_longer_allowed", "no_address"
"""Why a message was dropped when it was to be sent (OutboxMessage.error)."""


class Ladder(models.TextChoices):
    """Which ladder a deadline climbs: limits in days and working hours, or limits on the clock."""

    WORKING = "working", _("工作时间")
    CLOCK = "clock", _("自然时间")


class RungCode(models.TextChoices):
    """The rungs of product.md section 6 that fire by themselves."""

    NEW = "new", _("新派工单")
    NOTICE = "notice", _("时限过半")
    DUE_SOON = "due_soon", _("临期")
    DUE_TODAY = "due_today", _("今日到期")
    URGE = "urge", _("催办")
    DUTY_LEADER = "duty_leader", _("报值班领导")
    DEEMED = "deemed", _("视为签收")
    EXPIRED = "expired", _("逾期未补充")


class RungRole(StrEnum):
    """Whom a rung tells, resolved when it is told: for the department that owes the deadline, or for the community."""

    DESK = "desk"
    HANDLER = "handler"
    HEAD = "head"
    SECRETARY = "secretary"
    CLERKS = "clerks"
    DUTY_LEADER = "duty_leader"


class RungEffect(models.TextChoices):
    """What a rung does to the issue besides telling people.

    ``deem`` and ``expire`` are actions of the workflow that time itself takes; their own events tell people.
    """

    NONE = "", _("无")
    URGE = "urge", _("催办")
    DEEM = "deem", _("视为签收")
    EXPIRE = "expire", _("逾期未补充")


class Channel(models.TextChoices):
    """By what an outbox message travels."""

    EMAIL = "email", _("电子邮件")


class OutboxState(models.TextChoices):
    """Where an outbox message stands. ``dropped``: when it was to be sent nobody needed or might see it any more."""

    QUEUED = "queued", _("待发送")
    CLAIMED = "claimed", _("发送中")
    SENT = "sent", _("已发送")
    DROPPED = "dropped", _("已取消")
    DEAD = "dead", _("发送失败")
