"""Closed sets of what leaders are asked."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

LEADER_TASK: Final = "leader_task"
"""The kind of subject under which a task has its clock and its journal."""
ANSWER: Final = "leader_answer"
"""The owner of the photos that come with an answer."""
CLOCK: Final = "leader_answers"
"""The deadline until which answers are taken."""


class TaskKind(models.TextChoices):
    """What leaders are asked; ``leaders.specs`` says what belongs to each."""

    NOTICE = "notice", _("通知")
    VISIT = "visit", _("请上门")
    RAIN = "rain", _("雨天任务")


class TaskState(models.TextChoices):
    """How a task stands."""

    OPEN = "open", _("进行中")
    OVER = "over", _("已截止")
    CANCELLED = "cancelled", _("已取消")


class LeaderReply(models.TextChoices):
    """What a leader may answer, of all kinds of tasks."""

    SEEN = "seen", _("知道了")
    VISITED = "visited", _("已上门")
    NOBODY = "nobody", _("家中无人")
    HELP = "help", _("需要帮助")
    NORMAL = "normal", _("正常")
    FLOODED = "flooded", _("积水")
    DEALT = "dealt", _("已处置")


class WeatherWarning(models.TextChoices):
    """Colours of warnings of heavy rain, as the weather service gives them out."""

    BLUE = "blue", _("暴雨蓝色预警")
    YELLOW = "yellow", _("暴雨黄色预警")
    ORANGE = "orange", _("暴雨橙色预警")
    RED = "red", _("暴雨红色预警")
