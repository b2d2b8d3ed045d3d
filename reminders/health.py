"""How the machinery of reminders is doing: what waits, since when, which job ran last. Reads only.

Every figure is one look into an index, so the health page and ``/metrics`` cost the same whatever is open, queued or
kept. How a figure is judged is pure and stands below its reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from celery import current_app
from celery.schedules import crontab, schedule
from django.conf import settings
from django.db import connection

from reminders.channels import email_is_configured
from reminders.enums import READER, SET_ASIDE
from reminders.models import Watchdog
from reminders.services.watchdog import SCHEDULE

CAP: Final = 1000
"""Counts go no further than this."""
MOST_CHANNELS: Final = 200
HEARTBEAT: Final = "heartbeat"
"""The schedule's entry that is no job: its record is the row of the schedule."""

_FIGURES = """
SELECT
  (SELECT next_rung_at FROM deadlines_deadline
     WHERE state = 'running' AND next_rung_at <= %(at)s ORDER BY next_rung_at LIMIT 1),
  (SELECT at FROM journal_event WHERE id =
     (SELECT event_id FROM journal_pending WHERE reader = %(reader)s ORDER BY event_id LIMIT 1)),
  (SELECT count(*) FROM (SELECT 1 FROM journal_pending WHERE reader = %(aside)s LIMIT %(cap)s) AS aside),
  (SELECT count(*) FROM (SELECT 1 FROM reminders_outboxmessage WHERE state = 'dead' LIMIT %(cap)s) AS dead),
  (SELECT claimed_at FROM reminders_outboxmessage WHERE state = 'claimed' ORDER BY claimed_at LIMIT 1),
  (SELECT count(*) FROM (SELECT 1 FROM accounts_user AS u WHERE u.is_active AND u.email <> '' AND EXISTS (
     SELECT 1 FROM communities_membership AS m WHERE m.user_id = u.id AND m.ended_at IS NULL) LIMIT %(cap)s) AS mailed)
"""
_CHANNELS = """
SELECT c.id, c.kind, c.name, c.subdistrict_id, c.failures, c.open_until_at, c.failing_from,
  c.last_success_at, c.last_error_at,
  (SELECT next_attempt_at FROM reminders_outboxmessage AS o
     WHERE o.via_id = c.id AND o.state = 'queued' AND o.next_attempt_at <= %(at)s ORDER BY next_attempt_at LIMIT 1),
  (SELECT count(*) FROM (SELECT 1 FROM reminders_outboxmessage AS o
     WHERE o.via_id = c.id AND o.state = 'queued' AND o.next_attempt_at <= %(at)s LIMIT %(cap)s) AS waiting)
FROM reminders_deliverychannel AS c WHERE c.retired_at IS NULL ORDER BY c.id LIMIT %(most)s
"""


class Condition(StrEnum):
    """How one thing is doing."""

    FINE = "fine"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True)
class ChannelFigures:
    """One way out. ``waiting`` may be sent now (at most CAP), ``oldest_at`` is since when the first of them may."""

    id: int
    kind: str
    name: str
    subdistrict_id: int | None
    failures: int
    open_until_at: datetime | None
    failing_from: datetime | None
    last_success_at: datetime | None
    last_error_at: datetime | None
    oldest_at: datetime | None
    waiting: int

    def is_open(self, at: datetime) -> bool:
        """Whether its circuit is open: nothing is tried for a while."""
        return self.open_until_at is not None and at < self.open_until_at


@dataclass(frozen=True)
class Job:
    """One periodic job: its last run, and from when on it is late.

    One that never ran is late from its first turn after the schedule began (None: unknown).
    """

    name: str
    every: timedelta | None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    result: Mapping[str, Any] | None = None
    due_at: datetime | None = None

    @property
    def failing(self) -> bool:
        """Whether its last run failed."""
        return self.failed_at is not None and (self.finished_at is None or self.failed_at > self.finished_at)

    def running(self, at: datetime) -> bool:
        """Whether a run may still be at work: begun, not ended, and within a task's time limit."""
        ends = [moment for moment in (self.finished_at, self.failed_at) if moment is not None]
        if self.started_at is None or (ends and max(ends) >= self.started_at):
            return False
        return at - self.started_at <= timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)


