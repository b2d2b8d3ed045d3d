"""The calendar and the rules as this process holds them: read from the database at most once a minute."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Max, QuerySet

from common.clock import today
from common.held import Held
from deadlines import sources
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.models import CalendarDay, DaySource, DeadlineRule
from deadlines.rules import DEFAULT_RULES, RuleRow, RuleSet


class _Calendar(NamedTuple):
    calendar: WorkCalendar
    version: tuple[int, datetime | None]


def forget() -> None:
    """Drop what this process holds, so that the next read asks the database."""
    _calendars.forget()
    _rules.forget()


def load_calendar() -> WorkCalendar:
    """The working calendar. No statement while fresh, else one for its version, one more where that changed.

    An empty table stands for the calendar that the library knows.
    """
    return _calendars.of("").calendar


def _read_calendar(key: str) -> _Calendar:
    found = CalendarDay.objects.aggregate(days=Count("on"), newest=Max("updated_at"))
    version = (found["days"], found["newest"])
    held = _calendars.last(key)
    if held and held.version == version:
        return held
    calendar = _read_days() if found["days"] else sources.built_in(today().year + sources.YEARS_AHEAD)
    return _Calendar(calendar, version)


_calendars = Held(_read_calendar)


_DAYS: Final = """
SELECT "on", workday, estimated, (SELECT coalesce(max(id), 0) FROM deadlines_calendarchange) FROM deadlines_calendarday
"""


def _read_days() -> WorkCalendar:
    """The days and the last change that they hold, in one statement, so that neither is ahead of the other."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS)
        rows = cursor.fetchall()
    days = {on: (workday, estimated) for on, workday, estimated, _version in rows}
    return WorkCalendar(days, version=rows[0][3] if rows else 0)


def load_rules(subdistrict_id: int | None) -> RuleSet:
    """The rules of a sub-district: its own, else the installation's, else the product's."""
    return _rules.of(subdistrict_id)


def stored_rules(subdistrict_id: int | None) -> RuleSet:
    """The same as they stand in this transaction, past what the process holds: for who changes them."""
    rows = _rules_of(subdistrict_id).filter(retired_at__isnull=True)
    found = [
        RuleRow(scope_kind, scope, kind, Limit.parse(limit), times)
        for scope_kind, scope, kind, limit, times in rows.values_list(
            "scope_kind", "scope", "deadline_kind", "limit", "times"
        )
    ]
    fallback = DEFAULT_RULES if subdistrict_id is None else load_rules(None)
    return RuleSet(found) if found else fallback


_rules = Held(stored_rules)


def _rules_of(subdistrict_id: int | None) -> QuerySet[DeadlineRule]:
    if subdistrict_id is None:
        return DeadlineRule.objects.filter(subdistrict__isnull=True)
    return DeadlineRule.objects.filter(subdistrict_id=subdistrict_id)


def refresh_calendar(
    *, at: datetime, first_year: int = sources.FIRST_YEAR, last_year: int | None = None
) -> dict[str, int]:
    """Fill the calendar's table from the library; later years are estimated. Repeatable.

    Days that an administrator took from a notice stay. Returns how many days were ``written`` and ``kept``.
    """
    last = last_year or at.year + sources.YEARS_AHEAD
    with transaction.atomic():
        present = {day.on: day for day in CalendarDay.objects.filter(on__year__range=(first_year, last))}
        wanted = [
            CalendarDay(
                on=day.on,
                workday=day.workday,
                estimated=day.estimated,
                name=day.name,
                source=DaySource.ESTIMATE if day.estimated else DaySource.LIBRARY,
                updated_at=at,
            )
            for day in sources.days_of(first_year, last)
        ]
        changed = [day for day in wanted if _differs(present.get(day.on), day)]
        CalendarDay.objects.bulk_create(
            changed,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["on"],
            update_fields=["workday", "estimated", "name", "source", "updated_at"],
        )
    transaction.on_commit(forget)
    forget()
    return {"written": len(changed), "kept": len(wanted) - len(changed)}


def _differs(present: CalendarDay | None, wanted: CalendarDay) -> bool:
    if present is None:
        return True
    if present.source == DaySource.NOTICE:
        return False
    return any(getattr(present, name) != getattr(wanted, name) for name in ("workday", "estimated", "name", "source"))


def install_default_rules(subdistrict_id: int | None = None) -> int:
    """Write the product's rules as editable rows where the sub-district has none yet. Returns how many were written."""
    if _rules_of(subdistrict_id).exists():
        return 0
    rows = DeadlineRule.objects.bulk_create(
        [
            DeadlineRule(
                subdistrict_id=subdistrict_id,
                scope_kind=row.scope_kind,
                scope=row.scope,
                deadline_kind=row.deadline_kind,
                limit=str(row.limit),
                times=row.times,
            )
            for row in DEFAULT_RULES.rows
        ]
    )
    forget()
    return len(rows)
