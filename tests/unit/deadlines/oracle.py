"""A slow, obviously right calendar: it walks by minutes and days and shares no code with the application."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Oracle:
    """Counts by walking. Moments are whole minutes in Asia/Shanghai."""

    def __init__(self, days: dict[date, bool]) -> None:
        self.days = days

    def works(self, on: date) -> bool:
        return self.days[on] if on in self.days else on.isoweekday() <= 5

    def is_open(self, at: datetime) -> bool:
        """Whether the minute that begins at ``at`` is a working minute."""
        minute = at.hour * 60 + at.minute
        office = 8 * 60 + 30 <= minute < 12 * 60 or 14 * 60 <= minute < 17 * 60 + 30
        return office and self.works(at.date())

    def add_minutes(self, at: datetime, minutes: int) -> datetime:
        while minutes == 0 and not self.is_open(at):
            at += MINUTE
        while minutes:
            minutes -= self.is_open(at)
            at += MINUTE
        return at

    def minutes_between(self, start: datetime, end: datetime) -> int:
        if end < start:
            return -self.minutes_between(end, start)
        count = 0
        while start < end:
            count += self.is_open(start)
            start += MINUTE
        return count

    def days_after(self, on: date, through: date) -> int:
        """Working days after ``on`` up to and including ``through``."""
        count = 0
        while on < through:
            on += DAY
            count += self.works(on)
        return count

    def close_of(self, on: date) -> datetime:
        return datetime.combine(on, time(17, 30), SHANGHAI)

    def add_days(self, at: datetime, n: int) -> datetime:
        on = at.date()
        while n:
            on += DAY
            n -= self.works(on)
        return self.close_of(on)

    def due(self, text: str, at: datetime) -> datetime:
        amount, unit = int("".join(c for c in text if c.isdigit())), "".join(c for c in text if c.isalpha())
        match unit:
            case "wd":
                return self.add_days(at, amount)
            case "wh":
                return self.add_minutes(at, amount * 60)
            case "d":
                return self.close_of(at.date() + amount * DAY)
            case "h":
                return at + timedelta(hours=amount)
            case _:
                return at + timedelta(minutes=amount)

    def after_pause(self, text: str, due: datetime, paused: datetime, resumed: datetime) -> datetime:
        """The due time of a deadline that was not overdue when it was paused."""
        if text.endswith("wd"):
            left = self.days_after(paused.date(), due.date())
            if left:
                return self.add_days(resumed, left)
            on = resumed.date()
            while not self.works(on) or self.close_of(on) < resumed:
                on += DAY
            return self.close_of(on)
        if text.endswith("wh"):
            return self.add_minutes(resumed, self.minutes_between(paused, due))
        return resumed + (due - paused)

    def counts(self, text: str, minute: datetime) -> bool:
        """Whether this minute is part of the limit's own time."""
        return self.is_open(minute) if text.endswith(("wd", "wh")) else True

    def used(self, text: str, start: datetime, at: datetime) -> int:
        count = 0
        while start < at:
            count += self.counts(text, start)
            start += MINUTE
        return count

    def when_used(self, text: str, start: datetime, minutes: int) -> datetime:
        """The earliest moment at which this many minutes of the limit's own time are used."""
        while minutes:
            minutes -= self.counts(text, start)
            start += MINUTE
        return start

    def moment(self, offset: str, text: str, start: datetime, due: datetime) -> datetime:
        if offset == "daily":
            return self.next_morning(start)
        anchor, _minus, back = offset.partition("-")
        anchor, _plus, add = anchor.partition("+")
        total = self.used(text, start, due)
        if anchor == "start":
            at = start
        elif anchor == "half":
            at = self.when_used(text, start, total // 2)
            if total % 2:
                at = self.when_used(text, at, 1) - timedelta(seconds=30)
        elif anchor == "soon":
            at = self.soon(text, start, due, total)
        elif anchor == "due_day":
            at = datetime.combine(due.date(), time(8, 30), SHANGHAI)
        else:
            at = due
        if back:
            return self.before(back, at)
        return self.due(add, at) if add else at

    def next_morning(self, at: datetime) -> datetime:
        on = at.date()
        while not self.works(on) or datetime.combine(on, time(8, 30), SHANGHAI) <= at:
            on += DAY
        return datetime.combine(on, time(8, 30), SHANGHAI)

    def before(self, text: str, at: datetime) -> datetime:
        """So long before ``at``; days and months begin in the morning."""
        amount, unit = int("".join(c for c in text if c.isdigit())), "".join(c for c in text if c.isalpha())
        on = at.date()
        match unit:
            case "wd":
                while amount:
                    on -= DAY
                    amount -= self.works(on)
            case "d":
                on -= amount * DAY
            case "mo":
                on = self.months_before(on, amount)
            case "wh":
                minutes = amount * 60
                while minutes:
                    at -= MINUTE
                    minutes -= self.is_open(at)
                return at
            case _:
                return at - amount * (60 if unit == "h" else 1) * MINUTE
        return datetime.combine(on, time(8, 30), SHANGHAI)

    def months_before(self, on: date, months: int) -> date:
        """Month by month: the last day of the one before, then as near to the same day as that month has one."""
        day = on.day
        for _month in range(months):
            on = on.replace(day=1) - DAY
        return on.replace(day=min(day, on.day))

    def soon(self, text: str, start: datetime, due: datetime, total: int) -> datetime:
        full, quarters = divmod(total * 3, 4)
        at = self.when_used(text, start, full)
        if quarters:
            at = self.when_used(text, at, 1) - MINUTE + timedelta(seconds=15 * quarters)
        if text.endswith(("wd", "wh")):
            on = due.date() - DAY
            while not self.works(on):
                on -= DAY
            return max(at, self.close_of(on))
        return max(at, due - DAY) if text.endswith("d") else at

    def plan(
        self, rungs: Iterable[tuple[str, int, str]], text: str, start: datetime, due: datetime
    ) -> list[tuple[datetime, str]]:
        """(code, rank, offset) → what fires when."""
        total, kept = self.used(text, start, due), []
        for code, rank, offset in rungs:
            at = self.moment(offset, text, start, due)
            whole = at.replace(second=0)
            used = self.used(text, start, whole) * 60 + (at.second if self.counts(text, whole) else 0)
            if offset == "start" or (at > start and used * 4 >= total * 60):
                kept.append((at, rank, code))
        highest = [(at, code) for at, rank, code in kept if all(rank >= r for a, r, _code in kept if a == at)]
        return sorted(highest)
