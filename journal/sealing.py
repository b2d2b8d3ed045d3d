"""Seals over the whole journal that leave the database, so that rewriting it is found even if every chain was redone.

The digest runs over the hashes of all events in the order of their ids: ``d = sha256(d ‖ hash)``, beginning with 32
zero bytes. So a seal needs no other one to be checked, and its making reads what came since the last.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.core.mail import EmailMessage
from django.db import connection, transaction

from journal.models import JournalSeal

BATCH: Final = 20_000
LOCK: Final = 20261130
MAIL: Final = "mailto:"


@dataclass(frozen=True)
class SealLine:
    """A seal as it stands outside: when it was made, the last event it covers, how many there are, their digest."""

    at: str
    through: int
    events: int
    digest: str


class SealError(Exception):
    """A seal could not be read or written; the message says which."""


def seal(at: datetime) -> JournalSeal | None:
    """JournalSeal what was written since the last seal; None where that is nothing. Not to be called in a transaction.

    ``journal_settled`` waits for those who are writing, so that no event with a smaller id comes after it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT journal_settled()")
        through = cursor.fetchone()[0] or 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = JournalSeal.objects.order_by("through").last()
        running = Running(last.events, bytes.fromhex(last.digest)) if last else Running()
        after = last.through if last else 0
        if through <= after:
            return None
        for _id, digest in _hashes(after, through):
            running.add(digest)
        return JournalSeal.objects.create(at=at, through=through, events=running.events, digest=running.digest.hex())


def send(to: str, at: datetime) -> int:
    """Bring every seal that has not left yet to ``to``, a file or ``mailto:`` an address; returns how many.

    One that was written but not noted goes again: the same line twice does no harm. Raises SealError.
    """
    sent = 0
    for row in JournalSeal.objects.filter(sent_at=None).order_by("through"):
        line = json.dumps(asdict(SealLine(row.at.isoformat(), row.through, row.events, row.digest)))
        if to.startswith(MAIL):
            EmailMessage(f"日志封印 journal seal {row.at:%Y-%m-%d}", f"{line}\n", to=[to.removeprefix(MAIL)]).send()
        else:
            _append(Path(to), line)
        JournalSeal.objects.filter(pk=row.pk).update(sent_at=at)
        sent += 1
    return sent


def _append(path: Path, line: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SealError(f"the seal could not be written to {path}: {error.strerror}") from error


def read(path: Path) -> list[SealLine]:
    """The seals of a file, whatever else stands in it (headers of mails). Raises SealError where it has none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise SealError(f"{path} cannot be read: {error.strerror}") from error
    found = [SealLine(**json.loads(line)) for line in lines if line.startswith('{"at": ')]
    if not found:
        raise SealError(f"{path} holds no seals")
    return found


def stored() -> list[SealLine]:
    """The seals as the database has them: they find only what was done without touching them."""
    rows = JournalSeal.objects.order_by("through").values_list("at", "through", "events", "digest")
    return [SealLine(at.isoformat(), through, events, digest) for at, through, events, digest in rows]


def broken_seal(seals: Sequence[SealLine]) -> SealLine | None:
    """The first seal that the journal does not hold to; None where it holds to all. Reads every event once."""
    running, waiting = Running(), sorted(set(seals), key=lambda row: row.through)
    if not waiting:
        return None
    rows = _hashes(0, waiting[-1].through)
    event = next(rows, None)
    for row in waiting:
        while event is not None and event[0] <= row.through:
            running.add(event[1])
            event = next(rows, None)
        if (running.events, running.digest.hex()) != (row.events, row.digest):
            return row
    return None


@dataclass
class Running:
    """The digest so far."""

    events: int = 0
    digest: bytes = bytes(32)

    def add(self, digest: bytes) -> None:
        """The hash of the next event."""
        self.events += 1
        self.digest = hashlib.sha256(self.digest + digest).digest()


def _hashes(after: int, through: int) -> Iterator[tuple[int, bytes]]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, hash FROM journal_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
                [after, through, BATCH],
            )
            rows = cursor.fetchall()
        for event_id, digest in rows:
            yield event_id, bytes(digest)
        if len(rows) < BATCH:
            return
        after = rows[-1][0]
