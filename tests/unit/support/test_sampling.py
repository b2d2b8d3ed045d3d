"""A sample of a matrix is the same in every run and leaves no row or column out."""

from itertools import product

import pytest

from tests.support import sampling

MATRIX = list(product("abcdefgh", range(10), ("x", "y")))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "LONG", False)


@pytest.mark.parametrize("one_in", [1, 3, 7, 1000])
def test_every_value_of_every_column_stands_in_it(one_in: int) -> None:
    found = sampling.sampled(MATRIX, one_in)
    for column in range(3):
        assert {row[column] for row in found} == {row[column] for row in MATRIX}
    assert len(found) == len(set(found)) >= len(MATRIX) // one_in
    assert found == sorted(found, key=MATRIX.index)


def test_it_is_as_large_as_was_said_where_that_is_enough() -> None:
    assert len(sampling.sampled(MATRIX, 4)) == 40


def test_it_is_drawn_by_what_the_rows_say() -> None:
    assert sampling.sampled([("a", 2), ("b", 1), ("a", 1), ("b", 2)], 2) == [("a", 2), ("b", 1), ("b", 2)]
    other = set(sampling.sampled(MATRIX, 3, "other"))
    assert other != set(sampling.sampled(MATRIX, 3))
    gone = [row for row in MATRIX if row[0] != "c"]
    moved = set(sampling.sampled(gone, 3)) ^ {row for row in sampling.sampled(MATRIX, 3) if row[0] != "c"}
    assert len(moved) <= 6


def test_parameters_of_pytest_are_rows_by_their_values() -> None:
    rows = [pytest.param(*row, id=f"number {number}") for number, row in enumerate(MATRIX)]
    assert [row.values for row in sampling.sampled(rows, 5)] == sampling.sampled(MATRIX, 5)


def test_a_long_run_takes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sampling.length(3, 500) == 3
    monkeypatch.setattr(sampling, "LONG", True)
    assert sampling.length(3, 500) == 500
    assert sampling.sampled(iter(MATRIX), 9) == MATRIX
