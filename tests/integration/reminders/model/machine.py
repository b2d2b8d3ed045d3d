"""Random walks: people act, time passes or is put right, notices come, sweeps run, are missed, die or meet."""

import threading
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, connection, connections
from django.db.models import F

from deadlines import calendar_changes
from deadlines import services as deadlines
from deadlines.models import CalendarChange, CalendarDay, ChangeSource, DaySource
from issues.models import Issue
from issues.services.errors import IssueError
from journal.models import Event
from reminders.services.recounting import recount_changes
from reminders.services.sweep import SweepResult, sweep
from tests.integration.reminders.model import moves
from tests.integration.reminders.model.follower import Did, Follower, read
from tests.support.cast import World
from tests.support.oracle.days import SHANGHAI, Days, local
from tests.support.oracle.rungs import Date, Expected

STARTS = (
    "2026-02-11T10:00", "2026-02-14T09:15", "2026-03-18T10:00", "2026-04-03T20:05", "2026-04-30T17:29",
    "2026-09-18T08:00", "2026-09-30T11:59", "2026-12-29T16:00",
)  # fmt: skip
MOST_ISSUES = 4
WEIGHTS = {
    "log": 4, "act": 60, "notice": 5, "put_clock_back": 2, "sweep": 16, "sweep_that_dies": 5, "two_sweeps_at_once": 3,
}  # fmt: skip
"""What happens, and how often."""
FAR = timedelta(days=200)


class Step(NamedTuple):
    """What happens, how many minutes after the step before; what else it draws, it draws from its seed."""

    minutes: int
    what: str
    seed: int


class Walk(NamedTuple):
    """When it begins, and what happens."""

    start: str
    steps: tuple[Step, ...]


def drawn(seed: int, length: int) -> Walk:
    """The walk with this number."""
    random = Random(seed)
    steps = [Step(_pass(random), "log", random.getrandbits(32)) for _first in range(2)]
    for _step in range(length):
        what = random.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        steps.append(Step(_pass(random), what, random.getrandbits(32)))
    return Walk(random.choice(STARTS), tuple(steps))


def _pass(random: Random) -> int:
    """Minutes until the next step: mostly minutes or hours, now and then days, seldom weeks."""
    kind = random.random()
    if kind < 0.15:
        return 0
    if kind < 0.55:
        return random.choice((random.randint(1, 90), 30, 60, 210, 240))
    if kind < 0.85:
        return random.randint(60, 1500)
    return random.randint(1440, 6 * 1440) if kind < 0.98 else random.randint(6 * 1440, 30 * 1440)


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


