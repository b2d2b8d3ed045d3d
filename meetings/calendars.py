"""Dates of meetings and promises, for calendars that subscribe: what is released, and one person's own scope."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.enums import CommitmentState, Precision
from commitments.models import Commitment
from common.calendars import CalendarEntry, written
from common.clock import local
from common.masking import anonymous
from communities.access import Access
from issues.reading.published import PublicPromise, promises_between
from meetings.enums import MeetingState
from meetings.models import Meeting
from meetings.querysets import MeetingQuerySet
from meetings.words import state_of

BEFORE: Final = timedelta(days=92)
AHEAD: Final = timedelta(days=366)
"""Between which days: what a subscriber has read stays until it is a quarter old."""
MOST: Final = 500
"""Of each sort; the earliest first."""
_SUMMARY: Final = 80


def released(at: datetime) -> bytes:
    """What everybody may read of: meetings and promises that were released; four statements."""
    since, until = _window(at)
    meetings = [_meeting(row, at, public=True) for row in _between(Meeting.objects.released(), since, until)]
    found = promises_between(since, until, at=at, most=MOST)
    promises = [_promise(row, row.who, "public-promise") for row in found]
    return _written(_("会议和承诺"), [*meetings, *promises], at)


def of_person(access: Access, at: datetime) -> bytes:
    """What one person's scope shows: meetings, and what is promised and not withdrawn long ago.

    A meeting to which one is no longer invited stays too, cancelled, so that it leaves the calendar.
    """
    since, until = _window(at)
    gone = {row.pk: row for row in _between(Meeting.objects.uninvited(access), since, until)}
    there = [row for row in _between(Meeting.objects.visible_to(access), since, until) if row.pk not in gone]
    meetings = [*(_meeting(row, at, public=False) for row in there), *map(_uninvited, gone.values())]
    rows = Commitment.objects.visible_to(access).filter(historic=False, precision=Precision.DAY).with_owner()
    found = rows.dated(since=since, until=until).soonest()[:MOST]
    promises = [_promise(row, row.owner.short_name, "console-commitment") for row in found]
    return _written(_("我的会议和承诺"), [*meetings, *promises], at)


def _window(at: datetime) -> tuple[date, date]:
    today = local(at).date()
    return today - BEFORE, today + AHEAD


def _between(rows: MeetingQuerySet, since: date, until: date) -> Iterable[Meeting]:
    dated = rows.filter(historic=False, on__gte=since, on__lte=until).with_names()
    return dated.order_by("on", "id")[:MOST]


def _written(name: str, entries: Iterable[CalendarEntry], at: datetime) -> bytes:
    return written(name, entries, host=urlsplit(settings.PUBLIC_URL).hostname or "localhost", at=at)


def _meeting(row: Meeting, at: datetime, *, public: bool) -> CalendarEntry:
    """A moved one keeps its name; one that was taken back or not held stays, cancelled."""
    said = [state_of(row, local(at).date())]
    if row.estimated:
        said.append(_("日期为估算"))
    if row.convener:
        said.append(_("召集单位：%(name)s") % {"name": row.convener.name})
    place = row.place or (row.community.name if row.community else "")
    page = "public-meeting" if public else "console-meeting"
    return CalendarEntry(
        uid=f"meeting-{row.pk}",
        sequence=row.version - 1,
        on=row.on,
        starts=row.starts,
        summary=anonymous(row.title) if public else row.title,
        place=anonymous(place) if public else place,
        description="\n".join(said),
        url=settings.PUBLIC_URL + reverse(page, args=[row.pk]),
        tentative=row.state == MeetingState.PLANNED or row.estimated,
        cancelled=row.state in (MeetingState.CANCELLED, MeetingState.NOT_HELD),
    )


def _uninvited(row: Meeting) -> CalendarEntry:
    """What a reader who had it needs to take it out; nothing that was said since."""
    return CalendarEntry(
        uid=f"meeting-{row.pk}",
        sequence=row.version - 1,
        on=row.on,
        starts=row.starts,
        summary=_("不再邀请的会议"),
        url=settings.PUBLIC_URL + reverse("console-meetings"),
        cancelled=True,
    )


def _promise(row: PublicPromise | Commitment, who: str, page: str) -> CalendarEntry:
    """A whole day that keeps nobody busy: until its 17:30."""
    what = _("承诺到期") if row.due_on else _("承诺复查")
    return CalendarEntry(
        uid=f"commitment-{row.pk}",
        sequence=row.version - 1,
        on=row.due_on or row.review_on or date.max,
        summary=_("%(what)s：%(who)s %(text)s") % {"what": what, "who": who, "text": row.text[:_SUMMARY]},
        description=f"{CommitmentState(row.state).label}\n{row.text}",
        url=settings.PUBLIC_URL + reverse(page, args=[row.pk]),
        cancelled=row.state == CommitmentState.WITHDRAWN,
        busy=False,
    )
