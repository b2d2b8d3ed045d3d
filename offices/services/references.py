"""Writing reference rows: one lock, one event, one seal each. Nothing is deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.actors import Actor
from communities.models import SubDistrict
from journal.services import Entry, record
from offices import forms as own
from offices.kinds import ReferenceKind
from offices.sealing import digest_of, put_seal, snapshot
from offices.services.errors import InvalidReference, NotAdministered, ReferenceChanged, StillUsed
from offices.uses import uses_of

ADDED: Final = "reference_added"
CHANGED: Final = "reference_changed"
RETIRED: Final = "reference_retired"
RESTORED: Final = "reference_restored"

_CODED: Final = (forms.ModelChoiceField, own.Labelled, own.YesNo, forms.IntegerField)
"""Fields whose values are ids, codes and numbers; all others are words."""


@dataclass(frozen=True)
class Written:
    """The row as it stands, and what was done: ADDED, CHANGED, RESTORED, or "" where it was so already."""

    row: Any
    event: str


def may_administer(by: Actor, subdistrict_id: int | None, permission: Permission = Permission.MANAGE_OFFICE) -> bool:
    """Whether this person administers the office, None: all; the product itself does (an import by command)."""
    return by.is_system or by.access.may(permission, subdistrict_id)


@transaction.atomic
def write(
    kind: ReferenceKind,
    *,
    office: SubDistrict,
    data: Mapping[str, Any],
    by: Actor,
    at: datetime,
    pk: int | None = None,
    version: str | None = None,
    permission: Permission = Permission.MANAGE_OFFICE,
) -> Written:
    """Add a row, or change the one with this id; what is the same already is not written again.

    ``version`` is the digest of the row as it was opened. Raises NotAdministered, ReferenceChanged, InvalidReference.
    """
    hold(office, by, permission)
    row = kind.rows_of(office).get(pk=pk) if pk else None
    if row is not None and version is not None:
        check_version(kind, row, version)
    before = snapshot(kind, row) if row is not None else {}
    form = kind.form_for(office, row, data)
    if not form.is_valid():
        raise InvalidReference(form)
    row = form.save()
    form.follow(row)
    changed = changed_between(before, snapshot(kind, row))
    event = ADDED if pk is None else CHANGED if changed else ""
    if event:
        note_change(kind, row, event, changed, office=office, by=by, at=at)
        put_seal(kind, row, at)
    return Written(row, event)


@transaction.atomic
def retire(
    kind: ReferenceKind,
    *,
    office: SubDistrict,
    pk: int,
    by: Actor,
    at: datetime,
    permission: Permission = Permission.MANAGE_OFFICE,
) -> Any:
    """Out of use from now on; what names it keeps naming it. Raises NotAdministered, StillUsed."""
    hold(office, by, permission)
    row = kind.rows_of(office).get(pk=pk)
    if row.retired_at is None:
        used = uses_of(kind.code, row)
        if used:
            raise StillUsed(_("还在使用：%(used)s。请先改到别处") % {"used": _("、").join(used)})
        _set_retired(kind, row, at, RETIRED, office=office, by=by, at=at)
    return row


@transaction.atomic
def restore(kind: ReferenceKind, *, office: SubDistrict, pk: int, by: Actor, at: datetime) -> Any:
    """In use again, where it is right as it stands: nothing took its place meanwhile.

    Raises NotAdministered, InvalidReference.
    """
    hold(office, by)
    row = kind.rows_of(office).get(pk=pk)
    if row.retired_at is not None:
        shown = kind.form_for(office, row)
        form = kind.form_for(office, row, {name: shown[name].value() for name in shown.fields})
        if not form.is_valid():
            raise InvalidReference(form)
        _set_retired(kind, row, None, RESTORED, office=office, by=by, at=at)
    return row


def save_once(row: Any, form: forms.BaseForm, field: str, words: str) -> None:
    """Save a new row. Raises InvalidReference where somebody made one of its name at this moment, in another office."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        form.add_error(field, words)
        raise InvalidReference(form) from error


def hold(office: SubDistrict, by: Actor, permission: Permission = Permission.MANAGE_OFFICE) -> None:
    """Edits of one office come one after the other. Raises NotAdministered where it is not this person's."""
    if not may_administer(by, office.pk, permission):
        raise NotAdministered(_("您不能修改这个街道的设置"))
    SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=office.pk)


def check_version(kind: ReferenceKind, row: Any, version: str) -> None:
    """Raises ReferenceChanged where the row is not as it was opened."""
    if version != digest_of(kind, row):
        raise ReferenceChanged(_("刚被别人修改，您填写的内容还在。请核对后再保存"))


def _set_retired(
    kind: ReferenceKind,
    row: Any,
    retired_at: datetime | None,
    event: str,
    *,
    office: SubDistrict,
    by: Actor,
    at: datetime,
) -> None:
    row.retired_at = retired_at
    row.save(update_fields=["retired_at"])
    note_change(kind, row, event, {}, office=office, by=by, at=at)
    put_seal(kind, row, at)


def changed_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Field → what it was and what it is."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def note_change(
    kind: ReferenceKind,
    row: Any,
    event: str,
    changed: Mapping[str, tuple[Any, Any]],
    *,
    office: SubDistrict,
    by: Actor,
    at: datetime,
) -> None:
    """Ids, codes and numbers stand in the event, words beside it; of personal fields only that they changed."""
    fields = kind.fields
    coded = {name: list(pair) for name, pair in changed.items() if isinstance(fields[name], _CODED)}
    words = {name: pair for name, pair in changed.items() if name not in coded and name not in kind.personal}
    record(
        Entry(
            subject_kind=kind.code,
            subject_id=row.pk,
            kind=event,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": office.pk, "changed": coded, "fields": sorted(set(changed) - set(coded))},
            texts={key: text for name, pair in words.items() for key, text in _said(name, pair)},
        )
    )


def _said(name: str, pair: tuple[Any, Any]) -> list[tuple[str, str]]:
    before, after = pair
    return [(f"{name}.was", str(before or "")), (name, str(after or ""))]
