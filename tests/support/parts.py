"""Which tests are quick: the part that people run before each landing, and the rest that continuous integration adds.

``make test`` is the quick part, ``make test-rest`` everything else; each test is in one of the two. Marked ``long``
is what keeps the machine for some ten seconds or more: processes killed and started, whole loads, every page of a
walk. And where a table generates tests of the database, a few of its rows are quick, the same in every run.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b

import pytest

ROWS = 2
"""So many rows of one generated test of the database are quick."""

TOUCHING = frozenset({"db", "world", "transactional_db", "live_server"})
"""What a test asks for that works with the database, where no mark says so."""


PARTS = ("all", "quick", "rest")


def part_of(items: Sequence[pytest.Item], part: str) -> set[pytest.Item]:
    """Those of these tests that are in this one of PARTS."""
    if part == "all":
        return set(items)
    return quick(items) if part == "quick" else set(items) - quick(items)


def quick(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Those of these tests that are quick."""
    rows = defaultdict(list)
    for item in items:
        if not item.get_closest_marker("long"):
            generated = touches(item) and getattr(item, "callspec", None)
            rows[item.nodeid.partition("[")[0] if generated else item.nodeid].append(item)
    return {item for each in rows.values() for item in sorted(each, key=_rank)[:ROWS]}


def touches(item: pytest.Item) -> bool:
    """Whether the test works with the database."""
    return bool(item.get_closest_marker("django_db") or TOUCHING.intersection(getattr(item, "fixturenames", ())))


def _rank(item: pytest.Item) -> bytes:
    return blake2b(item.nodeid.encode("utf-8", "surrogatepass"), digest_size=8).digest()
