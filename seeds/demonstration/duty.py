"""The duty roster of the demonstration: every hour outside office hours of the coming fourteen days."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from accounts.models import User
from communities.models import SubDistrict
from deadlines.calendar import WorkCalendar, at_clock
from deadlines.models import DutyShift

DAYS: Final = 14
_CLERKS: Final = ("clerk", "govern-officer", "clerk2", "xiadong-clerk2")
_LEADERS: Final = ("deputy", "director", "deputy")
_OPEN, _NOON, _AFTERNOON, _CLOSE = time(8, 30), time(12), time(14), time(17, 30)


def load_duty(subdistrict: SubDistrict, users: Mapping[str, User], calendar: WorkCalendar, at: datetime) -> None:
    """Write the shifts that are missing, from yesterday evening on; what people arranged meanwhile stays."""
    first = at.date() - timedelta(days=1)
    present = set(
        DutyShift.objects.filter(subdistrict=subdistrict, community__isnull=True).values_list("starts_at", flat=True)
    )
    missing = [
        DutyShift(
            subdistrict=subdistrict,
            starts_at=starts_at,
            ends_at=ends_at,
            clerk=users[_CLERKS[on.toordinal() % len(_CLERKS)]],
            leader=users[_LEADERS[on.toordinal() % len(_LEADERS)]],
            phone=subdistrict.duty_phone,
        )
        for on, starts_at, ends_at in _shifts(first, calendar)
        if starts_at not in present
    ]
    DutyShift.objects.bulk_create(missing, ignore_conflicts=True)


def _shifts(first: date, calendar: WorkCalendar) -> Iterator[tuple[date, datetime, datetime]]:
    for number in range(DAYS + 1):
        on = first + timedelta(days=number)
        if calendar.is_workday(on):
            yield on, at_clock(on, _NOON), at_clock(on, _AFTERNOON)
        else:
            yield on, at_clock(on, _OPEN), at_clock(on, _CLOSE)
        yield on, at_clock(on, _CLOSE), at_clock(on + timedelta(days=1), _OPEN)
