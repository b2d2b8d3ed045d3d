"""What a leader notes, and for how long it may be set right."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

ENTRY: Final = "ledger_entry"
"""The subject kind of an entry."""

CHANGEABLE: Final = timedelta(days=7)
"""So long after it was noted its leader corrects or withdraws an entry (docs/rules/ledger.md#an-entry)."""
BACK: Final = timedelta(days=31)
"""So long afterwards something is still noted."""


class EntryKind(models.TextChoices):
    """What was done."""

    VISIT = "visit", _("走访")
    HELP = "help", _("帮扶")
    DISPUTE = "dispute", _("调解")
    SAFETY = "safety", _("安全")
    POLICY = "policy", _("宣传")


OF_PEOPLE: Final = frozenset({EntryKind.VISIT, EntryKind.HELP, EntryKind.DISPUTE})
"""What is done for people: every word of a note may be about them."""
