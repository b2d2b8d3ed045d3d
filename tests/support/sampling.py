"""How much of what tables generate a run tries: all of it under ``LONG=1`` (make test-long), else a sample.

The sample is the same in every run. A row is in it or not by what the row itself says: a new row of a table moves no
other one in or out but at the margin. A module that names this one stands in LONG_TESTS of the Makefile; a test sees to
it.
"""

import os
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, TypeVar

LONG = bool(os.environ.get("LONG"))
Row = TypeVar("Row", bound=tuple[Any, ...])


def length(short: int, long: int) -> int:
    """How many walks, rounds or examples: ``long`` of them under ``LONG=1``."""
    return long if LONG else short


def sampled(rows: Iterable[Row], one_in: int, seed: str = "") -> list[Row]:
    """One of ``one_in`` of these rows, in their order; every value of every column stands in one of them at least.

    A row is a tuple or a ``pytest.param``. What its values print tells them apart and is the same in every process.
    Draws from the same rows with another ``seed`` find other ones.
    """
    every = list(rows)
    if LONG:
        return every
    texts = [[str(value) for value in getattr(row, "values", row)] for row in every]
    wanted, seen, chosen = -(-len(every) // one_in), set[tuple[int, str]](), set[int]()
    drawn = sorted(range(len(every)), key=lambda place: _rank(seed, texts[place]))
    for place in drawn:
        cells = set(enumerate(texts[place]))
        if not cells <= seen:
            chosen.add(place)
            seen |= cells
    for place in drawn:
        if len(chosen) >= wanted:
            break
        chosen.add(place)
    return [row for place, row in enumerate(every) if place in chosen]


def _rank(seed: str, texts: list[str]) -> bytes:
    return blake2b("\0".join([seed, *texts]).encode("utf-8", "surrogatepass"), digest_size=8).digest()
