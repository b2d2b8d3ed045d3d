"""A leader notes what was done, sets it right within a week, makes a matter of it. Nothing is deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.clock import local
from communities.actors import Actor
from communities.models import Leader, LeaderPlace
from issues.models import Issue
from issues.services.errors import InvalidFields, IssueError, NotPermitted, Words
from issues.services.once import made_before
from issues.services.submissions import is_key
from issues.services.texts import NOTHING, read_texts
from journal.services import Entry, record
from ledger.enums import BACK, CHANGEABLE, ENTRY, EntryKind
from ledger.models import LedgerEntry
from ledger.private_words import private_words
from ledger.tellings import CORRECTED, RECORDED, REPORTED, WITHDRAWN

LONGEST: Final[Mapping[str, int]] = {"person": 20, "room": 20, "note": 300, "reason": 100}
_ONE_LINE: Final = frozenset({"person", "room", "reason"})
_WHY: Final[Mapping[str, Words]] = {"reason": gettext_lazy("请填写原因")}


@dataclass(frozen=True)
class NewEntry:
    """What a leader notes. ``place``: one of the leader's own, None where there is none. ``key`` is the form's own."""

    kind: str
    on: date | None
    place: LeaderPlace | None = None
    note: str = ""
    person: str = ""
    room: str = ""
    key: str = ""


class EntryFixed(IssueError):  # noqa: N818  named as the contract's codes are
    """It cannot be changed any more; the message says why."""

    code = "state_conflict"


def record_entry(*, leader: Leader, given: NewEntry, by: Actor, at: datetime) -> LedgerEntry:
    """Note it; sent twice under one key it is one entry. Raises NotPermitted, InvalidFields."""
    if by.access.leader_id != leader.pk:
        raise NotPermitted(_("台账由楼长本人记录"))
    values: dict[str, Any] = _values(given, leader, at) | {"leader_id": leader.pk}
    if not is_key(given.key):
        raise InvalidFields({"key": _("表单已失效，请刷新页面后重新提交")})
    with transaction.atomic():
        there = made_before(LedgerEntry.objects, given.key, values)
        if there is not None:
            return there
        entry = LedgerEntry.objects.create(
            subdistrict_id=leader.subdistrict_id,
            community_id=leader.community_id,
            key=given.key,
            made_at=at,
            made_by_id=by.user_id or 0,
            **values,
        )
        data = {"kind": entry.kind, "on": entry.on.isoformat(), "community": entry.community_id}
        _tell(entry, RECORDED, by, at, data=data)
    return entry


def correct_entry(*, entry_id: int, given: NewEntry, by: Actor, at: datetime) -> LedgerEntry:
    """Set it right within a week; kind, day and words of before stay in the journal. What says the same is no change.

    Of the person and the room only that they changed is told. Raises NotPermitted, EntryFixed, InvalidFields.
    """
    with transaction.atomic():
        entry = _held(entry_id, by, at)
        values = _values(given, entry.leader, at)
        was = {name: getattr(entry, name) for name in values}
        changed = [name for name, value in values.items() if was[name] != value]
        if not changed:
            return entry
        for name in changed:
            setattr(entry, name, values[name])
        entry.save(update_fields=[name.removesuffix("_id") for name in changed])
        data: dict[str, Any] = {"changed": sorted(changed)}
        if "kind" in changed:
            data["kind"] = [was["kind"], entry.kind]
        if "on" in changed:
            data["on"] = [was["on"].isoformat(), entry.on.isoformat()]
        texts = {"old.note": was["note"]} if "note" in changed else {}
        _tell(entry, CORRECTED, by, at, data=data, texts=texts)
    return entry


def withdraw_entry(*, entry_id: int, reason: str, by: Actor, at: datetime) -> LedgerEntry:
    """It counts no more and still stands there, with why. Raises NotPermitted, EntryFixed, InvalidFields."""
    said = read_texts({"reason": reason}, longest=LONGEST, one_line=_ONE_LINE, required=_WHY)["reason"]
    with transaction.atomic():
        entry = _held(entry_id, by, at)
        entry.withdrawn_at, entry.withdrawn_by = at, by.user
        entry.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _tell(entry, WITHDRAWN, by, at, texts={"reason": said})
    return entry


def report_entry(*, entry_id: int, issue: Issue, by: Actor, at: datetime) -> LedgerEntry:
    """``issue`` was made of the entry, in the transaction that makes it: an entry becomes one matter and no second.

    Raises NotPermitted, EntryFixed.
    """
    with transaction.atomic():
        entry = _own(entry_id, by)
        if entry.issue_id == issue.pk:
            return entry
        if entry.issue_id is not None or entry.withdrawn_at is not None:
            raise EntryFixed(_("这笔台账已经转为工单或已撤回"))
        entry.issue = issue
        entry.save(update_fields=["issue"])
        _tell(entry, REPORTED, by, at, data={"issue": issue.pk, "number": issue.number})
    return entry


def why_fixed(entry: LedgerEntry, at: datetime) -> str:
    """Why an entry cannot be corrected or withdrawn any more, "" while it can."""
    if entry.withdrawn_at is not None:
        return _("这笔台账已经撤回")
    if entry.masked_at is not None or at > entry.made_at + CHANGEABLE:
        return _("记下满7天，不能再改")
    return ""


def _own(entry_id: int, by: Actor) -> LedgerEntry:
    rows = LedgerEntry.objects.select_for_update(of=("self",), no_key=True).select_related("leader")
    entry = rows.get(pk=entry_id)
    if by.access.leader_id != entry.leader_id:
        raise NotPermitted(_("台账由楼长本人记录"))
    return entry


def _held(entry_id: int, by: Actor, at: datetime) -> LedgerEntry:
    entry = _own(entry_id, by)
    fixed = why_fixed(entry, at)
    if fixed:
        raise EntryFixed(fixed)
    return entry


def _values(given: NewEntry, leader: Leader, at: datetime) -> dict[str, Any]:
    """The columns that were given, as they are stored. Raises InvalidFields naming every field that is wrong."""
    wrong: dict[str, Words] = {}
    texts = {"note": "", "person": "", "room": ""}
    try:
        texts |= read_texts(
            {name: getattr(given, name) for name in texts}, longest=LONGEST, one_line=_ONE_LINE, required=NOTHING
        )
    except InvalidFields as error:
        wrong |= error.fields
    if given.kind not in EntryKind.values:
        wrong["kind"] = _("请选一项")
    today = local(at).date()
    if given.on is None or not today - BACK <= given.on <= today:
        wrong["on"] = _("请填写今天或过去一个月内的日期")
    if given.place is not None and given.place.leader_id != leader.pk:
        wrong["building"] = _("请从列出的选项中选择")
    found = private_words(given.kind, texts["note"], person=texts["person"], room=texts["room"])
    if found:
        wrong["note"] = _(
            "台账不写健康和经济状况（%(words)s）。请只写您做了什么，例如“上门看望，陪同办事”；需要社区帮助的，请转给社区办理"
        ) % {"words": _("、").join(found)}
    if wrong:
        raise InvalidFields(wrong)
    place = given.place
    return texts | {
        "kind": given.kind,
        "on": given.on,
        "building_id": place.building_id if place else None,
        "neighbourhood_id": place.neighbourhood_id if place else None,
    }


def _tell(
    entry: LedgerEntry,
    event: str,
    by: Actor,
    at: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    record(
        Entry(
            *(ENTRY, entry.pk, event, at),
            actor_id=by.user_id,
            actor_role=by.role,
            data=data or {},
            texts=texts or {},
        )
    )
