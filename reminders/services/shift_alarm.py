"""An empty shift is told to the supervisor before it begins: at 17:00, for all hours until offices open again.

Empty is also the shift of somebody who left, or who is away with nobody to stand in.

Source: docs/rules/people.md#duty. On a Friday, or on the eve of holidays, that is everything up to the next working
morning; on a day off it is asked again for what is still empty.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction

from common.clock import local
from communities.models import SubDistrict
from deadlines.calendar import DAY_CLOSES, WorkCalendar, at_clock
from deadlines.duty import staffing
from deadlines.duty.staffing import Span
from deadlines.models import DutyShift
from deadlines.services import load_calendar
from journal.models import Event
from journal.services import Entry, record_many
from reminders.enums import OFFICE

KIND: Final = "shift_empty"
ASKED_AT: Final = time(17, 0)
"""The hour at which the evening is looked at, whenever the job itself runs."""
KEPT_WITHIN: Final = timedelta(days=30)
"""A community keeps a roster of its own if it had a shift this lately, or has one ahead."""


def alarm_empty_shifts(*, at: datetime) -> dict[str, int]:
    """Record one event for each gap of each roster, once a day however often this runs.

    Returns how many ``areas`` were looked at and how many ``gaps`` were recorded now.
    """
    hours = hours_ahead(load_calendar(), at)
    areas = recorded = 0
    for subdistrict_id in (
        SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    ):
        looked, found = _alarm(subdistrict_id, hours, at)
        areas += looked
        recorded += found
    return {"areas": areas, "gaps": recorded}


def hours_ahead(calendar: WorkCalendar, at: datetime) -> list[Span]:
    """The hours outside office time from 17:00 of this day to the next opening, as few spans as there can be. Pure."""
    today = local(at).date()
    opens_at = calendar.next_opening(at_clock(today, DAY_CLOSES))
    from_at = at_clock(today, ASKED_AT)
    spans = staffing.duty_hours(calendar, today, local(opens_at).date() - timedelta(days=1))
    return joined([Span(max(span.starts_at, from_at), span.ends_at) for span in spans if span.ends_at > from_at])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that follow each other without a break as one, in order. Pure."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.starts_at):
        if found and span.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, span.ends_at))
        else:
            found.append(span)
    return found


def _alarm(subdistrict_id: int, hours: Sequence[Span], at: datetime) -> tuple[int, int]:
    """Record the gaps of one sub-district under its row lock; returns areas looked at and gaps recorded."""
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).get(pk=subdistrict_id)
        told = _told_today(subdistrict_id, at)
        areas = [None, *_keeping(subdistrict_id, at)]
        entries = []
        for community_id in areas:
            shifts = staffing.roster(
                subdistrict_id=subdistrict_id,
                community_id=community_id,
                start_at=hours[0].starts_at,
                end_at=hours[-1].ends_at,
            )
            empty = staffing.uncovered_spans(hours, staffing.manned_spans(shifts, staffing.presence_on(shifts), at))
            entries += [
                _entry(subdistrict_id, community_id, gap, at)
                for gap in empty
                if not _covers(told.get(community_id, []), gap)
            ]
        record_many(entries)
    return len(areas), len(entries)


def _keeping(subdistrict_id: int, at: datetime) -> list[int]:
    """The communities that keep a roster of their own."""
    rows = DutyShift.objects.standing().filter(
        subdistrict_id=subdistrict_id,
        community__isnull=False,
        community__retired_at__isnull=True,
        ends_at__gt=at - KEPT_WITHIN,
    )
    return list(rows.order_by("community_id").values_list("community_id", flat=True).distinct())


def _told_today(subdistrict_id: int, at: datetime) -> dict[int | None, list[Span]]:
    """What was recorded since midnight, by community (None: the sub-district's own roster)."""
    midnight = at_clock(local(at).date(), time())
    events = Event.objects.of(OFFICE, subdistrict_id).of_kinds([KIND]).filter(at__gte=midnight)
    found: dict[int | None, list[Span]] = {}
    for data in events.values_list("data", flat=True):
        span = Span(datetime.fromisoformat(data["starts_at"]), datetime.fromisoformat(data["ends_at"]))
        found.setdefault(data.get("community"), []).append(span)
    return found


def _covers(told: Sequence[Span], gap: Span) -> bool:
    """Whether this gap, or one that it is a part of, was recorded."""
    return any(one.starts_at <= gap.starts_at and gap.ends_at <= one.ends_at for one in told)


def _entry(subdistrict_id: int, community_id: int | None, gap: Span, at: datetime) -> Entry:
    data: dict[str, Any] = {
        "starts_at": local(gap.starts_at).isoformat(),
        "ends_at": local(gap.ends_at).isoformat(),
        "community": community_id,
    }
    return Entry(subject_kind=OFFICE, subject_id=subdistrict_id, kind=KIND, at=at, data=data)
