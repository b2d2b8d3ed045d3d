"""Writing the duty roster 值班表 and its hand-over notes 交接记录.

Who may keep a roster: the supervisor and the administrator for the whole sub-district, a secretary for the own
community. Every write locks the sub-district's row first, so that two people never interleave; the database refuses an
overlap all the same (``deadlines_shift_no_overlap``). Every act is one event with the subject kind ``duty_shift``.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.roles import Role
from common import dates
from common.clock import local
from common.contention import gave_way
from common.masking import without_cards
from common.phones import office_phone
from communities.access import Access
from communities.models import Membership, SubDistrict
from deadlines.duty.staffing import COMES_ON, may_keep
from deadlines.models import DutyNote, DutyShift
from journal.services import Entry, record, record_many

SUBJECT: Final = "duty_shift"
LONGEST_SHIFT: Final = timedelta(hours=72)
"""A long weekend in one turn; anything longer is a slip of the pen."""
LONGEST_TEXT: Final = 4000
_NO_OVERLAP: Final = ("deadlines_shift_no_overlap", "deadlines_shift_one_start")
_PHONE: Final = re.compile(r"[0-9+\-() /,，、转]*")


class RosterError(Exception):
    """A refusal, in words fit for the person; ``field`` is the field it belongs to, "" for the whole."""

    def __init__(self, message: str | Promise, field: str = "") -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.field = field


class RosterNotAllowed(RosterError):  # noqa: N818 - a refusal named as prose
    """This person may not do this."""


class Overlap(RosterError):  # noqa: N818
    """Another shift of the same area lies in these hours."""


class RosterStale(RosterError):  # noqa: N818
    """Somebody else wrote in between; nothing was changed."""


@dataclass(frozen=True)
class Keeper:
    """Who acts: the person's scope, and the role that the journal notes."""

    access: Access
    role: str

    @property
    def user_id(self) -> int:
        """The account."""
        return self.access.user_id


@dataclass(frozen=True)
class ShiftDraft:
    """A shift as it shall be; without a community it is one of the sub-district's own roster."""

    subdistrict_id: int
    community_id: int | None
    starts_at: datetime
    ends_at: datetime
    clerk_id: int
    leader_id: int | None = None
    phone: str = ""

    @property
    def area(self) -> tuple[int, int | None]:
        """Whose roster it stands on."""
        return self.subdistrict_id, self.community_id


def add_shift(*, draft: ShiftDraft, by: Keeper, at: datetime) -> DutyShift:
    """Put one shift on the roster. NotAllowed, Overlap, or RosterError naming the field."""
    _check_right(by, draft.area)
    _check_hours(draft, at)
    with transaction.atomic():
        _lock_rosters([draft.subdistrict_id])
        _check_people(draft)
        _check_free(draft, None)
        shift = _insert(draft)
        record(_event(shift, "shift_add", by, at, data=shift_facts(draft), texts={"phone": draft.phone}))
    return shift


def change_shift(*, shift_id: int, version: int, draft: ShiftDraft, by: Keeper, at: datetime) -> DutyShift:
    """Change a shift that is not over. Stale where it is no longer as it was read; no change writes nothing."""
    with transaction.atomic():
        shift = _locked(shift_id)
        _check_right(by, (shift.subdistrict_id, shift.community_id))
        _check_right(by, draft.area)
        _check_fresh(shift, version, at)
        before = draft_of(shift)
        if draft == before:
            return shift
        if draft.subdistrict_id != shift.subdistrict_id:
            raise RosterError(_("班次不能移到另一个街道"), "area")
        _check_hours(draft, at)
        _check_people(draft)
        _check_free(draft, shift.pk)
        _update(shift, draft)
        record(change_event(shift, before, draft, by, at))
    return shift


def cancel_shift(*, shift_id: int, version: int, by: Keeper, at: datetime, reason: str = "") -> DutyShift:
    """Take a shift that is not over off the roster; the row stays."""
    with transaction.atomic():
        shift = _locked(shift_id)
        _check_right(by, (shift.subdistrict_id, shift.community_id))
        _check_fresh(shift, version, at)
        shift.cancelled_at, shift.cancelled_by_id, shift.version = at, by.user_id, shift.version + 1
        shift.save(update_fields=["cancelled_at", "cancelled_by", "version"])
        record(_event(shift, "shift_cancel", by, at, data=shift_facts(draft_of(shift)), texts={"reason": reason}))
    return shift


