"""Dates and small helpers for templates; registered as a builtin in settings."""

import re
from datetime import date, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common import dates

register = template.Library()
_WHOLE = re.compile(r"(\d+月\d+日|（星期.）|（周.）|（第\d+次）)")


@register.filter
def day(value: date | datetime | None) -> str:
    """11月27日, in English 27 Nov."""
    return dates.day(value) if value else ""


@register.filter
def day_weekday(value: date | datetime | None) -> str:
    """11月27日（周五）, in English Fri 27 Nov."""
    return dates.day_weekday(value) if value else ""


@register.filter
def day_weekday_long(value: date | datetime | None) -> str:
    """11月27日（星期五） as residents read it."""
    return dates.day_weekday_long(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """11月27日（周五）17:30."""
    return dates.moment(value) if value else ""


@register.filter
def moment_short(value: datetime | None) -> str:
    """今天 17:30, 昨天 09:12, else 11-27 17:30."""
    return dates.moment_short(value) if value else ""


@register.simple_tag
def time_tag(value: datetime | None, style: str = "moment") -> SafeString | str:
    """``<time datetime>`` around one of the styles above."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), getattr(dates, style)(value))


@register.filter
def whole_dates(text: str) -> SafeString:
    """Text in which no date breaks over two lines, for sentences in large letters."""
    parts = enumerate(_WHOLE.split(text))
    return format_html_join(
        "", "{}", ((format_html('<span class="nowrap">{}</span>', part) if at % 2 else part,) for at, part in parts)
    )
