"""The question box of a meeting: opened, asked into by the public, closed; what is open then is owed by somebody."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.clock import local
from common.plain import says_something
from communities.actors import Actor
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from issues.services.errors import InvalidFields
from issues.services.submissions import Sent
from journal.services import Entry, record_many
from meetings.enums import MEETING, QUESTION, QUESTION_CLOCK, MeetingState
from meetings.models import Meeting, Question, QuestionBox
from meetings.services.base import clean, held_meeting, tell, tell_meeting
from meetings.services.errors import AskedBefore, NotNow

ASKED_AT = (MeetingState.ANNOUNCED, MeetingState.LIVE)
"""Meetings whose box may be open: to come, or in progress."""


def may_open(meeting: Meeting, today: date) -> bool:
    """Whether its box may be open: it is announced for a day that has not passed, or in progress."""
    return meeting.state in ASKED_AT and not meeting.is_missed(today)


def open_box(*, meeting_id: int, version: int, by: Actor, at: datetime) -> QuestionBox:
    """From now on the public may ask. Raises NotPermitted, MeetingChanged, NotNow."""
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if not may_open(meeting, local(at).date()) or meeting.released_at is None:
            raise NotNow(_("先公开已预告或进行中的会议，再开放提问"))
        box = _held_box(meeting)
        if box is None:
            box = QuestionBox.objects.create(meeting=meeting, opened_at=at, opened_by_id=by.user_id or 0)
        elif box.closed_at is None:
            raise NotNow(_("提问箱已经开放"))
        else:
            box.closed_at = box.closed_by = None
            box.save(update_fields=["closed_at", "closed_by"])
        tell_meeting(meeting, "box_opened", by, at)
    return box


def close_box(*, meeting_id: int, version: int, by: Actor, at: datetime) -> QuestionBox:
    """Nobody asks any more; it may be opened again until the meeting is over.

    Raises NotPermitted, MeetingChanged, NotNow.
    """
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        box = _held_box(meeting)
        if box is None or box.closed_at is not None:
            raise NotNow(_("提问箱没有开放"))
        _close(box, meeting, by, at)
    return box


class AskedOnce(NamedTuple):
    """What became of one sending. ``again``: an earlier one made it."""

    question: Question
    again: bool


def was_asked(meeting_id: int, key: str) -> bool:
    """Whether a form with this key asked something."""
    return Question.objects.filter(box__meeting_id=meeting_id, key=key).exists()


def find_asked(meeting_id: int, sent: Sent) -> Question | None:
    """The question that an earlier sending of this form made; one statement, none without a key.

    Raises AskedBefore where that one said something else, InvalidFields where the key is malformed.
    """
    if not sent.has_key():
        return None
    earlier = Question.objects.filter(box__meeting_id=meeting_id, key=sent.key).first()
    if earlier is not None and earlier.digest != sent.digest:
        raise AskedBefore(earlier)
    return earlier


def ask(*, meeting_id: int, words: str, sent: Sent, at: datetime) -> AskedOnce:
    """Somebody without an account asks; once for each key. Nothing is kept of who it was.

    Raises NotNow where the box is closed, InvalidFields, AskedBefore.
    """
    said = clean({"question": words})["question"]
    if not says_something(said):
        raise InvalidFields({"question": _("请写下您的问题")})
    with transaction.atomic():
        rows = QuestionBox.objects.select_for_update(of=("self",), no_key=True).select_related("meeting")
        box = rows.filter(meeting_id=meeting_id).first()
        earlier = find_asked(meeting_id, sent)
        if earlier is not None:
            return AskedOnce(earlier, again=True)
        if box is None or not box.is_open(local(at).date()):
            raise NotNow(_("提问已经截止"))
        box.asked += 1
        box.save(update_fields=["asked"])
        question = Question.objects.create(
            subdistrict_id=box.meeting.subdistrict_id,
            box=box,
            number=box.asked,
            key=sent.key,
            digest=sent.digest,
            words=said,
            asked_at=at,
        )
        tell(
            *(QUESTION, question.pk, "question_asked", Actor.resident(), at),
            data={"meeting": box.meeting_id, "number": question.number},
            texts={"words": said},
        )
    return AskedOnce(question, again=False)


def end_box(meeting: Meeting, by: Actor, at: datetime) -> int:
    """The meeting is over: its box is closed, and every open question has a department and a date; how many are new.

    Of a question that nobody was given the convener. The caller holds the meeting's lock. Five statements, two where
    there is no box.
    """
    box = _held_box(meeting)
    if box is None:
        return 0
    if box.closed_at is None:
        _close(box, meeting, by, at)
    open_rows = box.questions.waiting().filter(due_at__isnull=True).select_for_update(no_key=True)
    rows = list(open_rows.order_by("pk"))
    if not rows:
        return 0
    calendar = deadlines.load_calendar()
    clocks = [clock_of(row, meeting, at, calendar) for row in rows]
    deadlines.start_many(clocks)
    ids = [row.pk for row in rows]
    Question.objects.filter(pk__in=ids, department__isnull=True).update(department_id=meeting.convener_id)
    Question.objects.filter(pk__in=ids).update(due_at=clocks[0].due_at, version=F("version") + 1)
    record_many(_owed(rows, clocks, meeting, by, at))
    return len(rows)


def clock_of(row: Question, meeting: Meeting, at: datetime, calendar: WorkCalendar) -> Deadline:
    """The clock of an answer in writing, from now, by the office's rule; not saved yet."""
    return deadlines.prepare_by_rule(
        subject_kind=QUESTION,
        subject_id=row.pk,
        subdistrict_id=row.subdistrict_id,
        kind=QUESTION_CLOCK,
        at=at,
        calendar=calendar,
        party_id=row.department_id or meeting.convener_id,
    )


def is_over(meeting: Meeting) -> bool:
    """Whether what is still open of its questions is owed by a day."""
    return meeting.state not in ASKED_AT


def _owed(
    rows: Sequence[Question], clocks: Sequence[Deadline], meeting: Meeting, by: Actor, at: datetime
) -> list[Entry]:
    return [
        Entry(
            *(QUESTION, row.pk, "question_owed", at),
            actor_id=by.user_id,
            actor_role=by.role,
            data={
                "meeting": meeting.pk,
                "number": row.number,
                "department": clock.party_id,
                "due_at": clock.due_at.isoformat(),
            },
        )
        for row, clock in zip(rows, clocks, strict=True)
    ]


def _held_box(meeting: Meeting) -> QuestionBox | None:
    return QuestionBox.objects.select_for_update(no_key=True).filter(meeting=meeting).first()


def _close(box: QuestionBox, meeting: Meeting, by: Actor, at: datetime) -> None:
    box.closed_at, box.closed_by = at, by.user
    box.save(update_fields=["closed_at", "closed_by"])
    tell(MEETING, meeting.pk, "box_closed", by, at, data={"asked": box.asked})