def write_many(
    *, added: Sequence[ShiftDraft], changed: Sequence[tuple[DutyShift, ShiftDraft]], by: Keeper, at: datetime
) -> int:
    """Write shifts that were checked against each other (an import), all or none; returns how many.

    The caller holds the locks (``lock_rosters``), so what it checked still holds. Changes go first: a new shift may
    take hours that a changed one gives up.
    """
    with transaction.atomic():
        events: list[Entry] = []
        for shift, draft in changed:
            before = draft_of(shift)
            _update(shift, draft)
            events.append(change_event(shift, before, draft, by, at))
        for draft in added:
            shift = _insert(draft)
            events.append(_event(shift, "shift_add", by, at, data=shift_facts(draft), texts={"phone": draft.phone}))
        record_many(events)
    return len(events)


def hand_over(
    *,
    shift_id: int,
    happened: str,
    watch: str,
    issues: Iterable[tuple[int, str]],
    seen_event_id: int | None,
    by: Keeper,
    at: datetime,
) -> DutyNote:
    """Write the shift's note 交接记录, or amend it before the next shift took over.

    By the shift's clerk or leader, from its beginning on. ``issues``: id and number of what is still open (at most 50
    are kept). ``seen_event_id``: the note that the writer had before them (None: none); Stale where it is another.
    Identity and bank cards are masked.
    """
    happened, watch = without_cards(happened.strip()), without_cards(watch.strip())
    with transaction.atomic():
        shift = _locked(shift_id)
        if by.user_id not in (shift.clerk_id, shift.leader_id):
            raise RosterNotAllowed(_("交接记录由本班值班员或值班领导填写"))
        _check_words(happened, watch)
        if shift.starts_at > at:
            raise RosterError(_("本班尚未开始，开始后再写交接记录"))
        note = DutyNote.objects.filter(shift=shift).first()
        if (note.event_id if note else None) != seen_event_id:
            raise RosterStale(_("同班人员刚刚写过交接记录。您填写的内容已保留，请对照后再保存。"))
        if note is not None and note.acknowledged_at is not None:
            raise RosterError(_("接班人已阅，交接记录不能再改"))
        data = {"issues": [[pk, number] for pk, number in issues][:50], "amends": seen_event_id}
        event_id = record(_event(shift, "hand_over", by, at, data=data, texts={"happened": happened, "watch": watch}))
        if note is None:
            return DutyNote.objects.create(shift=shift, event_id=event_id)
        note.event_id = event_id
        note.save(update_fields=["event"])
        return note


def _check_words(happened: str, watch: str) -> None:
    if not happened:
        raise RosterError(_("请写明本班情况"), "happened")
    for field, text in (("happened", happened), ("watch", watch)):
        if len(text) > LONGEST_TEXT:
            raise RosterError(_("最多 %(count)s 字") % {"count": LONGEST_TEXT}, field)


def take_over(*, shift_id: int, event_id: int, by: Keeper, at: datetime) -> DutyNote:
    """The next shift has read the note (已阅). Twice says nothing new; Stale where the words changed meanwhile."""
    with transaction.atomic():
        shift = _locked(shift_id)
        note = DutyNote.objects.filter(shift=shift).first()
        if note is None:
            raise RosterError(_("这一班还没有交接记录"))
        if not takes_over(by.user_id, shift, at):
            raise RosterNotAllowed(_("交接记录由接班的值班员或值班领导确认"))
        if note.acknowledged_at is not None:
            return note
        if note.event_id != event_id:
            raise RosterStale(_("交接记录刚刚有补充，请看过后再确认。"))
        note.acknowledged_at, note.acknowledged_by_id = at, by.user_id
        note.save(update_fields=["acknowledged_at", "acknowledged_by"])
        record(_event(shift, "take_over", by, at, data={"note": event_id}))
    return note


