"""When a message may leave: quiet hours, days off, digests. Pure: no ORM, no HTTP.

Source of the rules: docs/rules/supervision.md#when-a-message-leaves. A night's rest and a day off are broken only by
what is loud: critical matters, and what is told to whoever is on duty.
"""

from datetime import datetime, time, timedelta
from typing import Final

from deadlines.calendar import WorkCalendar, at_clock, wall
from reminders.enums import Mode

QUIET_FROM: Final = time(22, 0)
QUIET_UNTIL: Final = time(7, 30)
DIGESTS: Final = (time(9, 5), time(14, 35))
"""When digests leave, on working days."""


def next_attempt_at(at: datetime, *, mode: str, loud: bool, calendar: WorkCalendar) -> datetime:
    """When a message that is written at ``at`` is to be sent for the first time.

    Immediate: at once where that disturbs nobody. Digest: with the next one. ValueError for a mode that sends nothing.
    """
    if mode == Mode.DIGEST:
        return next_digest_at(at, calendar=calendar)
    if mode == Mode.IMMEDIATE:
        return allowed_from(at, loud=loud, calendar=calendar)
    raise ValueError(f"nothing is sent in the mode {mode}")


def next_digest_at(at: datetime, *, calendar: WorkCalendar) -> datetime:
    """The first digest at or after ``at``."""
    local = wall(at)
    today = local.date()
    if calendar.is_workday(today):
        for clock in DIGESTS:
            if local <= (leaves := at_clock(today, clock)):
                return leaves
    return at_clock(calendar.next_workday(today + timedelta(days=1)), DIGESTS[0])


def is_night(at: datetime) -> bool:
    """Whether ``at`` lies in the quiet hours (22:00 to 07:30)."""
    return not QUIET_UNTIL <= wall(at).time() < QUIET_FROM


def after_night(at: datetime) -> datetime:
    """The first moment from ``at`` on that is not in the quiet hours: for whoever has no days off here."""
    if not is_night(at):
        return at
    local = wall(at)
    return at_clock(local.date() + timedelta(days=local.time() >= QUIET_FROM), QUIET_UNTIL)


def is_quiet(at: datetime, *, calendar: WorkCalendar) -> bool:
    """Whether ``at`` lies in the quiet hours or on a day off."""
    return is_night(at) or not calendar.is_workday(wall(at).date())


def allowed_from(at: datetime, *, loud: bool, calendar: WorkCalendar) -> datetime:
    """The first moment from ``at`` on at which a message may leave: for a first attempt as for a further one."""
    if loud or not is_quiet(at, calendar=calendar):
        return at
    local = wall(at)
    today = local.date()
    before_work = calendar.is_workday(today) and local.time() < QUIET_UNTIL
    on = today if before_work else calendar.next_workday(today + timedelta(days=1))
    return at_clock(on, QUIET_UNTIL)
