"""Whom an office does not let in for a while: networks and telephones that abused its public forms.

docs/rules/residents.md#who-is-not-let-in has the rules.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from common.clock import SHANGHAI
from common.crypto import lookup_hash, lookup_hashes
from common.http import network_of
from common.phones import line_of, normalise_phone
from common.texts import kept_text
from communities.actors import Actor
from communities.models import SubDistrict
from door.enums import BLOCK, BlockKind
from door.models import StoppedSender
from door.tellings import BLOCKED, LIFTED
from issues.services.errors import InvalidFields, NotPermitted
from journal.services import Entry, record

LONGEST: Final = timedelta(days=180)
"""No block is for ever: after that somebody looks again."""


def is_blocked(*, subdistrict_id: int, network: str, phone: str = "", at: datetime) -> bool:
    """Whether the office takes nothing from there now; one statement."""
    marks = [*lookup_hashes(network), *lookup_hashes(line_of(phone))]
    rows = StoppedSender.objects.filter(mark__in=marks, subdistrict_id=subdistrict_id, lifted_at=None, ends_at__gt=at)
    return rows.exists()


def current(office: SubDistrict, at: datetime) -> Sequence[StoppedSender]:
    """What stands, the one that ends first before others."""
    rows = StoppedSender.objects.filter(subdistrict=office, lifted_at=None, ends_at__gt=at)
    return list(rows.select_related("created_by").order_by("ends_at", "pk"))


def block(
    *, office: SubDistrict, kind: str, what: str, reason: str, until: date | None, by: Actor, at: datetime
) -> StoppedSender:
    """Take nothing from there until the end of ``until``. Raises NotPermitted, InvalidFields."""
    user = _check_right(office, by)
    wrong: dict[str, str] = {}
    known = _read(kind, what, wrong)
    said = _reason(reason, wrong)
    if until is None or not at.astimezone(SHANGHAI).date() <= until <= (at + LONGEST).astimezone(SHANGHAI).date():
        wrong["until"] = _("请填写今天起 %(days)d 天以内的日期") % {"days": LONGEST.days}
    if wrong or until is None:
        raise InvalidFields(wrong)
    ends_at = datetime.combine(until + timedelta(days=1), time(), SHANGHAI)
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).get(pk=office.pk)
        if is_blocked(subdistrict_id=office.pk, network=known, at=at):
            raise InvalidFields({"what": _("已经在名单里")})
        row = StoppedSender.objects.create(
            subdistrict=office, kind=kind, what=known, mark=lookup_hash(known), reason=said, created_at=at,
            created_by=user, ends_at=ends_at,
        )  # fmt: skip
        _tell(row, BLOCKED, by, at, said)
    return row


def lift(*, office: SubDistrict, pk: int, by: Actor, at: datetime) -> None:
    """Let in again; nothing where that happened already. Raises NotPermitted."""
    _check_right(office, by)
    with transaction.atomic():
        row = StoppedSender.objects.select_for_update(no_key=True).filter(pk=pk, subdistrict=office).first()
        if row is None:
            raise NotPermitted(_("没有这一行"))
        if row.lifted_at is None:
            row.lifted_at, row.lifted_by = at, by.user
            row.save(update_fields=["lifted_at", "lifted_by"])
            _tell(row, LIFTED, by, at)


def _check_right(office: SubDistrict, by: Actor) -> User:
    if by.user is None or not by.access.may(Permission.MANAGE_RIGHTS, office.pk):
        raise NotPermitted(_("只有安全管理员能修改"))
    return by.user


def _read(kind: str, what: str, wrong: dict[str, str]) -> str:
    """The network or the line, as senders are known by."""
    if kind not in BlockKind.values:
        wrong["kind"] = _("请选一项")
        return ""
    try:
        found = line_of(normalise_phone(what)) if kind == BlockKind.PHONE else network_of(ip_address(what.strip()))
    except (ValueError, ValidationError):
        found = ""
    if not found:
        wrong["what"] = _("请填写一个手机号，或一个网络地址，如 203.0.113.7")
    return found


def _reason(text: str, wrong: dict[str, str]) -> str:
    try:
        said = kept_text(text, longest=300)
    except ValueError as error:
        wrong["reason"] = str(error)
        return ""
    if not said:
        wrong["reason"] = _("请写明理由")
    return said


def _tell(row: StoppedSender, kind: str, by: Actor, at: datetime, reason: str = "") -> None:
    """The event says that and why, never which number or address."""
    record(
        Entry(
            subject_kind=BLOCK,
            subject_id=row.pk,
            kind=kind,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": row.subdistrict_id, "kind": row.kind, "ends_at": row.ends_at.isoformat()},
            texts={"reason": reason} if reason else {},
        )
    )
