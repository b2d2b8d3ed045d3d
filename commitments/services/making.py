"""Making, keeping, moving and taking back promises: rows and clocks.

The caller of all but ``make`` holds the row lock of the subject that it was promised on. Of a promise made on a matter
nothing is journalled here: the floor that owns the matter says in its journal what happened. What happens to one that
stands for itself, ``commitments.services.acting`` tells.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from commitments.enums import HISTORIC, SUBJECT, ChangeState, CommitmentClock, CommitmentState, Precision, event_of
from commitments.models import Commitment, CoOwner, DateChange, Milestone
from commitments.services.errors import CommitmentEnded, InvalidCommitment, Words
from common.texts import kept_text
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, at_clock, wall
from deadlines.limits import Limit, Unit
from deadlines.models import Deadline
from journal.services import Entry, record

RULE: Final = "commitment"
"""The rule of a commitment's deadlines: the date that was promised."""

REVIEW_DAYS: Final = 30
"""Of a promise without any date: looked at again after so many days (docs/rules/commitments.md)."""

FARTHEST_DAYS: Final = 3653
"""Ten years: a date beyond is a slip of the pen."""

LONGEST: Final = 500
"""Characters of a promise, a note, a reason."""


_LONGEST_TEXT: Final = 2000
"""Of a promise as it is stored, whoever made it."""


class NewMilestone(NamedTuple):
    """A step that is promised with the whole."""

    text: str
    due_on: date


def review_day(at: datetime) -> date:
    """When a promise without a date is looked at again, if nobody says so."""
    return wall(at).date() + timedelta(days=REVIEW_DAYS)


def check(
    *,
    text: str,
    owner_id: int | None,
    at: datetime,
    due_on: date | None = None,
    review_on: date | None = None,
    milestones: Sequence[NewMilestone] = (),
) -> None:
    """Raise InvalidCommitment where words or an owner are missing, or a date is past or beyond ten years."""
    wrong: dict[str, Words] = {}
    if not text.strip():
        wrong["text"] = _("请填写承诺的内容")
    if owner_id is None:
        wrong["owner"] = _("请选择承诺单位")
    dates = (("due_on", due_on), ("review_on", review_on), *(("milestones", row.due_on) for row in milestones))
    for name, on in dates:
        if on is not None and (words := wrong_date(on, at)):
            wrong[name] = words
    if any(not row.text.strip() for row in milestones):
        wrong["milestones"] = _("请填写节点的内容")
    if wrong:
        raise InvalidCommitment(wrong)


def make(
    *,
    subdistrict_id: int,
    text: str,
    owner_id: int,
    by_id: int,
    at: datetime,
    subject_kind: str = "",
    subject_id: int | None = None,
    source_kind: str = "",
    source_id: int | None = None,
    community_id: int | None = None,
    co_owner_ids: Collection[int] = (),
    due_on: date | None = None,
    review_on: date | None = None,
    milestones: Sequence[NewMilestone] = (),
    public: bool = True,
    by_role: str = "none",
    said_at: datetime | None = None,
) -> Commitment:
    """Promise something: due at 17:30 of ``due_on``, to be looked at again by 17:30 of ``review_on``.

    Made on a subject (kind, id), e.g. an issue, that one's journal and people go on with it, and it is its source.
    Without a subject it stands for itself: it has a journal of its own, in which this is told, and ``source`` names
    what it comes from, of any kind that ``commitments.scopes`` may know. ``community_id`` raised it and will confirm
    that it was kept. Without any date it is reviewed after 30 days. Each date starts a deadline that ``owner_id`` owes.
    ``said_at``: it was promised before ``at``, and counts from then, so that it may be late already.
    Raises InvalidCommitment (see ``check``).
    """
    if due_on is None and review_on is None:
        review_on = review_day(at)
    text = _kept("text", text)
    milestones = [NewMilestone(_kept("milestones", row.text), row.due_on) for row in milestones]
    check(text=text, owner_id=owner_id, at=said_at or at, due_on=due_on, review_on=review_on, milestones=milestones)
    with transaction.atomic():
        pk = _next_id()
        made = Commitment.objects.create(
            pk=pk,
            subdistrict_id=subdistrict_id,
            subject_kind=subject_kind or SUBJECT,
            subject_id=subject_id if subject_kind and subject_id is not None else pk,
            source_kind=source_kind or subject_kind,
            source_id=subject_id if source_id is None else source_id,
            community_id=community_id,
            text=text.strip(),
            owner_id=owner_id,
            due_on=due_on,
            review_on=review_on,
            first_on=due_on or review_on,
            public=public,
            made_at=at,
            made_by_id=by_id,
        )
        others = sorted(set(co_owner_ids) - {owner_id})
        CoOwner.objects.bulk_create(CoOwner(commitment=made, department_id=other) for other in others)
        Milestone.objects.bulk_create(
            Milestone(commitment=made, text=row.text.strip(), due_on=row.due_on) for row in milestones
        )
        start_clocks(made, at, began_at=said_at)
        if made.stands_alone:
            record(_made(made, by_role))
    return made


