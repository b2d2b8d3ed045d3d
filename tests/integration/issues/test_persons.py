"""One case, n persons: the same number is the same person, whoever leaves no number is one each."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from issues.models import Issue
from issues.replay.rules import differences
from journal.models import Event
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.django_db

OTHER, THIRD, FOURTH, FIFTH = (f"1990000{tail}" for tail in (2345, 3456, 4567, 5678))
NOBODY = ""


def joined(
    world: World, phones: Sequence[str], *, apart: timedelta = timedelta(minutes=1)
) -> tuple[Issue, list[Issue]]:
    """A matter of the first number, and one of each other number that joined it, ``apart`` from each other."""
    first, *others = phones
    master = world.create(at=NOW, contact_phone=first)
    rows = []
    for place, phone in enumerate(others, start=1):
        at = NOW + place * apart
        row = world.create(at=at, contact_phone=phone, contact_name="李小四" if phone else "")
        rows.append(world.act(row, "merge", at=at + timedelta(seconds=30), master=master.number))
    return Issue.objects.get(pk=master.pk), rows


def holds(issue: Issue) -> None:
    """What the row counts is what its journal says."""
    assert differences(Event.objects.of("issue", issue.pk).order_by("seq"), issue) == {}


CASES = [
    ([PHONE, PHONE], 1),
    ([PHONE, OTHER], 2),
    ([PHONE, OTHER, PHONE, OTHER], 2),
    ([NOBODY, NOBODY], 2),
    ([PHONE, NOBODY, PHONE], 2),
    ([NOBODY, PHONE, PHONE], 2),
    (["+86 199 0000 1234", PHONE], 1),
]


@pytest.mark.parametrize(("phones", "persons"), CASES)
def test_the_same_number_is_one_person(world: World, phones: list[str], persons: int) -> None:
    master, rows = joined(world, phones)
    assert (master.persons, master.joined_count) == (persons, len(rows))
    holds(master)


def test_the_count_does_not_say_that_an_open_and_a_confidential_reporter_are_one(world: World) -> None:
    master = world.create(at=NOW, contact_phone=PHONE)
    for minutes, confidential, persons in ((1, True, 2), (2, True, 2), (3, False, 2)):
        row = world.create(at=NOW + timedelta(minutes=minutes), contact_phone=PHONE, confidential=confidential)
        world.act(row, "merge", at=NOW + timedelta(minutes=minutes, seconds=30), master=master.number)
        master.refresh_from_db()
        assert master.persons == persons
    holds(master)
    world.act(master, "edit", at=NOW + timedelta(minutes=5), confidential=True)
    master.refresh_from_db()
    assert master.persons == 2
    holds(master)


def test_a_matter_taken_back_takes_only_its_own_reporter_away(world: World) -> None:
    master, (again, other) = joined(world, [PHONE, PHONE, OTHER])
    world.act(again, "unmerge", at=NOW + timedelta(hours=1))
    master.refresh_from_db()
    assert (master.persons, master.joined_count) == (2, 1)
    world.act(other, "unmerge", at=NOW + timedelta(hours=2))
    master.refresh_from_db()
    assert (master.persons, master.joined_count) == (1, 0)
    holds(master)


def test_a_case_that_joins_another_is_counted_once(world: World) -> None:
    first, _rows = joined(world, [PHONE, OTHER])
    second, _more = joined(world, [OTHER, THIRD])
    world.act(first, "merge", at=NOW + timedelta(hours=1), master=second.number)
    second.refresh_from_db()
    assert (second.persons, second.joined_count) == (3, 3)
    holds(second)
    holds(Issue.objects.get(pk=first.pk))


@pytest.mark.parametrize(
    ("phones", "apart", "collective"),
    [
        ([PHONE] * 6, timedelta(minutes=1), False),
        ([PHONE, OTHER, THIRD, FOURTH, FOURTH, PHONE], timedelta(minutes=1), False),
        ([PHONE, OTHER, THIRD, FOURTH, FIFTH], timedelta(minutes=1), True),
        ([PHONE, PHONE, OTHER, THIRD, FOURTH, FIFTH], timedelta(minutes=1), True),
        ([PHONE, OTHER, THIRD, FOURTH, NOBODY], timedelta(minutes=1), True),
        ([PHONE, OTHER, THIRD, FOURTH, FIFTH], timedelta(days=2), False),
    ],
)
def test_five_people_within_seven_days_are_a_collective_matter(
    world: World, phones: list[str], apart: timedelta, collective: bool
) -> None:
    master, _rows = joined(world, phones, apart=apart)
    assert (master.collective_at is not None) is collective
    holds(master)


def test_a_matter_that_its_own_reporter_joined_is_not_withdrawn_under_it(world: World) -> None:
    """One person, two matters: the second would be left in a case that nobody works on."""
    from issues.services.errors import IssueError

    master, _rows = joined(world, [PHONE, PHONE])
    with pytest.raises(IssueError):
        world.act(master, "withdraw", by="resident", at=NOW + timedelta(hours=1))


@pytest.mark.parametrize(("corrected", "persons"), [(OTHER, 1), (THIRD, 2)])
def test_a_corrected_number_counts_the_case_anew(world: World, corrected: str, persons: int) -> None:
    master, _rows = joined(world, [PHONE, OTHER])
    world.act(master, "edit", at=NOW + timedelta(hours=1), contact_phone=corrected)
    master.refresh_from_db()
    assert (master.persons, master.joined_count) == (persons, 1)
    holds(master)


def test_a_corrected_number_can_make_a_case_collective(world: World) -> None:
    master, _rows = joined(world, [PHONE, PHONE, OTHER, THIRD, FOURTH])
    assert (master.persons, master.collective_at) == (4, None)
    at = NOW + timedelta(hours=1)
    world.act(master, "edit", at=at, contact_phone=FIFTH)
    master.refresh_from_db()
    assert (master.persons, master.collective_at) == (5, at)
    holds(master)
