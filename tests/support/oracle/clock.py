"""A clock's facts, and what docs/rules/time.md makes of them. Every date is counted again from all facts, each time."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.support.oracle.days import DAY, MINUTE, NOTHING, Days, local

HOUR = timedelta(hours=1)


# A limit's own measure


def amount_of(limit: str) -> int:
    return int("".join(letter for letter in limit if letter.isdigit()))


def in_office_time(limit: str) -> bool:
    return limit.endswith(("wd", "wh"))


def in_days(limit: str) -> bool:
    return limit.endswith("d")


def by_the_clock(limit: str) -> bool:
    """Minutes and hours that run through the night."""
    return not in_days(limit) and not in_office_time(limit)


def due_by(limit: str, at: datetime, days: Days) -> datetime:
    """When a clock with this limit, started at ``at``, is due."""
    amount = amount_of(limit)
    if limit.endswith("wd"):
        return days.closing(days.later(local(at).date(), amount))
    if limit.endswith("wh"):
        return days.reach(at, amount * HOUR)
    if limit.endswith("d"):
        return days.closing(local(at).date() + amount * DAY)
    return at + amount * (HOUR if limit.endswith("h") else MINUTE)


def shifted(limit: str, date: datetime, start: datetime, end: datetime, days: Days) -> datetime:
    """``date`` later by what passed from ``start`` to ``end``, in the limit's own measure; by nothing it stays."""
    first, last, on = local(start).date(), local(end).date(), local(date).date()
    if limit.endswith("wd"):
        passed = days.after(first, last)
        return days.closing(days.later(on, passed)) if passed else local(date)
    if limit.endswith("wh"):
        worked = days.worked(start, end)
        return days.reach(date, worked) if worked > NOTHING else local(date)
    if limit.endswith("d"):
        return days.closing(on + (last - first)) if last > first else local(date)
    return local(date) + (end - start)


def closing_from(limit: str, at: datetime, days: Days) -> datetime:
    """17:30 of the first (working) day whose 17:30 is not past; for working hours when offices are open next."""
    if limit.endswith("wh"):
        return days.reach(at, NOTHING)
    if in_office_time(limit):
        return days.closing_from(at)
    today = days.closing(local(at).date())
    return today if at <= today else today + DAY


def closing_before(limit: str, at: datetime, days: Days) -> datetime:
    """The last (working) closing before ``at``; for limits that are not in days a minute before it."""
    if not in_days(limit):
        return local(at) - MINUTE
    on = local(at).date()
    while days.closing(on) >= at or (in_office_time(limit) and not days.works(on)):
        on -= DAY
    return days.closing(on)


def time_between(limit: str, start: datetime, end: datetime, days: Days) -> timedelta:
    """Office time for limits in working days and hours, else time on the clock."""
    return days.worked(start, end) if in_office_time(limit) else end - start


def part_used(limit: str, start: datetime, due: datetime, part: float, days: Days) -> datetime:
    """When this part of the time from ``start`` to ``due`` is used, to the second below."""
    amount = time_between(limit, start, due, days) * part
    if not in_office_time(limit):
        return local(start + amount).replace(microsecond=0)
    moment = days.reach(start, amount) if amount > NOTHING else due
    return local(moment).replace(microsecond=0)


# Facts


@dataclass(frozen=True)
class Pause:
    """From when to when (None: still), and what is left at least afterwards ("" : whatever it is)."""

    start: datetime
    end: datetime | None = None
    at_least: str = ""


