"""The ladder written down a second time, from the words of product.md section 6. Shares no code with the application.

A rung is (rank, code, when, which kinds, which levels, does time itself act). What fires when is counted day by day.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.integration.reminders.model.days import DAY, MINUTE, NOTHING, Days, local

HOUR = timedelta(hours=1)


class Step(NamedTuple):
    """A rung. Without ``kinds`` it is for every kind that people owe, without ``levels`` for every level."""

    rank: int
    code: str
    when: str
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    acts: bool = False


SIDE = ("more_info", "progress", "signature", "urge_reply", "inform")
OWED = ("handle", "fulfil", "first_report", "co_reply", "tracking", "supervision_reply", "suspension_review",
        "commitment_review")  # fmt: skip
CARDS = ("handle", "fulfil")
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


@dataclass
class Clock:
    """One deadline as the rules see it: when it began to count, when it is due, what its ladder has said.

    ``began`` moves on by every pause, so that what was used before it is what is used after it.
    """

    kind: str
    limit: str
    began: datetime
    due: datetime
    open: bool = True
    paused: datetime | None = None
    left: int = 0
    late: bool = False
    told: set[int] = field(default_factory=set)
    mornings: set[datetime] = field(default_factory=set)
    morning_from: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.open and self.paused is None

    @property
    def in_office_time(self) -> bool:
        return self.limit.endswith(("wd", "wh"))

    @property
    def by_the_clock(self) -> bool:
        return self.limit.endswith("min") or (self.limit.endswith("h") and not self.limit.endswith("wh"))

    # What happens to it

    def pause(self, at: datetime, days: Days) -> None:
        """It stands still and keeps what is left: days after today, or minutes of which a begun one counts."""
        self.paused, self.late = at, at > self.due
        if self.limit.endswith("wd"):
            self.left = days.after(local(at).date(), local(self.due).date())
        elif self.limit.endswith("d"):
            self.left = (local(self.due).date() - local(at).date()).days
        else:
            self.left = -(-self._time(at, self.due, days) // MINUTE)

    def resume(self, at: datetime, days: Days) -> datetime | None:
        """When it is due now, by what it kept; None where it was late already, and so must stay.

        A clock that was put right in between may let the pause end before it began: then it took no time.
        """
        assert self.paused is not None
        at = max(at, self.paused)
        self.began = max(self.began, self._moved(at, days))
        self.paused = None
        return None if self.late else self.due_from(at, days)

    def due_from(self, at: datetime, days: Days) -> datetime:
        """When ``left`` is used up, counted from ``at``."""
        if self.limit.endswith("wd"):
            if self.left == 0:
                return days.closing_from(at)
            return days.closing(days.later(local(at).date(), self.left))
        if self.limit.endswith("wh"):
            return days.reach(at, self.left * MINUTE)
        if self.limit.endswith("d"):
            today = local(at).date()
            if self.left == 0:
                return days.closing(today if at <= days.closing(today) else today + DAY)
            return days.closing(today + self.left * DAY)
        return at + self.left * MINUTE

    def _moved(self, at: datetime, days: Days) -> datetime:
        assert self.paused is not None
        used = self._time(self.began, self.paused, days)
        if not self.in_office_time:
            return at - used
        if used > NOTHING:
            return days.back(at, used)
        return at if used == NOTHING else days.reach(at, -used)

    # Its ladder

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
        """What is still to come or was not said yet, each with its moment; of those at one moment the highest."""
        moments: dict[datetime, Step] = {}
        for step in CLOCK if self.by_the_clock else WORKING:
            if self.kind not in step.kinds if step.kinds else self.kind in SIDE:
                continue
            if step.levels and level not in step.levels:
                continue
            if (step.code == "deemed" and status != "dispatched") or (step.code == "expired" and status != "need_info"):
                continue
            moment = self.moment(step, days)
            if step.when != "daily" and (moment <= self.began or self._in_first_quarter(moment, days)):
                continue
            if moment not in moments or moments[moment] < step:
                moments[moment] = step
        return [(moment, step) for moment, step in sorted(moments.items()) if step.rank not in self.told]

    def moment(self, step: Step, days: Days) -> datetime:
        """When the rung's time comes."""
        total, due_on = self._time(self.began, self.due, days), local(self.due).date()
        match step.when:
            case "half":
                return self._when_used(total / 2, days)
            case "soon":
                last_quarter = self._when_used(total * 3 / 4, days)
                if self.in_office_time:
                    return max(last_quarter, days.closing(days.earlier(due_on, 1)))
                return max(last_quarter, self.due - DAY) if self.limit.endswith("d") else last_quarter
            case "due_day":
                return days.morning(due_on)
            case "due":
                return self.due
            case "due+1h" | "due+4h":
                return self.due + int(step.when[4]) * HOUR
            case "start+4wh":
                return days.reach(self.began, 4 * HOUR)
            case "twice":
                return self._twice(days)
            case "daily":
                return days.next_morning(self.morning_from or self.began)
        return days.closing(days.later(due_on, int(step.when.removeprefix("due+").removesuffix("wd"))))

    def _twice(self, days: Days) -> datetime:
        if self.limit.endswith("wd"):
            again = days.after(local(self.began).date(), local(self.due).date())
            return days.closing(days.later(local(self.due).date(), max(1, again)))
        return days.reach(self.due, days.worked(self.began, self.due) // MINUTE * MINUTE)

    def _when_used(self, amount: timedelta, days: Days) -> datetime:
        """When this much of its own time is used, to the second below."""
        if self.in_office_time:
            moment = days.reach(self.began, amount) if amount > NOTHING else self.due
        else:
            moment = self.began + amount
        return local(moment).replace(microsecond=0)

    def _time(self, start: datetime, end: datetime, days: Days) -> timedelta:
        return days.worked(start, end) if self.in_office_time else end - start

    def _in_first_quarter(self, moment: datetime, days: Days) -> bool:
        return self._time(self.began, moment, days) * 4 < self._time(self.began, self.due, days)


def due_by(limit: str, at: datetime, days: Days) -> datetime:
    """When a clock with this limit, started at ``at``, is due."""
    amount = int("".join(letter for letter in limit if letter.isdigit()))
    if limit.endswith("wd"):
        return days.closing(days.later(local(at).date(), amount))
    if limit.endswith("wh"):
        return days.reach(at, amount * HOUR)
    if limit.endswith("d"):
        return days.closing(local(at).date() + amount * DAY)
    return at + amount * (HOUR if limit.endswith("h") else MINUTE)
