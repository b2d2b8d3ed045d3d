"""What may stand on a ladder, and what an edit makes of one. Pure: no ORM, no HTTP.

The rule: docs/rules/supervision.md; what a rung's effect may act on, its own row says (reminders.rungs).
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from deadlines import kinds
from deadlines.arithmetic import DAILY, OffsetError, parse_offset
from deadlines.enums import Level
from deadlines.limits import LimitError
from reminders import rungs as specs
from reminders.enums import Channel, Ladder, RungRole
from reminders.ladder import AT_START, Rung

HIGHEST_RANK: Final = 15
LONGEST_OFFSET: Final = 16
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Edit:
    """One change of a ladder: ``key`` names the rung that is there (None: a new one), ``rung`` what it becomes.

    ``rung`` None takes it off. ``pass_over``: what was due by it before the change is taken as passed.
    """

    key: str | None
    rung: Rung | None
    pass_over: bool = False

    @property
    def kind(self) -> str:
        """``add``, ``change`` or ``retire``."""
        return "add" if self.key is None else "change" if self.rung else "retire"


class NoSuchRung(LookupError):  # noqa: N818 - a refusal named as prose
    """The ladder has no such rung."""


def key_of(rung: Rung) -> str:
    """Its name in addresses and forms; no two rungs of a ladder share it."""
    return f"{rung.ladder}-{rung.rank}-{rung.code}"


def find(rungs: Iterable[Rung], key: str) -> Rung:
    """The rung with this key. NoSuchRung where there is none."""
    for rung in rungs:
        if key_of(rung) == key:
            return rung
    raise NoSuchRung(key)


def apply(rungs: Sequence[Rung], edit: Edit, at: datetime) -> list[Rung]:
    """The ladder after the edit; of a rung that is kept its ladder and rank stay. NoSuchRung where it is gone."""
    present = find(rungs, edit.key) if edit.key is not None else None
    others = [rung for rung in rungs if rung is not present]
    if edit.rung is None:
        return others
    new = edit.rung if present is None else replace(edit.rung, ladder=present.ladder, rank=present.rank)
    since = at if edit.pass_over else present.since if present and present.offset == new.offset else None
    return sorted([*others, replace(new, since=since)], key=lambda rung: (rung.ladder, rung.rank, rung.code))


def meet(first: Rung, second: Rung) -> bool:
    """Whether some deadline would have both: of one ladder, and of a kind that both serve."""
    return first.ladder == second.ladder and any(
        first.serves(spec.code) and second.serves(spec.code) for spec in kinds.every()
    )


def free_ranks(rungs: Iterable[Rung], rung: Rung) -> list[int]:
    """The ranks that ``rung`` could have beside these."""
    present = list(rungs)
    taken = {other.rank for other in present if meet(other, rung)}
    taken |= {other.rank for other in present if (other.ladder, other.code) == (rung.ladder, rung.code)}
    return [rank for rank in range(1, HIGHEST_RANK + 1) if rank not in taken]


def check(others: Sequence[Rung], rung: Rung) -> Errors:
    """What is wrong with a rung beside the others of its sub-district, by field; empty where nothing is."""
    errors: Errors = {}

    def refuse(field: str, text: str | Promise) -> None:
        errors.setdefault(field, []).append(str(text))

    _check_codes(rung, refuse)
    if errors:
        return errors
    _check_offset(rung, refuse)
    _check_effect(rung, refuse)
    _check_people(rung, refuse)
    _check_rank(others, rung, refuse)
    return errors


def _check_codes(rung: Rung, refuse: Any) -> None:
    known: tuple[tuple[str, Collection[str], Collection[str]], ...] = (
        ("ladder", [rung.ladder], Ladder.values),
        ("code", [rung.code], [spec.code for spec in specs.every()]),
        ("roles", rung.roles, [role.value for role in RungRole]),
        ("kinds", rung.kinds, [spec.code for spec in kinds.every()]),
        ("levels", rung.levels, Level.values),
        ("channels", rung.channels, Channel.values),
    )
    for field, given, allowed in known:
        if not set(given) <= set(allowed):
            refuse(field, _("请从列表中选择"))


def _check_offset(rung: Rung, refuse: Any) -> None:
    try:
        offset = parse_offset(rung.offset)
    except (OffsetError, LimitError):
        refuse("offset", _("请填写提醒时间，如到期后3个工作日"))
        return
    if len(rung.offset) > LONGEST_OFFSET:
        refuse("offset", _("时间太长，请改用更大的单位"))
    if offset.anchor == AT_START and offset.amount < 0:
        refuse("offset", _("不能早于开始计时"))
    if rung.offset == AT_START:
        if not rung.kinds or not rung.kinds <= kinds.those(lambda spec: spec.told_at_start):
            refuse("kinds", _("开始计时时提醒只适用于签收时限：派单时即告知收件岗"))
        if rung.effect:
            refuse("code", _("开始计时时只能提醒，不能催办或拟文书"))
    if rung.offset == DAILY and rung.effect:
        refuse("code", _("每天重复的只能提醒，不能催办或拟文书"))


def _check_effect(rung: Rung, refuse: Any) -> None:
    effect = specs.effect_of(rung.effect)
    for field, text in effect.refuse(rung) if effect else [("code", _("请从列表中选择"))]:
        refuse(field, text)


def _check_people(rung: Rung, refuse: Any) -> None:
    if not rung.roles and not rung.acts:
        refuse("roles", _("请选择提醒谁"))


def _check_rank(others: Sequence[Rung], rung: Rung, refuse: Any) -> None:
    if not 1 <= rung.rank <= HIGHEST_RANK:
        refuse("rank", _("级次为1至%(most)d") % {"most": HIGHEST_RANK})
        return
    for other in others:
        if other.rank == rung.rank and (meet(other, rung) or key_of(other) == key_of(rung)):
            text = _("级次%(rank)d已用于“%(name)s”，两者有相同的时限，请换一个级次或缩小适用时限")
            refuse("rank", text % {"rank": rung.rank, "name": specs.label(other.code)})
            return


def values_of(rung: Rung) -> dict[str, Any]:
    """A rung as the journal keeps it: codes, in a fixed order."""
    return {
        "ladder": rung.ladder,
        "code": str(rung.code),
        "rank": rung.rank,
        "offset": rung.offset,
        "roles": [str(role) for role in rung.roles],
        "kinds": sorted(rung.kinds),
        "levels": sorted(rung.levels),
        "channels": [str(channel) for channel in rung.channels],
        "effect": str(rung.effect),
        "since": rung.since.isoformat() if rung.since else None,
    }


def version_of(rungs: Iterable[Rung]) -> str:
    """A short digest of a whole ladder: whoever edits says which one was seen."""
    rows = sorted((values_of(rung) for rung in rungs), key=lambda row: (row["ladder"], row["rank"], row["code"]))
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
