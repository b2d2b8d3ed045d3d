"""Stamps blocks of synthetic issues, in worker processes or in this one."""

import base64
import multiprocessing
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import wait
from random import Random

from django.db import connections

from issues.enums import Source
from seeds.load.reference import CommunityRef, Reference
from seeds.load.schedule import LoadBlock, Schedule, Stamping
from seeds.load.templates import NULL, Own
from seeds.load.texts import IssueTexts


@dataclass(frozen=True)
class LoadPlan:
    """All that is decided before the first issue is stamped. ``firsts``: the first id in each table."""

    reference: Reference
    seed: int
    schedule: Schedule
    firsts: Mapping[str, int]
    contacts: Sequence[int]


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


def stamp_in_worker(block: LoadBlock) -> dict[str, bytes]:
    """``stamp`` with the plan of ``prepare``."""
    if _plan is None:
        raise RuntimeError("the worker was not prepared")
    return stamp(_plan, block)


def stamp(plan: LoadPlan, block: LoadBlock) -> dict[str, bytes]:
    """The block's issues as COPY's text, by table."""
    random = Random(f"{plan.seed}:{block.start}")
    firsts = {table: first + block.firsts.get(table, 0) for table, first in plan.firsts.items()}
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for stamping in plan.schedule.stampings(block):
        template = stamping.template
        own = list(_own(plan, stamping, random))
        for table, text in template.stamp(stamping.day, firsts, own).items():
            lines[table].append(text)
            firsts[table] += template.counts[table]
    return {table: "".join(texts).encode() for table, texts in lines.items()}


def _own(plan: LoadPlan, stamping: Stamping, random: Random) -> Iterator[Own]:
    """What each issue of a stamping has for itself: its number, its words, its place, who reported it."""
    journey, year = stamping.template.journey, stamping.year
    for number, contact_id in enumerate(random.sample(plan.contacts, stamping.template.size)):
        serial = stamping.serial + number
        words, place = _words(random, journey.community, journey.category.code, confidential=journey.kind == "report")
        own: dict[str, object] = {
            "year": year,
            "serial": serial,
            "number": f"{plan.reference.area}-{year}-{serial:06d}",
            "token": base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("="),
            "contact_id": contact_id,
            "title": words.title,
            "description": words.description,
            "address": words.address,
            "lexemes": " ".join(words.lexemes),
            **place,
        }
        if journey.source == Source.HOTLINE_12345:
            own["external_number"] = f"SZ{date.fromordinal(stamping.day):%y%m%d}{random.randint(10000, 99999)}"
        yield own


def _words(
    random: Random, community: CommunityRef, category: str, *, confidential: bool
) -> tuple[IssueTexts, dict[str, object]]:
    place = random.choice(community.places) if community.places and random.random() < 0.85 else None
    words = IssueTexts(random, category, community.name, place.names if place else (), confidential=confidential)
    return words, {
        "neighbourhood_id": place.neighbourhood_id if place else NULL,
        "building_id": place.building_id if place and place.building_id else NULL,
    }
