"""The issue (诉求工单)."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from common.fields import LexemesField
from communities.models import Building, Category, Community, Contact, Department, Leader, Neighbourhood, SubDistrict
from communities.models.base import in_choices
from deadlines.enums import Level
from issues.enums import (
    OPEN,
    Kind,
    Outcome,
    Solved,
    Source,
    Status,
    Supervision,
    TimeLimit,
    Turn,
    Verdict,
    VerdictCheck,
    VerdictVia,
)
from issues.querysets import IssueQuerySet

NO_LIMIT = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""What ``rank_at`` holds where no clock runs, so that such issues sort last."""

OUTSIDE_KEY = "upper(regexp_replace(normalize({}, NFKC), '[^0-9A-Za-z\u4e00-\u9fff]+', '', 'g'))"
"""An outside number as it is compared: letters, digits and Chinese characters only, in capitals."""


class OutsideKey(models.Func):
    """OUTSIDE_KEY of a column, for its index."""

    template = OUTSIDE_KEY.format("%(expressions)s")
    output_field = models.TextField()


_OPEN = Q(status__in=sorted(OPEN))


def _pair(at: str, by: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{at}__isnull": True, f"{by}__isnull": True})
        | Q(**{f"{at}__isnull": False, f"{by}__isnull": False}),
        name=f"issues_issue_{at}_pair",
    )


