"""The question box of a meeting (提问箱): what the public asks before and while it is held, and how each one ends."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commitments.models import Commitment
from communities.models import Department, SubDistrict
from communities.models.base import in_choices
from meetings.enums import ANSWERED, QuestionState
from meetings.models.meeting import Meeting, pair
from meetings.querysets import QuestionQuerySet


class QuestionBox(models.Model):
    """That the public may ask at a meeting: from ``opened_at`` on, until it is closed or the meeting is over.

    Its row is what everybody locks who puts a question into it; the meeting's stays free for who keeps the minutes.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="box")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked = models.PositiveIntegerField(default=0, help_text="the number of the last question")

    class Meta:
        constraints = [pair("box", "closed")]

    def __str__(self) -> str:
        return f"question box of meeting {self.meeting_id}"

    def is_open(self, today: date) -> bool:
        """Whether the public may ask: nobody closed it, and its meeting is released and was not missed."""
        return self.closed_at is None and self.meeting.released_at is not None and not self.meeting.is_missed(today)


class Question(models.Model):
    """One question. Nothing is kept of who asked: the number that the page gives back is all there is.

    ``key`` is the form's own and ``digest`` a keyed hash of its words: sent twice it is one question. It is read by
    everybody once it was ``shown``. A merged one has a ``master``, ends with it and has no clock of its own.
    ``department`` answers it; after the meeting every open one has a department and ``due_at``, a copy of its clock's.
    ``reason``: why it is not suitable.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(QuestionBox, on_delete=models.PROTECT, related_name="questions", db_index=False)
    number = models.PositiveIntegerField(help_text="its place in the box, from 1")
    key = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    words = models.TextField()
    asked_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, help_text="since when everybody may read it")
    shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    master = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.ASKED)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    commitment = models.OneToOneField(Commitment, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("state", QuestionState, "meetings_question_state"),
            models.CheckConstraint(condition=~Q(words=""), name="meetings_question_has_words"),
            pair("question", "shown"),
            pair("question", "answered"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at__isnull=True, answer="", reason="", commitment__isnull=True)
                | Q(state__in=ANSWERED, answered_at__isnull=False, reason="", commitment__isnull=True) & ~Q(answer="")
                | Q(state="promised", answered_at__isnull=False, reason="", commitment__isnull=False) & ~Q(answer="")
                | Q(state="unsuitable", answered_at__isnull=False, answer="", commitment__isnull=True) & ~Q(reason=""),
                name="meetings_question_ends_whole",
            ),
            models.CheckConstraint(
                condition=Q(master__isnull=True) | (Q(state="asked") & ~Q(master=F("id"))),
                name="meetings_question_merged_whole",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(state="asked", master__isnull=True, department__isnull=False),
                name="meetings_question_owed_by_somebody",
            ),
            models.UniqueConstraint(fields=["box", "number"], name="meetings_question_number"),
            models.UniqueConstraint(fields=["box", "key"], condition=~Q(key=""), name="meetings_question_once"),
        ]
        indexes = [
            # read by QuestionQuerySet.owed, 待答复提问, due first
            models.Index(
                fields=["subdistrict", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="meetings_question_owed",
            ),
            # visible_to: what my organisation is to answer
            models.Index(
                fields=["department", "-id"], condition=Q(department__isnull=False), name="meetings_question_department"
            ),
            # what ends with a question
            models.Index(fields=["master"], condition=Q(master__isnull=False), name="meetings_question_merged"),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"

    @property
    def number_in_full(self) -> str:
        """What names it to people: its meeting's number and its own; the box has to be read."""
        return f"会议-{self.box.meeting_id:06d}-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether somebody is to answer it."""
        return self.state == QuestionState.ASKED and self.master_id is None

    def is_late(self, at: datetime) -> bool:
        """Whether its answer is overdue."""
        return self.due_at is not None and at > self.due_at
