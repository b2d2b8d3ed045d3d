"""Calendars that other programs subscribe to: iCalendar (RFC 5545), written by the library icalendar."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from icalendar import Calendar, Event

from common.clock import SHANGHAI

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
_EVERY: Final = timedelta(hours=4)
"""How often a subscriber looks again, as far as it asks (RFC 7986, 5.7); an hour's change is not worth more."""


@dataclass(frozen=True)
class CalendarEntry:
    """One date. ``uid`` names it for ever, ``sequence`` counts its changes (RFC 5545, 3.8.7.4).

    Without ``starts`` it is the whole day. ``tentative``: it may still be moved. A cancelled one stays, and says so: a
    calendar that had read it before takes it off its reader's day. ``busy``: the reader is expected there.
    """

    uid: str
    sequence: int
    on: date
    summary: str
    url: str
    starts: time | None = None
    place: str = ""
    description: str = ""
    tentative: bool = False
    cancelled: bool = False
    busy: bool = True


def written(name: str, entries: Iterable[CalendarEntry], *, host: str, at: datetime) -> bytes:
    """The calendar as it is sent: lines folded at 75 octets, moments in UTC, so that it needs no table of time zones.

    ``METHOD:PUBLISH`` makes ``DTSTAMP`` the moment ``at`` which it was written (RFC 5545, 3.8.7.2). ``host`` stands
    behind each ``uid``: two installations never name two things alike.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//GovTrack//Calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, host, at))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, host: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", _moment(entry))
    event.add("summary", _plain(entry.summary))
    event.add("status", _status(entry))
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    event.add("url", entry.url)
    if entry.place:
        event.add("location", _plain(entry.place))
    if entry.description:
        event.add("description", _plain(entry.description))
    return event


def _plain(text: str) -> str:
    """Lines that end in one way, and no control character: RFC 5545, 3.3.11 knows none."""
    return "\n".join("".join(one for one in line if unicodedata.category(one) != "Cc") for line in text.splitlines())


def _moment(entry: CalendarEntry) -> date | datetime:
    if entry.starts is None:
        return entry.on
    return datetime.combine(entry.on, entry.starts, SHANGHAI).astimezone(UTC)


def _status(entry: CalendarEntry) -> str:
    if entry.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.tentative else "CONFIRMED"
