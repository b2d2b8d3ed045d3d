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

RECOUNT = "recount"
"""The kind of the event that a new notice of holidays writes where it moves dates."""

NO_LONGER_NEEDED, NO_LONGER_ALLOWED, NO_ADDRESS = "no_longer_needed", "no_longer_allowed", "no_address"
"""Why a message was dropped when it was to be sent (OutboxMessage.error)."""

OFFICE = "subdistrict"
"""The subject of events that are about no issue: the sub-district itself, its roster, its channels, its scheduler."""


class Ladder(models.TextChoices):
    """Which ladder a deadline climbs: limits in days and working hours, or limits on the clock."""

    WORKING = "working", _("工作时间")
    CLOCK = "clock", _("自然时间")


class RungCode(models.TextChoices):
    """The rungs of the main ladder, which every domain may climb; their own ones domains register (reminders.rungs)."""

    NOTICE = "notice", _("时限过半")
    DUE_SOON = "due_soon", _("临期")
    DUE_TODAY = "due_today", _("今日到期")
    URGE = "urge", _("催办")
    DUTY_LEADER = "duty_leader", _("报值班领导")
    ORDER = "order", _("拟督办单")
    YELLOW_CARD = "yellow_card", _("拟黄牌警示")
    RED_CARD = "red_card", _("拟红牌通报")


class RungRole(StrEnum):
    """Whom a rung tells, resolved when it is told: for the department that owes the deadline, or for the community."""

    DESK = "desk"
    HANDLER = "handler"
    HEAD = "head"
    SECRETARY = "secretary"
    CLERKS = "clerks"
    DUTY_LEADER = "duty_leader"
    SUPERVISOR = "supervisor"
    DEPUTY = "deputy"
    DIRECTOR = "director"


class RungEffect(StrEnum):
    """What a rung of the main ladder does besides telling people: it urges, or drafts a document of supervision."""

    NONE = ""
    URGE = "urge"
    ORDER = "order"
    YELLOW_CARD = "yellow"
    RED_CARD = "red"


class Channel(models.TextChoices):
    """By what an outbox message travels."""

    EMAIL = "email", _("电子邮件")
    SMS = "sms", _("短信")
    WECOM = "wecom", _("企业微信群机器人")
    DINGTALK = "dingtalk", _("钉钉群机器人")
    FEISHU = "feishu", _("飞书群机器人")
    WEBHOOK = "webhook", _("Webhook")


PERSONAL_CHANNELS = (Channel.EMAIL, Channel.SMS)
"""Channels that reach one person, by that person's preference; the others reach an organisation's group or system."""

ROBOTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


class Mode(models.TextChoices):
    """How a person wants a topic by a channel. ``digest``: together, at 09:05 and 14:35 of a working day."""

    IMMEDIATE = "now", _("即时")
    DIGEST = "digest", _("汇总")
    OFF = "off", _("不发送")


class Topic(models.TextChoices):
    """What preferences are about: kinds of notifications that belong together (reminders.topics)."""

    NEW = "new", _("新到工单")
    DUE = "due", _("到期提醒")
    URGE = "urge", _("催办督办")
    DECISION = "decision", _("审批事项")
    RESULT = "result", _("办理动态")
    MESSAGE = "message", _("留言抄送")
    ALARM = "alarm", _("系统告警")


class Reason(models.TextChoices):
    """Why somebody was told: what they were to the matter at that moment."""

    DESK = "desk", _("您在收件岗")
    HANDLER = "handler", _("您是承办人")
    HEAD = "head", _("您是部门负责人")
    CLERK = "clerk", _("您是本社区工作人员")
    SECRETARY = "secretary", _("您是本社区书记")
    SUPERVISOR = "supervisor", _("您在街道社会治理办")
    DEPUTY = "deputy", _("您是分管领导")
    DIRECTOR = "director", _("您是街道主要领导")
    WATCHER = "watcher", _("您关注了此工单")
    NAMED = "named", _("此事指名给您")
    DUTY_CLERK = "duty_clerk", _("您正在值班")
    DUTY_LEADER = "duty_leader", _("您是值班领导")
    ADMIN = "admin", _("您是系统管理员")
    NOBODY = "nobody", _("应提醒的单位无人可提醒")


class OutboxState(models.TextChoices):
    """Where an outbox message stands. ``dropped``: when it was to be sent nobody needed or might see it any more."""

    QUEUED = "queued", _("待发送")
    CLAIMED = "claimed", _("发送中")
    SENT = "sent", _("已发送")
    DROPPED = "dropped", _("已取消")
    DEAD = "dead", _("发送失败")
