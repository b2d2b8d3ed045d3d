"""What a rung says in words: when it comes, whom it tells, what it does, for what it is. Pure: no ORM, no HTTP."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from deadlines import kinds
from deadlines.arithmetic import DAILY, Offset, parse_offset
from deadlines.enums import Level
from deadlines.limits import Limit, Unit
from reminders import rungs as specs
from reminders.audience import RUNG_ROLES
from reminders.enums import Channel
from reminders.ladder import Rung

ANCHORS: Final[Mapping[str, Promise]] = {
    "due": gettext_lazy("到期"),
    "due_day": gettext_lazy("到期当天8:30"),
    "soon": gettext_lazy("进入临期"),
    "half": gettext_lazy("时限过半"),
    "start": gettext_lazy("开始计时"),
    "twice": gettext_lazy("超过两倍时限"),
    DAILY: gettext_lazy("每个工作日8:30，直到办完"),
}
"""Moments of a deadline's life from which a rung is counted, as they are chosen."""

UNITS: Final[Mapping[str, Promise]] = {
    "wd": gettext_lazy("个工作日"),
    "wh": gettext_lazy("个工作小时"),
    "d": gettext_lazy("天"),
    "h": gettext_lazy("小时"),
    "min": gettext_lazy("分钟"),
    "mo": gettext_lazy("个月"),
}

ROLES: Final[Mapping[str, Promise]] = {role: spec.chosen or spec.label for role, spec in RUNG_ROLES.items()}
"""Whom a rung may tell, as they are chosen."""

_ON_THE_HOUR: Final[Mapping[str, Promise]] = {
    "start": gettext_lazy("开始计时时"),
    "half": gettext_lazy("时限过半时"),
    "soon": gettext_lazy("进入临期时"),
    "due_day": gettext_lazy("到期当天8:30"),
    "due": gettext_lazy("到期时"),
    "twice": gettext_lazy("超过两倍时限时"),
    DAILY: gettext_lazy("每个工作日8:30，直到办完"),
}
_AFTER: Final[Mapping[str, Callable[[str], str]]] = {
    "start": lambda amount: _("开始计时后%(amount)s") % {"amount": amount},
    "half": lambda amount: _("时限过半后%(amount)s") % {"amount": amount},
    "soon": lambda amount: _("进入临期后%(amount)s") % {"amount": amount},
    "due_day": lambda amount: _("到期当天8:30后%(amount)s") % {"amount": amount},
    "due": lambda amount: _("到期后%(amount)s") % {"amount": amount},
    "twice": lambda amount: _("超过两倍时限后%(amount)s") % {"amount": amount},
}
_BEFORE: Final[Mapping[str, Callable[[str], str]]] = {
    "half": lambda amount: _("时限过半前%(amount)s") % {"amount": amount},
    "soon": lambda amount: _("进入临期前%(amount)s") % {"amount": amount},
    "due_day": lambda amount: _("到期当天8:30前%(amount)s") % {"amount": amount},
    "due": lambda amount: _("到期前%(amount)s") % {"amount": amount},
    "twice": lambda amount: _("超过两倍时限前%(amount)s") % {"amount": amount},
}


def offset_words(text: str) -> str:
    """When a rung with this offset comes: 到期后3个工作日, 到期前6个月, 每个工作日8:30，直到办完.

    OffsetError where the text is none.
    """
    offset = parse_offset(text)
    if not offset.amount:
        return str(_ON_THE_HOUR[offset.anchor])
    words = _AFTER if offset.amount > 0 else _BEFORE
    return words[offset.anchor](amount_words(offset))


def amount_words(offset: Offset) -> str:
    """How much is added or taken away: 3个工作日, 6个月."""
    n = abs(offset.amount)
    if offset.unit == "mo":
        return ngettext("%(n)d个月", "%(n)d个月", n) % {"n": n}
    return Limit(n, Unit(offset.unit)).label()


def roles_words(rung: Rung) -> str:
    """Whom it tells; what time does by itself tells whom it concerns."""
    named = _("、").join(str(ROLES[role]) for role in rung.roles if role in ROLES)
    return named or (_("由所办事项告知有关人员") if rung.acts else "")


def what_words(rung: Rung) -> str:
    """What it does beside telling people."""
    return effect_words(rung.effect)


def effect_words(code: str) -> str:
    """What an effect does: 视为已签收."""
    spec = specs.effect_of(code)
    return str(spec.words) if spec else code


def kinds_words(codes: Iterable[str]) -> str:
    """For which deadlines it is; without any: all that need not be named."""
    return _labels(codes, _clocks()) or _("全部办理时限")


def levels_words(levels: Iterable[str]) -> str:
    """For issues of which levels it is."""
    return _labels(levels, {level.value: level.label for level in Level}) or _("全部级别")


def channels_words(channels: Iterable[str]) -> str:
    """By what it goes out beside the inbox."""
    return _labels(channels, {channel.value: channel.label for channel in Channel}) or _("按个人设置和单位渠道")


def side_kinds() -> str:
    """The deadlines that only rungs which name them serve."""
    return _labels(kinds.those(lambda spec: spec.side or spec.outside), _clocks())


def _clocks() -> Mapping[str, Promise]:
    return {spec.code: spec.label for spec in kinds.every()}


def _labels(codes: Iterable[str], labels: Mapping[str, str | Promise]) -> str:
    wanted = set(codes)
    return _("、").join(str(label) for code, label in labels.items() if code in wanted)
