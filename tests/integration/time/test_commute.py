"""Two changes that act on the same clock lead to the same due time in either order (docs/rules/time.md).

Every pair, done to a matter in work by the services: what is done in a moment in both orders; a deferral, which takes
three days, with the other before it, meanwhile and after it. ``make test`` tries a sample of the pairs.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest

from deadlines import calendar_changes
from deadlines import services as deadlines
from deadlines.models import CalendarDay, ChangeSource, Deadline
from issues.models import Issue
from reminders.services.recounting import recount_changes
from tests.support.cast import NOW, World
from tests.support.sampling import sampled

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
Change = Callable[[World, Issue, datetime], None]


def _edit(**given: str) -> Change:
    return lambda world, issue, at: _act(world, issue, "edit", "clerk", at, **given)


def _act(world: World, issue: Issue, action: str, by: str, at: datetime, **data: object) -> None:
    world.act(issue, action, by, at, **data)


def _extension(world: World, issue: Issue, at: datetime) -> None:
    _act(world, issue, "request_extension", "officer", at, days=2, reason="等配件")
    _act(world, issue, "grant_extension", "supervisor", at + HOUR)


def _visited(world: World, issue: Issue, at: datetime) -> None:
    """A matter that is due soon joins it, and is taken out again."""
    other = world.make_issue("in_progress", at=at - HOUR, category="0402", level="urgent")
    _act(world, other, "merge", "supervisor", at, master=issue.number)
    _act(world, other, "unmerge", "supervisor", at + HOUR)


def _visiting(world: World, issue: Issue, at: datetime) -> None:
    """It joins another matter, and is taken out again."""
    other = world.make_issue("in_progress", at=at - HOUR, category="0402", level="urgent")
    _act(world, issue, "merge", "supervisor", at, master=other.number)
    _act(world, issue, "unmerge", "supervisor", at + HOUR)


def _calendar(day: date) -> Change:
    def correct(world: World, _issue: Issue, at: datetime) -> None:
        wanted = {day: (not deadlines.load_calendar().is_workday(day), "")}
        shown = calendar_changes.digest(calendar_changes.difference(wanted))
        calendar_changes.apply_changes(
            wanted=wanted,
            source=ChangeSource.DAY,
            year=None,
            shown=shown,
            by_id=world.people["admin"].pk,
            at=at,
        )
        recount_changes(clock=lambda: at)
        recount_changes(clock=lambda: at + timedelta(minutes=2))

    return correct


CHANGES: dict[str, Change] = {
    "extension": _extension,
    "kind": _edit(kind="complaint"),
    "level": _edit(level="complex"),
    "category": _edit(category="0202"),
    "outside": _edit(external_due_at="2026-03-27T12:00:00+08:00"),
    "visited": _visited,
    "visiting": _visiting,
    "a free day to come": _calendar(date(2026, 3, 25)),
    "a day that is past": _calendar(date(2026, 3, 19)),
}
_ASKED = {"reason": "funding", "until": "2026-04-20", "interim_answer": "资金在批"}
DEFERRAL: list[tuple[timedelta, Change]] = [
    (timedelta(days=1, hours=5), lambda w, i, at: _act(w, i, "request_suspension", "officer", at, **_ASKED)),
    (timedelta(days=1, hours=6), lambda w, i, at: _act(w, i, "grant_suspension", "supervisor", at)),
    (timedelta(days=5, hours=2), lambda w, i, at: _act(w, i, "resume", "officer", at)),
]
PLACES = {"before": timedelta(days=1), "meanwhile": timedelta(days=2), "after": timedelta(days=6)}
NOT_MEANWHILE = {"extension", "visiting"}
"""An extension is asked for in work only; a deferred matter that is merged comes back to work."""


@pytest.mark.parametrize(("one", "other"), sampled(combinations(CHANGES, 2), 3))
def test_two_changes_commute(world: World, one: str, other: str) -> None:
    dates = {}
    for first, second in ((one, other), (other, one)):
        issue = _in_work(world)
        CHANGES[first](world, issue, NOW + timedelta(days=1))
        CHANGES[second](world, issue, NOW + timedelta(days=1, hours=3))
        dates[first] = _handle(issue)
        _restore(world)
    assert dates[one] == dates[other]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_commutes_with_a_deferral(world: World, name: str) -> None:
    dates = {}
    for place, later in PLACES.items():
        if place == "meanwhile" and name in NOT_MEANWHILE:
            continue
        issue = _in_work(world)
        steps = [*DEFERRAL, (later, CHANGES[name])]
        for moment, change in sorted(steps, key=lambda step: step[0]):
            change(world, issue, NOW + moment)
        dates[place] = _handle(issue)
        _restore(world)
    assert len(set(dates.values())) == 1, dates


def _in_work(world: World) -> Issue:
    """求助, five working days: nothing here makes it late."""
    if not CalendarDay.objects.exists():
        deadlines.refresh_calendar(at=NOW, first_year=2025, last_year=2028)
    return world.make_issue("in_progress", category="0402", kind="help")


def _handle(issue: Issue) -> tuple[datetime, str, str]:
    row = Deadline.objects.of("issue", issue.pk).get(kind="handle", state="running")
    return row.due_at, row.limit, row.rule


def _restore(world: World) -> None:
    for on, works in ((date(2026, 3, 25), True), (date(2026, 3, 19), True)):
        CalendarDay.objects.filter(on=on).update(workday=works)
    deadlines.forget()
