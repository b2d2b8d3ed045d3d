"""System checks of the seam: whatever a domain registered, the rest of what the engine needs of it is there."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from deadlines import kinds
from deadlines import subjects as tables
from reminders import rungs, subjects
from reminders.ladder import DEFAULT_LADDER
from reminders.ladder_rules import meet
from reminders.models import LadderRung


@register()
def check_seam(**kwargs: Any) -> Sequence[CheckMessage]:
    """Every kind of subject has an adapter, and every rung of the product's ladder is known, and fits."""
    return [*_without_adapter(), *_of_ladder()]


def unknown_rungs(limit: int) -> Sequence[LadderRung]:
    """Up to ``limit`` stored rungs whose code, effect or kind of deadline nobody registered."""
    codes, known = {spec.code for spec in rungs.every()}, {spec.code for spec in kinds.every()}
    strange = [
        rung
        for rung in LadderRung.objects.filter(retired_at__isnull=True).order_by("pk")
        if rung.code not in codes or rungs.effect_of(rung.effect) is None or not known.issuperset(rung.kinds)
    ]
    return strange[:limit]


def _without_adapter() -> Iterable[CheckMessage]:
    for kind in sorted(set(tables.registered()) - tables.stand_for_another()):
        if subjects.find(kind) is None:
            yield Error(
                f"deadlines have subjects of the kind {kind}, and nothing tells the engine about them",
                hint="Register a Subject with reminders.subjects in AppConfig.ready() of the domain that owns them.",
                id="reminders.E001",
            )
    for subject in subjects.every():
        if subject.kind not in tables.registered():
            yield Error(
                f"the engine knows the subject {subject.kind}, and nobody said where its rows are",
                hint="Register its model with deadlines.subjects in AppConfig.ready() of the domain that owns it.",
                id="reminders.E002",
            )


def _of_ladder() -> Iterable[CheckMessage]:
    standing = DEFAULT_LADDER.rungs
    for number, rung in enumerate(standing):
        unknown = sorted(kind for kind in rung.kinds if kinds.find(kind) is None)
        if unknown or rungs.find(rung.code) is None or rungs.effect_of(rung.effect) is None:
            yield Error(
                f"the rung {rung.code} of the product's ladder names what nobody registered",
                hint="Register its kinds with deadlines.kinds, its code and its effect with reminders.rungs.",
                id="reminders.E003",
            )
        if any(other.rank == rung.rank and meet(other, rung) for other in standing[:number]):
            yield Error(
                f"two rungs of the product's ladder for the same deadlines have rank {rung.rank}: {rung.code}",
                hint="Give one of them another rank, or fewer kinds of deadlines.",
                id="reminders.E004",
            )
