"""Making, fulfilling and taking back promises.

The caller holds the row lock of the subject that it was promised on and says in that subject's journal what happened:
nothing is journalled here.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commitments.enums import SUBJECT, CommitmentClock, CommitmentState
from commitments.models import Commitment
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, at_clock, wall
from deadlines.limits import Limit, Unit
from deadlines.models import Deadline

RULE: Final = "commitment"
"""The rule of a commitment's deadlines: the date that was promised."""

FARTHEST_DAYS: Final = 3653
"""Ten years: a date beyond is a slip of the pen."""

Words = str | Promise


class InvalidCommitment(ValueError):  # noqa: N818 - named as prose
    """It cannot be promised so; ``fields`` has the words for each field that is wrong."""

    def __init__(self, fields: Mapping[str, Words]) -> None:
        super().__init__("; ".join(str(words) for words in fields.values()))
        self.fields = dict(fields)


class CommitmentEnded(Exception):  # noqa: N818 - named as prose
    """It was fulfilled or withdrawn before."""

    def __init__(self) -> None:
        super().__init__(str(_("这项承诺已经结束")))
        self.message = _("这项承诺已经结束")


def check(
    *, text: str, owner_id: int | None, at: datetime, due_on: date | None = None, review_on: date | None = None
) -> None:
    """Raise InvalidCommitment where words, an owner or a date are missing, or a date is past or beyond ten years."""
    wrong: dict[str, Words] = {}
    if not text.strip():
        wrong["text"] = _("请填写承诺的内容")
    if owner_id is None:
        wrong["owner"] = _("请选择承诺单位")
    if due_on is None and review_on is None:
        wrong["due_on"] = _("请填写承诺完成的日期，或者复查的日期")
    for name, on in (("due_on", due_on), ("review_on", review_on)):
        if on is not None:
            words = _wrong_date(on, at)
            if words:
                wrong[name] = words
    if wrong:
        raise InvalidCommitment(wrong)


def make(
    *,
    subdistrict_id: int,
    subject_kind: str,
    subject_id: int,
    text: str,
    owner_id: int,
    by_id: int,
    at: datetime,
    due_on: date | None = None,
    review_on: date | None = None,
    public: bool = True,
) -> Commitment:
    """Promise something on a subject: due at 17:30 of ``due_on``, to be looked at again by 17:30 of ``review_on``.

    Each date starts a deadline that ``owner_id`` owes. Raises InvalidCommitment (see ``check``).
    """
    check(text=text, owner_id=owner_id, at=at, due_on=due_on, review_on=review_on)
    with transaction.atomic():
        made = Commitment.objects.create(
            subdistrict_id=subdistrict_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            text=text.strip(),
            owner_id=owner_id,
            due_on=due_on,
            review_on=review_on,
            public=public,
            made_at=at,
            made_by_id=by_id,
        )
        dates = ((CommitmentClock.FULFIL, due_on), (CommitmentClock.REVIEW, review_on))
        deadlines.start_many([_clock(made, kind, on, at) for kind, on in dates if on is not None])
    return made


def fulfil(*, commitment_id: int, by_id: int, at: datetime, evidence: str = "") -> Commitment:
    """Record that it was done, and by what this shows; its clocks end as met or late. Raises CommitmentEnded."""
    with transaction.atomic():
        kept = Commitment.objects.select_for_update(no_key=True).get(pk=commitment_id)
        if not kept.is_open:
            raise CommitmentEnded
        kept.state, kept.evidence = CommitmentState.FULFILLED, evidence.strip()
        kept.ended_at, kept.ended_by_id = at, by_id
        kept.save(update_fields=["state", "evidence", "ended_at", "ended_by"])
        deadlines.stop(Deadline.objects.of(SUBJECT, kept.pk).open(), None, at)
    return kept


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
        ids = [row.pk for row in taken]
        Commitment.objects.filter(pk__in=ids).update(state=CommitmentState.WITHDRAWN, ended_at=at, ended_by_id=by_id)
        deadlines.cancel(Deadline.objects.of_many(SUBJECT, ids).open().in_order(), None, at)
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
            row.save(update_fields=["state", "ended_at", "ended_by"])
    return sorted(commitment_ids)


def _wrong_date(on: date, at: datetime) -> Words:
    if at_clock(on, DAY_CLOSES) <= at:
        return _("日期已过，请填写今后的日期")
    if (on - wall(at).date()).days > FARTHEST_DAYS:
        return _("日期过远，请填写十年以内的日期")
    return ""


def _clock(made: Commitment, kind: CommitmentClock, on: date, at: datetime) -> Deadline:
    """Counted in calendar days, so that a new holiday notice moves no promised date."""
    return deadlines.prepare(
        subject_kind=SUBJECT,
        subject_id=made.pk,
        subdistrict_id=made.subdistrict_id,
        kind=kind,
        limit=Limit(max(1, (on - wall(at).date()).days), Unit.DAYS),
        rule=RULE,
        at=at,
        calendar=deadlines.load_calendar(),
        party_id=made.owner_id,
        fixed_due_at=at_clock(on, DAY_CLOSES),
    )
