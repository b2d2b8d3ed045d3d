"""Closed sets of meetings."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.enums import CommitmentState

MEETING: Final = "meeting"
"""The kind of subject under which a meeting has its deadlines and its journal."""
ITEM: Final = "meeting_item"
"""The same of an item raised at one: what is promised with its answer is promised on it."""
KIND: Final = "meeting_kind"
"""Of a kind that an office added; nothing of it is ever due."""
SERIES: Final = "meeting_series"
"""Of a series; nothing of it is ever due."""

QUESTION: Final = "question"
"""Of a question that the public asked at a meeting; what it is promised is promised on it."""
QUESTION_CLOCK: Final = "question_answer"
"""The deadline of a question that was still open when its meeting was over."""
APPOINTMENT: Final = "appointment"
"""Of a term of a person beside the staff; the end of a term is shown, nothing of it is owed."""
VISIT: Final = "visit"
"""Of a visit and what was brought up at it; nothing of it is ever due: what is to be done is a matter."""


class VisitKind(models.TextChoices):
    """Who was there for people."""

    LIAISON = "liaison", _("驻点直联")
    DEPUTY = "deputy", _("人大代表联络站接待")


ACTIVITY: Final = "activity"
"""Of an activity of a station: that it is held has a clock; what it keeps is a commitment with its own."""


class ActivityKind(models.TextChoices):
    """What is done at it."""

    TRAINING = "training", _("培训")
    VOLUNTEERS = "volunteers", _("志愿服务")
    SERVICE = "service", _("便民服务")
    CULTURE = "culture", _("文体活动")
    OTHER = "other", _("其他活动")


class ActivityState(models.TextChoices):
    """How it stands."""

    ANNOUNCED = "announced", _("已预告")
    HELD = "held", _("已举行")
    NOT_HELD = "not_held", _("未举行")


class MeetingClock(models.TextChoices):
    """The deadlines that a meeting may have; an activity has the first."""

    HOLDING = "holding", _("按预告举行")
    MINUTES = "minutes", _("整理并确认会议纪要")


class MeetingState(models.TextChoices):
    """How a meeting stands."""

    PLANNED = "planned", _("待预告")
    ANNOUNCED = "announced", _("已预告")
    LIVE = "live", _("进行中")
    HELD = "held", _("已举行")
    CANCELLED = "cancelled", _("已取消")
    NOT_HELD = "not_held", _("未举行")


TO_COME: Final = (MeetingState.PLANNED, MeetingState.ANNOUNCED)
MET: Final = (MeetingState.LIVE, MeetingState.HELD)


class AnswerKind(models.TextChoices):
    """What an answer on the spot comes to."""

    SOLVED = "solved", _("已解决")
    DATED = "dated", _("限期办理")
    STUDY = "study", _("研究后答复")
    TRANSFERRED = "transferred", _("转交")
    DECLINED = "declined", _("不予办理")
    EXPLAINED = "explained", _("现场说明")


PROMISING: Final = (AnswerKind.DATED, AnswerKind.STUDY)
"""Answers that want a date."""
KEPT: Final = (CommitmentState.FULFILLED, CommitmentState.WITHDRAWN)
"""Commitments that nobody waits for any more."""


class LeftOver(models.TextChoices):
    """The three lists of what meetings left unfinished."""

    UNANSWERED = "unanswered", _("提出未答复")
    UNDATED = "undated", _("有答复无期限")
    LATE = "late", _("承诺逾期")


class QuestionState(models.TextChoices):
    """How a question of the public ends (docs/rules/meetings.md#the-question-box)."""

    ASKED = "asked", _("待答复")
    ON_AIR = "on_air", _("现场答复")
    WRITTEN = "written", _("书面答复")
    PROMISED = "promised", _("转为承诺")
    UNSUITABLE = "unsuitable", _("不适合答复")


ANSWERED: Final = (QuestionState.ON_AIR.value, QuestionState.WRITTEN.value)
"""Questions that have an answer in words."""
