"""Promises: made by a reply, kept, moved to another day, taken back. They outlive the issue that they were made on."""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from commitments import services as commitments
from commitments.enums import CommitmentClock
from commitments.models import Commitment
from common.clock import local
from issues.enums import SUBJECT, Action, Outcome
from issues.services.effects.base import Change
from issues.services.errors import InvalidFields, Words

_FIELD = {"text": "commitment", "owner": "outcome"}


def promise(change: Change, outcome: Outcome) -> None:
    """Planned has a date, not-now a review date: no answer goes without one. An earlier promise gives way."""
    if outcome not in (Outcome.PLANNED, Outcome.NOT_NOW):
        return
    name, missing = "due_on", _("列入计划须填写承诺完成的日期")
    if outcome == Outcome.NOT_NOW:
        name, missing = "review_on", _("暂不具备解决条件须填写复查日期")
    if change.values.get(name) is None:
        raise InvalidFields({name: missing})
    withdraw(change)
    _make(change, change.values.get("commitment") or change.values["note"][:500], {name: change.values[name]})


def _make(change: Change, text: str, days: dict[str, date]) -> None:
    issue = change.issue
    _check_future(change, days)
    if issue.lead_department_id is None or change.by.user_id is None:
        raise AssertionError("a member of staff promises for the lead department")
    given: dict[str, Any] = dict(days)
    try:
        made = commitments.make(
            subdistrict_id=issue.subdistrict_id,
            subject_kind=SUBJECT,
            subject_id=issue.pk,
            text=text,
            owner_id=issue.lead_department_id,
            community_id=issue.community_id,
            by_id=change.by.user_id,
            at=change.at,
            **given,
        )
    except commitments.InvalidCommitment as error:
        raise InvalidFields({_FIELD.get(name, name): words for name, words in error.fields.items()}) from error
    change.facts["commitment"] = made.pk
    change.set(promised=True)


def _check_future(change: Change, days: dict[str, date]) -> None:
    today = local(change.at).date()
    wrong: dict[str, Words] = {name: _("日期须在今天之后") for name, on in days.items() if on <= today}
    if wrong:
        raise InvalidFields(wrong)


def withdraw(change: Change) -> None:
    """The answer holds no longer, and neither does what it promised."""
    if not change.issue.promised:
        return
    taken = commitments.withdraw(
        subject_kind=SUBJECT, subject_id=change.issue.pk, by_id=change.by.user_id, at=change.at
    )
    change.facts["withdrawn"] = [row.pk for row in taken]
    change.set(promised=False)
    _drop_drafts(change)


def promise_again(change: Change, ids: list[int]) -> None:
    """Taking them back was a mistake: they hold as if nothing had happened."""
    change.facts["promised_again"] = commitments.reinstate(commitment_ids=ids, at=change.at)
    change.set(promised=True)


def fulfil(change: Change) -> None:
    """兑现承诺: what was done, for the resident to read; the community confirms it on the promise's own page."""
    if change.by.user_id is None:
        raise AssertionError("a member of staff says so")
    kept = Commitment.objects.of(SUBJECT, change.issue.pk).open()
    change.facts["kept"] = list(kept.order_by("pk").values_list("pk", flat=True))
    for pk in change.facts["kept"]:
        commitments.report_done(
            commitment_id=pk, by_id=change.by.user_id, at=change.at, evidence=change.values["note"][:500]
        )
    change.set(promised=False)
    _drop_drafts(change)
    _tell_reporter(change)


def _drop_drafts(change: Change) -> None:
    """Documents about a promise that is kept or taken back need no signature any more."""
    change.lapse(row.kind for row in change.drafts if row.deadline_kind in CommitmentClock.values)


def _tell_reporter(change: Change) -> None:
    """While the matter is open a call-back tells the reporter; afterwards nobody would."""
    if change.issue.is_open:
        change.not_started.add("inform")


def move(change: Change) -> None:
    """承诺改期: the first date stays on record, a new one takes its place, with the reason.

    It is the supervisor's decision on what somebody else promised, or asked for on the promise's own page.
    """
    days = {name: change.values[name] for name in ("due_on", "review_on") if change.values.get(name)}
    if len(days) != 1:
        raise InvalidFields({"due_on": _("请填写新的完成日期或复查日期中的一项")})
    _check_future(change, days)
    reason, by_id = change.values["reason"], change.by.user_id
    if by_id is None:
        raise AssertionError("a member of staff decides")
    moved = list(Commitment.objects.of(SUBJECT, change.issue.pk).open().order_by("pk").values_list("pk", flat=True))
    try:
        for pk in moved:
            commitments.move(commitment_id=pk, days=days, by_id=by_id, at=change.at, reason=reason)
    except commitments.InvalidCommitment as error:
        raise InvalidFields(error.fields) from error
    change.facts["commitment"] = moved[-1]
    _drop_drafts(change)
    _tell_reporter(change)


EFFECTS: Final = {
    Action.FULFIL: fulfil,
    Action.MOVE_PROMISE: move,
}
