"""What residents call the things that the office calls otherwise."""

from django.db import models
from django.db.models import Q

from communities.models.base import Retirable
from communities.models.places import SubDistrict


class ColloquialWord(Retirable):
    """水浸 → 积水: a sub-district's own row of the word list (俗语词表), before what the product knows.

    A row without ``means`` lets a word of the product stand for nothing but itself.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=20)
    means = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(word=""), name="communities_colloquial_word_said"),
            models.CheckConstraint(condition=~Q(word=models.F("means")), name="communities_colloquial_word_other"),
            models.UniqueConstraint(
                fields=["subdistrict", "word"],
                condition=Q(retired_at__isnull=True),
                name="communities_colloquial_word",
            ),
        ]

    def __str__(self) -> str:
        return self.word
