"""Visits: liaison teams in a community (驻点直联), deputies at their station, and what people told them there."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models import Category, Community, Department, SubDistrict
from communities.models.base import in_choices
from issues.models import Issue
from meetings.enums import VisitKind
from meetings.visit_querysets import VisitQuerySet


class Visit(models.Model):
    """One day on which a team was there for people. ``members`` went, by office; ``visitors`` is how many came.

    Of those who came only their number is kept here: who wants an answer is the contact of the matter that it became.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=7, choices=VisitKind.choices)
    on = models.DateField()
    team = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    members = models.CharField(max_length=200, blank=True, default="")
    place = models.CharField(max_length=120, blank=True, default="")
    visitors = models.PositiveSmallIntegerField(default=0)
    note = models.TextField(blank=True, default="", help_text="what was seen and heard")
    key = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="the form's own")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", VisitKind, "meetings_visit_kind"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="meetings_visit_once"),
        ]
        indexes = [
            # the list of an office, newest first
            models.Index(fields=["subdistrict", "-on", "-id"], name="meetings_visits_by_date"),
            # the last one of each community: meetings.visits.unvisited
            models.Index(fields=["community", "-on"], name="meetings_visits_of_community"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"走访-{self.pk:06d}"


class VisitItem(models.Model):
    """One thing that somebody brought up: answered on the spot, or a matter from its first minute.

    Of a matter the words stand in the matter and nowhere else, so that they are kept, shown and taken out as its own
    rules say. ``key`` is the form's own: sent twice it is one item.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="items", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="its place in the visit, from 1")
    key = models.CharField(max_length=64)
    words = models.TextField(blank=True, default="")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answer = models.TextField(blank=True, default="")
    issue = models.OneToOneField(Issue, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issue__isnull=False, words="", answer="")
                | (Q(issue__isnull=True) & ~Q(words="") & ~Q(answer="")),
                name="meetings_visit_item_answered_or_matter",
            ),
            models.UniqueConstraint(fields=["visit", "number"], name="meetings_visit_item_number"),
            models.UniqueConstraint(fields=["visit", "key"], name="meetings_visit_item_once"),
        ]

    def __str__(self) -> str:
        return f"item {self.number} of visit {self.visit_id}"
