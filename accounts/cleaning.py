"""What is over and used up goes: sessions, tokens, recovery codes, devices from which nobody comes any more."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from accounts.devices import KEPT
from accounts.models import ApiToken, KnownDevice, RecoveryCode, StoredSession

ANSWERABLE: Final = timedelta(days=30)
"""Tokens and recovery codes stay so long after their end, for whoever asks what became of one; the journal knows on."""


def clean(at: datetime) -> dict[str, int]:
    """Delete what ended; returns how many of each."""
    before = at - ANSWERABLE
    rows = {
        "sessions": StoredSession.objects.filter(expire_date__lt=at),
        "tokens": ApiToken.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)),
        "recovery_codes": RecoveryCode.objects.filter(used_at__lt=before),
        "devices": KnownDevice.objects.filter(seen_at__lt=at - KEPT),
    }
    return {name: found.delete()[0] for name, found in rows.items()}
