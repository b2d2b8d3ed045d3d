"""Makes blocks of synthetic issues, in worker processes or in this one."""

import base64
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import wait
from random import Random
from typing import Final

from django.db import connections

from issues.enums import Kind
from seeds.load.journeys import FILES, LONGEST, Ids, Journey
from seeds.load.ledger import Ledger
from seeds.load.records import Clocking
from seeds.load.reference import Reference
from seeds.load.rows import IssueIdentity, Lines, Photo, write
from seeds.load.texts import IssueTexts
from seeds.load.timeline import LoadTimeline, instant

_SALT: Final = 16
"""Hex digits of a salt, as in journal.services."""
_TEXTS: Final = LONGEST + 8
"""At most so many free texts has an issue."""
_MOST_PERSONS: Final = 4
"""One fewer than a collective matter (群体性诉求) has."""
_SHARE_JOINING: Final = 0.6


@dataclass(frozen=True)
class LoadPlan:
    """All that is decided before the first issue is made."""

    reference: Reference
    timeline: LoadTimeline
    seed: int
    open_share: float
    first_pk: int
    first_event_id: int
    first_file_id: int
    first_commitment_id: int
    photo: Photo
    first_serials: Sequence[tuple[int, int, int]]
    """(first index, year, serial of that first one), in order."""
    contacts: Sequence[int]
    now: datetime

    def numbered(self, index: int) -> tuple[int, int]:
        """Year and serial of an issue."""
        first, year, serial = next(row for row in reversed(self.first_serials) if row[0] <= index)
        return year, serial + index - first

    def unfinished(self, index: int, chance: float) -> bool:
        """Whether the issue is still open: of the newest, most; ``open_share`` of all."""
        if self.open_share <= 0.5:
            newest = self.timeline.count - 1 - index
            window = self.open_share * 2 * self.timeline.count
            return newest < window and chance < 1 - newest / window
        return chance < 1 - 2 * (1 - self.open_share) * (1 - (index + 0.5) / self.timeline.count)


_plan: LoadPlan | None = None


def prepare(plan: LoadPlan) -> None:
    """What a worker process does first: leave the parent's connection and Ctrl-C to the parent, and end with it."""
    global _plan  # noqa: PLW0603 (one plan per worker process)
    _plan = plan
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for connection in connections.all(initialized_only=True):
        connection.connection = None
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def block_in_worker(span: tuple[int, int]) -> dict[str, bytes]:
    """``block`` with the plan of ``prepare``."""
    if _plan is None:
        raise RuntimeError("the worker was not prepared")
    return block(_plan, *span)


def block(plan: LoadPlan, start: int, stop: int) -> dict[str, bytes]:
    """Issues ``start`` to ``stop`` (excluded) as COPY's text, by table."""
    random = Random(f"{plan.seed}:{start}")
    clocking = Clocking(plan.reference)
    lines, now = Lines(), int(plan.now.timestamp())
    joins = Joins(random, plan.now)
    waiting: list[tuple[Ledger, IssueIdentity, IssueTexts]] = []
    entropy = os.urandom(16 * (stop - start))
    for index in range(start, stop):
        journey = Journey(random, plan.reference, clocking, plan.contacts)
        places = journey.community.places
        place = random.choice(places) if places and random.random() < 0.85 else None
        names = place.names if place else ()
        confidential = journey.kind == Kind.REPORT
        words = IssueTexts(random, journey.category.code, journey.community.name, names, confidential=confidential)
        logged = plan.timeline.logged(index)
        unfinished = plan.unfinished(index, random.random())
        year, serial = plan.numbered(index)
        ids = Ids(serial, plan.first_file_id + index * FILES, plan.first_commitment_id + index)
        ledger = journey.walk(logged, now, unfinished=unfinished, title=words.title, ids=ids)
        outside = (
            f"SZ{instant(logged):%y%m%d}{random.randint(10000, 99999)}" if journey.source == "hotline_12345" else ""
        )
        offset = (index - start) * 16
        identity = IssueIdentity(
            pk=plan.first_pk + index,
            subdistrict_id=plan.reference.subdistrict_id,
            year=year,
            serial=serial,
            number=f"{plan.reference.area}-{year}-{serial:06d}",
            token=base64.urlsafe_b64encode(entropy[offset : offset + 16]).decode().rstrip("="),
            first_event_id=plan.first_event_id + index * LONGEST,
            external_number=outside,
            neighbourhood_id=place.neighbourhood_id if place else None,
            building_id=place.building_id if place else None,
        )
        if not joins.take(journey, ledger, identity.pk):
            write(lines, ledger, identity, words, salts=_salts(), plan=plan)
            continue
        waiting.append((ledger, identity, words))
    for ledger, identity, words in waiting:
        write(lines, ledger, identity, words, salts=_salts(), plan=plan)
    return lines.packed()


class Joins:
    """Open matters that others of the same community may join, as long as a block is made.

    A matter that may be joined is written last: each joining is an event of its own.
    """

    def __init__(self, random: Random, now: datetime) -> None:
        self._random, self._now = random, now
        self._open: dict[int, tuple[Ledger, int]] = {}

    def take(self, journey: Journey, ledger: Ledger, pk: int) -> bool:
        """Let the matter join another where it can; True where others may join it from now on."""
        community_id = ledger.community.pk
        if ledger.status == "submitted" and ledger.contact_id is not None and community_id in self._open:
            self._join(journey, ledger, pk, *self._open[community_id])
            return False
        if ledger.status == "in_progress" and not ledger.external and not ledger.running("respond"):
            self._open[community_id] = (ledger, pk)
            return True
        return False

    def _join(self, journey: Journey, ledger: Ledger, pk: int, master: Ledger, master_pk: int) -> None:
        at = max(ledger.changed_at, master.changed_at) + timedelta(minutes=10)
        if at > self._now or master.persons >= _MOST_PERSONS or self._random.random() > _SHARE_JOINING:
            return
        if ledger.contact_id in master.reporters:
            return
        ledger.merge(at, journey.clerk, master_pk)
        master.is_joined(at, journey.clerk, pk, ledger.contact_id)


def _salts() -> list[str]:
    text = os.urandom(_TEXTS * _SALT // 2).hex()
    return [text[position : position + _SALT] for position in range(0, len(text), _SALT)]
