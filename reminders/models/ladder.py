"""The ladder of reminders as data that an administrator can edit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from communities.models import SubDistrict
from communities.models.base import Retirable, in_choices
from issues.enums import Level
from reminders.enums import Channel, Ladder, RungCode, RungEffect

HIGHEST_RANK = 15
"""``Deadline.fired`` has one bit for each rank."""


class LadderRung(Retirable):
    """One rung; without a sub-district it belongs to the installation's default ladder.

    ``rank`` is the rung's lasting place: the higher one wins where several are due, and its bit in ``Deadline.fired``
    says that it fired. ``offset`` is read by deadlines.arithmetic (``half``, ``soon``, ``due+1h`` …). A rung at
    ``start`` is told by the event that starts the deadline. ``kinds`` limits it to kinds of deadlines, ``levels`` to
    levels of issues; empty is all. ``channels`` are those it goes out by; empty: by each person's preference and all of
    the organisation's. A rung at ``daily`` comes every working morning until its deadline ends.
    """

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+")
    ladder = models.CharField(max_length=8, choices=Ladder.choices)
    code = models.CharField(max_length=16, choices=RungCode.choices)
    rank = models.PositiveSmallIntegerField()
    offset = models.CharField(max_length=16)
    roles = ArrayField(models.CharField(max_length=16), blank=True, help_text="whom it tells; empty: its effect does")
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True, help_text="of deadlines; empty: all")
    levels = ArrayField(models.CharField(max_length=10), default=list, db_default=[], blank=True)
    channels = ArrayField(models.CharField(max_length=8), default=list, db_default=[], blank=True)
    effect = models.CharField(max_length=8, choices=RungEffect.choices, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict", "ladder", "rank"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="reminders_rung_rank",
            ),
            in_choices("ladder", Ladder, "reminders_rung_ladder"),
            in_choices("code", RungCode, "reminders_rung_code"),
            in_choices("effect", RungEffect, "reminders_rung_effect"),
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
