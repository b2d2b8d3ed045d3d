"""Dates as people read them, in the active language."""

from datetime import date, datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.clock import SHANGHAI, now

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_EN_LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _date(value: date | datetime) -> date:
    return value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value


def _year(on: date) -> str:
    if on.year == now().year:
        return ""
    return f" {on.year}" if _english() else f"{on.year}年"


def day(value: date | datetime) -> str:
    """11月27日 or 27 Nov; with the year where it is another one."""
    on = _date(value)
    if _english():
        return f"{on.day} {_MONTHS[on.month - 1]}{_year(on)}"
    return f"{_year(on)}{on.month}月{on.day}日"


def month(first: date) -> str:
    """11月 or Nov; with the year where it is another one."""
    if _english():
        return f"{_MONTHS[first.month - 1]}{_year(first)}"
    return f"{_year(first)}{first.month}月"


def day_weekday(value: date | datetime) -> str:
    """11月27日（周五） or Fri 27 Nov."""
    on = _date(value)
    if _english():
        return f"{_DAYS_EN[on.weekday()]} {day(on)}"
    return f"{day(on)}（周{_DAYS_ZH[on.weekday()]}）"


def day_weekday_long(value: date | datetime) -> str:
    """11月27日（星期五） or Friday 27 Nov."""
    on = _date(value)
    if _english():
        return f"{_DAYS_EN_LONG[on.weekday()]} {day(on)}"
    return f"{day(on)}（星期{_DAYS_ZH[on.weekday()]}）"


def moment(value: datetime) -> str:
    """11月27日（周五）17:30 or Fri 27 Nov 17:30."""
    clock = f"{value.astimezone(SHANGHAI):%H:%M}"
    return f"{day_weekday(value)} {clock}" if _english() else f"{day_weekday(value)}{clock}"


def moment_short(value: datetime) -> str:
    """今天 17:30, 明天 …, 昨天 …, else 11-27 17:30 (with the year where it is another one)."""
    wall = value.astimezone(SHANGHAI)
    today = now().date()
    near = {today: _("今天"), today - timedelta(days=1): _("昨天"), today + timedelta(days=1): _("明天")}
    label = near.get(wall.date())
    if label:
        return f"{label} {wall:%H:%M}"
    return f"{wall:%m-%d %H:%M}" if wall.year == today.year else f"{wall:%Y-%m-%d %H:%M}"
