"""Closed sets of the commitments."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

SUBJECT: Final = "commitment"
"""The kind of subject under which a commitment has its deadlines."""


class CommitmentClock(models.TextChoices):
    """The deadlines that a commitment may have."""

    FULFIL = "fulfil", _("兑现承诺")
    REVIEW = "commitment_review", _("承诺复查")


class CommitmentState(models.TextChoices):
    """How a promise stands. ``withdrawn``: the answer that held it no longer holds (redo, reopening, merging)."""

    OPEN = "open", _("待兑现")
    FULFILLED = "fulfilled", _("已兑现")
    WITHDRAWN = "withdrawn", _("已撤回")