@dataclass
class Facts:
    """What is known of one clock. ``fixed``: the date that somebody set in place of what the limit gives.

    ``joined``: of the caps that others who joined brought, since when and how much had been granted by then.
    ``kept``: due time and beginning that a clock keeps which was overdue, or stood still, when the calendar was
    corrected.
    """

    kind: str
    limit: str
    started: datetime
    fixed: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)
    extended: int = 0
    caps: dict[str, datetime] = field(default_factory=dict)
    joined: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    redo: bool = False
    kept: tuple[datetime, datetime] | None = None

    @property
    def paused(self) -> datetime | None:
        """Since when it stands still."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    # What happens to it

    def keep(self, at: datetime, before: Days) -> None:
        """The calendar was another one until now: what is overdue or stands still keeps its date."""
        due = self.due(before)
        self.kept = (due, self.began(before)) if self.paused is not None or due < at else None

    def pause(self, at: datetime) -> None:
        self.pauses.append(Pause(at))

    def resume(self, at: datetime, at_least: str = "") -> None:
        """A pause that would end before it began, by a machine's clock that was put right, took no time."""
        last = self.pauses.pop()
        self.pauses.append(replace(last, end=max(at, last.start), at_least=at_least))

    # The due time

    def own(self, days: Days) -> datetime:
        """Its own time, then what was granted, then what every pause took; nobody outside asked."""
        date = self.fixed or due_by(self.limit, self.started, days)
        if self.extended:
            date = days.closing(days.later(local(date).date(), self.extended))
        for pause in self.pauses:
            if pause.end is not None:
                date = self._after(date, pause, pause.end, days)
        return date

    def _after(self, date: datetime, pause: Pause, end: datetime, days: Days) -> datetime:
        late = pause.start > date
        date = shifted(self.limit, date, pause.start, end, days)
        if late:
            return min(date, closing_before(self.limit, end, days))
        if date < end:
            date = closing_from(self.limit, end, days)
        return max(date, due_by(pause.at_least, end, days)) if pause.at_least else date

    def _holding(self, days: Days) -> dict[str, datetime]:
        """The caps that count for it: what was past when it began counts for handling only, which is due at once, and
        not for a redo. Of others who joined they move on with it.
        """
        holding = {source: date for source, date in self.caps.items() if date > self.started}
        if self.kind == "handle" and not self.redo:
            past = [source for source, date in self.caps.items() if date <= self.started]
            holding |= dict.fromkeys(past, self.started + MINUTE)
        return {source: self.moved_on(source, date, days) for source, date in holding.items()}

    def moved_on(self, source: str, date: datetime, days: Days) -> datetime:
        """The date of one who joined, with the time that was given since."""
        since, before = self.joined.get(source, (None, 0))
        if since is None:
            return date
        if self.extended > before:
            date = days.closing(days.later(local(date).date(), self.extended - before))
        for pause in self.pauses:
            if pause.end is not None and pause.end > since:
                date = self._after(date, replace(pause, start=max(pause.start, since)), pause.end, days)
        return date

    def due(self, days: Days) -> datetime:
        return self.kept[0] if self.kept else min([self.own(days), *self._holding(days).values()])

    def holder(self, days: Days) -> str:
        """Whose date it is: "" its own, else the source of the cap that wins."""
        due = self.due(days)
        if due == self.own(days):
            return ""
        sources = [source for source, date in self._holding(days).items() if date == due]
        return "outside" if "outside" in sources else min(sources, default="")

    def alone(self) -> "Facts":
        """Without those who joined its matter."""
        caps = {source: date for source, date in self.caps.items() if source == "outside"}
        return replace(self, caps=caps, kept=self.kept if caps == self.caps else None)

    # What follows from it

    def began(self, days: Days) -> datetime:
        """Its start, later by every pause: what was used before a pause is what is used after it."""
        if self.kept:
            return self.kept[1]
        began = self.started
        for pause in self.pauses:
            if pause.end is not None:
                began = self._began_after(began, pause.start, pause.end, days)
        return began

    def _began_after(self, began: datetime, start: datetime, end: datetime, days: Days) -> datetime:
        if not in_office_time(self.limit):
            return began + (end - start)
        used = days.worked(began, start)
        if used > NOTHING:
            return max(began, days.back(end, used))
        return max(began, end if used == NOTHING else days.reach(end, -used))

    def left(self, days: Days) -> int:
        """What a clock that stands still keeps: days after today, or minutes of which a begun one counts; where it was
        overdue, by how much it was.
        """
        at, due = self.paused, self.due(days)
        assert at is not None
        at = max(at, self.joined.get(self.holder(days), (at, 0))[0])
        late = at > due
        if self.limit.endswith("wd"):
            first, last = local(at).date(), local(due).date()
            return days.after(last, first) if late else days.after(first, last)
        if self.limit.endswith("d"):
            return abs((local(due).date() - local(at).date()).days)
        time = abs(days.worked(at, due) if in_office_time(self.limit) else due - at)
        return time // MINUTE if late else -(-time // MINUTE)
