"""An office itself: its names, the word in its numbers, its telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.plain import visible
from communities.actors import Actor
from communities.models import SubDistrict
from offices.kinds import OFFICE
from offices.sealing import put_seal, snapshot
from offices.services.errors import InvalidReference, NotAdministered
from offices.services.references import (
    ADDED,
    CHANGED,
    Written,
    changed_between,
    check_version,
    may_administer,
    note_change,
    save_once,
)


@transaction.atomic
def found_office(*, data: Mapping[str, Any], by: Actor, at: datetime) -> SubDistrict:
    """A new office. Raises NotAdministered, InvalidReference where one has this code already."""
    if not may_found(by):
        raise NotAdministered(_("您不能修改这个街道的设置"))
    form = OFFICE.form_for(None, None, data)
    if not form.is_valid():
        raise InvalidReference(form)
    founded: SubDistrict = _written(form, {}, ADDED, by, at).row
    return founded


@transaction.atomic
def write_office(*, data: Mapping[str, Any], by: Actor, at: datetime, version: str | None = None) -> Written:
    """Found the office with this code, or change the one that has it.

    Raises NotAdministered, ReferenceChanged, InvalidReference.
    ``version`` is the digest of the row as it was opened.
    """
    code = visible(str(data.get("code", ""))).strip()
    present = SubDistrict.objects.select_for_update(no_key=True).filter(code__iexact=code).first()
    if present is None:
        return Written(found_office(data=data, by=by, at=at), ADDED)
    if not may_administer(by, present.pk):
        raise NotAdministered(_("您不能修改这个街道的设置"))
    if version is not None:
        check_version(OFFICE, present, version)
    before = snapshot(OFFICE, present)
    form = OFFICE.form_for(None, present, data)
    if not form.is_valid():
        raise InvalidReference(form)
    return _written(form, before, CHANGED, by, at)


def _written(form: Any, before: Mapping[str, Any], event: str, by: Actor, at: datetime) -> Written:
    """The row saved; the event, where anything is different from ``before``."""
    row = form.save(commit=False)
    save_once(row, form, "code", _("这个代码已经有街道使用"))
    changed = changed_between(before, snapshot(OFFICE, row))
    event = event if changed else ""
    if event:
        note_change(OFFICE, row, event, changed, office=row, by=by, at=at)
        put_seal(OFFICE, row, at)
    return Written(row, event)


def may_found(by: Actor) -> bool:
    """Whether this person brings new offices in: the installation's administrator, or a command."""
    return may_administer(by, None)
