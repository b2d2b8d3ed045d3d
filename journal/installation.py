"""The installation as a subject of the journal: what its operators do to it as a whole, at the command line."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from journal.services import Entry, record_many

INSTALLATION: Final = "installation"
"""The subject kind; there is one, number 0."""


def note(kind: str, at: datetime, **facts: Any) -> int:
    """Write one event, by no account; nobody is told of it. ``facts`` are codes, numbers, digests. Returns its id."""
    entry = Entry(subject_kind=INSTALLATION, subject_id=0, kind=kind, at=at, data=facts)
    with transaction.atomic():
        return record_many([entry], readers_of=())[0]
