"""The rungs of an issue's own clocks, and what time does by itself. The rule: docs/rules/supervision.md."""

from collections.abc import Sequence
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from deadlines.enums import PRESSING, Level
from issues.enums import DeadlineKind as Kind
from reminders.enums import Ladder, RungCode, RungEffect, RungRole, Topic
from reminders.ladder import Rung
from reminders.rungs import EffectSpec, Refusal, RungSpec, only_for


class IssueRung(TextChoices):
    """Rungs that only clocks of issues have."""

    NEW = "new", _("新派工单")
    DEEMED = "deemed", _("视为签收")
    EXPIRED = "expired", _("逾期未补充")
    UNACKNOWLEDGED = "unacknowledged", _("未签收")
    NO_PROGRESS = "no_progress", _("无办理进展")
    UNSIGNED = "unsigned", _("待签发")
    UNTOLD = "untold", _("待告知")
    UNCHECKED = "unchecked", _("待抽查")


DEEM: Final = "deem"
EXPIRE: Final = "expire"
"""What time does beside the main ladder: it takes silence for a signature, and lets a wait for papers end."""

RUNGS: Final = (
    RungSpec.of(IssueRung.NEW, _("新派工单待签收"), 10, Topic.NEW),
    RungSpec.of(IssueRung.DEEMED, _("超过两倍时限未签收，视为签收"), 70, effect=DEEM),
    RungSpec.of(IssueRung.EXPIRED, _("逾期未补充材料"), 80, effect=EXPIRE),
    RungSpec.of(IssueRung.UNACKNOWLEDGED, _("尚未签收，请尽快签收"), 120),
    RungSpec.of(IssueRung.NO_PROGRESS, _("多日没有办理进展"), 130),
    RungSpec.of(IssueRung.UNSIGNED, _("督办文书待签发"), 140),
    RungSpec.of(IssueRung.UNTOLD, _("居民尚未告知，请联系"), 150),
    RungSpec.of(IssueRung.UNCHECKED, _("居民网上评价待抽查回访"), 160),
)

_ACKNOWLEDGE: Final = frozenset({Kind.ACKNOWLEDGE.value})
_EXPIRES: Final = frozenset({Kind.MORE_INFO.value})


def _deems(rung: Rung) -> Sequence[Refusal]:
    found = list(only_for(lambda: _ACKNOWLEDGE, _("“视为签收”只适用于签收时限"))(rung))
    if rung.levels and rung.levels <= PRESSING:
        found.append(("levels", _("特急和紧急工单不能视为签收")))
    return found


EFFECTS: Final = (
    EffectSpec(DEEM, _("视为已签收"), refuse=_deems),
    EffectSpec(
        EXPIRE,
        _("退回待受理，标明逾期未补充"),
        refuse=only_for(lambda: _EXPIRES, _("“逾期未补充”只适用于补充材料时限")),
    ),
)

_DESK, _HANDLER, _HEAD = RungRole.DESK.value, RungRole.HANDLER.value, RungRole.HEAD.value
_DEPUTY, _SUPERVISOR = RungRole.DEPUTY.value, RungRole.SUPERVISOR.value
_CARDED: Final = frozenset({"handle", "fulfil"})
"""Yellow and red cards are for handling and for what was promised (docs/rules/supervision.md)."""
_OWED: Final = _CARDED | {
    *("first_report", "co_reply", "tracking", "supervision_reply", "suspension_review", "commitment_review")
}
_URGED_AGAIN: Final = frozenset(
    {
        *("respond", "accept", "dispatch", "note", "verify", "follow_up", "callback"),
        *("extension_decision", "return_decision"),
    }
)
"""Of these nothing is drafted that would remind further and nothing is done by time, so they are urged again."""
_PROGRESS, _INFORM, _SAMPLE = frozenset({"progress"}), frozenset({"inform"}), frozenset({"sample"})
_ORDER, _YELLOW, _RED = RungEffect.ORDER.value, RungEffect.YELLOW_CARD.value, RungEffect.RED_CARD.value
_WORKING, _CLOCK = Ladder.WORKING.value, Ladder.CLOCK.value
_UNTOLD_TO: Final = (RungRole.CLERKS.value, RungRole.SECRETARY.value)

