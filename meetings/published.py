"""What everybody may read of meetings: released ones; what was raised there once the convener confirmed the minutes.

Words are free of numbers and names, and who spoke is never told: only the community and the organisation.
"""

from dataclasses import dataclass
from datetime import date

from commitments.words import day_of
from common.keyset import Order, Page, paginate
from common.masking import anonymous
from meetings.enums import LeftOver
from meetings.models import Meeting, MeetingItem
from meetings.words import left_over_of, state_of

_NEWEST = Order(("-on", "-id"))


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


def meetings_page(*, today: date, cursor: str | None, size: int) -> Page:
    """Released meetings, the newest first; one statement. Raises BadCursor."""
    page = paginate(Meeting.objects.released().with_names(), order=_NEWEST, cursor=cursor or None, size=size)
    return Page(rows=[public_meeting(row, today) for row in page.rows], next_cursor=page.next_cursor)


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
        told=row.is_locked,
    )


def items_of(row: Meeting, today: date) -> list[PublicItem]:
    """What was raised, in order; nothing before the minutes are confirmed, nothing confidential. One statement."""
    if not row.is_locked:
        return []
    return [_item(item, today) for item in row.items.with_names().exclude(issue__confidential=True).in_order()]


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
