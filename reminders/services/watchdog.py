"""Noting that a periodic job ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.clock import now
from reminders.models import Watchdog


@contextmanager
def watched(job: str) -> Iterator[dict[str, Any]]:
    """Note start, end and result of one run of ``job``; the caller fills the dictionary.

    A run that fails leaves an end before its start.
    """
    Watchdog.objects.update_or_create(job=job, defaults={"started_at": now()})
    result: dict[str, Any] = {}
    yield result
    Watchdog.objects.filter(job=job).update(finished_at=now(), result=result)
