"""Changing the calendar: what differs, what is kept of before, who is told that it moved meanwhile."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from deadlines.calendar import WorkCalendar
from deadlines.calendar_changes import (
    ChangeRefused,
    apply_changes,
    calendars_around,
    calendars_with,
    difference,
    digest,
)
from deadlines.models import CalendarChange, CalendarDay, ChangeSource, DaySource
from deadlines.notice import parse_notice
from deadlines.services import load_calendar, refresh_calendar
from tests.support.cast import NOW

pytestmark = pytest.mark.django_db
NOTICE_2027 = """2027年部分节假日安排
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至3日（周一）放假，共3天。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""
MONDAY = date(2026, 3, 23)


@pytest.fixture
def admin() -> User:
    refresh_calendar(at=NOW)
    return User.objects.create_user("admin", password="a-long-password")


def change_days(admin: User, days: dict[date, tuple[bool, str]]) -> CalendarChange:
    return apply_changes(
        wanted=days, source=ChangeSource.DAY, year=None, shown=digest(difference(days)), by_id=admin.pk, at=NOW
    )


def same(one: WorkCalendar, other: WorkCalendar) -> bool:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(800)]
    return all(
        one.is_workday(on) == other.is_workday(on) and one.is_estimated(on) == other.is_estimated(on) for on in days
    )


def test_a_notice_makes_its_year_certain(admin: User) -> None:
    wanted = parse_notice(NOTICE_2027).whole_year()
    changes = difference(wanted)
    assert len(changes) == 365, "every day of the year was a guess"
    moving = {change.on for change in changes if change.moves}
    assert {date(2027, 1, 31), date(2027, 2, 20), date(2027, 9, 26), date(2027, 10, 9)} <= moving
    before = load_calendar()
    made = apply_changes(
        wanted=wanted, source=ChangeSource.NOTICE, year=2027, shown=digest(changes), by_id=admin.pk, at=NOW
    )
    after = load_calendar()
    assert after.version == made.pk
    assert after.is_workday(date(2027, 1, 31))
    assert not after.is_workday(date(2027, 2, 8))
    assert not after.any_estimated(date(2027, 1, 1), date(2027, 12, 31))
    assert before.any_estimated(date(2027, 1, 1), date(2027, 12, 31))
    assert CalendarDay.objects.get(on=date(2027, 2, 8)).source == DaySource.NOTICE
    assert difference(wanted) == []
    refresh_calendar(at=NOW)
    assert load_calendar().is_workday(date(2027, 1, 31)), "a later refresh leaves the notice alone"


def test_the_notice_of_a_known_year_changes_nothing(admin: User) -> None:
    known = {on: (row.workday, "") for on, row in CalendarDay.objects.in_bulk().items() if on.year == 2026}
    assert difference(known) == []
    with pytest.raises(ChangeRefused, match="没有需要保存的改动"):
        change_days(admin, {MONDAY: (True, "")})


def test_what_was_shown_is_what_is_written(admin: User) -> None:
    wanted = {MONDAY: (False, "台风")}
    shown = digest(difference(wanted))
    change_days(admin, {MONDAY: (False, "停水")})
    with pytest.raises(ChangeRefused, match="刚刚被别人改过"):
        apply_changes(wanted=wanted, source=ChangeSource.DAY, year=None, shown=shown, by_id=admin.pk, at=NOW)
    assert CalendarDay.objects.get(on=MONDAY).name == "停水"


def test_a_date_far_away_is_refused(admin: User) -> None:
    with pytest.raises(ChangeRefused, match="太远"):
        change_days(admin, {date(2062, 3, 23): (False, "")})


def test_the_calendar_around_each_change_can_be_had_again(admin: User) -> None:
    first = load_calendar()
    one = change_days(admin, {MONDAY: (False, "台风")})
    second = load_calendar()
    two = change_days(admin, {MONDAY: (True, ""), date(2026, 3, 28): (True, "台风")})
    third = load_calendar()
    for change, before, after in ((one, first, second), (two, second, third)):
        old, new = calendars_around(change)
        assert same(old, before)
        assert same(new, after)
        assert new.version == change.pk


def test_what_only_gets_a_name_moves_nothing(admin: User) -> None:
    made = change_days(admin, {MONDAY: (True, "植树日")})
    assert made.finished_at == NOW
    assert made.before == {}


def test_a_change_can_be_looked_at_before_it_is_made(admin: User) -> None:
    old, new = calendars_with(difference({MONDAY: (False, "台风")}))
    assert same(old, load_calendar())
    assert (old.is_workday(MONDAY), new.is_workday(MONDAY)) == (True, False)
    assert not CalendarChange.objects.exists()