def _kept(name: str, text: str) -> str:
    try:
        return kept_text(text, longest=_LONGEST_TEXT)
    except ValueError as error:
        raise InvalidCommitment({name: str(error)}) from error


def record_historic(
    *,
    subdistrict_id: int,
    source_id: int,
    text: str,
    owner_id: int,
    due_on: date,
    precision: Precision,
    made_on: date,
    by_id: int,
    at: datetime,
    community_id: int | None = None,
    co_owner_ids: Collection[int] = (),
) -> Commitment:
    """Record what press reports of earlier years say was promised: no clock, in no rate, read by everybody.

    ``made_on`` is the day that they name, ``due_on`` the last day of what was promised with that ``precision``.
    """
    with transaction.atomic():
        pk = _next_id()
        made = Commitment.objects.create(
            pk=pk,
            subdistrict_id=subdistrict_id,
            subject_kind=SUBJECT,
            subject_id=pk,
            source_kind=HISTORIC,
            source_id=source_id,
            community_id=community_id,
            text=text.strip(),
            owner_id=owner_id,
            due_on=due_on,
            first_on=due_on,
            precision=precision,
            historic=True,
            made_at=at_clock(made_on, DAY_CLOSES),
            made_by_id=by_id,
            released_at=at,
            released_by_id=by_id,
        )
        others = sorted(set(co_owner_ids) - {owner_id})
        CoOwner.objects.bulk_create(CoOwner(commitment=made, department_id=other) for other in others)
        data = {"status": made.state, "version": made.version, "due_on": due_on.isoformat()}
        record(Entry(subject_kind=SUBJECT, subject_id=pk, kind=event_of("recorded"), at=at, actor_id=by_id, data=data))
    return made


