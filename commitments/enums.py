"""Closed sets of the commitments."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from deadlines.enums import DeadlineKind

SUBJECT: Final = "commitment"
"""The kind of subject under which a commitment has its deadlines."""

CLOCKS: Final = (DeadlineKind.FULFIL, DeadlineKind.COMMITMENT_REVIEW)
"""The deadlines that a commitment may have."""


class CommitmentState(models.TextChoices):
    """How a promise stands. ``withdrawn``: the answer that held it no longer holds (redo, reopening, merging)."""

    OPEN = "open", _("待兑现")
    FULFILLED = "fulfilled", _("已兑现")
    WITHDRAWN = "withdrawn", _("已撤回")
