"""The journal as a file that proves itself: JSON lines, one event a line with its hash, signed.

The first line says what was asked for, which key signs and what the last seal was; then the events in the order of
their ids; then the counts; then the signature of every byte before it. Texts stay digests unless they are asked for: a
row itself holds codes, ids, numbers and dates. ``journal.checking`` reads it without the database.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, Any, Final

from django.db import connection, transaction

from journal import sealing
from journal.models import EventText
from journal.signing import SigningKey

FORM: Final = "govtrack-journal-1"
_BATCH: Final = 2_000
_ROWS: Final = """
SELECT id, subject_kind, subject_id, seq, kind, at, actor_id, actor_role, visible, data::text, texts::text,
       encode(prev_hash, 'hex'), encode(hash, 'hex')
FROM journal_event WHERE id > %(after)s AND at >= %(since)s AND at < %(until)s
    AND (%(kind)s = '' OR (subject_kind = %(kind)s AND subject_id = %(subject)s))
ORDER BY id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class ExportRange:
    """What is exported: everything, what happened from ``since`` until before ``until``, or to one subject."""

    since: datetime | None = None
    until: datetime | None = None
    subject: tuple[str, int] | None = None
    texts: bool = False

    def facts(self) -> dict[str, Any]:
        """As the first line and the event of the export have it."""
        return {
            "from": self.since.isoformat() if self.since else None,
            "to": self.until.isoformat() if self.until else None,
            "subject": ":".join(map(str, self.subject)) if self.subject else None,
            "texts": self.texts,
        }


@dataclass
class Exported:
    """What was written: how many events and texts, and the SHA-256 that was signed."""

    events: int = 0
    texts: int = 0
    sha256: str = ""


def export(out: IO[bytes], asked: ExportRange, *, key: SigningKey, at: datetime) -> Exported:
    """Write what was asked for as it is at one moment, a batch of rows in memory. Not to be called in a transaction."""
    done, digest = Exported(), hashlib.sha256()

    def put(line: str) -> None:
        encoded = f"{line}\n".encode()
        digest.update(encoded)
        out.write(encoded)

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        put(
            _json({"form": FORM, "at": at.isoformat(), **asked.facts(), "public_key": key.public, "seal": _last_seal()})
        )
        for rows in _batches(asked):
            words = _words(rows) if asked.texts else {}
            for row in rows:
                put(_line(row, words.get(row[0])))
                done.events += 1
            done.texts += sum(map(len, words.values()))
    put(_json({"events": done.events, "texts": done.texts}))
    done.sha256 = digest.hexdigest()
    out.write(f"{_json({'signature': key.sign(digest.digest())})}\n".encode())
    return done


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _last_seal() -> dict[str, Any] | None:
    seals = sealing.stored()
    return asdict(seals[-1]) if seals else None


def _batches(asked: ExportRange) -> Iterator[list[tuple[Any, ...]]]:
    kind, subject = asked.subject or ("", 0)
    given: dict[str, Any] = {"kind": kind, "subject": subject, "limit": _BATCH, "after": 0}
    given |= {"since": asked.since or datetime.min.replace(year=1900, tzinfo=UTC)}
    given |= {"until": asked.until or datetime.max.replace(microsecond=0, tzinfo=UTC)}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, given)
            rows = cursor.fetchall()
        if rows:
            yield rows
        if len(rows) < _BATCH:
            return
        given["after"] = rows[-1][0]


def _words(rows: Sequence[tuple[Any, ...]]) -> dict[int, dict[str, dict[str, str]]]:
    """The free texts of these events with what their digests are made of; a redacted one is empty."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    for text in EventText.objects.filter(event_id__in=[row[0] for row in rows]).order_by("id"):
        found.setdefault(text.event_id, {})[text.key] = {"text": text.text, "salt": text.salt}
    return found


def _line(row: tuple[Any, ...], words: dict[str, dict[str, str]] | None) -> str:
    """``data`` and ``texts`` stand as PostgreSQL writes them: the hash was made of that."""
    event_id, kind, subject, seq, what, at, actor, role, visible, data, texts, before, own = row
    head = _json({"id": event_id, "subject": f"{kind}:{subject}", "seq": seq, "kind": what, "at": at.isoformat()})
    person = _json({"actor": actor, "role": role, "visible": visible})
    proof = _json({"prev_hash": before, "hash": own} | ({} if words is None else {"words": words}))
    return f'{head[:-1]}, {person[1:-1]}, "data": {data}, "texts": {texts}, {proof[1:]}'
