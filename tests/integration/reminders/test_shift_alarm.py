"""Hours that nobody is on duty are recorded once a day for each roster, until offices open again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from common.clock import SHANGHAI
from communities.models import Membership
from deadlines.duty.staffing import Span
from deadlines.models import DutyShift
from deadlines.services import load_calendar
from journal.models import Event
from journal.verification import verify
from reminders.enums import OFFICE
from reminders.services.shift_alarm import KIND, alarm_empty_shifts, hours_ahead
from tests.support.cast import World

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


WEDNESDAY = at("2026-03-18T17:00")
FRIDAY = at("2026-03-20T17:00")


def shift(world: World, starts: str, ends: str, community: str = "") -> DutyShift:
    return DutyShift.objects.create(
        subdistrict=world.area,
        community=world.communities[community] if community else None,
        starts_at=at(starts),
        ends_at=at(ends),
        clerk=world.people["clerk"],
    )


def told(world: World, community: str = "") -> list[tuple[str, str]]:
    """The gaps on record, of the sub-district's own roster or of a community's."""
    wanted = world.communities[community].pk if community else None
    rows = Event.objects.of(OFFICE, world.area.pk).of_kinds([KIND]).order_by("seq")
    return [(row.data["starts_at"][5:16], row.data["ends_at"][5:16]) for row in rows if row.data["community"] == wanted]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-18T17:00", [("03-18T17:30", "03-19T08:30")]),
        ("2026-03-20T17:00", [("03-20T17:30", "03-23T08:30")]),
        ("2026-03-21T17:00", [("03-21T17:00", "03-23T08:30")]),
        ("2026-02-14T17:00", [("02-14T17:30", "02-24T08:30")]),
        ("2026-02-27T17:00", [("02-27T17:30", "02-28T08:30")]),
        ("2026-03-18T09:12", [("03-18T17:30", "03-19T08:30")]),
    ],
)
def test_the_hours_reach_to_the_next_opening(day: str, expected: list[tuple[str, str]]) -> None:
    found = hours_ahead(load_calendar(), at(day))
    assert [(f"{span.starts_at:%m-%dT%H:%M}", f"{span.ends_at:%m-%dT%H:%M}") for span in found] == expected


def test_an_empty_night_is_recorded_once_however_often_it_is_asked(world: World) -> None:
    assert alarm_empty_shifts(at=WEDNESDAY)["gaps"] == 2, "both sub-districts"
    assert told(world) == [("03-18T17:30", "03-19T08:30")]
    for minutes in (0, 20, 40):
        assert alarm_empty_shifts(at=WEDNESDAY + timedelta(minutes=minutes))["gaps"] == 0
    assert alarm_empty_shifts(at=WEDNESDAY + timedelta(days=1))["gaps"] == 2
    assert told(world)[1:] == [("03-19T17:30", "03-20T08:30")]
    assert verify().broken is None


def test_a_filled_night_is_not(world: World) -> None:
    shift(world, "2026-03-18T17:30", "2026-03-19T08:30")
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world) == []


def test_a_weekend_has_a_gap_between_its_shifts(world: World) -> None:
    shift(world, "2026-03-20T17:30", "2026-03-21T08:30")
    shift(world, "2026-03-22T08:30", "2026-03-22T17:30")
    alarm_empty_shifts(at=FRIDAY)
    assert told(world) == [("03-21T08:30", "03-22T08:30"), ("03-22T17:30", "03-23T08:30")]


def test_what_is_left_of_a_gap_is_not_told_again_but_a_new_one_is(world: World) -> None:
    filled = shift(world, "2026-03-20T17:30", "2026-03-21T17:30")
    alarm_empty_shifts(at=FRIDAY)
    assert told(world) == [("03-21T17:30", "03-23T08:30")]
    shift(world, "2026-03-22T08:30", "2026-03-22T17:30")
    assert alarm_empty_shifts(at=FRIDAY + timedelta(minutes=20))["gaps"] == 0
    DutyShift.objects.filter(pk=filled.pk).update(cancelled_at=FRIDAY, cancelled_by=world.people["supervisor"])
    alarm_empty_shifts(at=FRIDAY + timedelta(minutes=40))
    assert told(world)[1:] == [("03-20T17:30", "03-22T08:30")]


def test_a_community_is_asked_only_where_it_keeps_a_roster(world: World) -> None:
    shift(world, "2026-03-10T17:30", "2026-03-11T08:30", "xiadong")
    shift(world, "2026-01-10T17:30", "2026-01-11T08:30", "dade")
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world, "xiadong") == [("03-18T17:30", "03-19T08:30")]
    assert told(world, "dade") == []


def test_the_office_stands_in_for_a_community(world: World) -> None:
    shift(world, "2026-03-10T17:30", "2026-03-11T08:30", "xiadong")
    shift(world, "2026-03-18T17:30", "2026-03-19T08:30")
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world, "xiadong") == []


def test_a_community_on_duty_does_not_stand_in_for_the_office(world: World) -> None:
    shift(world, "2026-03-18T17:30", "2026-03-19T08:30", "xiadong")
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world, "xiadong") == []
    assert told(world) == [("03-18T17:30", "03-19T08:30")]


def test_whoever_works_in_another_community_now_leaves_the_shift_of_the_old_one_empty(world: World) -> None:
    shift(world, "2026-03-18T17:30", "2026-03-19T08:30")
    shift(world, "2026-03-18T17:30", "2026-03-19T08:30", "xiadong")
    Membership.objects.filter(user=world.people["clerk"]).update(community=world.communities["dade"])
    DutyShift.objects.filter(community=None).update(clerk=world.people["supervisor"])
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world, "xiadong") == []
    DutyShift.objects.filter(community=None).update(clerk=world.people["outsider"])
    alarm_empty_shifts(at=WEDNESDAY)
    assert told(world, "xiadong") == told(world) == [("03-18T17:30", "03-19T08:30")]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_record_it_once(world: World) -> None:
    together = Barrier(2)

    def run(_number: int) -> int:
        together.wait()
        try:
            return alarm_empty_shifts(at=WEDNESDAY)["gaps"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 2
    assert told(world) == [("03-18T17:30", "03-19T08:30")]


def test_joined_is_one() -> None:
    from reminders.services.shift_alarm import joined

    first, second = Span(WEDNESDAY, FRIDAY), Span(FRIDAY, FRIDAY + timedelta(days=1))
    assert joined([second, first]) == [Span(WEDNESDAY, FRIDAY + timedelta(days=1))]
