"""Making the sizes of photos, and tidying up. Each step may die at any point: the next pass finds what it left.

A worker claims a photo for ``CLAIM_FOR``; its attempt writes under names of its own, so that two workers never write
over each other, and only the attempt that still holds the claim finishes the row. The original is deleted after the
row says ready, and its name leaves the row after that.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Final

from django.db import connection, transaction

from files import pictures, storage
from files.enums import FileKind, FileState
from files.limits import CLAIM_FOR, MOST_ATTEMPTS, UNCLAIMED_FOR
from files.models import StoredFile

logger = logging.getLogger(__name__)

_BATCH: Final = 200
_PREFIXES: Final = 256
_CLAIM: Final = """
UPDATE files_storedfile SET claimed_at = %(at)s, attempts = attempts + 1 WHERE id = (
    SELECT id FROM files_storedfile WHERE state = 'waiting' AND (claimed_at IS NULL OR claimed_at <= %(before)s)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, public_id, original, attempts
"""


@dataclass(frozen=True)
class _Attempt:
    id: int
    public_id: str
    original: str
    number: int

    def name(self, size: str, number: int | None = None) -> str:
        return storage.name_of(self.public_id, f"{size}-{number or self.number}.jpg")


def prepare_waiting(*, clock: Callable[[], datetime], for_seconds: float = 20) -> dict[str, int]:
    """Make the sizes of the photos that wait, oldest first, until none is left or the time is up.

    Counts by how it went: ``ready``, ``failed``, ``later`` (the storage did not answer; tried again).
    """
    counts = {"ready": 0, "failed": 0, "later": 0}
    end = clock() + timedelta(seconds=for_seconds)
    while (at := clock()) <= end and (attempt := _claim(at)) is not None:
        counts[_prepare(attempt)] += 1
    remove_originals()
    return counts


def _claim(at: datetime) -> _Attempt | None:
    values: dict[str, datetime] = {"at": at, "before": at - CLAIM_FOR}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
    return _Attempt(*row) if row else None


def _prepare(attempt: _Attempt) -> str:
    if attempt.number > MOST_ATTEMPTS:
        return _give_up(attempt, "too many attempts")
    try:
        with storage.open_file(attempt.original) as stored:
            content = BytesIO(stored.read())
    except Exception:
        logger.exception("the original of file %s could not be read; tried again later", attempt.public_id)
        return "later"
    try:
        large, small = pictures.make_sizes(content)
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises over hostile bytes
        return _give_up(attempt, type(error).__name__)
    try:
        storage.write(attempt.name("large"), large)
        storage.write(attempt.name("small"), small)
    except Exception:
        logger.exception("the sizes of file %s could not be stored; tried again later", attempt.public_id)
        return "later"
    return _finish(attempt)


def _finish(attempt: _Attempt) -> str:
    """Name the sizes in the row, unless another attempt has taken over; then this one's are removed."""
    mine = StoredFile.objects.filter(pk=attempt.id, state=FileState.WAITING, attempts=attempt.number)
    done = mine.update(state=FileState.READY, large=attempt.name("large"), small=attempt.name("small"), claimed_at=None)
    leftover = range(1, attempt.number) if done else [attempt.number]
    storage.remove(*(attempt.name(size, number) for number in leftover for size in ("large", "small")))
    return "ready" if done else "later"


def _give_up(attempt: _Attempt, why: str) -> str:
    logger.warning("file %s cannot be shown: %s", attempt.public_id, why)
    rows = StoredFile.objects.filter(pk=attempt.id, state=FileState.WAITING, attempts=attempt.number)
    rows.update(state=FileState.FAILED, claimed_at=None)
    return "failed"


def remove_originals() -> int:
    """Delete the originals of photos whose sizes are made, or cannot be: they carry position and camera."""
    rows = StoredFile.objects.filter(kind=FileKind.PHOTO).exclude(state=FileState.WAITING).exclude(original="")
    found = list(rows.values_list("pk", "original").order_by("pk")[:_BATCH])
    for pk, original in found:
        storage.remove(original)
        StoredFile.objects.filter(pk=pk).update(original="")
    return len(found)


def forget_unclaimed(at: datetime) -> int:
    """Delete uploads that no form came back for within a day. They belong to nothing, so no history loses a part."""
    rows = StoredFile.objects.filter(owner_kind="", received_at__lte=at - UNCLAIMED_FOR)
    return _forget(rows.order_by("pk")[:_BATCH])


def forget_these(public_ids: Iterable[str]) -> int:
    """Delete these uploads of nobody at once, where no form has claimed them; how many."""
    return _forget(StoredFile.objects.filter(public_id__in=list(public_ids), owner_kind="", uploaded_by=None))


def _forget(files: Iterable[StoredFile]) -> int:
    forgotten = 0
    for file in list(files):
        deleted, _by_model = StoredFile.objects.filter(pk=file.pk, owner_kind="").delete()
        if deleted:
            _remove_all_of(file.public_id)
            forgotten += 1
    return forgotten


def forget_strays(at: datetime, prefixes: Iterable[int] | None = None) -> int:
    """Delete bytes without a row, left by a transaction that did not commit, once they are a day old.

    Looks at a sixteenth of the storage a night, unless ``prefixes`` (0 to 255) says otherwise.
    """
    night = at.toordinal() % 16
    removed = 0
    for number in range(night, _PREFIXES, 16) if prefixes is None else prefixes:
        found = storage.public_ids(f"{number:02x}")
        known = set(StoredFile.objects.filter(public_id__in=found).values_list("public_id", flat=True))
        for public_id in sorted(set(found) - known):
            if storage.last_written_at(public_id) <= at - UNCLAIMED_FOR:
                _remove_all_of(public_id)
                removed += 1
    return removed


def erase(*, owner_kind: str, owner_id: int, ids: Iterable[int]) -> int:
    """Delete these files of an owner for good; how many.

    The bytes go after the commit; what cannot be removed then has no row any more, and ``forget_strays`` finds it.
    """
    rows = StoredFile.objects.of(owner_kind, owner_id).filter(pk__in=list(ids))
    public_ids = list(rows.values_list("public_id", flat=True))
    if public_ids:
        rows.delete()
    for public_id in public_ids:
        transaction.on_commit(partial(_remove_all_of, public_id), robust=True)
    return len(public_ids)


def _remove_all_of(public_id: str) -> None:
    """Every part, then the directory that a local storage has made for them."""
    storage.remove(*storage.names_of(public_id))
    with suppress(OSError):
        storage.remove(storage.name_of(public_id, "").rstrip("/"))
