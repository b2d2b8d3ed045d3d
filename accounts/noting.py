"""What happens to an account, and what its person looks at or takes along, as events of the account."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from journal.services import Entry, record

ACCOUNT: Final = "account"
"""The subject kind."""


def note(account_id: int, kind: str, at: datetime, *, by_id: int | None = None, **facts: Any) -> None:
    """Write one event, done by its person where ``by_id`` names nobody else. ``facts`` are codes, ids and numbers."""
    actor_id = account_id if by_id is None else by_id
    with transaction.atomic():
        record(
            Entry(
                subject_kind=ACCOUNT,
                subject_id=account_id,
                kind=kind,
                at=at,
                actor_id=actor_id,
                actor_role="none",
                data=facts,
            )
        )
