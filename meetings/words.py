"""Dates and standings of meetings as people read them, in the active language."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from issues.enums import Status
from meetings.enums import KEPT, PROMISING, TO_COME, LeftOver, MeetingState, QuestionState
from meetings.models import Meeting, MeetingItem


def state_of(meeting: Meeting, today: date) -> str:
    """How it stands; of one whose day has passed without it that it was not held."""
    if meeting.state in TO_COME and meeting.on < today:
        return _("已预告未举行") if meeting.state == MeetingState.ANNOUNCED else _("日期已过，未预告")
    if meeting.state == MeetingState.HELD and not meeting.historic:
        if meeting.is_locked:
            return _("纪要已确认")
        return _("纪要待确认") if meeting.drafted_at else _("已举行，待整理纪要")
    return str(meeting.get_state_display())


def left_over_of(item: MeetingItem, today: date) -> str:
    """On which of the three lists an item stands; "" on none. As ItemQuerySet has them."""
    if item.settled_at is not None:
        return ""
    if not item.answer:
        return LeftOver.UNANSWERED.value if item.issue_id is None else ""
    if not item.is_open:
        return ""
    if item.due_on is None:
        return LeftOver.UNDATED.value if item.issue_id is None and item.commitment_id is None else ""
    kept = item.commitment is not None and item.commitment.state in KEPT
    done = item.issue is not None and item.issue.status == Status.CLOSED
    promised = item.answer_kind in PROMISING and item.due_on < today
    return LeftOver.LATE.value if promised and not kept and not done else ""


def age_of(since: date, today: date) -> str:
    """For how many days."""
    days = (today - since).days
    if days <= 0:
        return _("今天")
    return ngettext("%(n)d天", "%(n)d天", days) % {"n": days}


def tally_of(counts: Mapping[str, int]) -> str:
    """提问 132 · 现场答复 9 · 书面答复 101 · 待答复 22: of ``QuestionQuerySet.counts``; the parts make the whole."""
    parts = (
        (QuestionState.ON_AIR, _("现场答复 %(n)d"), True),
        (QuestionState.WRITTEN, _("书面答复 %(n)d"), True),
        (QuestionState.PROMISED, _("转为承诺 %(n)d"), False),
        (QuestionState.UNSUITABLE, _("不适合答复 %(n)d"), False),
        (QuestionState.ASKED, _("待答复 %(n)d"), True),
    )
    said = [words % {"n": counts.get(state, 0)} for state, words, always in parts if always or counts.get(state)]
    return " · ".join([_("提问 %(n)d") % {"n": sum(counts.values())}, *said])
