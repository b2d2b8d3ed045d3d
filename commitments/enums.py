"""Closed sets of the commitments."""

from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

SUBJECT: Final = "commitment"
"""The kind of subject under which a commitment has its deadlines, its journal, its files and its papers."""

HISTORIC: Final = "historic"
"""The source of what press reports of earlier years mention."""


class CommitmentClock(models.TextChoices):
    """The deadlines that a commitment may have. Of its milestones the next one to be reached has its clock."""

    FULFIL = "fulfil", _("兑现承诺")
    REVIEW = "commitment_review", _("承诺复查")
    MILESTONE = "milestone", _("承诺节点")


class CommitmentState(models.TextChoices):
    """How a promise stands.

    ``reported``: the owner says it was done, whoever raised it has not confirmed yet. ``withdrawn``: the answer that
    held it no longer holds (redo, reopening, merging), or the office took it back with a reason.
    """

    OPEN = "open", _("待兑现")
    REPORTED = "reported", _("待确认")
    FULFILLED = "fulfilled", _("已兑现")
    WITHDRAWN = "withdrawn", _("已撤回")


class ChangeState(models.TextChoices):
    """How the wish for another date stands. ``lapsed``: the promise ended before anybody decided."""

    ASKED = "asked", _("待审批")
    GRANTED = "granted", _("同意")
    REFUSED = "refused", _("不同意")
    LAPSED = "lapsed", _("已失效")


class Precision(models.TextChoices):
    """How exactly a date was promised: ``2022年内`` stays a year."""

    DAY = "day", _("日")
    MONTH = "month", _("月")
    YEAR = "year", _("年")


class CommitmentAction(StrEnum):
    """What may be done to a commitment; the journal calls each ``commitment_<action>``."""

    NOTE = "note"
    ADD_MILESTONE = "add_milestone"
    REACH_MILESTONE = "reach_milestone"
    ASK_MOVE = "ask_move"
    GRANT_MOVE = "grant_move"
    REFUSE_MOVE = "refuse_move"
    REPORT_DONE = "report_done"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    UNRELEASE = "unrelease"
    SIGN = "sign"
    REFUSE_SIGN = "refuse_sign"


def event_of(what: str) -> str:
    """The kind of event under which the journal of a commitment knows this."""
    return f"{SUBJECT}_{what}"
