"""The ladder of reminders as data that an administrator can edit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from communities.models import SubDistrict
from communities.models.base import Retirable, in_choices
from deadlines.enums import Level
from reminders.enums import Channel, Ladder

HIGHEST_RANK = 15
"""``Deadline.fired`` has one bit for each rank."""


class LadderRung(Retirable):
    """One rung; without a sub-district it belongs to the installation's default ladder.

    ``rank`` is the rung's lasting place: the higher one wins where several are due, and its bit in ``Deadline.fired``
    says that it fired. Rungs that no deadline has together may share one (services.ladder_editing sees to that).
    ``offset`` is read by deadlines.arithmetic (``half``, ``soon``, ``due+1h``, ``due-6mo`` …). A rung at ``start`` is
    told by the event that starts the deadline; one at ``daily`` comes every working morning until its deadline ends.
    ``kinds`` limits it to kinds of deadlines, ``levels`` to levels of issues; empty is all. ``channels`` are those it
    goes out by; empty: by each person's preference and all of the organisation's.
    """

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+")
    ladder = models.CharField(max_length=8, choices=Ladder.choices)
    code = models.CharField(max_length=16, help_text="as it was registered (reminders.rungs)")
    rank = models.PositiveSmallIntegerField()
    offset = models.CharField(max_length=16)
    roles = ArrayField(models.CharField(max_length=16), blank=True, help_text="whom it tells; empty: its effect does")
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True, help_text="of deadlines; empty: all")
    levels = ArrayField(models.CharField(max_length=10), default=list, db_default=[], blank=True)
    channels = ArrayField(models.CharField(max_length=8), default=list, db_default=[], blank=True)
    effect = models.CharField(max_length=8, blank=True, default="")
    since_at = models.DateTimeField(null=True, blank=True, help_text="what was due before that is taken as passed")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict", "ladder", "rank", "kinds"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="reminders_rung_rank",
            ),
            in_choices("ladder", Ladder, "reminders_rung_ladder"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=HIGHEST_RANK), name="reminders_rung_rank_fits"),
            models.CheckConstraint(
                condition=Q(
                    offset__regex=r"^(daily|(start|half|soon|due_day|due|twice)([+-][1-9][0-9]*(min|h|wh|wd|d|mo))?)$"
                ),
                name="reminders_rung_offset",
            ),
            models.CheckConstraint(condition=Q(levels__contained_by=list(Level.values)), name="reminders_rung_levels"),
            models.CheckConstraint(
                condition=Q(channels__contained_by=list(Channel.values)), name="reminders_rung_channels"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.code}"


class LadderReplan(models.Model):
    """A ladder was changed, and the open deadlines of its sub-district (None: of all) still have to follow it.

    They are planned anew in batches by id; ``after_id`` is how far that came, ``again`` holds deadlines that somebody
    was working on. Both are written in the transaction of the batch, so whoever goes on after a death misses none.
    """

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    requested_at = models.DateTimeField()
    after_id = models.BigIntegerField(default=0)
    again = ArrayField(models.BigIntegerField(), default=list, blank=True)
    seen = models.PositiveIntegerField(default=0, help_text="how many deadlines were looked at")
    changed = models.PositiveIntegerField(default=0, help_text="how many of them have another next rung now")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="reminders_replan_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"replan of {self.subdistrict_id or 'all'}"
