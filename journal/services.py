"""Writing to the journal, claiming from it, redacting in it."""

import hashlib
import json
import logging
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from common.crypto import encrypt_bytes

logger = logging.getLogger(__name__)

REDACT: Final = "redact"
"""The kind of the event that tells of a redaction."""

_READERS: list[str] = []
_NUDGES: list[Callable[[], None]] = []


def register_reader(name: str) -> None:
    """From now on every event waits for ``name`` too. Called in ``AppConfig.ready()``."""
    if name not in _READERS:
        _READERS.append(name)


def readers() -> tuple[str, ...]:
    """The registered readers, in order of registration."""
    return tuple(_READERS)


def register_nudge(nudge: Callable[[], None]) -> None:
    """Call ``nudge`` after every commit that wrote to the journal: it may wake readers, and may fail."""
    if nudge not in _NUDGES:
        _NUDGES.append(nudge)


def _nudge_all() -> None:
    for nudge in _NUDGES:
        try:
            nudge()
        except Exception:
            logger.exception("waking a reader of the journal failed; its sweep will find the events")


def _will_nudge() -> bool:
    """Whether this transaction already wakes the readers, however its savepoints end: one nudge will do."""
    open_savepoints = set(connection.savepoint_ids)
    return any(waiting[1] is _nudge_all and waiting[0] <= open_savepoints for waiting in connection.run_on_commit)


@dataclass(frozen=True)
class Entry:
    """One event to be written. ``data`` holds codes, ids, numbers, dates; ``texts`` free text by key."""

    subject_kind: str
    subject_id: int
    kind: str
    at: datetime
    actor_id: int | None = None
    actor_role: str = "system"
    visible: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


_INSERT = """
WITH new AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('journal_event', 'id')) AS id, ordered.* FROM (
        SELECT * FROM jsonb_to_recordset(%s::jsonb) AS v(
            n int, subject_kind text, subject_id bigint, kind text, at timestamptz, actor_id bigint,
            actor_role text, visible boolean, data jsonb, texts jsonb, words jsonb) ORDER BY n
    ) AS ordered
), events AS (
    INSERT INTO journal_event (id, subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data, texts)
    SELECT id, subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data, texts FROM new ORDER BY n
), plain_texts AS (
    INSERT INTO journal_text (event_id, key, body, salt)
    SELECT new.id, p.key, decode(p.value->>'body', 'base64'), p.value->>'salt' FROM new, jsonb_each(new.words) AS p
), waiting AS (
    INSERT INTO journal_pending (event_id, reader) SELECT new.id, r FROM new, unnest(%s::text[]) AS r
)
SELECT id FROM new ORDER BY n
"""


def digest(salt: str, text: str) -> str:
    """The digest that a journal row keeps of a free text: sha256(salt‖text), hex."""
    return hashlib.sha256((salt + text).encode()).hexdigest()


def _row(entry: Entry, number: int) -> dict[str, Any]:
    texts = {key: (secrets.token_hex(8), text) for key, text in entry.texts.items() if text}
    return {
        "n": number,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "actor_id": entry.actor_id,
        "actor_role": entry.actor_role,
        "visible": entry.visible,
        "data": dict(entry.data),
        "texts": {key: digest(salt, text) for key, (salt, text) in texts.items()},
        "words": {
            key: {"body": b64encode(encrypt_bytes(text)).decode(), "salt": salt} for key, (salt, text) in texts.items()
        },
    }


def record_many(entries: Sequence[Entry], *, readers_of: Sequence[str] | None = None) -> list[int]:
    """Write events in one statement, in order; returns their ids. The caller holds the subjects' row locks.

    ``readers_of`` limits who will read them (an event written by a reader itself need not come back to it).
    """
    if not entries:
        return []
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("journal rows are written in the transaction of the change")
    rows = json.dumps([_row(entry, number) for number, entry in enumerate(entries)], ensure_ascii=False)
    waiting = list(readers() if readers_of is None else readers_of)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [rows, waiting])
        ids = [row[0] for row in cursor.fetchall()]
    if waiting and not _will_nudge():
        transaction.on_commit(_nudge_all)
    return ids


def record(entry: Entry) -> int:
    """Write one event; returns its id."""
    return record_many([entry])[0]


_CLAIM = """
DELETE FROM journal_pending WHERE id = ANY(ARRAY(
    SELECT id FROM journal_pending WHERE reader = %s ORDER BY event_id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING event_id
"""


def claim(*, reader: str, limit: int) -> list[int]:
    """Ids of up to ``limit`` events that wait for ``reader``, taken off its list.

    To be called inside the transaction that writes the reader's result: if that rolls back, they wait again.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a claim belongs to the transaction of the reader's result")
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [reader, limit])
        return sorted(row[0] for row in cursor.fetchall())


def redact(*, event_id: int, keys: Sequence[str], reason: str, by_id: int | None, role: str, at: datetime) -> int:
    """Empty the free texts ``keys`` of an event for good; the redaction is an event of its own. Returns its id."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT subject_kind, subject_id FROM journal_event WHERE id = %s", [event_id])
        row = cursor.fetchone()
        if row is None:
            raise LookupError(f"no event {event_id}")
        cursor.execute(
            "UPDATE journal_text SET text = '', body = NULL, salt = '' WHERE event_id = %s AND key = ANY(%s)",
            [event_id, list(keys)],
        )
        return record(
            Entry(
                subject_kind=row[0],
                subject_id=row[1],
                kind=REDACT,
                at=at,
                actor_id=by_id,
                actor_role=role,
                data={"event": event_id, "keys": list(keys)},
                texts={"reason": reason},
            )
        )