@dataclass(frozen=True)
class Figures:
    """What the database says at ``at``; ``signs``: seconds since each part's heartbeat (None: Redis is away).

    ``unknown``: due deadlines of which nobody knows the subject, as the last sweep found them. ``expecting_mail``:
    people who left an e-mail address (at most CAP); ``mail_leaves``: whether EMAIL_URL names a way out of the house.
    """

    at: datetime
    rung_at: datetime | None
    event_at: datetime | None
    set_aside: int
    unknown: int
    dead: int
    claimed_at: datetime | None
    channels: tuple[ChannelFigures, ...]
    jobs: tuple[Job, ...]
    schedule_at: datetime | None
    signs: Mapping[str, float | None] | None
    expecting_mail: int
    mail_leaves: bool


Signs = Callable[[], Mapping[str, float | None] | None]
_signs: list[Signs] = []


def register_signs(signs: Signs) -> None:
    """Let ``signs`` tell the age of the parts' heartbeats. The floor that keeps them calls it when it is ready."""
    _signs[:] = [signs]


def signs_of_life() -> Mapping[str, float | None] | None:
    """Seconds since the last heartbeat of worker and beat (None: no sign); None where Redis does not answer."""
    return _signs[0]() if _signs else None


def read_figures(at: datetime) -> Figures:
    """Everything at once: three statements and one look into Redis. Raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"at": at, "reader": READER, "aside": SET_ASIDE, "cap": CAP})
        rung_at, event_at, set_aside, dead, claimed_at, expecting_mail = cursor.fetchone()
        cursor.execute(_CHANNELS, {"at": at, "cap": CAP, "most": MOST_CHANNELS})
        channels = tuple(ChannelFigures(*row) for row in cursor.fetchall())
    rows = {row.job: row for row in Watchdog.objects.all()}
    schedule = rows.pop(SCHEDULE, None)
    return Figures(
        at=at,
        rung_at=rung_at,
        event_at=event_at,
        set_aside=set_aside,
        unknown=_unknown(rows.get("sweep")),
        dead=dead,
        claimed_at=claimed_at,
        channels=channels,
        jobs=tuple(_jobs(rows, schedule.started_at if schedule else None)),
        schedule_at=schedule.finished_at if schedule else None,
        signs=signs_of_life(),
        expecting_mail=expecting_mail,
        mail_leaves=email_is_configured(),
    )


def _unknown(sweep: Watchdog | None) -> int:
    """How many due deadlines the last sweep found of which nobody knows the subject."""
    return int(sweep.result.get("unknown", 0)) if sweep else 0


def lag(at: datetime, since: datetime | None) -> float:
    """Seconds for which something has waited; 0 where nothing waits."""
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())


# Jobs


Schedule = timedelta | crontab
"""How often a job runs: every so long, or at times of the day."""


def schedules() -> dict[str, Schedule]:
    """Job → its place in the schedule, as the Celery application has it."""
    entries = current_app.conf.beat_schedule or {}
    return {
        name.replace("-", "_"): _schedule(entry["schedule"]) for name, entry in entries.items() if name != HEARTBEAT
    }


def _schedule(given: Any) -> Schedule:
    if isinstance(given, schedule):
        every: timedelta = given.run_every  # type: ignore[attr-defined]
        return every
    return given if isinstance(given, timedelta | crontab) else timedelta(seconds=float(given))


def next_run(when: Schedule, after: datetime) -> datetime:
    """When a job that last ran at ``after`` is due again."""
    if isinstance(when, timedelta):
        return after + when
    last, delta, _now = when.remaining_delta(after)
    found: datetime = last + delta
    return found


def _jobs(rows: Mapping[str, Watchdog], since: datetime | None) -> list[Job]:
    """The jobs of the schedule in its order; records of jobs that it no longer has are left out."""
    found = []
    for name, when in schedules().items():
        every = when if isinstance(when, timedelta) else None
        row = rows.get(name)
        if row is None:
            found.append(Job(name, every, due_at=next_run(when, since) if since else None))
            continue
        due_at = next_run(when, row.finished_at) if row.finished_at else None
        found.append(Job(name, every, row.started_at, row.finished_at, row.failed_at, row.error, row.result, due_at))
    return found


# Judging

SILENT_AFTER: Final = timedelta(seconds=90)
"""The schedule has stopped when nothing of it was done for this long (it shows every ten seconds)."""
SWEEP_SILENT_AFTER: Final = timedelta(minutes=5)
"""Reminders have stopped when the sweep, due every minute, was not finished for this long."""

SWEEP_LAG: Final = (120.0, 600.0)
FAN_OUT_LAG: Final = (60.0, 300.0)
OUTBOX_LAG: Final = (180.0, 1800.0)
CLAIM_LAG: Final = (300.0, 1800.0)
HEARTBEAT_AGE: Final = (30.0, 45.0)
_INTERVAL_GRACE: Final = (timedelta(minutes=1), timedelta(minutes=5))
_DAILY_GRACE: Final = (timedelta(minutes=15), timedelta(hours=2))


def by_limits(seconds: float, limits: tuple[float, float]) -> Condition:
    """Fine up to the first of ``limits``, bad beyond the second."""
    if seconds <= limits[0]:
        return Condition.FINE
    return Condition.WATCH if seconds <= limits[1] else Condition.BAD


def of_job(job: Job, at: datetime) -> Condition:
    """Bad where its last run failed or it is long overdue, the first one too; a run at work is fine."""
    if job.failing:
        return Condition.BAD
    if job.running(at):
        return Condition.FINE
    if job.due_at is None:
        return Condition.FINE if job.every is None and job.started_at is None else Condition.WATCH
    soon, late = _DAILY_GRACE if job.every is None else _INTERVAL_GRACE
    if at <= job.due_at + soon:
        return Condition.FINE
    return Condition.WATCH if at <= job.due_at + late else Condition.BAD


def of_channel(channel: ChannelFigures, at: datetime) -> Condition:
    """Bad while its circuit is open, messages have waited for long or nothing got through for long; watched where the
    last try failed. A message that is put off until its next try has no part in what waits: the failures tell of it.
    """
    if channel.is_open(at) or (channel.failures and lag(at, channel.failing_from) > OUTBOX_LAG[1]):
        return Condition.BAD
    waits = by_limits(lag(at, channel.oldest_at), OUTBOX_LAG)
    return Condition.WATCH if waits is Condition.FINE and channel.failures else waits


def of_heartbeat(age: float | None) -> Condition:
    """Of worker or beat."""
    return Condition.BAD if age is None else by_limits(age, HEARTBEAT_AGE)


# The alarm on every page


@dataclass(frozen=True)
class Stopped:
    """The schedule, or the sweep alone, has not run since ``since`` (None: never)."""

    part: str
    since: datetime | None

    @property
    def key(self) -> str:
        """What a page that shows it compares, so that nothing is announced twice."""
        return f"{self.part}-{int(self.since.timestamp()) if self.since else 0}"


def stopped(at: datetime) -> Stopped | None:
    """Whether reminders have stopped. One statement, from the database alone: Redis may be what is away."""
    rows = dict(Watchdog.objects.filter(job__in=[SCHEDULE, "sweep"]).values_list("job", "finished_at"))
    schedule_at, sweep_at = rows.get(SCHEDULE), rows.get("sweep")
    if schedule_at is None or at - schedule_at > SILENT_AFTER:
        return Stopped(SCHEDULE, schedule_at)
    if sweep_at is not None and at - sweep_at > SWEEP_SILENT_AFTER:
        return Stopped("sweep", sweep_at)
    return None