LADDER: Final = (
    Rung(_WORKING, IssueRung.NEW, 1, "start", (_DESK,), _ACKNOWLEDGE),
    Rung(_WORKING, IssueRung.UNACKNOWLEDGED, 6, "start+4wh", (_DESK, _HEAD), _ACKNOWLEDGE),
    Rung(_WORKING, IssueRung.DEEMED, 7, "twice", (), _ACKNOWLEDGE, effect=DEEM),
    Rung(_WORKING, IssueRung.EXPIRED, 8, "due", (), _EXPIRES, effect=EXPIRE),
    Rung(_WORKING, RungCode.ORDER, 9, "due+3wd", (), _OWED, effect=_ORDER),
    Rung(_WORKING, RungCode.YELLOW_CARD, 10, "due+5wd", (), _CARDED, effect=_YELLOW),
    Rung(_WORKING, RungCode.RED_CARD, 11, "due+10wd", (), _CARDED, effect=_RED),
    Rung(_WORKING, IssueRung.NO_PROGRESS, 12, "due", (_HANDLER, _HEAD), _PROGRESS),
    Rung(_WORKING, IssueRung.UNSIGNED, 13, "daily", (_DEPUTY,), frozenset({"signature"})),
    Rung(_WORKING, IssueRung.UNTOLD, 14, "due", _UNTOLD_TO, _INFORM),
    Rung(_WORKING, RungCode.ORDER, 15, "due", (), frozenset({"urge_reply"}), effect=_ORDER),
    Rung(_WORKING, RungCode.URGE, 12, "due+5wd", (_HANDLER, _HEAD), _URGED_AGAIN, effect=RungEffect.URGE),
    Rung(_WORKING, RungCode.URGE, 13, "due+10wd", (_HANDLER, _HEAD), _URGED_AGAIN, effect=RungEffect.URGE),
    Rung(_WORKING, RungCode.URGE, 14, "due+15wd", (_HANDLER, _HEAD), _URGED_AGAIN, effect=RungEffect.URGE),
    Rung(_WORKING, IssueRung.NO_PROGRESS, 13, "due+5wd", (_HANDLER, _HEAD), _PROGRESS),
    Rung(_WORKING, IssueRung.NO_PROGRESS, 14, "due+10wd", (_HANDLER, _HEAD), _PROGRESS),
    Rung(_WORKING, IssueRung.NO_PROGRESS, 15, "due+15wd", (_HANDLER, _HEAD), _PROGRESS),
    Rung(_WORKING, IssueRung.UNTOLD, 15, "due+5wd", _UNTOLD_TO, _INFORM),
    Rung(_WORKING, IssueRung.UNCHECKED, 4, "due_day", (_SUPERVISOR,), _SAMPLE),
    Rung(_WORKING, IssueRung.UNCHECKED, 5, "due", (_SUPERVISOR,), _SAMPLE),
    Rung(_WORKING, IssueRung.UNCHECKED, 12, "due+5wd", (_SUPERVISOR,), _SAMPLE),
    Rung(_WORKING, IssueRung.UNCHECKED, 13, "due+10wd", (_SUPERVISOR,), _SAMPLE),
    Rung(_WORKING, IssueRung.UNCHECKED, 14, "due+15wd", (_SUPERVISOR,), _SAMPLE),
    Rung(_CLOCK, IssueRung.NEW, 1, "start", (_DESK,), _ACKNOWLEDGE),
    Rung(
        *(_CLOCK, IssueRung.UNACKNOWLEDGED, 3, "half", (_DESK, _HEAD), _ACKNOWLEDGE),
        levels=frozenset({Level.URGENT.value}),
    ),
    Rung(
        *(_CLOCK, IssueRung.UNACKNOWLEDGED, 4, "start", (_DESK, _HEAD), _ACKNOWLEDGE),
        levels=frozenset({Level.CRITICAL.value}),
    ),
    Rung(_CLOCK, IssueRung.EXPIRED, 8, "due", (), _EXPIRES, effect=EXPIRE),
)
"""The rungs of the product's ladder that name an issue's clocks, or those of a promise."""
