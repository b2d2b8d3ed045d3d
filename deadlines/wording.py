"""还剩2天3小时 and 超期1天: what is left of a limit, in working time for working limits, as people read it."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deadlines import services as deadlines
from deadlines.arithmetic import Remaining, remaining
from deadlines.calendar import MINUTES_PER_DAY
from deadlines.limits import Limit

_WORKING: Final = Limit.parse("1wh")
_CLOCK: Final = Limit.parse("1h")


def left_of(due_at: datetime, now: datetime, *, working: bool) -> Remaining:
    """What is left until ``due_at``; ``working`` says whether the limit counts office time."""
    return remaining(due_at, now, _WORKING if working else _CLOCK, deadlines.load_calendar())


def span_text(left: Remaining, *, exact: bool = True) -> str:
    """2天3小时, 1小时49分, 5分钟; without ``exact`` only the largest unit. "" for less than a minute."""
    days = ngettext("%(n)d天", "%(n)d天", left.days) % {"n": left.days} if left.days else ""
    hours = ngettext("%(n)d小时", "%(n)d小时", left.hours) % {"n": left.hours} if left.hours else ""
    minutes = ""
    if left.minutes and not left.days:
        minutes = ngettext("%(n)d分钟", "%(n)d分钟", left.minutes) % {"n": left.minutes}
    parts = [part for part in (days, hours, minutes) if part]
    if not exact:
        parts = parts[:1]
    return _("%(larger)s%(smaller)s") % {"larger": parts[0], "smaller": parts[1]} if len(parts) > 1 else "".join(parts)


def left_text(due_at: datetime, now: datetime, *, working: bool) -> str:
    """还剩2小时 or 超期1天, for lists and sentences."""
    left = left_of(due_at, now, working=working)
    span = span_text(left, exact=not left.overdue)
    if left.overdue:
        return _("超期%(span)s") % {"span": span} if span else _("已超期")
    return _("还剩%(span)s") % {"span": span} if span else _("即将到期")


def worked_between(start: datetime, end: datetime) -> Remaining:
    """The working time between two moments, as days and hours of work."""
    minutes = deadlines.load_calendar().working_minutes_between(start, end)
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, minutes = divmod(rest, 60)
    return Remaining(overdue=False, days=days, hours=hours, minutes=minutes)
