"""What everybody may read of meetings: released ones; what was raised there once the convener confirmed the minutes.

And what the public asked there, once somebody looked at it. Words are free of numbers and names, and who spoke is never
told: only the community and the organisation.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from commitments.words import day_of
from common import dates
from common.keyset import Order, Page, paginate
from common.masking import anonymous
from communities.lines import OfficeLines
from communities.models import Community
from meetings.enums import LeftOver, MeetingState, QuestionState
from meetings.models import Meeting, MeetingItem, Question, QuestionBox
from meetings.words import left_over_of, state_of

_NEWEST = Order(("-on", "-id"))
_LATEST = Order(("-number", "-id"))


@dataclass(frozen=True)
class PublicMeeting:
    """A released meeting."""

    pk: int
    title: str
    kind: str
    day: str
    place: str
    convener: str
    state: str
    not_held: bool
    comes: bool
    """Whether it is still to be held, or its minutes to be confirmed."""
    told: bool
    """Whether what was raised may be read."""


@dataclass(frozen=True)
class PublicItem:
    """What was raised, by which community, and what was answered by whom; ``left`` is what is still open of it."""

    community: str
    words: str
    answer: str
    kind: str
    department: str
    due: str
    left: str
    late: bool


def meetings_page(community: Community | None, *, today: date, cursor: str | None, size: int) -> Page:
    """Released meetings, a community's or all, the newest first; one statement. Raises BadCursor."""
    rows = Meeting.objects.released().with_names()
    rows = rows if community is None else rows.concerning(community)
    page = paginate(rows, order=_NEWEST, cursor=cursor or None, size=size)
    return Page(rows=[public_meeting(row, today) for row in page.rows], next_cursor=page.next_cursor)


def expected(community: Community | None, *, today: date, size: int) -> list[tuple[PublicMeeting, bool]]:
    """Released meetings in progress or to come, a community's or all, the next first; one statement.

    Each with whether the public may ask there now.
    """
    rows = Meeting.objects.released().expected(today).with_names().select_related("box").order_by("on", "id")
    rows = rows if community is None else rows.concerning(community)
    found = [(row, getattr(row, "box", None)) for row in rows[:size]]
    return [(public_meeting(row, today), box is not None and box.is_open(today)) for row, box in found]


def find(pk: int) -> Meeting | None:
    """A released meeting; None for any other."""
    return Meeting.objects.released().with_names().filter(pk=pk).first()


def public_meeting(row: Meeting, today: date) -> PublicMeeting:
    """Of one ``with_names``."""
    return PublicMeeting(
        pk=row.pk,
        title=anonymous(row.title),
        kind=row.kind.name,
        day=f"{day_of(row.on, row.precision)}{f' {row.starts:%H:%M}' if row.starts else ''}",
        place=anonymous(row.place) or (row.community.name if row.community else ""),
        convener=row.convener.name if row.convener else "",
        state=state_of(row, today),
        not_held=row.is_missed(today),
        comes=row.state not in (MeetingState.CANCELLED, MeetingState.NOT_HELD),
        told=row.is_locked,
    )


def items_of(row: Meeting, today: date) -> list[PublicItem]:
    """What was raised, in order; nothing before the minutes are confirmed, nothing confidential. One statement."""
    if not row.is_locked:
        return []
    return [_item(item, today) for item in row.items.with_names().open_to_all().in_order()]


def _item(item: MeetingItem, today: date) -> PublicItem:
    left = left_over_of(item, today)
    return PublicItem(
        community=item.community.name if item.community else "",
        words=anonymous(item.words),
        answer=anonymous(item.answer),
        kind=str(item.get_answer_kind_display()) if item.answer_kind else "",
        department=item.department.name if item.department else "",
        due=day_of(item.due_on, item.due_precision) if item.due_on else "",
        left=str(LeftOver(left).label) if left else "",
        late=left == LeftOver.LATE,
    )


@dataclass(frozen=True)
class PublicQuestion:
    """A question that everybody may read. ``also``: how many asked the same; ``until``: when its answer is due.

    Of one that is not suitable the reason stands in place of its words.
    """

    number: int
    words: str
    also: int
    state: str
    label: str
    department: str
    answer: str
    reason: str
    until: str
    late: bool
    promise: int | None
    """The released promise that it became."""


def box_of(meeting_pk: int) -> QuestionBox | None:
    """The question box of a released meeting; None where there is none. One statement."""
    rows = QuestionBox.objects.filter(meeting_id=meeting_pk, meeting__released_at__isnull=False)
    return rows.select_related("meeting__kind", "meeting__community", "meeting__convener").first()


def questions_page(box: QuestionBox, *, at: datetime, cursor: str | None, size: int) -> Page:
    """What was asked and may be read, the latest first; one statement, another where an answer names a phone.

    Raises BadCursor.
    """
    rows = Question.objects.filter(box=box).readable().with_names().annotate(also=Count("merged"))
    page = paginate(rows, order=_LATEST, cursor=cursor or None, size=size)
    lines = OfficeLines(box.meeting.subdistrict_id)
    return Page(rows=[_question(row, row.also, lines, at) for row in page.rows], next_cursor=page.next_cursor)


def _question(row: Question, also: int, lines: OfficeLines, at: datetime) -> PublicQuestion:
    unsuitable = row.state == QuestionState.UNSUITABLE
    promise = row.commitment
    return PublicQuestion(
        number=row.number,
        words="" if unsuitable else anonymous(row.words),
        also=also,
        state=row.state,
        label=str(row.get_state_display()),
        department=row.department.name if row.department else "",
        answer=anonymous(row.answer, keep=lines),
        reason=anonymous(row.reason, keep=lines),
        until=dates.day(row.due_at) if row.due_at else "",
        late=row.is_late(at),
        promise=promise.pk if promise is not None and promise.released_at is not None else None,
    )
