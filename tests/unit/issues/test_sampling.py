"""Which verdicts by web are checked: via × known × how manieth (docs/rules/privacy.md#verdicts-that-are-checked)."""

from datetime import date

import pytest

from issues.sampling import is_due, series_of


@pytest.mark.parametrize(
    ("officers_nth", "due"),
    [
        (1, set(range(1, 41))),
        (2, {5, 10, 15, 20, 25, 30, 35, 40}),
        (None, {5, 10, 15, 20, 25, 30, 35, 40}),
    ],
)
def test_of_the_marked_every_fifth_and_an_officers_first_in_a_month(officers_nth: int | None, due: set[int]) -> None:
    assert {nth for nth in range(1, 41) if is_due(known=True, officers_nth=officers_nth, nth=nth)} == due


@pytest.mark.parametrize("officers_nth", [None, 1, 2])
def test_of_the_rest_every_twentieth(officers_nth: int | None) -> None:
    assert {nth for nth in range(1, 41) if is_due(known=False, officers_nth=officers_nth, nth=nth)} == {20, 40}


def test_what_is_counted() -> None:
    on = date(2026, 3, 31)
    assert series_of(known=True, officer_id=7, on=on) == ("officer:7:2026-03", "known")
    assert series_of(known=True, officer_id=None, on=on) == ("known",)
    assert series_of(known=False, officer_id=7, on=on) == ("other",)