def _next_id() -> int:
    """The id of a row before it is inserted: a promise that stands for itself names itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('commitments_commitment', 'id'))")
        return int(cursor.fetchone()[0])


def _made(made: Commitment, role: str) -> Entry:
    days = {name: on.isoformat() for name in ("due_on", "review_on") if (on := getattr(made, name)) is not None}
    return Entry(
        subject_kind=SUBJECT,
        subject_id=made.pk,
        kind=event_of("made"),
        at=made.made_at,
        actor_id=made.made_by_id,
        actor_role=role,
        data={"status": made.state, "version": made.version, "department": made.owner_id, **days},
        texts={"text": made.text},
    )


# Its clocks


def start_clocks(row: Commitment, at: datetime, *, began_at: datetime | None = None) -> None:
    """Its dates begin to run, and the one of its next milestone; ``began_at``: they count from before ``at``."""
    dates = [(CommitmentClock.FULFIL, row.due_on), (CommitmentClock.REVIEW, row.review_on)]
    following = next_milestone(row.pk)
    if following is not None:
        dates.append((CommitmentClock.MILESTONE, following.due_on))
    deadlines.start_many([_clock(row, kind, on, at, began_at) for kind, on in dates if on is not None])


def next_milestone(commitment_id: int) -> Milestone | None:
    """The earliest that was not reached."""
    rows = Milestone.objects.filter(commitment_id=commitment_id, reached_at__isnull=True)
    return rows.order_by("due_on", "id").first()


def follow_milestones(row: Commitment, at: datetime) -> None:
    """The clock of the milestones counts for the next one: what was owed so far ends, what is owed now begins."""
    open_clocks = Deadline.objects.of(SUBJECT, row.pk).open().filter(kind=CommitmentClock.MILESTONE)
    running, following = open_clocks.first(), next_milestone(row.pk)
    if running is not None and following is not None and running.fixed_due_at == at_clock(following.due_on, DAY_CLOSES):
        return
    if running is not None:
        earlier = following is not None and at_clock(following.due_on, DAY_CLOSES) < running.due_at
        (deadlines.cancel if earlier else deadlines.stop)([running], None, at)
    if following is not None:
        deadlines.start_many([_clock(row, CommitmentClock.MILESTONE, following.due_on, at)])


def _clock(
    made: Commitment, kind: CommitmentClock, on: date, at: datetime, began_at: datetime | None = None
) -> Deadline:
    """Counted in calendar days, so that a new holiday notice moves no promised date."""
    return deadlines.prepare(
        subject_kind=SUBJECT,
        subject_id=made.pk,
        subdistrict_id=made.subdistrict_id,
        kind=kind,
        limit=Limit(max(1, (on - wall(began_at or at).date()).days), Unit.DAYS),
        rule=RULE,
        at=at,
        began_at=began_at,
        calendar=deadlines.load_calendar(),
        party_id=made.owner_id,
        fixed_due_at=at_clock(on, DAY_CLOSES),
    )


# What becomes of it


def locked(commitment_id: int) -> Commitment:
    """The row, locked. Commitment.DoesNotExist where there is none."""
    return Commitment.objects.select_for_update(no_key=True, of=("self",)).get(pk=commitment_id)


def report_done(*, commitment_id: int, by_id: int, at: datetime, evidence: str) -> Commitment:
    """The owner says that it was done, and by what this shows: it waits for whoever raised it to confirm.

    Its clocks end as met or late; a wish for another date lapses. Raises CommitmentEnded.
    """
    with transaction.atomic():
        kept = locked(commitment_id)
        if not kept.is_open:
            raise CommitmentEnded
        kept.state, kept.evidence = CommitmentState.REPORTED, evidence.strip()
        kept.reported_at, kept.reported_by_id = at, by_id
        _save(kept, "state", "evidence", "reported_at", "reported_by")
        deadlines.stop(Deadline.objects.of(SUBJECT, kept.pk).open(), None, at)
        lapse_changes([kept.pk])
    return kept


def confirm(*, commitment_id: int, by_id: int, at: datetime) -> Commitment:
    """Whoever raised it says that it was kept. Raises CommitmentEnded where nobody reported it done."""
    with transaction.atomic():
        kept = locked(commitment_id)
        if kept.state != CommitmentState.REPORTED:
            raise CommitmentEnded
        kept.state, kept.ended_at, kept.ended_by_id = CommitmentState.FULFILLED, at, by_id
        _save(kept, "state", "ended_at", "ended_by")
    return kept


def reopen(*, commitment_id: int, at: datetime) -> Commitment:
    """It was not kept after all: it runs on, due when it was. Raises CommitmentEnded where it is not done."""
    with transaction.atomic():
        row = locked(commitment_id)
        if row.state not in (CommitmentState.REPORTED, CommitmentState.FULFILLED):
            raise CommitmentEnded
        row.state, row.reported_at, row.reported_by_id = CommitmentState.OPEN, None, None
        row.ended_at, row.ended_by_id = None, None
        _save(row, "state", "reported_at", "reported_by", "ended_at", "ended_by")
        start_clocks(row, at, began_at=row.made_at)
    return row


def move(*, commitment_id: int, days: Mapping[str, date], by_id: int, at: datetime, reason: str) -> Commitment:
    """It is to be kept on another day (``due_on`` or ``review_on``); the first promised date stays on the row.

    A wish that waits is granted so, by another person than who asked; without one this is recorded as decided upon
    the promise itself. Raises CommitmentEnded; InvalidCommitment for a wrong date, or where who asked decides.
    """
    ((name, on),) = days.items()
    if words := wrong_date(on, at):
        raise InvalidCommitment({name: words})
    with transaction.atomic():
        row = locked(commitment_id)
        if not row.is_open:
            raise CommitmentEnded
        _decide(row, on, by_id, at, reason)
        row.due_on, row.review_on = days.get("due_on"), days.get("review_on")
        _save(row, "due_on", "review_on")
        dated = {CommitmentClock.FULFIL.value, CommitmentClock.REVIEW.value}
        deadlines.cancel(Deadline.objects.of(SUBJECT, row.pk).open().in_order(), dated, at)
        kind = CommitmentClock.FULFIL if row.due_on else CommitmentClock.REVIEW
        deadlines.start_many([_clock(row, kind, on, at)])
    return row


def _decide(row: Commitment, on: date, by_id: int, at: datetime, reason: str) -> None:
    asked = DateChange.objects.filter(commitment=row, state=ChangeState.ASKED).first()
    if asked is None:
        if row.on is None:
            raise AssertionError("the database keeps a date on every promise")
        if row.made_by_id == by_id:
            raise InvalidCommitment({"reason": _("改期须由另一人批准，不能由承诺人自己决定")})
        asked = DateChange(
            commitment=row, was_on=row.on, to_on=on, reason=reason, asked_at=row.made_at, asked_by_id=row.made_by_id
        )
    elif asked.asked_by_id == by_id:
        raise InvalidCommitment({"reason": _("改期须由另一人批准，不能由申请人自己决定")})
    asked.to_on, asked.state, asked.decided_at, asked.decided_by_id = on, ChangeState.GRANTED, at, by_id
    asked.save()


def withdraw(*, subject_kind: str, subject_id: int, by_id: int | None, at: datetime) -> list[Commitment]:
    """Take back every open promise of a subject, because its answer no longer holds; returns them.

    Their clocks are cancelled; one that was overdue ends as late. ``by_id`` is None for the reporter and for time.
    """
    with transaction.atomic():
        rows = Commitment.objects.of(subject_kind, subject_id).open().select_for_update(no_key=True)
        taken = list(rows.order_by("id"))
        if not taken:
            return []
        for row in taken:
            row.state, row.ended_at, row.ended_by_id = CommitmentState.WITHDRAWN, at, by_id
            _save(row, "state", "ended_at", "ended_by")
        ids = [row.pk for row in taken]
        deadlines.cancel(Deadline.objects.of_many(SUBJECT, ids).open().in_order(), None, at)
        lapse_changes(ids)
    return taken


def reinstate(*, commitment_ids: Collection[int], at: datetime) -> list[int]:
    """Let promises that were taken back hold again, due when they were; returns their ids."""
    calendar = deadlines.load_calendar()
    with transaction.atomic():
        rows = Commitment.objects.filter(pk__in=commitment_ids, state=CommitmentState.WITHDRAWN)
        for row in rows.select_for_update(no_key=True).order_by("id"):
            clocks = Deadline.objects.of(SUBJECT, row.pk)
            if row.ended_at is not None:
                deadlines.reinstate(clocks, row.ended_at, at, calendar)
            row.state, row.ended_at, row.ended_by_id = CommitmentState.OPEN, None, None
            _save(row, "state", "ended_at", "ended_by")
    return sorted(commitment_ids)


def lapse_changes(commitment_ids: Collection[int]) -> None:
    """Nobody decides any more whether these are kept on another day."""
    waiting = DateChange.objects.filter(commitment_id__in=commitment_ids, state=ChangeState.ASKED)
    waiting.update(state=ChangeState.LAPSED)


def _save(row: Commitment, *columns: str) -> None:
    row.version += 1
    row.save(update_fields=[*columns, "version"])


def wrong_date(on: date, at: datetime) -> Words:
    """Why nothing can be promised until this day; "" where it can."""
    if at_clock(on, DAY_CLOSES) <= at:
        return _("日期已过，请填写今后的日期")
    if (on - wall(at).date()).days > FARTHEST_DAYS:
        return _("日期过远，请填写十年以内的日期")
    return ""
