"""What the application's role may do with the tables of the journal: add to them, and change nothing."""

from typing import Final

RIGHTS: Final = {
    "journal_event": (
        "SELECT, INSERT (id, subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data, texts)"
    ),
    "journal_text": "SELECT, INSERT, UPDATE (text, body, salt)",
    "journal_chain": "SELECT",
    "journal_seal": "SELECT, INSERT, UPDATE (sent_at)",
}
"""By table. Place and hash of an event and the heads are the trigger's, which works as the owner; a text can only be
emptied (its trigger sees to that)."""