class Walker:
    """One walk in a world. ``trail`` says what was done, so that a failure can be read."""

    def __init__(self, world: World, known: dict[date, bool]) -> None:
        self.world, self.known = world, known
        self.days = Days(dict(known))
        self.follower = Follower(self.days)
        self.issues: list[int] = []
        self.codes = {row.pk: code for code, row in self.world.departments.items()}
        self.read_to = _last_event()
        self.spoken: set[tuple[int, Date, int]] = set()
        self.trail: list[str] = []
        self.done = 0

    def run(self, walk: Walk) -> None:
        """The walk, and a last sweep long after everything; the next one begins in a world without deadlines."""
        self.at = datetime.fromisoformat(walk.start).replace(tzinfo=SHANGHAI)
        try:
            for step in walk.steps:
                self.at += timedelta(minutes=step.minutes)
                getattr(self, step.what)(Random(step.seed))
            self._sweep_far()
        except BaseException as error:
            error.add_note("\n".join(self.trail))
            raise
        finally:
            _forget_deadlines()
            _restore_calendar(self.known)

    def note(self, text: str) -> None:
        self.trail.append(f"{self.at:%m-%d %H:%M} {text}")

    # Time and people

    def log(self, random: Random) -> None:
        """A matter is logged."""
        if len(self.issues) < MOST_ISSUES:
            given = moves.draft(random)
            issue = self.world.create(at=self.at, **given)
            self.issues.append(issue.pk)
            self.note(f"#{issue.pk} {given}")
            self._follow(Did(issue.pk, "create"))

    def act(self, random: Random) -> None:
        """Somebody does something."""
        ours = Issue.objects.filter(pk__in=self.issues).order_by("pk")
        going = list(ours.filter(closed_at__isnull=True)) + list(ours.filter(status="merged"))
        row = random.choice(going or list(ours))
        lead = self.codes.get(row.lead_department_id or 0, "")
        others = [one.number for one in going if one.pk != row.pk and one.status != "merged"]
        by, action, data = moves.pick(row, lead, others, self.at, random)
        line = f"#{row.pk} {by} {action} {data}"
        try:
            after = self.world.act(row, action, by, self.at, **data)
        except IssueError as error:
            self.note(f"{line} → {error.code}")
            return
        self.note(f"{line} → {after.status}")
        self.done += 1
        new = Event.objects.filter(id__gt=self.read_to, kind=action, subject_id=row.pk)
        facts = {name: value for event in new for name, value in event.data.items()}
        self._follow(Did(row.pk, action, data | facts))

    def put_clock_back(self, random: Random) -> None:
        """The machine's clock was fast, and is put right."""
        self.at -= timedelta(minutes=random.randint(1, 600))
        self.note("the clock is put back")

    def notice(self, random: Random) -> None:
        """A correction of one to three days, mostly to come, sometimes past; open deadlines are counted anew.

        The worker's second pass comes after two minutes, or only when a worker runs again.
        """
        before = Days(dict(self.days.known))
        for on in {local(self.at).date() + timedelta(days=random.randint(-6, 25)) for _day in range(3)}:
            self.days.known[on] = not self.days.works(on)
            self.note(f"notice: {on} {'worked' if self.days.known[on] else 'free'}")
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
        self.at += timedelta(minutes=random.choice((2, 2, 2, 600, 4000)))
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

    def sweep(self, _random: Random) -> None:
        """The sweep runs, soon or after an outage."""
        self._sweep_whole()

    def sweep_that_dies(self, random: Random) -> None:
        """The sweep dies at some statement; some time later the next one finds what is left."""
        nth, kills = random.randint(1, 24), random.random() < 0.5
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
        self.note(f"sweep {'dies at' if died else 'ends before'} statement {nth}")
        self._hear(expected)
        if not died:
            self._nothing_left(expected)

    def two_sweeps_at_once(self, random: Random) -> None:
        """Two sweeps meet on two connections; what either left to the other the next one finds at the latest."""
        expected = self._expected()
        results = _at_once(self.at, random.randint(1, 5))
        self.note(f"two sweeps {[row.as_json() for row in results]}")
        assert not sum(row.failed for row in results)
        self._hear(expected)
        self._sweep_whole()

    def _sweep_far(self) -> None:
        """Everything comes to its end, with whatever time's own actions bring about on the way."""
        for _time in range(2):
            self.at += FAR
            for _again in range(9):
                self._sweep_whole()
                if not self._expected():
                    break
            assert not self._expected()

    def _follow(self, did: Did) -> None:
        self.read_to = _last_event()
        self.follower.follow(read(self.issues), self.at, did)
        self._check_planned()

    # What must hold

    def _sweep_whole(self) -> None:
        expected = self._expected()
        result = sweep(at=self.at)
        self.note(f"sweep {result.as_json()}")
        assert (result.failed, result.busy) == (0, 0), result
        self._hear(expected)
        self._nothing_left(expected)

    def _expected(self) -> dict[int, Expected]:
        """What is due by the model, by deadline."""
        issues = {row.pk: row for row in Issue.objects.filter(pk__in=self.issues)}
        found = {}
        for pk, clock in self.follower.clocks.items():
            if self._has_ended(pk):
                continue
            issue = issues[self.follower.rows[pk].issue_id]
            expected = clock.expected(self.at, issue.level, issue.status, self.days)
            if expected is not None:
                found[pk] = expected
        return found

    def _has_ended(self, pk: int) -> bool:
        """What was overdue, and all of it said, when the calendar was corrected may be left at that."""
        return self.follower.clocks[pk].facts.kept is not None and self.follower.rows[pk].next_rung_at is None

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
        speaker = self.follower.clocks[pk]
        if not wanted.daily:
            assert speaker.date is not None
            said = (pk, speaker.date, max(wanted.ranks))
            assert said not in self.spoken, "a rung fired twice for a date"
            self.spoken.add(said)
        speaker.hear(wanted, self.at, self.days)

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
            if coming and not self._has_ended(pk):
                assert row.next_rung_at is not None, (row, coming)
                assert row.next_rung_at <= max(coming[0][0], self.at), (
                    "comes late",
                    row,
                    local(row.next_rung_at),
                    coming[0],
                )


def _last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _at_once(at: datetime, batch: int) -> list[SweepResult]:
    barrier, results, errors = threading.Barrier(2), [], []

    def run() -> None:
        try:
            barrier.wait(60)
            results.append(sweep(at=at, batch=batch))
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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
