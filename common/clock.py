"""The one place that reads the time; services get it passed in as ``at``."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS_SHORT = "一二三四五六日"


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai."""
    return timezone.now().astimezone(SHANGHAI)


def local(at: datetime) -> datetime:
    """``at`` as wall-clock time in Asia/Shanghai."""
    return at.astimezone(SHANGHAI)


def today() -> date:
    """The present date in Asia/Shanghai."""
    return now().date()
