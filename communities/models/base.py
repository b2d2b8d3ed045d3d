"""What every reference row has in common."""

from typing import Any

from django.db import models
from django.utils.translation import get_language


class Retirable(models.Model):
    """Nothing is deleted: a row that is no longer used carries the time of its retirement."""

    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Bilingual(models.Model):
    """A name in Chinese and, where there is one, in English."""

    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name in the active language."""
        return localised(self.name_zh, self.name_en)


def localised(zh: str, en: str) -> str:
    """``en`` where English is active and there is one, else ``zh``."""
    return en if en and (get_language() or "").startswith("en") else zh


def in_choices(field: str, choices: type[models.TextChoices], name: str, **kwargs: Any) -> models.CheckConstraint:
    """A CHECK that keeps ``field`` within ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name, **kwargs)
