"""Words that raise an alarm when somebody reports a matter."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models.base import Retirable
from communities.models.places import SubDistrict


class Severity(models.TextChoices):
    """How urgent a matter is that says the word."""

    CRITICAL = "critical", _("特急")
    URGENT = "urgent", _("紧急")
    NONE = "", _("不算紧急")


class EmergencyWord(Retirable):
    """起火 → 特急, 先拨 119. Without a sub-district it holds everywhere; a sub-district's own row goes before it.

    A word without a level is a false friend: it covers a shorter word of the list (落水管 for 落水) and raises nothing.
    """

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=40)
    level = models.CharField(max_length=10, choices=Severity.choices, blank=True)
    dial = models.CharField(max_length=20, blank=True, help_text="119, 110, 120, or the gas or power company's number")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Severity.values), name="communities_emergency_level"),
            models.CheckConstraint(condition=~Q(word=""), name="communities_emergency_word_said"),
            models.UniqueConstraint(
                fields=["subdistrict", "word"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="communities_emergency_word",
            ),
        ]

    def __str__(self) -> str:
        return self.word
