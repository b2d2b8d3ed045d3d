"""The ladder written down a second time, from the words of docs/rules/supervision.md and docs/rules/time.md.

A rung is (rank, code, when, which kinds, which levels, does time itself act). What fires when is counted day by day;
what has fired belongs to a date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.support.oracle.clock import HOUR, Facts, by_the_clock, in_days, in_office_time, part_used, time_between
from tests.support.oracle.days import DAY, MINUTE, Days, local


class Step(NamedTuple):
    """A rung. Without ``kinds`` it is for every kind that people owe, without ``levels`` for every level."""

    rank: int
    code: str
    when: str
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    acts: bool = False


SIDE = ("more_info", "progress", "signature", "urge_reply", "inform", "sample")
OWED = ("handle", "fulfil", "first_report", "co_reply", "tracking", "supervision_reply", "suspension_review",
        "commitment_review")  # fmt: skip
CARDS = ("handle", "fulfil")
DRAFTLESS = ("respond", "accept", "dispatch", "note", "verify", "follow_up", "callback",
             "extension_decision", "return_decision")  # fmt: skip
PATIENT = ("normal", "complex", "project")
"""Levels at which silence counts as an acknowledgement."""

WORKING = (
    Step(2, "notice", "half"),
    Step(3, "due_soon", "soon"),
    Step(4, "due_today", "due_day"),
    Step(5, "urge", "due"),
    Step(6, "unacknowledged", "start+4wh", ("acknowledge",)),
    Step(7, "deemed", "twice", ("acknowledge",), PATIENT, acts=True),
    Step(8, "expired", "due", ("more_info",), acts=True),
    Step(9, "order", "due+3wd", OWED, acts=True),
    Step(10, "yellow_card", "due+5wd", CARDS, acts=True),
    Step(11, "red_card", "due+10wd", CARDS, acts=True),
    Step(12, "no_progress", "due", ("progress",)),
    Step(13, "unsigned", "daily", ("signature",)),
    Step(14, "untold", "due", ("inform",)),
    Step(15, "order", "due", ("urge_reply",), acts=True),
    Step(12, "urge", "due+5wd", DRAFTLESS),
    Step(13, "urge", "due+10wd", DRAFTLESS),
    Step(14, "urge", "due+15wd", DRAFTLESS),
    Step(13, "no_progress", "due+5wd", ("progress",)),
    Step(14, "no_progress", "due+10wd", ("progress",)),
    Step(15, "no_progress", "due+15wd", ("progress",)),
    Step(15, "untold", "due+5wd", ("inform",)),
    Step(4, "unchecked", "due_day", ("sample",)),
    Step(5, "unchecked", "due", ("sample",)),
    Step(12, "unchecked", "due+5wd", ("sample",)),
    Step(13, "unchecked", "due+10wd", ("sample",)),
    Step(14, "unchecked", "due+15wd", ("sample",)),
)
CLOCK = (
    Step(2, "notice", "half"),
    Step(3, "unacknowledged", "half", ("acknowledge",), ("urgent",)),
    Step(5, "urge", "due"),
    Step(6, "duty_leader", "due+1h"),
    Step(8, "expired", "due", ("more_info",), acts=True),
    Step(9, "order", "due+4h", acts=True),
)


@dataclass(frozen=True)
class Expected:
    """What the next sweep has to say about a deadline."""

    code: str
    skipped: frozenset[str]
    acts: bool
    ranks: frozenset[int]
    daily: bool


class Date(NamedTuple):
    """A date that is spoken of: the due time, on which ladder."""

    due: datetime
    by_the_clock: bool


class Span(NamedTuple):
    """The time of a clock, of which its rungs are parts."""

    began: datetime
    due: datetime


@dataclass
class Speaker:
    """A clock's ladder: which date is in force, and what was said for it and for those before it."""

    facts: Facts
    date: Date | None = None
    said: dict[Date, set[int]] = field(default_factory=dict)
    open: bool = True
    mornings: set[datetime] = field(default_factory=set)
    morning_from: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.open and self.facts.paused is None

    def settle(self, at: datetime, days: Days) -> None:
        """Something may have moved the date. What is past by the new one and was said by the old one has been said;
        what was said for the new one before, too.
        """
        date = Date(self.facts.due(days), by_the_clock(self.facts.limit))
        if date == self.date:
            return
        said = self.said.setdefault(date, set())
        if self.date is not None and self.date.by_the_clock == date.by_the_clock:
            past = {step.rank for moment, step in self._moments(days) if moment <= at}
            said |= self.said[self.date] & past
        self.date = date

    def corrected(self, at: datetime, before: Days) -> None:
        """The calendar was another one until now. A day that is past and counts as worked now had no morning."""
        if before.next_morning(self.morning_from or self.facts.began(before)) > at:
            self.morning_from = max(self.morning_from or at, at)

    def hear(self, wanted: Expected, at: datetime, days: Days) -> None:
        """A sweep said it. Nothing is said twice for a date."""
        if wanted.daily:
            slot = days.last_morning(at)
            assert slot not in self.mornings, "twice on one morning"
            self.mornings.add(slot)
            self.morning_from = at
            return
        said = self._said()
        assert not said & wanted.ranks
        said |= wanted.ranks

    def expected(self, at: datetime, level: str, status: str, days: Days) -> Expected | None:
        """What a sweep at ``at`` has to say: the highest rung whose time has come, and which ones it passes over."""
        if not self.runs:
            return None
        due = [step for moment, step in self.steps(level, status, days) if moment <= at]
        if not due:
            return None
        highest = max(due)
        acting = max((step for step in due if step.acts), default=None)
        return Expected(
            code=highest.code,
            skipped=frozenset(step.code for step in due if step not in (highest, acting)),
            acts=acting is not None,
            ranks=frozenset(step.rank for step in due),
            daily=any(step.when == "daily" for step in due),
        )

    def steps(self, level: str, status: str, days: Days) -> list[tuple[datetime, Step]]:
        """What is still to come or was not said yet, each with its moment; of those at one moment the highest, also
        where it was said of the level that the matter had.
        """
        moments: dict[datetime, Step] = {}
        said = self._said()
        for moment, step in self._moments(days):
            if step.levels and level not in step.levels and step.rank not in said:
                continue
            if (step.code == "deemed" and status != "dispatched") or (step.code == "expired" and status != "need_info"):
                continue
            if moment not in moments or moments[moment] < step:
                moments[moment] = step
        return [(moment, step) for moment, step in sorted(moments.items()) if step.rank not in said]

    def _said(self) -> set[int]:
        assert self.date is not None, "settle first"
        return self.said[self.date]

    def _ladder(self) -> list[Step]:
        steps = CLOCK if by_the_clock(self.facts.limit) else WORKING
        kind = self.facts.kind
        return [step for step in steps if (kind in step.kinds if step.kinds else kind not in SIDE)]

    def _moments(self, days: Days) -> Iterator[tuple[datetime, Step]]:
        """The rungs of the date in force: none before it began to count, none in its first quarter."""
        span = self._span(days)
        for step in self._ladder():
            moment = self._moment(step, span, days)
            if step.when == "daily" or not (moment <= span.began or self._in_first_quarter(moment, span, days)):
                yield moment, step

    def _span(self, days: Days) -> Span:
        return Span(self.facts.began(days), self.facts.due(days))

    def _moment(self, step: Step, span: Span, days: Days) -> datetime:
        """When the rung's time comes."""
        began, due = span
        due_on, limit = local(due).date(), self.facts.limit
        match step.when:
            case "half":
                return part_used(limit, began, due, 0.5, days)
            case "soon":
                last_quarter = part_used(limit, began, due, 0.75, days)
                if in_office_time(limit):
                    return max(last_quarter, days.closing(days.earlier(due_on, 1)))
                return max(last_quarter, due - DAY) if in_days(limit) else last_quarter
            case "due_day":
                return days.morning(due_on)
            case "due":
                return due
            case "due+1h" | "due+4h":
                return due + int(step.when[4]) * HOUR
            case "start+4wh":
                return days.reach(began, 4 * HOUR)
            case "twice":
                return self._twice(began, due, days)
            case "daily":
                return days.next_morning(self.morning_from or began)
        return days.closing(days.later(due_on, int(step.when.removeprefix("due+").removesuffix("wd"))))

    def _twice(self, began: datetime, due: datetime, days: Days) -> datetime:
        if self.facts.limit.endswith("wd"):
            again = days.after(local(began).date(), local(due).date())
            return days.closing(days.later(local(due).date(), max(1, again)))
        return days.reach(due, days.worked(began, due) // MINUTE * MINUTE)

    def _in_first_quarter(self, moment: datetime, span: Span, days: Days) -> bool:
        limit = self.facts.limit
        return time_between(limit, span.began, moment, days) * 4 < time_between(limit, span.began, span.due, days)
