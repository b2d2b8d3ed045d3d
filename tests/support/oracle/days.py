"""The working calendar by counting: a plain set of days, walked one by one. Shares no code with the application."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
HALVES = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))


def local(at: datetime) -> datetime:
    """The moment on the wall's clock."""
    return at.astimezone(SHANGHAI)


class Days:
    """Which days are worked, and counting on them. ``known`` names days; others are worked Monday to Friday."""

    def __init__(self, known: dict[date, bool]) -> None:
        self.known = known

    def works(self, on: date) -> bool:
        return self.known.get(on, on.isoweekday() <= 5)

    # Days

    def morning(self, on: date) -> datetime:
        return datetime.combine(on, time(8, 30), SHANGHAI)

    def closing(self, on: date) -> datetime:
        return datetime.combine(on, time(17, 30), SHANGHAI)

    def later(self, on: date, count: int) -> date:
        """The ``count``-th working day after ``on``."""
        while count:
            on += DAY
            count -= self.works(on)
        return on

    def earlier(self, on: date, count: int) -> date:
        """The ``count``-th working day before ``on``."""
        while count:
            on -= DAY
            count -= self.works(on)
        return on

    def after(self, on: date, through: date) -> int:
        """Working days after ``on`` up to and including ``through``."""
        count = 0
        while on < through:
            on += DAY
            count += self.works(on)
        return count

    def next_morning(self, at: datetime) -> datetime:
        """08:30 of the first working day that opens after ``at``."""
        on = local(at).date()
        while not self.works(on) or self.morning(on) <= at:
            on += DAY
        return self.morning(on)

    def last_morning(self, at: datetime) -> datetime:
        """08:30 of the last working day that has opened by ``at``."""
        on = local(at).date()
        while not self.works(on) or self.morning(on) > at:
            on -= DAY
        return self.morning(on)

    def closing_from(self, at: datetime) -> datetime:
        """17:30 of the first working day whose 17:30 is not past."""
        on = local(at).date()
        while not self.works(on) or self.closing(on) < at:
            on += DAY
        return self.closing(on)

    # Office time

    def halves(self, on: date) -> list[tuple[datetime, datetime]]:
        """Morning and afternoon of a day, from and until; none of a day off."""
        if not self.works(on):
            return []
        return [(datetime.combine(on, a, SHANGHAI), datetime.combine(on, b, SHANGHAI)) for a, b in HALVES]

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Office time from ``start`` to ``end``; below zero where they are the other way round."""
        if end < start:
            return -self.worked(end, start)
        total, on = NOTHING, local(start).date()
        while on <= local(end).date():
            for opens, closes in self.halves(on):
                total += max(NOTHING, min(closes, end) - max(opens, start))
            on += DAY
        return total

    def reach(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest moment by which this much office time has gone by since ``start``; for none: the opening."""
        on = local(start).date()
        while True:
            for opens, closes in self.halves(on):
                here = max(opens, local(start))
                if here >= closes:
                    continue
                if amount <= closes - here:
                    return here + amount
                amount -= closes - here
            on += DAY

    def back(self, end: datetime, amount: timedelta) -> datetime:
        """The earliest moment from which this much office time (more than none) goes by until ``end``."""
        on = local(end).date()
        while True:
            for opens, closes in reversed(self.halves(on)):
                here = min(closes, local(end))
                if here <= opens:
                    continue
                if amount < here - opens:
                    return here - amount
                amount -= here - opens
                if amount == NOTHING:
                    return self._closing_before(opens)
            on -= DAY

    def _closing_before(self, opens: datetime) -> datetime:
        """Nobody works between one closing and the next opening: the same place in office time, the earlier moment."""
        on = opens.date()
        while True:
            for _opens, closes in reversed(self.halves(on)):
                if closes < opens:
                    return closes
            on -= DAY
