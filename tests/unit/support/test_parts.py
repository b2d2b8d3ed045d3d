"""Each test is in one of the two parts; of many rows of the database few are quick, the same in every run."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.parts import ROWS, part_of, quick


@dataclass(frozen=True)
class Item:
    """What the parts look at of a collected test."""

    nodeid: str
    callspec: Any = None
    fixturenames: tuple[str, ...] = ()
    marks: frozenset[str] = field(default_factory=frozenset)

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


def rows(name: str, number: int, *fixtures: str, marks: frozenset[str] = frozenset()) -> list[Any]:
    return [Item(f"{name}[{row}]", object(), fixtures, marks) for row in range(number)]


ALONE: list[Any] = [Item("alone"), Item("long", marks=frozenset({"long"}))]
MANY = [
    *rows("pure", 40),
    *rows("by fixture", 40, "world"),
    *rows("by mark", 40, marks=frozenset({"django_db"})),
    *rows("few", ROWS, "db"),
    *rows("rows of a long one", 3, "db", marks=frozenset({"long"})),
]


def test_each_is_in_one_of_the_two_and_all_in_all() -> None:
    items = ALONE + MANY
    fast, rest = part_of(items, "quick"), part_of(items, "rest")
    assert fast.isdisjoint(rest)
    assert fast | rest == part_of(items, "all") == set(items)


def test_of_many_rows_of_the_database_few_are_quick() -> None:
    names = [item.nodeid.partition("[")[0] for item in quick(ALONE + MANY)]
    counted = {name: names.count(name) for name in names}
    assert counted == {"alone": 1, "pure": 40, "by fixture": ROWS, "by mark": ROWS, "few": ROWS}


@pytest.mark.parametrize("order", [MANY, MANY[::-1]])
def test_they_are_the_same_in_every_run_and_order(order: list[Any]) -> None:
    assert quick(order) == quick(MANY) == quick(list(quick(MANY)))
