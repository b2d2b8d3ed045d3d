"""What leaders are asked, and what each answers for each place."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from common.fields import EncryptedTextField
from communities.models import Building, Community, Leader, Neighbourhood, SubDistrict, named_place
from communities.models.base import in_choices
from leaders.enums import LeaderReply, TaskKind, TaskState, WeatherWarning
from leaders.specs import SPECS, TaskSpec

if TYPE_CHECKING:
    from communities.access import Access


def _key(model: type[models.Model] | str, **more: Any) -> Any:
    return models.ForeignKey(model, on_delete=models.PROTECT, related_name="+", db_index=False, **more)


class TaskQuerySet(models.QuerySet["LeaderTask"]):
    """Reads of tasks."""

    def visible_to(self, access: "Access") -> "TaskQuerySet":
        """Of the own communities, and what their leaders were asked by the office; all of a whole sub-district.

        A leader sees what that leader was asked.
        """
        if access.installation_wide:
            return self
        asked = LeaderAnswer.objects.filter(task_id=OuterRef("pk"))
        if not access.is_staff:
            return self.filter(Exists(asked.filter(leader_id=access.leader_id or 0)))
        own = sorted(access.community_ids)
        near = Q(community_id__in=own) | Q(subdistrict_id__in=sorted(access.whole_subdistrict_ids))
        return self.filter(near | Q(Exists(asked.filter(community_id__in=own)))) if own else self.filter(near)

    def open(self) -> "TaskQuerySet":
        """Those that are answered still."""
        return self.filter(state=TaskState.OPEN)

    def with_names(self) -> "TaskQuerySet":
        """Each with what its row names, in the same statement."""
        return self.select_related("community", "subdistrict", "made_by")


class LeaderTask(models.Model):
    """One thing that some leaders are asked until ``due_at``.

    ``community`` asked it; without one the street office did. ``asked`` and ``answered`` count its rows of answers.
    """

    subdistrict = _key(SubDistrict)
    community = _key(Community, null=True)
    kind = models.CharField(max_length=6, choices=TaskKind.choices)
    title = models.CharField(max_length=60)
    text = EncryptedTextField(blank=True, default="")
    warning = models.CharField(max_length=6, choices=WeatherWarning.choices, blank=True, default="")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=TaskState.choices, default=TaskState.OPEN)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="", help_text="why it was cancelled")
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=64, blank=True, default="", help_text="the form's own")
    masked_at = models.DateTimeField(null=True, help_text="since when it tells of no person any more")
    made_at = models.DateTimeField()
    made_by = _key(settings.AUTH_USER_MODEL)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", TaskKind, "leaders_task_kind"),
            in_choices("state", TaskState, "leaders_task_state"),
            models.CheckConstraint(condition=Q(warning__in=["", *WeatherWarning.values]), name="leaders_task_warning"),
            models.CheckConstraint(
                condition=Q(state=TaskState.OPEN, ended_at__isnull=True)
                | (~Q(state=TaskState.OPEN) & Q(ended_at__isnull=False)),
                name="leaders_task_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.CANCELLED) | ~Q(reason=""), name="leaders_task_says_why_cancelled"
            ),
            models.CheckConstraint(condition=Q(answered__lte=models.F("asked")), name="leaders_task_counts"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="leaders_task_once"),
        ]
        indexes = [
            # the lists of a community and of an office, newest first
            models.Index(fields=["community", "-id"], name="leaders_tasks_community"),
            models.Index(fields=["subdistrict", "-id"], name="leaders_tasks_subdistrict"),
            # retention: what ended before a day and still tells of persons
            models.Index(
                fields=["subdistrict", "ended_at", "id"],
                condition=Q(masked_at__isnull=True, ended_at__isnull=False),
                name="leaders_to_be_masked",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"{TaskKind(self.kind).label}-{self.pk:06d}"

    @property
    def spec(self) -> TaskSpec:
        """What belongs to its kind."""
        return SPECS[self.kind]

    @property
    def sender(self) -> str:
        """Who asks it, as leaders read it."""
        return str((self.community or self.subdistrict).name)

    @property
    def left(self) -> int:
        """How many rows wait for an answer."""
        return self.asked - self.answered

    def takes_answers(self, at: datetime) -> bool:
        """Whether an answer given now still counts."""
        return self.state == TaskState.OPEN and at <= self.due_at


class AnswerQuerySet(models.QuerySet["LeaderAnswer"]):
    """Reads of answers."""

    def visible_to(self, access: "Access") -> "AnswerQuerySet":
        """Of the own communities' leaders, of what the own community asked, of a whole sub-district."""
        if access.installation_wide:
            return self
        if not access.is_staff:
            return self.filter(leader_id=access.leader_id or 0)
        own = sorted(access.community_ids)
        near = Q(community_id__in=own) | Q(task__community_id__in=own)
        return self.filter(near | Q(task__subdistrict_id__in=sorted(access.whole_subdistrict_ids)))

    def waiting(self) -> "AnswerQuerySet":
        """Those that nobody answered yet."""
        return self.filter(reply="")

    def with_names(self) -> "AnswerQuerySet":
        """Each with its leader and place, in the same statement."""
        return self.select_related("leader", "community", "building__neighbourhood", "neighbourhood")


class LeaderAnswer(models.Model):
    """What one leader answers for one place: a row from the moment of asking, empty until then.

    Without a place it is asked of the leader: a leader who holds none may be told something, too.
    """

    task = models.ForeignKey(LeaderTask, on_delete=models.PROTECT, related_name="answers", db_index=False)
    leader = _key(Leader)
    community = _key(Community)
    building = _key(Building, null=True)
    neighbourhood = _key(Neighbourhood, null=True)
    reply = models.CharField(max_length=8, choices=LeaderReply.choices, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "leader", "building", "neighbourhood"],
                nulls_distinct=False,
                name="leaders_answer_once",
            ),
            models.CheckConstraint(condition=Q(reply__in=["", *LeaderReply.values]), name="leaders_answer_reply"),
            models.CheckConstraint(
                condition=Q(building__isnull=True) | Q(neighbourhood__isnull=True), name="leaders_answer_one_place"
            ),
            models.CheckConstraint(
                condition=Q(reply="", answered_at__isnull=True) | (~Q(reply="") & Q(answered_at__isnull=False)),
                name="leaders_answer_whole",
            ),
        ]
        indexes = [
            # a leader's own list
            models.Index(fields=["leader", "-task"], name="leaders_answers_of_leader"),
            # what the office asked the leaders of a community
            models.Index(fields=["community", "task"], name="leaders_answers_community"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} of {self.leader_id}"

    @property
    def place(self) -> str:
        """The building with its neighbourhood, the neighbourhood, or that it is none."""
        return named_place(self.building, self.neighbourhood) or _("不分地点")
