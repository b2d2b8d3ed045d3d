"""A person's own texts; those of an office are reference rows like any other (offices.services.references)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actors import Actor
from journal.services import Entry, record
from offices.kinds import TEXT
from offices.models import TextModule
from offices.sealing import digest_of, snapshot
from offices.services.errors import AlreadyThere, InvalidReference, ReferenceChanged
from offices.services.references import ADDED, CHANGED, RETIRED, changed_between
from offices.texts import MOST_OWN, own_of


@transaction.atomic
def write_own(
    *, data: Mapping[str, Any], by: Actor, at: datetime, pk: int | None = None, version: str = ""
) -> TextModule:
    """Add a text of one's own, or change the one with this id.

    Raises ReferenceChanged, InvalidReference, AlreadyThere.
    """
    user = _locked(by)
    row = own_of(user).filter(pk=pk).first() if pk else None
    if pk and row is None:
        raise ReferenceChanged(_("这条刚被删去，您填写的内容还在。保存后作为新的一条"))
    if row is not None and version != digest_of(TEXT, row):
        raise ReferenceChanged(_("刚被别人修改，您填写的内容还在。请核对后再保存"))
    if row is None and own_of(user).count() >= MOST_OWN:
        raise AlreadyThere(_("最多 %(n)d 条，请先删去不用的") % {"n": MOST_OWN})
    before = snapshot(TEXT, row) if row is not None else {}
    form = TEXT.form(data, instance=row or TextModule(user=user), office=None)
    if not form.is_valid():
        raise InvalidReference(form)
    text: TextModule = form.save()
    changed = changed_between(before, snapshot(TEXT, text))
    if changed:
        _note(text, ADDED if row is None else CHANGED, sorted(changed), by, at)
    return text


@transaction.atomic
def drop_own(*, pk: int, by: Actor, at: datetime) -> None:
    """It is offered no more."""
    row = own_of(_locked(by)).filter(pk=pk).first()
    if row is not None:
        row.retired_at = at
        row.save(update_fields=["retired_at"])
        _note(row, RETIRED, [], by, at)


def _locked(by: Actor) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=by.user_id or 0)


def _note(row: TextModule, kind: str, fields: list[str], by: Actor, at: datetime) -> None:
    """What a person keeps for themselves is not told word by word."""
    record(
        Entry(
            subject_kind=TEXT.code,
            subject_id=row.pk,
            kind=kind,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"own": True, "fields": fields},
        )
    )
