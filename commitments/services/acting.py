"""The one function through which people change a commitment, and what they may do to it now."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commitments import scopes, workflow
from commitments.enums import SUBJECT, ChangeState, event_of
from commitments.enums import CommitmentAction as Action
from commitments.models import Commitment, DateChange, Milestone
from commitments.services import making, supervising
from commitments.services.errors import (
    InvalidCommitment,
    PromiseNotPermitted,
    PromiseStateConflict,
    PromiseVersionConflict,
    UnknownPromiseAction,
    Words,
)
from common.texts import kept_text
from communities.actors import Actor
from files.models import StoredFile
from files.services import of_owner
from journal.services import Entry, record
from papers.models import Draft
from papers.rules import signable

STAGES: Final[Mapping[str, Promise]] = {"before": _("整改前"), "after": _("整改后")}
"""What the files of a note or a report show."""

_TEXTS: Final = frozenset({"note", "reason", "text"})


@dataclass
class PromiseChange:
    """One action under way on the locked row, and what its event will say."""

    row: Commitment
    by: Actor
    at: datetime
    values: Mapping[str, Any]
    asked: DateChange | None
    drafts: Sequence[Draft]
    facts: dict[str, Any] = field(default_factory=dict)
    visible: bool = False

    @property
    def by_id(self) -> int:
        """The account that acts."""
        if self.by.user_id is None:
            raise AssertionError("staff act on commitments")
        return self.by.user_id

    def save(self, *columns: str) -> None:
        """Write these columns and the next version."""
        self.row.version += 1
        self.row.save(update_fields=[*columns, "version"])

    def follow(self, row: Commitment) -> None:
        """The row was written by a service of ``making``."""
        self.row = row


@dataclass(frozen=True)
class PromiseOffer:
    """An action as it stands for somebody now; ``refused`` says why it cannot be done, "" where it can."""

    row: workflow.PromiseRule
    refused: Words


def act(
    *,
    commitment_id: int,
    action: str,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any],
    version: int | None = None,
) -> Commitment:
    """Carry out one action of ``commitments.workflow`` and return the commitment as it is afterwards.

    ``data`` holds the action's fields as docs/api.md names them; ``attachments`` are ids of files that staff uploaded
    to it. Writes the row, its deadlines and exactly one event. Refuses, in this order: UnknownPromiseAction;
    PromiseNotPermitted; PromiseVersionConflict; PromiseStateConflict; InvalidCommitment. Commitment.DoesNotExist
    where there is none.
    """
    rule = workflow.ROWS.get(action)  # type: ignore[call-overload]
    if rule is None:
        raise UnknownPromiseAction
    with transaction.atomic():
        source = _hold(commitment_id)
        row = making.locked(commitment_id)
        if not _parties(by, row) & rule.who:
            raise PromiseNotPermitted
        if rule.needs_version and version != row.version:
            raise PromiseVersionConflict(row)
        asked, drafts = _asked(row), _waiting(row)
        reason = workflow.refusal(rule.action, row, by.access, asked, _signable(by, row, drafts))
        if reason:
            raise PromiseStateConflict(row, reason)
        values, files = _read(rule, row, data)
        change = PromiseChange(row, by, at, values, asked, drafts, visible=rule.visible or bool(values.get("visible")))
        EFFECTS[rule.action](change)
        if rule.action == Action.REOPEN and source is not None:
            source.reopened(row.subject_id, row.pk, by=by, at=at)
        record(_entry(rule, change, files))
        if rule.action in (Action.CONFIRM, Action.REOPEN) and row.stands_alone:
            kept = rule.action == Action.CONFIRM
            scopes.tell_kept(row.source_kind, row.source_id, row.pk, kept=kept, by=by, at=at)
    return change.row


def offers(row: Commitment, by: Actor) -> list[PromiseOffer]:
    """What this person's part in it allows, each with why it cannot be done now; a handful of statements."""
    who = _parties(by, row)
    asked, drafts = _asked(row), _waiting(row)
    waits = _signable(by, row, drafts)
    mine = [rule for rule in workflow.TABLE if rule.who & who]
    return [PromiseOffer(rule, workflow.refusal(rule.action, row, by.access, asked, waits) or "") for rule in mine]


def _hold(commitment_id: int) -> scopes.PromiseSource | None:
    """Lock what it was made on, before itself, as every action on that does; the source, where there is one."""
    kind, pk = Commitment.objects.values_list("subject_kind", "subject_id").get(pk=commitment_id)
    source = scopes.source_of(kind)
    if source is not None and kind != SUBJECT:
        source.hold(pk)
        return source
    return None


