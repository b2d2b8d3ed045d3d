"""为什么通知我: one sentence for every notification. Pure: no ORM, no HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from deadlines import kinds
from reminders import rungs
from reminders.audience import RUNG_ROLES, meant_by
from reminders.enums import Reason

_PLACES: Final[Mapping[str, Promise]] = {spec.reason.value: spec.label for spec in RUNG_ROLES.values()}
"""Reason → the place that somebody stands in for."""


def sentence(reason: str, data: Mapping[str, Any], *, covering: str = "") -> str:
    """Why this reader was told. ``data`` is the event's, ``covering`` the name of whom the reader stands in for.

    Of a reminder it also says which clock, which rung and whom that rung tells. A row from before reasons were kept
    says so.
    """
    who, rung = _who(reason, covering), _rung(data)
    return _("%(who)s，%(rung)s。") % {"who": who, "rung": rung} if rung else _("%(who)s。") % {"who": who}


def _who(reason: str, covering: str) -> str:
    if reason not in Reason.values:
        return _("这条通知发出时还没有记录原因")
    if not covering:
        return str(Reason(reason).label)
    place = _PLACES.get(reason)
    if place is None:
        return _("您代%(name)s值守") % {"name": covering}
    return _("您代%(name)s（%(place)s）值守") % {"name": covering, "place": place}


def _rung(data: Mapping[str, Any]) -> str:
    rung, clock = rungs.find(data.get("rung")), kinds.find(data.get("deadline_kind"))
    if rung is None or clock is None:
        return ""
    words = {"clock": clock.label, "rung": rung.label}
    told = places(data.get("roles") or (), clock.code)
    if not told:
        return _("%(clock)s时限的“%(rung)s”提醒") % words
    return _("%(clock)s时限的“%(rung)s”提醒发给%(told)s") % (words | {"told": listed(told)})


def places(roles: Sequence[str], clock: str) -> list[str]:
    """Whom a rung's roles mean for this kind of deadline, in words."""
    return [str(spec.label) for spec in meant_by(roles, clock)]


def listed(words: Sequence[str]) -> str:
    """承办人、部门负责人和分管领导."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s和%(last)s") % {"first": _("、").join(words[:-1]), "last": words[-1]}
