"""依法保留: keeping one matter as it is beyond its time, with a date by which somebody looks at it again."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission
from common.clock import local
from common.texts import kept_text
from communities.actors import Actor
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.limits import Limit, Unit
from deadlines.models import Deadline
from issues.enums import SUBJECT, EventKind
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted, StateConflict, Words
from journal.services import Entry, record
from privacy.enums import HOLD
from privacy.models import LegalHold

LONGEST_REASON: Final = 200
FARTHEST: Final = timedelta(days=731)
"""Whoever keeps something looks at it again within two years."""
RULE: Final = "hold"


def set_hold(*, issue: Issue, reason: str, review_on: date | None, by: Actor, at: datetime) -> LegalHold:
    """Keep ``issue`` as it is until somebody lifts it; one event ``hold`` of the matter, one clock of the hold.

    Raises NotPermitted, InvalidFields, StateConflict where it is kept already or says nothing of persons any more.
    """
    user = _check_right(by, issue.subdistrict_id)
    said, on = _read(reason, review_on, at)
    with transaction.atomic():
        issue = _locked(issue.pk)
        if issue.masked_at is not None:
            raise StateConflict(issue, _("个人信息已清除，没有可保留的内容"))
        try:
            with transaction.atomic():
                hold = LegalHold.objects.create(
                    subdistrict_id=issue.subdistrict_id,
                    issue=issue,
                    reason=said,
                    review_on=on,
                    recorded_at=at,
                    recorded_by=user,
                )
        except IntegrityError as error:
            raise StateConflict(issue, _("此件已经依法保留")) from error
        _start_clock(hold, at)
        _tell(hold, EventKind.HOLD, said, by, at)
    return hold


def move_review(*, hold_id: int, reason: str, review_on: date | None, by: Actor, at: datetime) -> LegalHold:
    """It is looked at and goes on, until another day; the event says why. Raises as ``set_hold`` and ``lift`` do."""
    said, on = _read(reason, review_on, at)
    with transaction.atomic():
        hold = _standing(hold_id, by)
        hold.review_on = on
        hold.save(update_fields=["review_on"])
        _end_clock(hold, at)
        _start_clock(hold, at)
        _tell(hold, EventKind.HOLD, said, by, at)
    return hold


def lift(*, hold_id: int, reason: str, by: Actor, at: datetime) -> LegalHold:
    """The matter is like all others again; one event ``unhold``. Raises NotPermitted, InvalidFields, StateConflict."""
    said = _reason(reason)
    with transaction.atomic():
        hold = _standing(hold_id, by)
        hold.ended_at, hold.ended_by = at, by.user
        hold.save(update_fields=["ended_at", "ended_by"])
        _end_clock(hold, at)
        _tell(hold, EventKind.UNHOLD, said, by, at)
    return hold


def _check_right(by: Actor, subdistrict_id: int) -> User:
    if by.user is None or not by.access.may(Permission.HOLD_MATTER, subdistrict_id):
        raise NotPermitted(_("依法保留由安全管理员或街道社会治理办设定"))
    return by.user


def _locked(issue_id: int) -> Issue:
    return Issue.objects.select_for_update(no_key=True).defer("lexemes").get(pk=issue_id)


def _standing(hold_id: int, by: Actor) -> LegalHold:
    """The hold, its matter locked first as everybody does."""
    issue_id = LegalHold.objects.values_list("issue_id", flat=True).get(pk=hold_id)
    issue = _locked(issue_id)
    hold = LegalHold.objects.select_for_update(no_key=True).get(pk=hold_id)
    _check_right(by, hold.subdistrict_id)
    if hold.ended_at is not None:
        raise StateConflict(issue, _("保留已经解除"))
    return hold


def _read(reason: str, review_on: date | None, at: datetime) -> tuple[str, date]:
    wrong: dict[str, Words] = {}
    said = ""
    try:
        said = _reason(reason)
    except InvalidFields as error:
        wrong |= error.fields
    today = local(at).date()
    if review_on is None or not today < review_on <= today + FARTHEST:
        wrong["review_on"] = _("请填写两年以内的复查日期")
    if wrong or review_on is None:
        raise InvalidFields(wrong)
    return said, review_on


def _reason(reason: str) -> str:
    try:
        said = kept_text(reason, longest=LONGEST_REASON)
    except ValueError as error:
        raise InvalidFields({"reason": error.args[0]}) from error
    if not said:
        raise InvalidFields({"reason": _("请填写原因")})
    return said


def _start_clock(hold: LegalHold, at: datetime) -> None:
    days = max(1, (hold.review_on - local(at).date()).days)
    deadlines.start_many(
        [
            deadlines.prepare(
                subject_kind=HOLD,
                subject_id=hold.pk,
                subdistrict_id=hold.subdistrict_id,
                kind=HOLD,
                limit=Limit(days, Unit.DAYS),
                rule=RULE,
                at=at,
                calendar=deadlines.load_calendar(),
                fixed_due_at=at_clock(hold.review_on, DAY_CLOSES),
            )
        ]
    )


def _end_clock(hold: LegalHold, at: datetime) -> None:
    deadlines.stop(Deadline.objects.of(HOLD, hold.pk).open(), None, at)


def _tell(hold: LegalHold, kind: EventKind, reason: str, by: Actor, at: datetime) -> None:
    data: dict[str, Any] = {"hold": hold.pk}
    if kind is EventKind.HOLD:
        data["review_on"] = hold.review_on.isoformat()
    record(
        Entry(
            SUBJECT,
            hold.issue_id,
            kind,
            at,
            actor_id=by.user_id,
            actor_role=by.role,
            data=data,
            texts={"reason": reason},
        )
    )