def _parties(by: Actor, row: Commitment) -> frozenset[workflow.PromiseParty]:
    co_owners = row.co_owners.values_list("department_id", flat=True)
    return workflow.parties(by.access, row, list(co_owners), external=row.owner.is_external)


def _asked(row: Commitment) -> DateChange | None:
    return DateChange.objects.filter(commitment=row, state=ChangeState.ASKED).first()


def _waiting(row: Commitment) -> list[Draft]:
    return list(Draft.objects.of(SUBJECT, row.pk).waiting().order_by("asked_at", "id"))


def _signable(by: Actor, row: Commitment, drafts: Sequence[Draft]) -> list[str]:
    return [kind.value for kind in signable([draft.kind for draft in drafts], by.access, row.subdistrict_id)]


# What was typed


def _read(
    rule: workflow.PromiseRule, row: Commitment, data: Mapping[str, Any]
) -> tuple[dict[str, Any], list[StoredFile]]:
    wrong: dict[str, Words] = {}
    values: dict[str, Any] = {}
    for name in (*rule.required, *rule.optional):
        try:
            values[name] = _READERS[name](data.get(name, ""))
        except ValueError as error:
            wrong[name] = str(error)
        else:
            if name in rule.required and not values[name]:
                wrong[name] = _("必填")
    files = _files(row, data.get("attachments"), wrong) if rule.files else []
    if wrong:
        raise InvalidCommitment(wrong)
    return values, files


def _files(row: Commitment, given: Any, wrong: dict[str, Words]) -> list[StoredFile]:
    if given in (None, "", []):
        return []
    ids = (
        {int(one) for one in given if re.fullmatch(r"[0-9]{1,18}", str(one), re.ASCII)}
        if isinstance(given, list | tuple)
        else set()
    )
    found = [file for file in of_owner(SUBJECT, row.pk) if file.pk in ids and file.uploaded_by_id is not None]
    if not found or len(found) != len(given):
        wrong["attachments"] = _("附件无效，请重新上传")
    return found


def _text(value: Any) -> str:
    return kept_text(value, longest=making.LONGEST)


def _short(value: Any) -> str:
    return kept_text(value, longest=200)


def _day(value: Any) -> date | None:
    if value in ("", None):
        return None
    try:
        found = parse_date(value) if isinstance(value, str) and len(value) <= 10 else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(_("请填写日期"))
    return found


def _number(value: Any) -> int | None:
    if value in ("", None):
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", str(value), re.ASCII):
        raise ValueError(_("请从列出的选项中选择"))
    return int(value)


def _flag(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in ("true", "on", "1", "yes"))


def _stage(value: Any) -> str:
    if value not in ("", None, *STAGES):
        raise ValueError(_("请从列出的选项中选择"))
    return value or ""


def _code(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 20:
        raise ValueError(_("请从列出的选项中选择"))
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "note": _text,
    "reason": _text,
    "text": _short,
    "on": _day,
    "milestone": _number,
    "visible": _flag,
    "stage": _stage,
    "kind": _code,
}


def _entry(rule: workflow.PromiseRule, change: PromiseChange, files: Sequence[StoredFile]) -> Entry:
    values, row = change.values, change.row
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if name not in _TEXTS and value not in ("", None)
    }
    if files:
        plain["attachments"] = [file.pk for file in files]
    return Entry(
        subject_kind=SUBJECT,
        subject_id=row.pk,
        kind=event_of(rule.action),
        at=change.at,
        actor_id=change.by.user_id,
        actor_role=change.by.role,
        visible=change.visible,
        data={"status": row.state, "version": row.version, **plain, **change.facts},
        texts={name: values[name] for name in values if name in _TEXTS and values[name]},
    )


# What each does


def _note(change: PromiseChange) -> None:
    """What was done so far: the row stays."""


def _add_milestone(change: PromiseChange) -> None:
    on = change.values["on"]
    if words := making.wrong_date(on, change.at):
        raise InvalidCommitment({"on": words})
    Milestone.objects.create(commitment=change.row, text=change.values["text"], due_on=on)
    making.follow_milestones(change.row, change.at)
    change.save()


def _reach_milestone(change: PromiseChange) -> None:
    step = change.row.milestones.filter(pk=change.values["milestone"], reached_at__isnull=True).first()
    if step is None:
        raise InvalidCommitment({"milestone": _("请从列出的选项中选择")})
    step.reached_at, step.reached_by_id = change.at, change.by_id
    step.save(update_fields=["reached_at", "reached_by"])
    making.follow_milestones(change.row, change.at)
    change.save()


