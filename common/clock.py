"""The one place that reads the time; services get it passed in as ``at``."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai."""
    return timezone.now().astimezone(SHANGHAI)


def end_of_named_day(text: str) -> datetime | None:
    """The last minute of the day that ``text`` names alone; None where it names a time too, or no day.

    Who allows something until a day allows the whole of it.
    """
    try:
        on = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return datetime.combine(on, time(23, 59), SHANGHAI)


def local(at: datetime) -> datetime:
    """``at`` as wall-clock time in Asia/Shanghai."""
    return at.astimezone(SHANGHAI)


def today() -> date:
    """The present date in Asia/Shanghai."""
    return now().date()
