"""Does the journal still say what it said? Set-based checks of every chain and every text."""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from common.crypto import UnreadablePersonalData
from common.fields import text_of
from journal.services import digest

BATCH: Final = 20_000


@dataclass(frozen=True)
class Broken:
    """The first row that does not hold, and what is wrong with it."""

    subject_kind: str
    subject_id: int
    seq: int
    problem: str


_CHAINS = """
SELECT subject_kind, subject_id, seq, CASE
    WHEN seq <> expected THEN 'a row is missing or was inserted before this one'
    WHEN prev_hash <> COALESCE(previous, ''::bytea) THEN 'does not follow the row before it'
    ELSE 'was changed' END
FROM (
    SELECT e.*, row_number() OVER chain AS expected, lag(hash) OVER chain AS previous,
           journal_digest(e.subject_kind, e.subject_id, e.seq, e.kind, e.at, e.actor_id, e.actor_role, e.visible,
                          e.data, e.texts, e.prev_hash) AS computed
    FROM journal_event e WINDOW chain AS (PARTITION BY subject_kind, subject_id ORDER BY seq)
) AS checked
WHERE seq <> expected OR prev_hash <> COALESCE(previous, ''::bytea) OR hash <> computed
ORDER BY id LIMIT 1
"""

_HEADS = """
SELECT COALESCE(c.subject_kind, e.subject_kind), COALESCE(c.subject_id, e.subject_id), COALESCE(e.seq, c.seq),
       'the end of the chain was removed or rewritten'
FROM journal_chain c FULL JOIN (
    SELECT DISTINCT ON (subject_kind, subject_id) subject_kind, subject_id, seq, hash FROM journal_event
    ORDER BY subject_kind, subject_id, seq DESC
) e USING (subject_kind, subject_id)
WHERE c.seq IS DISTINCT FROM e.seq OR c.hash IS DISTINCT FROM e.hash LIMIT 1
"""

_TEXTS = """
SELECT e.subject_kind, e.subject_id, e.seq, CASE
    WHEN t.id IS NULL THEN 'a text is missing'
    ELSE 'a text was emptied without a redaction event' END
FROM journal_event e CROSS JOIN LATERAL jsonb_object_keys(e.texts) AS d(key)
LEFT JOIN journal_text t ON t.event_id = e.id AND t.key = d.key
WHERE (t.id IS NULL OR (t.text = '' AND COALESCE(t.body, '') = ''))
  AND NOT (t.id IS NOT NULL AND EXISTS (
      SELECT 1 FROM journal_event r WHERE r.kind = 'redact' AND r.subject_kind = e.subject_kind
      AND r.subject_id = e.subject_id AND (r.data->>'event')::bigint = e.id AND r.data->'keys' ? d.key))
ORDER BY e.id LIMIT 1
"""

_WORDS = """
SELECT t.id, t.salt, COALESCE(t.body, convert_to(t.text, 'UTF8')), t.body IS NOT NULL AND t.text <> '',
    e.texts->>t.key, e.subject_kind, e.subject_id, e.seq
FROM journal_text t JOIN journal_event e ON e.id = t.event_id
WHERE t.id > %s AND t.salt <> '' AND e.texts ? t.key ORDER BY t.id LIMIT %s
"""

_EXTRA_TEXTS = """
SELECT e.subject_kind, e.subject_id, e.seq, 'a text was added'
FROM journal_text t JOIN journal_event e ON e.id = t.event_id WHERE NOT e.texts ? t.key LIMIT 1
"""

_COUNTS = """
SELECT (SELECT count(*) FROM journal_event), (SELECT count(*) FROM journal_chain),
       (SELECT count(*) FROM journal_text WHERE text = '' AND salt = '')
"""


@dataclass(frozen=True)
class Report:
    """What was checked; ``broken`` is None where everything holds."""

    events: int
    chains: int
    redacted: int
    broken: Broken | None


def verify() -> Report:
    """Check every chain and text. Takes no locks; rows written meanwhile are not half-seen (one snapshot each).

    Texts are encrypted: they are opened here, batch by batch.
    """
    with connection.cursor() as cursor:
        broken = None
        for statement in (_CHAINS, _HEADS, _TEXTS, _EXTRA_TEXTS):
            cursor.execute("SET LOCAL statement_timeout = 0" if connection.in_atomic_block else "SELECT 1")
            cursor.execute(statement)
            row = cursor.fetchone()
            if row:
                broken = Broken(*row)
                break
        else:
            broken = _changed_text(cursor)
        cursor.execute(_COUNTS)
        events, chains, redacted = cursor.fetchone()
    return Report(events=events, chains=chains, redacted=redacted, broken=broken)


def _changed_text(cursor: CursorWrapper) -> Broken | None:
    """The first text that is not the one of which its event keeps the digest, or that no configured key opens."""
    after = 0
    while True:
        cursor.execute(_WORDS, [after, BATCH])
        rows = cursor.fetchall()
        for _id, salt, body, twice, kept, kind, subject, seq in rows:
            try:
                words = text_of(bytes(body))
            except UnreadablePersonalData as error:
                return Broken(kind, subject, seq, f"a text was changed, or its key is missing ({error})")
            if twice or digest(salt, words) != kept:
                return Broken(kind, subject, seq, "a text was changed")
        if len(rows) < BATCH:
            return None
        after = rows[-1][0]