class Issue(models.Model):
    """One matter from its first minute to its end. Only issues.services writes it."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="issues", db_index=False)
    year = models.IntegerField()
    serial = models.IntegerField()
    number = models.CharField(max_length=40, unique=True)
    token = models.CharField(max_length=32, unique=True)
    version = models.IntegerField(default=1)

    title = models.CharField(max_length=120)
    description = models.TextField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    level = models.CharField(max_length=10, choices=Level.choices)
    level_set = models.BooleanField(default=False, help_text="a person chose the level, or emergency words did")
    alarm = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="emergency words it was raised with: 起火、被困",
    )
    source = models.CharField(max_length=16, choices=Source.choices)
    external_number = models.CharField(max_length=40, blank=True, default="")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="issues", db_index=False)
    neighbourhood = models.ForeignKey(Neighbourhood, null=True, on_delete=models.PROTECT, related_name="+")
    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=200, blank=True, default="")
    occurred_at = models.DateTimeField(null=True)
    confidential = models.BooleanField(default=False)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="issues")
    leader = models.ForeignKey(Leader, null=True, on_delete=models.PROTECT, related_name="+")
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    external_due_at = models.DateTimeField(null=True, help_text="what the hotline or another body allows")
    not_after_at = models.DateTimeField(
        null=True,
        help_text="no longer read or written (joined_dates and external_due_at say it); a later release drops it",
    )
    joined_dates = models.JSONField(
        default=dict,
        db_default={},
        help_text="number of a joined issue: since when; kind of clock: when it was due there",
    )

    repeat_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="repeats", help_text="raised again after 15 days"
    )

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    turn = models.CharField(max_length=12, choices=Turn.choices, default=Turn.COMMUNITY)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True, default="")
    solved = models.CharField(max_length=8, choices=Solved.choices, blank=True, default="")
    verdict_via = models.CharField(
        max_length=4, choices=VerdictVia.choices, blank=True, default="", db_default="",
        help_text="how the verdict came",
    )  # fmt: skip
    verdict_known = models.BooleanField(
        default=False, db_default=False, help_text="it came by web, and who handled the matter knew the number"
    )
    verdict_check = models.CharField(
        max_length=9, choices=VerdictCheck.choices, blank=True, default="", db_default="",
        help_text="the supervisor's call-back about it; due and unreached ones count in no rate",
    )  # fmt: skip
    supervision = models.CharField(max_length=12, choices=Supervision.choices, default=Supervision.NONE)
    lead_department = models.ForeignKey(
        Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    returned_from = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    return_count = models.IntegerField(default=0)
    redo_count = models.IntegerField(default=0)
    reopen_count = models.IntegerField(default=0)
    urge_count = models.IntegerField(default=0)
    urged_at = models.DateTimeField(null=True, help_text="when the first urge came that nobody has answered yet")
    call_attempts = models.IntegerField(default=0)

    asks = ArrayField(
        models.CharField(max_length=12), default=list, db_default=[], help_text="kinds of requests nobody decided yet"
    )
    asks_supervisor = models.BooleanField(default=False, db_default=False)
    asks_direction = models.BooleanField(default=False, db_default=False)
    co_department_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    co_waiting_ids = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], help_text="co-departments that have not answered"
    )
    assigned_final = models.BooleanField(default=False, db_default=False, help_text="cannot be returned any more")
    deemed = models.BooleanField(default=False, db_default=False, help_text="视为签收: acknowledged by time alone")
    info_expired = models.BooleanField(default=False, db_default=False, help_text="逾期未补充")
    untold = models.BooleanField(
        default=False, db_default=False, help_text="待告知: the reporter must still be told, and only a person can"
    )
    suspended_at = models.DateTimeField(null=True, help_text="when the present deferral began")
    suspension_count = models.IntegerField(default=0, db_default=0)

    master = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined", db_index=False)
    persons = models.IntegerField(
        default=1, db_default=1, help_text="how many different people raised it: one case, n persons"
    )
    joined_count = models.IntegerField(default=0, db_default=0, help_text="how many matters joined it")
    collective_at = models.DateTimeField(null=True, help_text="群体性诉求: five reporters within seven days")
    objected = models.BooleanField(
        default=False, db_default=False, help_text="its reporter, who joined another matter, once said it is unsolved"
    )

    promised = models.BooleanField(default=False, db_default=False, help_text="a commitment made on it is open")

    excluded_at = models.DateTimeField(null=True)
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    public_title = models.CharField(max_length=120, blank=True, default="", db_default="")
    public_text = models.TextField(blank=True, default="", db_default="")

    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dispatched_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="who answered it at once (即时办结); does not verify it after a reopening",
    )  # fmt: skip
    closed_at = models.DateTimeField(null=True)
    masked_at = models.DateTimeField(null=True, help_text="since when it says nothing of persons any more")
    changed_at = models.DateTimeField()

    # What lists sort by, copied from the governing deadline by the service that moves it.
    due_kind = models.CharField(max_length=20, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    soon_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    due_working = models.BooleanField(default=True, help_text="the governing limit counts working time")
    due_estimated = models.BooleanField(default=False)
    urgency = models.SmallIntegerField(default=1, help_text="0 for critical, 1 for the rest")
    rank_at = models.DateTimeField(default=NO_LIMIT)

    lexemes = LexemesField(default="")

    objects = IssueQuerySet.as_manager()

    known_secrets: list[str] | None = None
    """No column: what ``issues.discretion.secrets_of`` has found once."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "year", "serial"], name="issues_issue_number"),
            in_choices("kind", Kind, "issues_issue_kind"),
            in_choices("level", Level, "issues_issue_level"),
            in_choices("source", Source, "issues_issue_source"),
            in_choices("status", Status, "issues_issue_status"),
            in_choices("turn", Turn, "issues_issue_turn"),
            in_choices("supervision", Supervision, "issues_issue_supervision"),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="issues_issue_outcome"),
            models.CheckConstraint(condition=Q(verdict__in=["", *Verdict.values]), name="issues_issue_verdict"),
            models.CheckConstraint(condition=Q(solved__in=["", *Solved.values]), name="issues_issue_solved"),
            models.CheckConstraint(
                condition=Q(verdict_via__in=["", *VerdictVia.values]), name="issues_issue_verdict_via"
            ),
            models.CheckConstraint(
                condition=Q(verdict_check__in=["", *VerdictCheck.values]), name="issues_issue_verdict_check"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["dispatched", "in_progress", "suspended", "replied"])
                | Q(lead_department__isnull=False),
                name="issues_issue_has_lead",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "need_info", "rejected", "withdrawn", "merged"])
                | Q(category__isnull=False),
                name="issues_issue_accepted_has_category",
            ),
            models.CheckConstraint(
                condition=(_OPEN & Q(closed_at__isnull=True)) | (~_OPEN & Q(closed_at__isnull=False)),
                name="issues_issue_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(masked_at__isnull=True) | Q(closed_at__isnull=False),
                name="issues_issue_masked_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | (Q(soon_at__isnull=False) & Q(overdue_at=models.F("due_at"))),
                name="issues_issue_due_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="merged", master__isnull=False) | (~Q(status="merged") & Q(master__isnull=True)),
                name="issues_issue_merged_has_master",
            ),
            models.CheckConstraint(condition=Q(persons__gte=1), name="issues_issue_persons"),
            models.CheckConstraint(condition=Q(joined_count__gte=0), name="issues_issue_joined_count"),
            models.CheckConstraint(
                condition=Q(status="suspended", suspended_at__isnull=False)
                | (~Q(status="suspended") & Q(suspended_at__isnull=True)),
                name="issues_issue_suspended_at",
            ),
            _pair("excluded_at", "excluded_by"),
            _pair("published_at", "published_by"),
            _pair("accepted_at", "accepted_by"),
            _pair("replied_at", "replied_by"),
            _pair("verified_at", "verified_by"),
        ]
        indexes = [
            # list of one community / sub-district, newest first
            models.Index(fields=["community", "-id"], name="issues_list_community"),
            models.Index(fields=["subdistrict", "-id"], name="issues_list_subdistrict"),
            # list by status, newest first
            models.Index(fields=["status", "-id"], name="issues_list_status"),
            models.Index(fields=["category", "-id"], name="issues_list_category"),
            models.Index(fields=["lead_department", "-id"], name="issues_list_department"),
            # lists with ordering=due, whatever they are filtered by
            models.Index(fields=["rank_at", "id"], name="issues_by_time_left"),
            # open issues by due time: inbox, capped counts of overdue and due today
            models.Index(
                fields=["subdistrict", "urgency", "rank_at", "id"], condition=_OPEN, name="issues_open_subdistrict"
            ),
            models.Index(
                fields=["community", "urgency", "rank_at", "id"], condition=_OPEN, name="issues_open_community"
            ),
            # to-do lists
            models.Index(
                fields=["community", "urgency", "rank_at", "id"],
                condition=Q(turn="community"),
                name="issues_todo_community",
            ),
            models.Index(
                fields=["lead_department", "urgency", "rank_at", "id"],
                condition=Q(turn="department"),
                name="issues_todo_department",
            ),
            models.Index(
                fields=["subdistrict", "urgency", "rank_at", "id"],
                condition=Q(turn="supervisor"),
                name="issues_todo_supervisor",
            ),
            # to-do lists: requests and drafts that wait for a decision
            models.Index(
                fields=["subdistrict", "urgency", "rank_at", "id"],
                condition=Q(asks_supervisor=True),
                name="issues_asks_supervisor",
            ),
            models.Index(
                fields=["subdistrict", "urgency", "rank_at", "id"],
                condition=Q(asks_direction=True),
                name="issues_asks_direction",
            ),
            # to-do lists: verdicts that the supervisor checks
            models.Index(
                fields=["subdistrict", "urgency", "rank_at", "id"],
                condition=Q(verdict_check="due", closed_at__isnull=False),
                name="issues_todo_check",
            ),
            # to-do list of a co-department
            GinIndex(fields=["co_waiting_ids"], condition=~Q(co_waiting_ids=[]), name="issues_co_waiting"),
            # list and count of 未签收, which holds what time alone acknowledged
            models.Index(fields=["subdistrict"], condition=Q(deemed=True), name="issues_deemed"),
            # tab 待告知
            models.Index(
                fields=["community", "urgency", "rank_at", "id"], condition=Q(untold=True), name="issues_untold"
            ),
            # those who joined a matter
            models.Index(fields=["master"], condition=Q(master__isnull=False), name="issues_joined"),
            # 社区正在办理 on the residents' home
            models.Index(
                fields=["community", "-published_at"], condition=Q(published_at__isnull=False), name="issues_published"
            ),
            # Read by issues.services.masking: matters that ended before a day and still name persons, the oldest first
            models.Index(
                fields=["subdistrict", "closed_at", "id"],
                condition=Q(masked_at__isnull=True, closed_at__isnull=False),
                name="issues_to_be_masked",
            ),
            # tab 我发起的
            models.Index(fields=["logged_by", "-id"], condition=Q(logged_by__isnull=False), name="issues_logged_by"),
            # search by words and by an outside number
            GinIndex(fields=["lexemes"], name="issues_search", fastupdate=False),
            models.Index(OutsideKey("external_number"), condition=~Q(external_number=""), name="issues_external_key"),
            # read by the release before; goes with the next
            models.Index(fields=["external_number"], condition=~Q(external_number=""), name="issues_external_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether work on it goes on."""
        return self.status in OPEN

    def time_limit(self, now: datetime) -> TimeLimit:
        """时限状态 at ``now``: a pure function of the status and the stored times."""
        return time_limit_of(self.status, self.due_at, self.soon_at, self.overdue_at, now)


def time_limit_of(
    status: str, due_at: datetime | None, soon_at: datetime | None, overdue_at: datetime | None, now: datetime
) -> TimeLimit:
    """时限状态. Once no clock runs, ``overdue_at`` stands where a limit had been missed, and so the state stays."""
    if status == Status.SUSPENDED:
        return TimeLimit.SUSPENDED
    if overdue_at is not None and now >= overdue_at:
        return TimeLimit.OVERDUE
    if due_at is not None and soon_at is not None and now >= soon_at:
        return TimeLimit.DUE_SOON
    return TimeLimit.ON_TIME
