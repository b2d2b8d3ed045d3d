"""Closed sets of the deadline tables."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """紧急程度: what limits are chosen by, and which rungs there are."""

    CRITICAL = "critical", _("特急")
    URGENT = "urgent", _("紧急")
    NORMAL = "normal", _("普通")
    COMPLEX = "complex", _("疑难")
    PROJECT = "project", _("项目")


PRESSING: Final = frozenset({Level.CRITICAL.value, Level.URGENT.value})
"""Levels that wait for no digest, and of which silence is never taken for an answer."""


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
