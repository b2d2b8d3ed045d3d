"""What a rung is called, says and does, by its code; and what time does by itself.

The engine has the rungs of the main ladder; domains add theirs in ``AppConfig.ready()``. A new one rewrites no
constraint: what a CHECK could guard, the system check guards for the product's
ladder and ``manage.py check_deadlines`` for stored ones. Pure: no ORM, no HTTP.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deadlines import kinds
from papers.enums import DraftKind
from reminders.enums import RungCode, RungEffect, Topic

if TYPE_CHECKING:
    from reminders.ladder import Rung

DRAFTS: Final[Mapping[str, DraftKind]] = {
    RungEffect.ORDER: DraftKind.ORDER,
    RungEffect.YELLOW_CARD: DraftKind.YELLOW_CARD,
    RungEffect.RED_CARD: DraftKind.RED_CARD,
}
"""What a rung of this effect drafts; somebody signs it."""

Refusal = tuple[str, str | Promise]
"""A field, and why it cannot be so."""
Refuse = Callable[["Rung"], Sequence[Refusal]]


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """What a rung does beside telling people. ``acts``: time itself acts on the subject, whose event tells people.

    ``words`` say what it does; ``refuse`` says why a rung cannot have it, nothing where it can.
    """

    code: str
    words: Promise
    acts: bool = True
    refuse: Refuse = lambda rung: ()


@dataclass(frozen=True, slots=True)
class RungSpec:
    """One code of a rung. ``words`` is what a notification says, with ``%(clock)s`` for the clock's name.

    ``place`` orders the codes where they are chosen. ``effect`` goes with the name: it is what people read of it.
    """

    code: str
    label: str | Promise
    words: Promise
    place: int
    topic: Topic = Topic.DUE
    effect: str = RungEffect.NONE

    @classmethod
    def of(
        cls, code: TextChoices, words: Promise, place: int, topic: Topic = Topic.DUE, effect: str = RungEffect.NONE
    ) -> "RungSpec":
        """The row of a member of an enumeration, which has the code and the label."""
        return cls(code.value, code.label, words, place, topic, effect)


_rungs: Final[dict[str, RungSpec]] = {}
_effects: Final[dict[str, EffectSpec]] = {}


def register(rungs: Iterable[RungSpec] = (), effects: Iterable[EffectSpec] = ()) -> None:
    """Make these known. ValueError where another domain has one of the same code."""
    for rung in rungs:
        if _rungs.setdefault(rung.code, rung) != rung:
            raise ValueError(f"two rungs are called {rung.code}")
    for effect in effects:
        if _effects.setdefault(effect.code, effect) != effect:
            raise ValueError(f"two effects are called {effect.code}")


def every() -> tuple[RungSpec, ...]:
    """All rungs, as they are offered."""
    return tuple(sorted(_rungs.values(), key=lambda spec: spec.place))


def find(code: str | None) -> RungSpec | None:
    """The row of a code; None where nobody registered it."""
    return _rungs.get(code or "")


def effect_of(code: str) -> EffectSpec | None:
    """The row of an effect; None where nobody registered it."""
    return _effects.get(code)


def effect_of_rung(code: str) -> str:
    """What goes with a rung's name. KeyError where nobody registered it."""
    return _rungs[code].effect


def label(code: str) -> str:
    """A rung's name in the active language; the code itself where nobody registered it."""
    spec = find(code)
    return str(spec.label) if spec else code


def _urges_nobody(rung: "Rung") -> Sequence[Refusal]:
    watched = kinds.those(lambda spec: spec.side or spec.outside)
    return [("kinds", _("这些时限只提醒，不计催办"))] if rung.kinds & watched else ()


def _orders_nobody(rung: "Rung") -> Sequence[Refusal]:
    outside = sorted(rung.kinds & kinds.those(lambda spec: spec.outside))
    if not outside:
        return ()
    return [("kinds", _("%(kinds)s由反映人完成，不能拟督办单") % {"kinds": _("、").join(map(kinds.label, outside))})]


def only_for(allowed: Callable[[], frozenset[str]], words: Promise) -> Refuse:
    """Refuse a rung that does not name its kinds of deadlines, or names others than these."""
    return lambda rung: () if rung.kinds and rung.kinds <= allowed() else [("kinds", words)]


def _carded() -> frozenset[str]:
    return kinds.those(lambda spec: spec.carded)


register(
    rungs=(
        RungSpec.of(RungCode.NOTICE, gettext_lazy("%(clock)s时限已过半"), 20),
        RungSpec.of(RungCode.DUE_SOON, gettext_lazy("%(clock)s临期"), 30),
        RungSpec.of(RungCode.DUE_TODAY, gettext_lazy("%(clock)s今日到期"), 40),
        RungSpec.of(RungCode.URGE, gettext_lazy("催办：%(clock)s已超期"), 50, Topic.URGE, RungEffect.URGE),
        RungSpec.of(RungCode.DUTY_LEADER, gettext_lazy("%(clock)s超期1小时，报值班领导"), 60, Topic.URGE),
        RungSpec.of(RungCode.ORDER, gettext_lazy("%(clock)s超期，已拟督办单"), 90, Topic.URGE, RungEffect.ORDER),
        RungSpec.of(
            RungCode.YELLOW_CARD, gettext_lazy("%(clock)s超期，已拟黄牌警示"), 100, Topic.URGE, RungEffect.YELLOW_CARD
        ),
        RungSpec.of(
            RungCode.RED_CARD, gettext_lazy("%(clock)s超期，已拟红牌通报"), 110, Topic.URGE, RungEffect.RED_CARD
        ),
    ),
    effects=(
        EffectSpec(RungEffect.NONE, gettext_lazy("只提醒"), acts=False),
        EffectSpec(RungEffect.URGE, gettext_lazy("自动发出编号催办单，计一次催办"), acts=False, refuse=_urges_nobody),
        EffectSpec(RungEffect.ORDER, gettext_lazy("拟督办单，待分管领导签发"), refuse=_orders_nobody),
        EffectSpec(
            RungEffect.YELLOW_CARD,
            gettext_lazy("拟黄牌警示，待分管领导签发"),
            refuse=only_for(_carded, gettext_lazy("黄牌警示只适用于办理和兑现承诺时限")),
        ),
        EffectSpec(
            RungEffect.RED_CARD,
            gettext_lazy("拟红牌通报，待街道主要领导签发"),
            refuse=only_for(_carded, gettext_lazy("红牌通报只适用于办理和兑现承诺时限")),
        ),
    ),
)
