"""The random journeys: people act, time passes or is put right, notices come, sweeps run, are missed, die or meet."""

import threading
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, connections
from django.db.models import F
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from deadlines import calendar_changes
from deadlines import services as deadlines
from deadlines.models import CalendarChange, CalendarDay, ChangeSource, DaySource
from issues.models import Issue
from issues.services.errors import IssueError
from issues.services.recounting import recount_changes
from journal.models import Event
from reminders.services.sweep import SweepResult, sweep
from tests.integration.reminders.model import moves
from tests.integration.reminders.model.days import SHANGHAI, Days, local
from tests.integration.reminders.model.follower import Follower, read
from tests.integration.reminders.model.ladder import Expected
from tests.support.cast import World

STARTS = (
    "2026-02-11T10:00", "2026-02-14T09:15", "2026-03-18T10:00", "2026-04-03T20:05", "2026-04-30T17:29",
    "2026-09-18T08:00", "2026-09-30T11:59", "2026-12-29T16:00",
)  # fmt: skip
SEED = st.integers(0, 2**32 - 1)
PASSES = st.one_of(
    st.integers(1, 90),
    st.integers(60, 1500),
    st.sampled_from((30, 60, 210, 240, 1440, 2880)),
    st.integers(1440, 6 * 1440),
    st.integers(6 * 1440, 30 * 1440),
)
"""Minutes until the next step."""
FAR = timedelta(days=200)


class Crash:
    """The sweep's connection dies, or the database refuses, at the ``nth`` statement."""

    def __init__(self, nth: int, *, kills: bool) -> None:
        self.left, self.kills = nth, kills

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            if self.kills:
                execute("SELECT pg_terminate_backend(pg_backend_pid())", None, False, context)
            execute("SELECT 1 / 0", None, False, context)
        return execute(sql, params, many, context)


