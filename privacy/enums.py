"""Closed sets of the records on personal information."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

RIGHTS: Final = "rights"
"""The subject kind of requests about one's own personal information, and the kind of their deadline."""
INCIDENT: Final = "incident"
"""The same of an incident with personal information."""
HOLD: Final = "legal_hold"
"""The same of a legal hold, and the kind of the deadline by which it is looked at again."""


ACTIVITY: Final = "activity"
"""Of a row of the register of processing; nothing of it is ever due."""


class RightsKind(models.TextChoices):
    """What a person asks for (PIPL Art. 44 to 47)."""

    SEE = "see", _("查阅")
    EXPORT = "export", _("复制")
    CORRECT = "correct", _("更正补充")
    DELETE = "delete", _("删除")


class AskedAs(models.TextChoices):
    """As what somebody asks (PIPL Art. 31: under fourteen the guardian; Art. 49: near relatives of the dead)."""

    SELF = "self", pgettext_lazy("who asks", "本人")
    GUARDIAN = "guardian", _("监护人")
    RELATIVE = "relative", _("逝者近亲属")
    AGENT = "agent", _("受托人")


class RightsVia(models.TextChoices):
    """By which way a request came."""

    WEB = "web", _("居民网页")
    COUNTER = "counter", _("窗口")


class IdentityCheck(models.TextChoices):
    """How the office knows who asks. A document is looked at and not kept."""

    WHOLE_NUMBER = "whole_number", _("已核对登记的手机号")
    CALL_BACK = "call_back", _("已回拨登记的电话核实")
    DOCUMENT = "document", _("已当面查看证件，未留存")
    ENTRUSTED = "entrusted", _("已查看证件和委托、亲属或监护关系材料，未留存")


class RightsState(models.TextChoices):
    """How a request stands."""

    RECEIVED = "received", _("已收到")
    DECIDED = "decided", _("正在办理")
    DONE = "done", _("已办结")
    DECLINED = "declined", _("不予办理")


OPEN_RIGHTS: Final = (RightsState.RECEIVED, RightsState.DECIDED)


class DeclineReason(models.TextChoices):
    """Why a request is declined, in law (PIPL Art. 18, 35, 45, 47, 49 and 50)."""

    NOT_PROVEN = "not_proven", _("无法核实申请人身份或关系")
    NOTHING_HELD = "nothing_held", _("没有找到与申请人有关的个人信息")
    MATTER_OPEN = "matter_open", _("诉求仍在办理，办理所必需的信息不能删除")
    LEGAL_HOLD = "legal_hold", _("依法须继续保存（诉讼、审计、监督检查等）")
    RETENTION = "retention", _("法律、行政法规规定的保存期限未满")
    SECRECY = "secrecy", _("法律、行政法规规定应当保密或不需要告知")
    OTHERS = "others", _("会损害他人的合法权益")
    IMPOSSIBLE = "impossible", _("删除在技术上难以实现，已停止存储和保护以外的处理")


class RetentionOutcome(models.TextChoices):
    """What retention did with a matter whose time was up, or why it did nothing."""

    MASKED = "masked", _("已清除个人信息")
    HELD = "held", _("依法保留")
    RIGHTS = "rights", _("有未办结的个人信息请求")
    JOINED = "joined", _("并入的主件未到期")
    UNFINISHED = "unfinished", _("还有未了的事项")
    FAILED = "failed", _("出错，下次再试")
