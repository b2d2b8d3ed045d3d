"""The application's clock, led through a walk by its own services and its own ladder, without a database."""

from datetime import datetime
from typing import Any

from deadlines import services
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit, working_days
from deadlines.models import Deadline
from deadlines.rules import EXTERNAL, JOINED, RuleChoice
from reminders.ladder import DEFAULT_LADDER, Rung, fire
from tests.support.oracle.clock import Facts
from tests.support.oracle.days import Days
from tests.support.oracle.rungs import Speaker

LEVEL, STATUS = "normal", "in_progress"
"""Of the matters in these walks."""


def calendar_of(days: Days) -> WorkCalendar:
    return WorkCalendar({on: (works, False) for on, works in days.known.items()})


class Ours:
    """One deadline, read anew for every action as the services do."""

    def __init__(self, facts: Facts, at: datetime, days: Days) -> None:
        self.row = services.prepare(
            subject_kind="issue",
            subject_id=1,
            subdistrict_id=1,
            kind=facts.kind,
            limit=Limit.parse(facts.limit),
            rule="kind:help",
            at=at,
            calendar=calendar_of(days),
            fixed_due_at=facts.fixed,
        )

    def act(self, what: str, data: Any, at: datetime, days: Days) -> None:
        row, kinds, calendar = self._read(), {self.row.kind}, calendar_of(days)
        match what:
            case "pause":
                services.pause([row], kinds, at, calendar)
            case "resume":
                services.resume([row], kinds, at, calendar, at_least=Limit.parse(data) if data else None)
            case "extend":
                services.extend([row], kinds, at, working_days(data), calendar)
            case "limit":
                services.reclassify([row], {row.kind: RuleChoice(Limit.parse(data), f"kind:{data}")}, at, calendar)
            case "caps":
                services.cap([row], {row.kind: data}, at, calendar)

    def end(self, at: datetime) -> None:
        services.cancel([self._read()], None, at)

    def again(self, at: datetime, days: Days) -> None:
        row = self._read()
        assert row.stopped_at is not None
        services.reinstate([row], row.stopped_at, at, calendar_of(days))

    def corrected(self, at: datetime, before: Days, days: Days) -> None:
        services.recount([self._read()], at, calendar_of(before), calendar_of(days))

    def _read(self) -> Deadline:
        self.row.was = None
        return self.row

    def agrees(self, speaker: Speaker, at: datetime, days: Days) -> None:
        row, facts = self.row, speaker.facts
        told = (row.due_at, row.counted_from, row.paused_at, facts, at)
        assert row.due_at == facts.due(days), ("due", facts.due(days), told)
        assert row.counted_from == facts.began(days), ("began", facts.began(days), told)
        assert row.paused_at == facts.paused, told
        if facts.paused is None:
            self._next_comes(speaker, days)
        elif facts.kept is None:
            assert row.remaining == facts.left(days), ("left", facts.left(days), row.remaining, told)
        if facts.kept is None:
            holder = facts.holder(days)
            prefix = EXTERNAL if holder == "outside" else JOINED if holder else "kind:"
            assert row.rule.startswith(prefix), (row.rule, holder, told)

    def _next_comes(self, speaker: Speaker, days: Days) -> None:
        """The next sweep that has something to say will look at it."""
        coming = speaker.steps(LEVEL, STATUS, days)
        if coming:
            moment = coming[0][0]
            assert self.row.next_rung_at is not None, ("silent", coming[0], speaker)
            assert self.row.next_rung_at <= moment, ("late", self.row.next_rung_at, coming[0], speaker)

    def sweep(self, at: datetime, days: Days) -> tuple[str, frozenset[str]] | None:
        row = self.row
        if not row.is_running or row.next_rung_at is None or row.next_rung_at > at:
            return None
        rungs = [rung for rung in DEFAULT_LADDER.of(row.kind, row.time_limit) if _fits(rung)]
        firing = fire(row, rungs, calendar_of(days), at)
        row.fired, row.next_rung_at, row.next_rung = firing.fired, firing.next_rung_at, firing.next_rung
        return (firing.rung.code, frozenset(firing.skipped)) if firing.rung else None


def _fits(rung: Rung) -> bool:
    return rung.fits_level(LEVEL)