class Ladders(RuleBasedStateMachine):
    """One example. ``world`` and ``known`` are given by the test that runs it."""

    world: World
    known: dict[date, bool]
    most_issues = 4

    def __init__(self) -> None:
        super().__init__()
        self.days = Days(dict(self.known))
        self.follower = Follower(self.days)
        self.issues: list[int] = []
        self.codes = {row.pk: code for code, row in self.world.departments.items()}
        self.read_to = _last_event()
        self.spoken: set[tuple[int, str]] = set()
        self.done = 0

    # Time and people

    @initialize(start=st.sampled_from(STARTS), seed=SEED)
    def begin(self, start: str, seed: int) -> None:
        self.at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
        self._log(seed)

    @precondition(lambda self: len(self.issues) < self.most_issues)
    @rule(minutes=PASSES, seed=SEED)
    def log(self, minutes: int, seed: int) -> None:
        """A matter is logged."""
        self.at += timedelta(minutes=minutes)
        self._log(seed)

    @rule(minutes=PASSES, seed=SEED)
    def act(self, minutes: int, seed: int) -> None:
        """Somebody does something."""
        self.at += timedelta(minutes=minutes)
        self._act(seed)

    @rule(seed=SEED)
    def act_at_once(self, seed: int) -> None:
        """Somebody does something in the same moment."""
        self._act(seed)

    @rule(minutes=st.integers(1, 600))
    def put_clock_back(self, minutes: int) -> None:
        """The machine's clock was fast, and is put right."""
        self.at -= timedelta(minutes=minutes)
        note(f"{self.at:%m-%d %H:%M} the clock is put back")

    @rule(seed=SEED, later=st.sampled_from((2, 2, 2, 600, 4000, 20000)))
    def notice(self, seed: int, later: int) -> None:
        """A notice swaps one to three of the coming weeks' days; open deadlines are counted anew.

        The worker's second pass comes after two minutes, or only when a worker runs again.
        """
        random, before = Random(seed), Days(dict(self.days.known))
        for on in {local(self.at).date() + timedelta(days=random.randint(1, 25)) for _day in range(3)}:
            self.days.known[on] = not self.days.works(on)
            note(f"{self.at:%m-%d %H:%M} notice: {on} {'worked' if self.days.known[on] else 'free'}")
        wanted = {on: (works, "") for on, works in self.days.known.items() if works != before.works(on)}
        shown = calendar_changes.digest(calendar_changes.difference(wanted))
        calendar_changes.apply_changes(
            wanted=wanted,
            source=ChangeSource.NOTICE,
            year=None,
            shown=shown,
            by_id=self.world.people["admin"].pk,
            at=self.at,
        )
        recount_changes(clock=lambda: self.at, batch=3)
        self.follower.notice(read(self.issues), self.at, before)
        self._listen()
        self.at += timedelta(minutes=later)
        done = recount_changes(clock=lambda: self.at, batch=3)
        assert not done.moved, "counted again"
        self._listen()

    def _listen(self) -> None:
        """Nothing was said but that dates moved."""
        new = Event.objects.filter(id__gt=self.read_to)
        assert {event.kind for event in new} <= {"recount"}
        self.read_to = _last_event()
        self.follower.follow(read(self.issues), self.at)
        self._check_planned()

    # Sweeps

    @rule(minutes=PASSES)
    def sweep(self, minutes: int) -> None:
        """The sweep runs, soon or after an outage."""
        self.at += timedelta(minutes=minutes)
        self._sweep_whole()

    @rule(minutes=PASSES, nth=st.integers(1, 24), kills=st.booleans())
    def sweep_that_dies(self, minutes: int, nth: int, kills: bool) -> None:
        """The sweep dies at some statement; some time later the next one finds what is left."""
        self.at += timedelta(minutes=minutes)
        expected, crash = self._expected(), Crash(nth, kills=kills)
        try:
            with connection.execute_wrapper(crash):
                sweep(at=self.at)
        except (DatabaseError, InterfaceError):
            pass
        finally:
            if kills and not connection.is_usable():
                connection.close()
        died = crash.left <= 0
        note(f"{self.at:%m-%d %H:%M} sweep {'dies at' if died else 'ends before'} statement {nth}")
        self._hear(expected)
        if not died:
            self._nothing_left(expected)

    @rule(minutes=PASSES, batch=st.integers(1, 5))
    def two_sweeps_at_once(self, minutes: int, batch: int) -> None:
        """Two sweeps meet on two connections; what either left to the other the next one finds at the latest."""
        self.at += timedelta(minutes=minutes)
        expected = self._expected()
        results = _at_once(self.at, batch)
        note(f"{self.at:%m-%d %H:%M} two sweeps {[row.as_json() for row in results]}")
        assert not sum(row.failed for row in results)
        self._hear(expected)
        self._sweep_whole()

    def teardown(self) -> None:
        """A last sweep long after everything; then the next example begins in a world without deadlines."""
        try:
            if self.issues:
                self._sweep_far()
        finally:
            _forget_deadlines()
            _restore_calendar(self.known)

    def _sweep_far(self) -> None:
        """Everything comes to its end, with whatever time's own actions bring about on the way."""
        for _time in range(2):
            self.at += FAR
            for _again in range(9):
                self._sweep_whole()
                if not self._expected():
                    break
            assert not self._expected()

    # What they do

    def _log(self, seed: int) -> None:
        given = moves.draft(Random(seed))
        issue = self.world.create(at=self.at, **given)
        self.issues.append(issue.pk)
        note(f"{self.at:%m-%d %H:%M} #{issue.pk} {given}")
        self._follow("create")

    def _act(self, seed: int) -> None:
        random = Random(seed)
        going = Issue.objects.filter(pk__in=self.issues, closed_at__isnull=True).order_by("pk")
        pks = list(going.values_list("pk", flat=True)) or self.issues
        row = Issue.objects.get(pk=random.choice(pks))
        by, action, data = moves.pick(row, self.codes.get(row.lead_department_id or 0, ""), self.at, random)
        line = f"{self.at:%m-%d %H:%M} #{row.pk} {by} {action} {data}"
        try:
            after = self.world.act(row, action, by, self.at, **data)
        except IssueError as error:
            note(f"{line} → {error.code}")
            return
        note(f"{line} → {after.status}")
        self.done += 1
        self._follow(action)

    def _follow(self, cause: str) -> None:
        new = Event.objects.filter(id__gt=self.read_to).order_by("id")
        data = {name: value for event in new for name, value in event.data.items()}
        self.read_to = _last_event()
        self.follower.follow(read(self.issues), self.at, cause, data)
        self._check_planned()

    # What must hold

    def _sweep_whole(self) -> None:
        expected = self._expected()
        result = sweep(at=self.at)
        note(f"{self.at:%Y-%m-%d %H:%M} sweep {result.as_json()}")
        assert (result.failed, result.busy) == (0, 0), result
        self._hear(expected)
        self._nothing_left(expected)

    def _expected(self) -> dict[int, Expected]:
        """What is due by the model, by deadline."""
        issues = {row.pk: row for row in Issue.objects.filter(pk__in=self.issues)}
        found = {}
        for pk, clock in self.follower.clocks.items():
            issue = issues[self.follower.rows[pk].issue_id]
            expected = clock.expected(self.at, issue.level, issue.status, self.days)
            if expected is not None:
                found[pk] = expected
        return found

    def _hear(self, expected: dict[int, Expected]) -> None:
        """Whatever was said was due, was not said before, and names what it passed over.

        What time's own action let run on, late as it was, may be said by a later batch of the same pass.
        """
        events = list(Event.objects.filter(id__gt=self.read_to, kind="remind").order_by("id"))
        while events:
            known = [event for event in events if event.data["deadline"] in expected]
            assert known, ("said early, twice, or of what does not run", events[0].data)
            for event in known:
                self._said(event, expected.pop(event.data["deadline"], None))
            events = [event for event in events if event not in known]
            if events:
                self.follower.follow(read(self.issues), self.at)
                expected = self._expected()
        self.read_to = _last_event()
        self.follower.follow(read(self.issues), self.at)
        self._check_planned()

    def _said(self, event: Event, wanted: Expected | None) -> None:
        pk, code = event.data["deadline"], event.data["rung"]
        assert wanted is not None, ("two at once", event.data)
        assert (code, frozenset(event.data["skipped"])) == (wanted.code, wanted.skipped), (event.data, wanted)
        assert event.at == self.at
        self._mark(pk, wanted)

    def _mark(self, pk: int, wanted: Expected) -> None:
        clock = self.follower.clocks[pk]
        if wanted.daily:
            slot = self._last_morning()
            assert slot not in clock.mornings, "twice on one morning"
            clock.mornings.add(slot)
            clock.morning_from = self.at
        else:
            assert (pk, wanted.code) not in self.spoken, "a rung fired twice"
            self.spoken.add((pk, wanted.code))
            assert not clock.told & wanted.ranks
            clock.told |= wanted.ranks

    def _last_morning(self) -> datetime:
        on = local(self.at).date()
        while not self.days.works(on) or self.days.morning(on) > self.at:
            on -= timedelta(days=1)
        return self.days.morning(on)

    def _nothing_left(self, expected: dict[int, Expected]) -> None:
        """All that was due was said, but for what time's own action has ended meanwhile.

        What such an action lets run on, late as it was, may be due at once: the next sweep says it.
        """
        left = {pk: wanted for pk, wanted in self._expected().items() if pk in expected}
        assert not left, ("due and not said", left)

    def _check_planned(self) -> None:
        """The next sweep will find whatever comes next: no later than its time."""
        issues = {row.pk: row for row in Issue.objects.filter(pk__in=self.issues)}
        for pk, clock in self.follower.clocks.items():
            row = self.follower.rows[pk]
            issue = issues[row.issue_id]
            if not clock.runs:
                assert row.next_rung_at is None, row
                continue
            coming = clock.steps(issue.level, issue.status, self.days)
            if coming:
                assert row.next_rung_at is not None, (row, coming)
                assert row.next_rung_at <= coming[0][0], ("comes late", row, local(row.next_rung_at), coming[0])


def _last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _at_once(at: datetime, batch: int) -> list[SweepResult]:
    barrier, results, errors = threading.Barrier(2), [], []

    def run() -> None:
        try:
            barrier.wait(10)
            results.append(sweep(at=at, batch=batch))
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


def _forget_deadlines() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deadlines_deadline SET state = 'cancelled', stopped_at = started_at, paused_at = NULL,"
            " remaining = NULL, next_rung_at = NULL, next_rung = '' WHERE state IN ('running', 'paused')"
        )
        cursor.execute("DELETE FROM journal_pending")


def _restore_calendar(known: dict[date, bool]) -> None:
    CalendarChange.objects.update(finished_at=F("made_at"))
    rows = CalendarDay.objects.filter(source=DaySource.NOTICE)
    for row in rows:
        if row.workday != known[row.on]:
            CalendarDay.objects.filter(on=row.on).update(workday=known[row.on])
    deadlines.forget()