def _ask_move(change: PromiseChange) -> None:
    row, on = change.row, change.values["on"]
    if words := making.wrong_date(on, change.at):
        raise InvalidCommitment({"on": words})
    if on == row.on or row.on is None:
        raise InvalidCommitment({"on": _("新的日期与现在的相同")})
    reason = change.values["reason"]
    DateChange.objects.create(
        commitment=row, was_on=row.on, to_on=on, reason=reason, asked_at=change.at, asked_by_id=change.by_id
    )
    change.facts["was_on"] = row.on.isoformat()
    change.save()


def _grant_move(change: PromiseChange) -> None:
    asked = _of(change)
    change.facts |= {"was_on": asked.was_on.isoformat(), "on": asked.to_on.isoformat()}
    name = "due_on" if change.row.due_on else "review_on"
    days = {name: asked.to_on}
    change.follow(
        making.move(commitment_id=change.row.pk, days=days, by_id=change.by_id, at=change.at, reason=asked.reason)
    )
    supervising.end_drafts(change.row, change.at, change.drafts)


def _refuse_move(change: PromiseChange) -> None:
    asked = _of(change)
    asked.state, asked.decided_at, asked.decided_by_id = ChangeState.REFUSED, change.at, change.by_id
    asked.save(update_fields=["state", "decided_at", "decided_by"])
    change.facts |= {"was_on": asked.was_on.isoformat(), "on": asked.to_on.isoformat()}
    change.save()


def _of(change: PromiseChange) -> DateChange:
    if change.asked is None:
        raise AssertionError("the table allows it only where another date was asked for")
    return change.asked


def _report_done(change: PromiseChange) -> None:
    words = change.values["note"]
    change.follow(making.report_done(commitment_id=change.row.pk, by_id=change.by_id, at=change.at, evidence=words))
    supervising.end_drafts(change.row, change.at, change.drafts)


def _confirm(change: PromiseChange) -> None:
    change.follow(making.confirm(commitment_id=change.row.pk, by_id=change.by_id, at=change.at))


def _reopen(change: PromiseChange) -> None:
    change.follow(making.reopen(commitment_id=change.row.pk, at=change.at))


def _withdraw(change: PromiseChange) -> None:
    (taken,) = making.withdraw(subject_kind=SUBJECT, subject_id=change.row.pk, by_id=change.by_id, at=change.at)
    change.follow(taken)
    supervising.end_drafts(change.row, change.at, change.drafts)


def _release(change: PromiseChange) -> None:
    if not Commitment.objects.filter(pk=change.row.pk).open_to_all().exists():
        raise PromiseStateConflict(change.row, _("涉及保密事项，不能公开"))
    change.row.released_at, change.row.released_by_id = change.at, change.by_id
    change.save("released_at", "released_by")


def _unrelease(change: PromiseChange) -> None:
    change.row.released_at, change.row.released_by_id = None, None
    change.save("released_at", "released_by")


def _sign(change: PromiseChange) -> None:
    change.facts |= supervising.sign(change.row, _draft(change), change.drafts, by_id=change.by_id, at=change.at)
    change.save()


def _refuse_sign(change: PromiseChange) -> None:
    supervising.refuse(change.row, _draft(change), change.drafts, by_id=change.by_id, at=change.at)
    change.save()


def _draft(change: PromiseChange) -> Draft:
    kind = change.values["kind"]
    draft = next((row for row in change.drafts if row.kind == kind), None)
    if draft is None or kind not in _signable(change.by, change.row, change.drafts):
        raise InvalidCommitment({"kind": _("请从列出的选项中选择")})
    return draft


EFFECTS: Final[Mapping[Action, Callable[[PromiseChange], None]]] = {
    Action.NOTE: _note,
    Action.ADD_MILESTONE: _add_milestone,
    Action.REACH_MILESTONE: _reach_milestone,
    Action.ASK_MOVE: _ask_move,
    Action.GRANT_MOVE: _grant_move,
    Action.REFUSE_MOVE: _refuse_move,
    Action.REPORT_DONE: _report_done,
    Action.CONFIRM: _confirm,
    Action.REOPEN: _reopen,
    Action.WITHDRAW: _withdraw,
    Action.RELEASE: _release,
    Action.UNRELEASE: _unrelease,
    Action.SIGN: _sign,
    Action.REFUSE_SIGN: _refuse_sign,
}
