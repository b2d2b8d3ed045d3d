"""What meetings consist of, and what the public asks at one."""

from meetings.models.meeting import Invitation, Meeting, MeetingItem, MeetingKind, Series
from meetings.models.question import Question, QuestionBox

__all__ = ["Invitation", "Meeting", "MeetingItem", "MeetingKind", "Question", "QuestionBox", "Series"]
