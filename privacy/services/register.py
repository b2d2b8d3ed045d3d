"""Keeping the register of processing: every change is an event that says what stood there before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.access import Access
from communities.actors import Actor
from communities.models import SubDistrict
from issues.services.errors import InvalidFields, NotPermitted
from journal.services import Entry, record
from privacy.enums import ACTIVITY
from privacy.forms import ActivityForm
from privacy.models import Activity
from privacy.register import FIELDS, activities_of, find
from privacy.services.versions import check_version

OWN: Final = "own"


def may_keep(access: Access, office: SubDistrict) -> bool:
    """Whether this person keeps the office's records on personal information: its security administrator."""
    return access.may(Permission.MANAGE_RIGHTS, office.pk)


def write(
    *, office: SubDistrict, code: str, data: Mapping[str, Any], version: int | None, by: Actor, at: datetime
) -> Activity:
    """Set the row ``code`` ("" : a new one of the office's own), which was opened at ``version``.

    Raises NotPermitted, RecordChanged, InvalidFields.
    """
    with transaction.atomic():
        _hold(office, by)
        shown = find(office, code) if code else None
        if code and shown is None:
            raise NotPermitted(_("没有这一行"))
        if shown is not None:
            check_version(ACTIVITY, shown.own.pk if shown.own else None, version)
        form = ActivityForm(data, instance=shown.own if shown else None)
        if not form.is_valid():
            raise InvalidFields({name: str(texts[0]) for name, texts in form.errors.items()})
        if shown is None and any(row.values["name"] == form.cleaned_data["name"] for row in activities_of(office)):
            raise InvalidFields({"name": _("已有同名的处理活动")})
        before = dict(shown.values) if shown else {}
        changed = [name for name in FIELDS if before.get(name, "") != form.cleaned_data[name]]
        row: Activity = form.instance
        row.subdistrict, row.code = office, code or _next_code(office)
        if changed:
            row.save()
            kind = "activity_changed" if shown else "activity_added"
            _tell(row, kind, by, at, {name: before.get(name, "") for name in changed})
    return row


def retire(*, office: SubDistrict, code: str, by: Actor, at: datetime, back: bool = False) -> None:
    """The office does this no longer, or (``back``) again. Raises NotPermitted."""
    with transaction.atomic():
        _hold(office, by)
        shown = find(office, code)
        if shown is None:
            raise NotPermitted(_("没有这一行"))
        if shown.is_retired is not back:
            return
        row = shown.own or Activity(subdistrict=office, code=code, **shown.values)
        row.retired_at = None if back else at
        row.save()
        _tell(row, "activity_restored" if back else "activity_retired", by, at)


def _hold(office: SubDistrict, by: Actor) -> None:
    if by.user is None or not may_keep(by.access, office):
        raise NotPermitted(_("只有安全管理员能修改"))
    SubDistrict.objects.select_for_update(no_key=True).get(pk=office.pk)


def _next_code(office: SubDistrict) -> str:
    own = Activity.objects.filter(subdistrict=office, code__startswith=f"{OWN}-").count()
    return f"{OWN}-{own + 1}"


def _tell(row: Activity, kind: str, by: Actor, at: datetime, was: Mapping[str, str] | None = None) -> None:
    """``was``: of each field that changed, what stood there."""
    before = was or {}
    record(
        Entry(
            subject_kind=ACTIVITY,
            subject_id=row.pk,
            kind=kind,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": row.subdistrict_id, "code": row.code, "fields": list(before)},
            texts={f"{name}.was": words for name, words in before.items()}
            | {name: getattr(row, name) for name in before},
        )
    )
