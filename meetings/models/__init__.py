"""What is planned, held and raised, what the public asks, who was visited, and what stations offer."""

from meetings.models.activity import StationActivity
from meetings.models.meeting import Invitation, Meeting, MeetingItem, MeetingKind, Series, listed
from meetings.models.question import Question, QuestionBox
from meetings.models.visit import Visit, VisitItem

__all__ = [
    "Invitation",
    "Meeting",
    "MeetingItem",
    "MeetingKind",
    "Question",
    "QuestionBox",
    "Series",
    "StationActivity",
    "Visit",
    "VisitItem",
    "listed",
]