def takes_over(user_id: int, shift: DutyShift, at: datetime) -> bool:
    """Whether this person is on a later shift of the same area now, or within the hour. One statement."""
    later = DutyShift.objects.standing().of_area(subdistrict_id=shift.subdistrict_id, community_id=shift.community_id)
    mine = Q(clerk_id=user_id) | Q(leader_id=user_id)
    return later.filter(mine, starts_at__gt=shift.starts_at, starts_at__lte=at + COMES_ON, ends_at__gt=at).exists()


# What the services share with the import


def lock_rosters(subdistrict_ids: Collection[int]) -> None:
    """Nobody else writes these sub-districts' rosters until this transaction ends."""
    _lock_rosters(subdistrict_ids)


def draft_of(shift: DutyShift) -> ShiftDraft:
    """The shift as it stands."""
    return ShiftDraft(
        subdistrict_id=shift.subdistrict_id,
        community_id=shift.community_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        clerk_id=shift.clerk_id,
        leader_id=shift.leader_id,
        phone=shift.phone,
    )


def hours_wrong(starts_at: datetime, ends_at: datetime, at: datetime) -> tuple[str, str]:
    """Why these hours cannot be a shift, and the field to mend; two empty strings where they can."""
    if ends_at <= starts_at:
        return _("结束时间应晚于开始时间"), "ends_at"
    if ends_at - starts_at > LONGEST_SHIFT:
        return _("一个班次最长 %(hours)s 小时") % {"hours": int(LONGEST_SHIFT.total_seconds() // 3600)}, "ends_at"
    if ends_at <= at:
        return _("这段时间已经过去"), "ends_at"
    return "", ""


def phone_wrong(phone: str) -> str:
    """Why this cannot be the phone of a shift, ""."""
    kept = phone_kept(phone)
    if len(kept) > 30 or not _PHONE.fullmatch(kept):
        return _("值班电话只能含数字、加号和连字符，最多 30 个字符")
    try:
        office_phone(phone)
    except ValidationError as error:
        return error.messages[0]
    return ""


def phone_kept(phone: str) -> str:
    """The phone of a shift as every roster writes it; what can be no number stays as it was typed."""
    try:
        return office_phone(phone)
    except ValidationError:
        return phone.strip()


def shift_facts(draft: ShiftDraft) -> dict[str, Any]:
    """A shift as the journal notes it."""
    return {
        "community": draft.community_id,
        "starts_at": local(draft.starts_at).isoformat(),
        "ends_at": local(draft.ends_at).isoformat(),
        "clerk": draft.clerk_id,
        "leader": draft.leader_id,
    }


def change_event(shift: DutyShift, before: ShiftDraft, after: ShiftDraft, by: Keeper, at: datetime) -> Entry:
    """What was and what is, of the values that changed."""
    was, became = shift_facts(before), shift_facts(after)
    differing = [name for name in was if was[name] != became[name]]
    texts = {"phone_was": before.phone, "phone": after.phone} if before.phone != after.phone else {}
    data = {"was": {name: was[name] for name in differing}, "now": {name: became[name] for name in differing}}
    return _event(shift, "shift_change", by, at, data=data, texts=texts)


def _event(
    shift: DutyShift,
    kind: str,
    by: Keeper,
    at: datetime,
    *,
    data: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> Entry:
    return Entry(
        subject_kind=SUBJECT,
        subject_id=shift.pk,
        kind=kind,
        at=at,
        actor_id=by.user_id,
        actor_role=by.role,
        data=data,
        texts=texts or {},
    )


def _lock_rosters(subdistrict_ids: Collection[int]) -> None:
    rows = SubDistrict.objects.filter(pk__in=subdistrict_ids).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk", flat=True))


def _locked(shift_id: int) -> DutyShift:
    """The shift with its sub-district's roster locked, then its own row."""
    subdistrict_id = DutyShift.objects.values_list("subdistrict_id", flat=True).get(pk=shift_id)
    _lock_rosters([subdistrict_id])
    return DutyShift.objects.select_for_update(no_key=True).get(pk=shift_id)


def _check_right(by: Keeper, area: tuple[int, int | None]) -> None:
    if not may_keep(by.access, *area):
        raise RosterNotAllowed(_("您不能修改这个区域的值班表"), "area")


def _check_hours(draft: ShiftDraft, at: datetime) -> None:
    message, field = hours_wrong(draft.starts_at, draft.ends_at, at)
    if message:
        raise RosterError(message, field)
    if wrong := phone_wrong(draft.phone):
        raise RosterError(wrong, "phone")


def _check_fresh(shift: DutyShift, version: int, at: datetime) -> None:
    if shift.cancelled_at is not None:
        raise RosterStale(_("这个班次已被撤下。您填写的内容已保留，可另排一班。"))
    if shift.version != version:
        raise RosterStale(_("这个班次刚刚有人改过。您填写的内容已保留，请对照后再保存。"))
    if shift.ends_at <= at:
        raise RosterError(_("已经结束的班次不能再改"))


def _check_people(draft: ShiftDraft) -> None:
    """Both are current staff of the area: of the community or of the office above it; anybody of the sub-district."""
    wanted = [draft.clerk_id, *([draft.leader_id] if draft.leader_id is not None else [])]
    rows = Membership.objects.filter(
        user_id__in=wanted, user__is_active=True, subdistrict_id=draft.subdistrict_id, ended_at__isnull=True
    ).exclude(role=Role.LEADER.value)
    if draft.community_id is not None:
        rows = rows.filter(Q(community_id=draft.community_id) | Q(community__isnull=True, department__isnull=True))
    found = set(rows.values_list("user_id", flat=True))
    for field, user_id in (("clerk", draft.clerk_id), ("leader", draft.leader_id)):
        if user_id is not None and user_id not in found:
            raise RosterError(_("不是这个区域的工作人员"), field)


def _check_free(draft: ShiftDraft, own_id: int | None) -> None:
    rows = DutyShift.objects.standing().of_area(subdistrict_id=draft.subdistrict_id, community_id=draft.community_id)
    taken = rows.between(draft.starts_at, draft.ends_at).select_related("clerk")
    if own_id is not None:
        taken = taken.exclude(pk=own_id)
    shift = taken.order_by("starts_at", "id").first()
    if shift is not None:
        raise Overlap(overlap_words(shift.starts_at, shift.ends_at, shift.clerk.display_name), "starts_at")


def overlap_words(starts_at: datetime, ends_at: datetime, name: str) -> str:
    """与 3月18日（周三）17:30 至 3月19日（周四）08:30 陈晓琳 的班次重叠."""
    return _("与已排班次重叠：%(start)s 至 %(end)s，%(name)s") % {
        "start": dates.moment(starts_at),
        "end": dates.moment(ends_at),
        "name": name,
    }


def _insert(draft: ShiftDraft) -> DutyShift:
    shift = DutyShift(
        subdistrict_id=draft.subdistrict_id,
        community_id=draft.community_id,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        clerk_id=draft.clerk_id,
        leader_id=draft.leader_id,
        phone=draft.phone,
    )
    _save(shift, {"force_insert": True})
    return shift


def _update(shift: DutyShift, draft: ShiftDraft) -> None:
    shift.community_id = draft.community_id
    shift.starts_at, shift.ends_at = draft.starts_at, draft.ends_at
    shift.clerk_id, shift.leader_id, shift.phone = draft.clerk_id, draft.leader_id, draft.phone
    shift.version += 1
    fields = ["community", "starts_at", "ends_at", "clerk", "leader", "phone", "version"]
    _save(shift, {"update_fields": fields})


def _save(shift: DutyShift, how: dict[str, Any]) -> None:
    """Save; an overlap that only the database saw (a writer without the lock) is told like any other.

    Two overlapping rows written at once wait for each other's end, and the database ends one by a deadlock.
    """
    try:
        with transaction.atomic():
            shift.save(**how)
    except (IntegrityError, OperationalError) as error:
        if not gave_way(error) and not any(name in str(error) for name in _NO_OVERLAP):
            raise
        raise Overlap(_("与刚刚排上的班次重叠，请刷新后再试"), "starts_at") from error
