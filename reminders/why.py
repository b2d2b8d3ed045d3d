"""为什么通知我: one sentence for every notification. Pure: no ORM, no HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deadlines import kinds
from deadlines.kinds import Owed
from reminders import rungs
from reminders.audience import owed_by
from reminders.enums import Reason, RungRole

_PLACES: Final[Mapping[str, Promise]] = {
    RungRole.DESK.value: gettext_lazy("收件岗"),
    RungRole.HANDLER.value: gettext_lazy("承办人"),
    RungRole.HEAD.value: gettext_lazy("部门负责人"),
    RungRole.SECRETARY.value: gettext_lazy("社区书记"),
    RungRole.CLERKS.value: gettext_lazy("社区工作人员"),
    RungRole.DUTY_LEADER.value: gettext_lazy("值班领导"),
    RungRole.SUPERVISOR.value: gettext_lazy("街道社会治理办"),
    RungRole.DEPUTY.value: gettext_lazy("分管领导"),
    RungRole.DIRECTOR.value: gettext_lazy("街道主要领导"),
}
_IN_COMMUNITY: Final = {
    RungRole.DESK.value: RungRole.CLERKS.value,
    RungRole.HANDLER.value: RungRole.CLERKS.value,
    RungRole.HEAD.value: RungRole.SECRETARY.value,
}
"""Whom a community's clock means by the roles of a department."""

_STANDS_FOR: Final[Mapping[str, str]] = {
    Reason.DESK.value: RungRole.DESK.value,
    Reason.HANDLER.value: RungRole.HANDLER.value,
    Reason.HEAD.value: RungRole.HEAD.value,
    Reason.CLERK.value: RungRole.CLERKS.value,
    Reason.SECRETARY.value: RungRole.SECRETARY.value,
    Reason.SUPERVISOR.value: RungRole.SUPERVISOR.value,
    Reason.DEPUTY.value: RungRole.DEPUTY.value,
    Reason.DIRECTOR.value: RungRole.DIRECTOR.value,
    Reason.DUTY_LEADER.value: RungRole.DUTY_LEADER.value,
}


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
    place = _PLACES.get(_STANDS_FOR.get(reason, ""))
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
    owner = owed_by(clock)
    if owner is Owed.SUPERVISOR:
        return [str(_PLACES[RungRole.SUPERVISOR.value])] if roles else []
    meant = [_IN_COMMUNITY.get(role, role) if owner is Owed.COMMUNITY else role for role in roles]
    return [str(_PLACES[role]) for role in dict.fromkeys(meant) if role in _PLACES]


def listed(words: Sequence[str]) -> str:
    """承办人、部门负责人和分管领导."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s和%(last)s") % {"first": _("、").join(words[:-1]), "last": words[-1]}
