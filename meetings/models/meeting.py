"""Series of meetings, meetings, who is invited, and what is raised and answered there."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.enums import Precision
from commitments.models import Commitment
from common.plain import plain
from communities.models import Appointment, Category, Community, Department, SubDistrict
from communities.models.base import Bilingual, Retirable, in_choices
from issues.models import HistoricRecord, Issue
from meetings.enums import TO_COME, AnswerKind, MeetingState
from meetings.querysets import InvitationQuerySet, ItemQuerySet, MeetingQuerySet, SeriesQuerySet


def pair(table: str, name: str) -> models.CheckConstraint:
    """``<name>_at`` and ``<name>_by`` are both set or both null."""
    at, by = f"{name}_at__isnull", f"{name}_by__isnull"
    return models.CheckConstraint(
        condition=Q(**{at: True, by: True}) | Q(**{at: False, by: False}), name=f"meetings_{table}_{name}_pair"
    )


class MeetingKind(Bilingual, Retirable):
    """What sort of meeting: a row, so that an office may have its own; without a sub-district every office's."""

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.SlugField(max_length=32, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "code"], nulls_distinct=False, name="meetings_kind_code")
        ]

    def __str__(self) -> str:
        return self.code


class Series(Retirable):
    """Meetings that come again: ``rule`` says when (``meetings.recurrence``), ``convener`` owes their minutes."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.CharField(max_length=120, blank=True, default="")
    starts = models.TimeField(null=True)
    convener = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.JSONField()
    communities = models.ManyToManyField(Community, related_name="+", help_text="who is always invited")
    departments = models.ManyToManyField(Department, related_name="+", help_text="who is always invited")
    appointments = models.ManyToManyField(Appointment, related_name="+", help_text="who is invited while in office")
    key = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="the form's own")
    version = models.PositiveIntegerField(default=1)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict", "name"], condition=Q(retired_at__isnull=True), name="meetings_series_standing"
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="meetings_series_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """One meeting, planned or held. ``planned_on`` tells a series' occurrence from its others, whatever its date.

    ``historic``: told by a press report (历史资料): no clock, no rate. ``minutes`` are the words that the convener
    confirmed; before that they are made of the items whenever they are read.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="meetings", db_index=False)
    planned_on = models.DateField(null=True)
    title = models.CharField(max_length=120)
    on = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    estimated = models.BooleanField(default=False, help_text="the notice that decides about its date is not out")
    starts = models.TimeField(null=True)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.CharField(max_length=120, blank=True, default="")
    convener = models.ForeignKey(
        Department, null=True, on_delete=models.PROTECT, related_name="+", help_text="owes the minutes"
    )
    beside = models.CharField(max_length=200, blank=True, default="", help_text="who convenes and attends, in words")
    state = models.CharField(max_length=9, choices=MeetingState.choices, default=MeetingState.PLANNED)
    reason = models.CharField(max_length=200, blank=True, default="", help_text="why it was cancelled or not held")
    historic = models.BooleanField(default=False)
    ref = models.CharField(max_length=24, blank=True, default="", help_text="of a historic one, in the report's table")
    begun_at = models.DateTimeField(null=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    drafted_at = models.DateTimeField(null=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    minutes = models.TextField(blank=True, default="")
    released_at = models.DateTimeField(null=True, help_text="since when everybody may read of it")
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="the form's own")
    version = models.PositiveIntegerField(default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("state", MeetingState, "meetings_meeting_state"),
            in_choices("precision", Precision, "meetings_meeting_precision"),
            pair("meeting", "begun"),
            pair("meeting", "drafted"),
            pair("meeting", "confirmed"),
            pair("meeting", "released"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, minutes="") | (Q(confirmed_at__isnull=False) & ~Q(minutes="")),
                name="meetings_minutes_are_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(historic=True) | Q(convener__isnull=False), name="meetings_meeting_is_convened"
            ),
            models.UniqueConstraint(
                fields=["series", "planned_on"], condition=Q(series__isnull=False), name="meetings_occurrence_once"
            ),
            models.UniqueConstraint(fields=["subdistrict", "ref"], condition=~Q(ref=""), name="meetings_historic_ref"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="meetings_meeting_once"),
        ]
        indexes = [
            # the list of an office, newest first; what a series left, too
            models.Index(fields=["subdistrict", "-on", "-id"], name="meetings_by_date"),
            # announced and not held, planned and to be announced: MeetingQuerySet.to_come
            models.Index(
                fields=["subdistrict", "on", "id"],
                condition=Q(state__in=[MeetingState.PLANNED, MeetingState.ANNOUNCED]),
                name="meetings_to_come",
            ),
            models.Index(fields=["series", "-on"], name="meetings_of_series"),
            # the residents' list: MeetingQuerySet.released, newest first
            models.Index(fields=["-on", "-id"], condition=Q(released_at__isnull=False), name="meetings_released"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"会议-{self.pk:06d}"

    def is_missed(self, today: date) -> bool:
        """已预告未举行: as MeetingQuerySet.not_held has it."""
        return (self.state in TO_COME and self.on < today) or self.state == MeetingState.NOT_HELD

    @property
    def is_locked(self) -> bool:
        """Whether its minutes are confirmed: what changes afterwards is a correction with a reason."""
        return self.confirmed_at is not None


class Invitation(models.Model):
    """Who is invited to a meeting, and whether they came: a community, an organisation, an appointed person, or a name.

    No time of coming or going is kept, and guests are ``listed`` by name. One that was taken back (``withdrawn_at``)
    counts no more.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    appointment = models.ForeignKey(Appointment, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60, blank=True, default="")
    invited = models.BooleanField(default=True, db_default=True, help_text="false: came without an invitation")
    present = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(community__isnull=False, department__isnull=True, appointment__isnull=True, name="")
                | Q(community__isnull=True, department__isnull=False, appointment__isnull=True, name="")
                | Q(community__isnull=True, department__isnull=True, appointment__isnull=False, name="")
                | (Q(community__isnull=True, department__isnull=True, appointment__isnull=True) & ~Q(name="")),
                name="meetings_invited_is_one_of_four",
            ),
            models.UniqueConstraint(
                fields=["meeting", "community", "department", "appointment", "name"],
                nulls_distinct=False,
                name="meetings_invited_once_each",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(present=False), name="meetings_withdrawn_is_not_present"
            ),
        ]
        indexes = [
            # MeetingQuerySet.visible_to: the meetings to which my community, my organisation is invited
            models.Index(fields=["community"], condition=Q(community__isnull=False), name="meetings_invited_community"),
            models.Index(
                fields=["department"], condition=Q(department__isnull=False), name="meetings_invited_department"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.meeting_id}"

    @property
    def by_name(self) -> str:
        """What somebody is called who is invited neither as a community nor as an organisation."""
        return self.appointment.called if self.appointment else self.name

    @property
    def called(self) -> str:
        """As the minutes call it, in Chinese."""
        place = self.community or self.department
        return place.name_zh if place else self.by_name

    def is_called(self, said: str) -> bool:
        """Whether somebody who says so is meant: any name in any language, short or full, however it is spelt.

        A community also without 社区 behind its name.
        """
        names = {self.called}
        if self.community:
            names |= {self.community.name_en, self.community.name_zh.removesuffix("社区")}
        if self.department:
            names |= {self.department.name_en, self.department.short_zh, self.department.short_en}
        return _spelt(said) in {_spelt(name) for name in names if name}


def listed(rows: Iterable[Invitation]) -> list[Invitation]:
    """Who is invited, in the order of the invitations, then guests by name: in which order they came is not told."""
    return sorted(rows, key=lambda row: (not row.invited, "" if row.invited else row.name, row.pk))


def _spelt(name: str) -> str:
    """Without blanks, in one case and one width."""
    return "".join(plain(name).casefold().split())


class MeetingItem(models.Model):
    """One thing raised at a meeting, and what was answered on the spot.

    ``about`` is an open matter that staff put forward, ``carried_from`` a topic of a meeting that was not held.
    ``department`` is the organisation that answered or owes it. ``due_on``: by when, as it was said. ``key`` is the
    form's own: sent twice it is one item. ``issue`` and ``commitment`` are what came of it. A historic one has its
    ``record``, and a meeting only where the press names one. ``raised_on`` is the day of the meeting, for lists by age.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="items", db_index=False)
    number = models.PositiveSmallIntegerField(default=0, help_text="its place in the meeting, from 1")
    key = models.CharField(max_length=64, blank=True, default="")
    attempt = models.CharField(max_length=64, blank=True, default="", help_text="of the last writing, its sender's own")
    raised_on = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    raised_by = models.CharField(max_length=120, blank=True, default="", help_text="the speaker's office")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.TextField()
    about = models.ForeignKey(Issue, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    carried_from = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="carried_to", db_index=False
    )
    answer = models.TextField(blank=True, default="")
    answer_kind = models.CharField(max_length=11, choices=AnswerKind.choices, blank=True, default="")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_by = models.CharField(max_length=120, blank=True, default="", help_text="who answered, by office")
    due_on = models.DateField(null=True)
    issue = models.OneToOneField(Issue, null=True, on_delete=models.PROTECT, related_name="+")
    commitment = models.OneToOneField(Commitment, null=True, on_delete=models.PROTECT, related_name="+")
    record = models.OneToOneField(HistoricRecord, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, help_text="what was promised is kept, without a commitment of its own")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_kind__in=["", *AnswerKind.values]), name="meetings_item_answer_kind"
            ),
            in_choices("precision", Precision, "meetings_item_precision"),
            models.CheckConstraint(condition=~Q(words=""), name="meetings_item_has_words"),
            models.CheckConstraint(condition=~Q(answer="") | Q(answer_kind=""), name="meetings_item_answer_has_words"),
            models.CheckConstraint(
                condition=Q(meeting__isnull=False) | Q(record__isnull=False), name="meetings_item_is_of_something"
            ),
            pair("item", "settled"),
            models.UniqueConstraint(
                fields=["meeting", "number"], condition=Q(meeting__isnull=False), name="meetings_item_number"
            ),
            models.UniqueConstraint(fields=["meeting", "key"], condition=~Q(key=""), name="meetings_item_once"),
            models.UniqueConstraint(
                fields=["about", "meeting"], condition=Q(about__isnull=False), name="meetings_item_about_once"
            ),
            models.UniqueConstraint(
                fields=["carried_from"], condition=Q(carried_from__isnull=False), name="meetings_item_carried_once"
            ),
        ]
        indexes = [
            # read by ItemQuerySet.unanswered, 提出未答复, oldest first
            models.Index(
                fields=["raised_on", "id"],
                condition=Q(answer="", issue__isnull=True),
                name="meetings_unanswered",
            ),
            # read by ItemQuerySet.undated, 有答复无期限
            models.Index(
                fields=["raised_on", "id"],
                condition=Q(
                    answer_kind__in=["", AnswerKind.DATED, AnswerKind.STUDY],
                    due_on__isnull=True,
                    issue__isnull=True,
                    commitment__isnull=True,
                    settled_at__isnull=True,
                )
                & ~Q(answer=""),
                name="meetings_undated",
            ),
            # read by ItemQuerySet.late, 承诺逾期, the longest overdue first
            models.Index(
                fields=["due_on", "id"],
                condition=Q(
                    answer_kind__in=[AnswerKind.DATED, AnswerKind.STUDY],
                    due_on__isnull=False,
                    settled_at__isnull=True,
                ),
                name="meetings_promised",
            ),
            # visible_to: what my community raised, what my organisation owes
            models.Index(fields=["community", "-id"], name="meetings_item_community"),
            models.Index(fields=["department", "-id"], name="meetings_item_department"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def due_precision(self) -> Precision:
        """How exactly the date was said: what the press tells of is promised within a year."""
        return Precision.YEAR if self.record_id is not None else Precision.DAY

    @property
    def is_open(self) -> bool:
        """Whether nothing ended it: no answer that settles it, nothing that was kept."""
        return self.settled_at is None and self.answer_kind in ("", AnswerKind.DATED, AnswerKind.STUDY)
