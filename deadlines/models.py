"""The working calendar, the rules, everything that is due, and who is on duty."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from deadlines import kinds
from deadlines.enums import DeadlineState, ScopeKind
from deadlines.limits import Limit
from deadlines.planning import Was
from deadlines.reckoning import Facts, Joined, Pause
from deadlines.rules import EXTENSION, describe_rule, rule_within
from journal.models import Event

OPEN_STATES = (DeadlineState.RUNNING.value, DeadlineState.PAUSED.value)
ENDED_STATES = (DeadlineState.MET.value, DeadlineState.LATE.value, DeadlineState.CANCELLED.value)
_LIMIT_PATTERN = r"^([1-9][0-9]{0,3}(min|h|wh|wd|d)|none)$"


class DaySource(models.TextChoices):
    """Where a calendar day comes from; a refresh leaves what an administrator took from the notice."""

    LIBRARY = "library", _("程序库")
    ESTIMATE = "estimate", _("估算")
    NOTICE = "notice", _("放假通知")


class CalendarDay(models.Model):
    """One day: worked or not, swaps 调休 included. ``estimated`` while the year's notice is not out."""

    on = models.DateField(primary_key=True)
    workday = models.BooleanField()
    estimated = models.BooleanField(default=False)
    name = models.CharField(max_length=40, blank=True, help_text="the holiday, or whose swap this day is")
    source = models.CharField(max_length=8, choices=DaySource.choices, default=DaySource.NOTICE)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=DaySource.values), name="deadlines_day_source"),
            models.CheckConstraint(
                condition=Q(source="estimate", estimated=True) | (~Q(source="estimate") & Q(estimated=False)),
                name="deadlines_day_estimated_by_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {'work' if self.workday else 'rest'}"


class ChangeSource(models.TextChoices):
    """By what the calendar was changed."""

    NOTICE = "notice", _("放假通知")
    DAY = "day", _("单日调整")


class CalendarChange(models.Model):
    """One change of the calendar, and how far the deadlines were counted again for it.

    Its id is the calendar's version from then on. ``before``: day → [worked, estimated] as it was, of the days that
    changed, so that the calendar of before can be had again. The recount goes through the subjects of running
    deadlines in the order of ``subject_kind`` and ``subject_id``; ``begun_at`` is when the present pass began.
    """

    source = models.CharField(max_length=8, choices=ChangeSource.choices)
    year = models.PositiveSmallIntegerField(null=True)
    first_on = models.DateField()
    before = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=32, blank=True, default="")
    subject_id = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    moved = models.PositiveIntegerField(default=0, help_text="subjects of which a due time moved")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=ChangeSource.values), name="deadlines_change_source"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=False, made_by__isnull=False)
                | Q(made_at__isnull=True, made_by__isnull=True),
                name="deadlines_change_made_pair",
            ),
        ]
        indexes = [
            # Read by the recount, every minute: the changes that it has not finished.
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="deadlines_change_open"),
        ]

    def __str__(self) -> str:
        return f"change {self.pk} of the calendar"


