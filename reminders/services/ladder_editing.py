"""Editing the ladder of a sub-district: rows first, then the open deadlines follow in the background (replanning).

A sub-district gets its own copy of the installation's ladder with its first edit. The sub-district's row is locked
while its ladder is written, so that two people never interleave; each says which ladder was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.access import Access
from communities.models import SubDistrict
from journal.services import Entry, record
from reminders import ladder_rules
from reminders.enums import OFFICE
from reminders.ladder import DEFAULT_LADDER, Rung
from reminders.ladder_rules import Edit, Errors
from reminders.models import LadderReplan, LadderRung
from reminders.reference import forget, rung_of, rungs_of

LADDER_CHANGED = "ladder_changed"
"""The kind of the event of an edit."""


class LadderError(Exception):
    """A refusal, in words fit for the person."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))
        self.message = str(message)


class NotAllowed(LadderError):  # noqa: N818 - refusals are named as prose
    """This person may not do this."""


class Stale(LadderError):  # noqa: N818
    """Somebody else changed the ladder in between; nothing was written."""


class Invalid(LadderError):  # noqa: N818
    """The rung cannot stand there; ``fields`` says why."""

    def __init__(self, fields: Errors) -> None:
        super().__init__(_("填写的内容有误，请检查后重新提交"))
        self.fields = fields


@dataclass(frozen=True)
class StandingLadder:
    """The ladder of a sub-district as it stands: ``own`` or still the installation's."""

    rungs: tuple[Rung, ...]
    own: bool

    @property
    def version(self) -> str:
        """Which ladder this is, for whoever edits it."""
        return ladder_rules.version_of(self.rungs)


def may_edit(access: Access, subdistrict_id: int) -> bool:
    """Whether this person keeps the ladder of a sub-district: its administrator, or the installation's."""
    return access.may(Permission.EDIT_LADDER, subdistrict_id)


def standing_ladder(subdistrict_id: int) -> StandingLadder:
    """The ladder that holds in a sub-district, read from the database: one statement, two without an own one."""
    own = _current(subdistrict_id)
    if own:
        return StandingLadder(own, own=True)
    return StandingLadder(_current(None) or DEFAULT_LADDER.rungs, own=False)


def _current(subdistrict_id: int | None) -> tuple[Rung, ...]:
    rows = rungs_of(subdistrict_id).filter(retired_at__isnull=True).order_by("ladder", "rank", "code")
    return tuple(rung_of(row) for row in rows)


def edit_ladder(*, subdistrict_id: int, version: str, edit: Edit, by: Access, role: str, at: datetime) -> Rung | None:
    """Add, change or retire one rung; returns it as it stands now (None where it was retired).

    Writes the rows, one event with the old and the new values, and the request to plan the open deadlines again. An
    edit that changes nothing writes nothing. NotAllowed, Stale, Invalid; ladder_rules.NoSuchRung where it is gone.
    """
    if not may_edit(by, subdistrict_id):
        raise NotAllowed(_("您不能修改提醒阶梯"))
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=subdistrict_id)
        present = standing_ladder(subdistrict_id)
        if present.version != version:
            raise Stale(_("提醒阶梯刚被别人修改，请核对后再保存"))
        before = ladder_rules.find(present.rungs, edit.key) if edit.key is not None else None
        after = ladder_rules.apply(present.rungs, edit, at)
        new = _edited(present.rungs, after, before)
        if new is not None:
            errors = ladder_rules.check([rung for rung in after if rung != new], new)
            if errors:
                raise Invalid(errors)
        if new == before:
            return new
        if not present.own:
            LadderRung.objects.bulk_create(_row(subdistrict_id, rung) for rung in present.rungs)
        _write(subdistrict_id, before, new, at)
        record(_event(subdistrict_id, edit, before, new, copied=not present.own, by=by, role=role, at=at))
        request_replan(subdistrict_id, at)
        transaction.on_commit(forget)
    return new


def request_replan(subdistrict_id: int | None, at: datetime) -> None:
    """Have the open deadlines of a sub-district (None: of all) planned anew; what is under way begins again.

    The caller holds the sub-district's row lock.
    """
    rows = LadderReplan.objects.filter(finished_at__isnull=True)
    rows = (
        rows.filter(subdistrict__isnull=True) if subdistrict_id is None else rows.filter(subdistrict_id=subdistrict_id)
    )
    if not rows.update(requested_at=at, after_id=0, again=[], seen=0, changed=0):
        LadderReplan.objects.create(subdistrict_id=subdistrict_id, requested_at=at)


def _edited(before: Sequence[Rung], after: Sequence[Rung], old: Rung | None) -> Rung | None:
    """The rung that the edit made: the one that was not there, or the one kept as it was."""
    new = [rung for rung in after if rung not in before]
    if new:
        return new[0]
    return old if len(after) == len(before) else None


def _row(subdistrict_id: int, rung: Rung) -> LadderRung:
    return LadderRung(subdistrict_id=subdistrict_id, ladder=rung.ladder, rank=rung.rank, **_columns(rung))


def _columns(rung: Rung) -> dict[str, Any]:
    values = ladder_rules.values_of(rung)
    names = ("code", "offset", "roles", "kinds", "levels", "channels", "effect")
    return {name: values[name] for name in names} | {"since_at": rung.since}


def _write(subdistrict_id: int, before: Rung | None, new: Rung | None, at: datetime) -> None:
    if before is None:
        if new is not None:
            _row(subdistrict_id, new).save(force_insert=True)
        return
    row = rungs_of(subdistrict_id).filter(
        retired_at__isnull=True, ladder=before.ladder, rank=before.rank, code=before.code
    )
    if new is None:
        row.update(retired_at=at)
    else:
        row.update(**_columns(new))


def _event(
    subdistrict_id: int,
    edit: Edit,
    before: Rung | None,
    new: Rung | None,
    *,
    copied: bool,
    by: Access,
    role: str,
    at: datetime,
) -> Entry:
    return Entry(
        subject_kind=OFFICE,
        subject_id=subdistrict_id,
        kind=LADDER_CHANGED,
        at=at,
        actor_id=by.user_id,
        actor_role=role,
        data={
            "change": edit.kind,
            "old": ladder_rules.values_of(before) if before else None,
            "new": ladder_rules.values_of(new) if new else None,
            "copied": copied,
            "pass_over": edit.pass_over,
        },
    )