class DeadlineRule(models.Model):
    """One cell of the rule table, editable; without a sub-district it is the installation's default.

    ``deadline_kind`` "extension" is the allowance: ``limit`` in all, granted at most ``times`` times.
    """

    subdistrict = models.ForeignKey("communities.SubDistrict", null=True, on_delete=models.PROTECT, related_name="+")
    scope_kind = models.CharField(max_length=8, choices=ScopeKind.choices)
    scope = models.CharField(max_length=16, blank=True)
    deadline_kind = models.CharField(max_length=24)
    limit = models.CharField(max_length=8)
    times = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict", "scope_kind", "scope", "deadline_kind"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="deadlines_rule_current",
            ),
            models.CheckConstraint(condition=Q(scope_kind__in=ScopeKind.values), name="deadlines_rule_scope_kind"),
            models.CheckConstraint(
                condition=Q(scope_kind="any", scope="") | (~Q(scope_kind="any") & ~Q(scope="")),
                name="deadlines_rule_scope",
            ),
            models.CheckConstraint(condition=Q(limit__regex=_LIMIT_PATTERN), name="deadlines_rule_limit"),
            models.CheckConstraint(
                condition=Q(deadline_kind=EXTENSION, times__gt=0) | (~Q(deadline_kind=EXTENSION) & Q(times=0)),
                name="deadlines_rule_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_kind}:{self.scope} {self.deadline_kind} {self.limit}"


def _pause(from_at: str, to_at: str | None, at_least: str) -> Pause:
    return Pause(
        datetime.fromisoformat(from_at),
        datetime.fromisoformat(to_at) if to_at else None,
        Limit.parse(at_least) if at_least else None,
    )


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    """Reads of what is due."""

    def of(self, subject_kind: str, subject_id: int) -> "DeadlineQuerySet":
        """The deadlines of one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def of_many(self, subject_kind: str, subject_ids: list[int]) -> "DeadlineQuerySet":
        """The deadlines of several subjects of one kind."""
        return self.filter(subject_kind=subject_kind, subject_id__in=subject_ids)

    def open(self) -> "DeadlineQuerySet":
        """Running or paused."""
        return self.filter(state__in=OPEN_STATES)

    def in_order(self) -> "DeadlineQuerySet":
        """As they were started."""
        return self.order_by("started_at", "id")


class Deadline(models.Model):
    """One thing that is due: a subject, a rule, a due time, who owes it, the next rung of its ladder.

    ``facts`` are what the due time is counted from (docs/rules/time.md); ``due_at`` and what follows with it are kept
    beside them to be read. While paused, ``due_at`` is the due time that held at the pause. ``counted_from`` is
    ``started_at`` moved on by the pauses: half, quarter and first quarter count from it. ``fired`` has a bit for each
    rung of the ladder that fired or was passed over for the due time in force, ``fired_before`` those of earlier due
    times and ladders (``reminders.ladder``). ``was``, not stored, is what it was before the action under way.
    """

    was: Was | None = None

    subdistrict = models.ForeignKey(
        "communities.SubDistrict", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=24, help_text="as a domain registered it (deadlines.kinds)")
    state = models.CharField(max_length=9, choices=DeadlineState.choices, default=DeadlineState.RUNNING)
    party = models.ForeignKey(
        "communities.Department", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=60)
    limit = models.CharField(max_length=8)
    estimated = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    counted_from = models.DateTimeField()
    soon_at = models.DateTimeField()
    due_at = models.DateTimeField()
    original_due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    remaining = models.IntegerField(null=True, help_text="while paused: days for limits in days, else minutes")
    extended = models.PositiveIntegerField(default=0, help_text="working days granted in all")
    extensions = models.PositiveSmallIntegerField(default=0, help_text="how often it was extended")
    next_rung_at = models.DateTimeField(null=True)
    next_rung = models.CharField(max_length=32, blank=True)
    fired = models.PositiveSmallIntegerField(default=0)
    calendar_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="the last change of the calendar by which its due time was counted"
    )
    fixed_due_at = models.DateTimeField(null=True, help_text="the date that somebody fixed in place of the limit's")
    pauses = models.JSONField(default=list, db_default=[], help_text="[from, to or null, at least] each, in order")
    caps = models.JSONField(
        default=dict,
        db_default={},
        help_text="source: the latest due time; of who joined: [it, since when, extended by then]",
    )
    fired_before = models.JSONField(default=dict, db_default={}, help_text="due time|ladder: what fired for it")

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeadlineState.values), name="deadlines_state"),
            models.CheckConstraint(condition=Q(limit__regex=_LIMIT_PATTERN) & ~Q(limit="none"), name="deadlines_limit"),
            models.CheckConstraint(
                condition=Q(state__in=ENDED_STATES, stopped_at__isnull=False)
                | Q(state__in=OPEN_STATES, stopped_at__isnull=True),
                name="deadlines_stopped_once_ended",
            ),
            models.CheckConstraint(
                condition=Q(state="paused", paused_at__isnull=False, remaining__isnull=False, remaining__gte=0)
                | (~Q(state="paused") & Q(paused_at__isnull=True, remaining__isnull=True)),
                name="deadlines_paused_whole",
            ),
            models.CheckConstraint(condition=Q(soon_at__lte=F("due_at")), name="deadlines_soon_before_due"),
            models.CheckConstraint(condition=Q(counted_from__gte=F("started_at")), name="deadlines_counted_from"),
            models.CheckConstraint(
                condition=Q(extended=0, extensions=0) | Q(extended__gt=0, extensions__gt=0),
                name="deadlines_extended_whole",
            ),
            models.CheckConstraint(
                condition=Q(next_rung_at__isnull=True, next_rung="")
                | (Q(next_rung_at__isnull=False, state="running") & ~Q(next_rung="")),
                name="deadlines_rung_while_running",
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind", "party"],
                condition=Q(state__in=OPEN_STATES),
                nulls_distinct=False,
                name="deadlines_one_open",
            ),
        ]
        indexes = [
            # Read by DeadlineQuerySet.of and of_many: an issue's page and every action on it.
            models.Index(fields=["subject_kind", "subject_id"], name="deadlines_by_subject"),
            # Read by a department's page: what it owes, earliest first, and the counts of its lists.
            models.Index(fields=["party", "due_at", "id"], condition=Q(state="running"), name="deadlines_owed"),
            # Read by the sweep of the ladder (reminders): rows whose next rung is due, earliest first.
            models.Index(
                fields=["next_rung_at"],
                condition=Q(state="running", next_rung_at__isnull=False),
                name="deadlines_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_kind}:{self.subject_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is running or paused."""
        return self.state in OPEN_STATES

    @property
    def is_running(self) -> bool:
        """Whether its clock runs."""
        return self.state == DeadlineState.RUNNING

    @property
    def time_limit(self) -> Limit:
        """The limit as a value."""
        return Limit.parse(self.limit)

    @property
    def facts(self) -> Facts:
        """What its due time is counted from. A cap is kept as its moment; one that moves on with what it moves by."""
        spec = kinds.find(self.kind)
        joined = {source: given for source, given in self.caps.items() if not isinstance(given, str)}
        caps = {source: given if isinstance(given, str) else given[0] for source, given in self.caps.items()}
        return Facts(
            limit=self.time_limit,
            started_at=self.started_at,
            fixed_due=self.fixed_due_at,
            extended=self.extended,
            pauses=tuple(_pause(*one) for one in self.pauses),
            caps=tuple((source, datetime.fromisoformat(moment)) for source, moment in caps.items()),
            joined={
                source: Joined(datetime.fromisoformat(since), extended)
                for source, (_moment, since, extended) in joined.items()
            },
            at_once=bool(spec and spec.at_once) and not rule_within(self.rule).startswith("redo:"),
        )

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is running and its due time is past."""
        return self.is_running and at > self.due_at

    def basis(self) -> str:
        """The rule that made it, as people read it (时限依据)."""
        return describe_rule(self.rule, self.kind, self.limit)


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    """Reads of the duty roster."""

    def standing(self) -> "DutyShiftQuerySet":
        """Shifts that nobody took off the roster."""
        return self.filter(cancelled_at__isnull=True)

    def of_area(self, *, subdistrict_id: int, community_id: int | None) -> "DutyShiftQuerySet":
        """The shifts of one area alone: a community's, or the sub-district's own."""
        if community_id is None:
            return self.filter(subdistrict_id=subdistrict_id, community__isnull=True)
        return self.filter(subdistrict_id=subdistrict_id, community_id=community_id)

    def between(self, start_at: datetime, end_at: datetime) -> "DutyShiftQuerySet":
        """Shifts of which some part lies in the span."""
        return self.filter(starts_at__lt=end_at, ends_at__gt=start_at)

    def on_shift(self, *, subdistrict_id: int, community_id: int | None = None, at: datetime) -> "DutyShiftQuerySet":
        """Who is on duty at ``at``: the community's own shift first, then the sub-district's."""
        area = Q(community__isnull=True)
        if community_id is not None:
            area |= Q(community_id=community_id)
        return (
            self.standing()
            .filter(area, subdistrict_id=subdistrict_id, starts_at__lte=at, ends_at__gt=at)
            .select_related("clerk", "leader")
            .order_by(F("community_id").asc(nulls_last=True), "starts_at", "id")
        )


_AREA = Coalesce(F("community_id"), -F("subdistrict_id"))


class DutyShift(models.Model):
    """A shift of the duty roster 值班: of a community, or of the sub-district where there is none.

    A shift that is taken off the roster stays, cancelled. ``version`` rises with every change.
    """

    subdistrict = models.ForeignKey(
        "communities.SubDistrict", on_delete=models.PROTECT, related_name="duty_shifts", db_index=False
    )
    community = models.ForeignKey(
        "communities.Community", null=True, on_delete=models.PROTECT, related_name="duty_shifts"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="duty_shifts")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="led_duty_shifts"
    )
    phone = models.CharField(max_length=30, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="deadlines_shift_ends_after_start"),
            models.UniqueConstraint(
                fields=["subdistrict", "community", "starts_at"],
                condition=Q(cancelled_at__isnull=True),
                nulls_distinct=False,
                name="deadlines_shift_one_start",
            ),
            # The area as a range of one number (a community's id, or minus the sub-district's for its own roster):
            # ranges have their operator class built in, so no extension has to be installed.
            ExclusionConstraint(
                name="deadlines_shift_no_overlap",
                expressions=[
                    (Func(_AREA, _AREA, Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="deadlines_shift_cancelled_pair",
            ),
        ]
        indexes = [
            # Read by DutyShiftQuerySet.on_shift, and by the roster's page.
            models.Index(fields=["subdistrict", "ends_at"], name="deadlines_shift_by_end"),
        ]

    def __str__(self) -> str:
        return f"shift {self.starts_at:%Y-%m-%d %H:%M}"


class DutyNote(models.Model):
    """The hand-over note 交接记录 of one shift: who wrote it, when and what are those of ``event``, a journal row.

    Amending it before the next shift took over moves ``event`` on; the earlier words stay in the journal.
    """

    shift = models.OneToOneField(DutyShift, on_delete=models.PROTECT, related_name="note")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="deadlines_note_acknowledged_pair",
            ),
        ]
        indexes = [
            # Read by deadlines.duty.staffing.notes_awaiting: what the next shift has not read, on every opened inbox.
            models.Index(fields=["shift"], condition=Q(acknowledged_at__isnull=True), name="deadlines_note_unread"),
        ]

    def __str__(self) -> str:
        return f"hand-over note of shift {self.shift_id}"
