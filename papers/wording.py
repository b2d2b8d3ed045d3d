"""The words of a 督办单 or a card that the clock draws up, made of codes: nothing of the reporter or of the place.

In Chinese whatever language is active, for they are kept and signed. Source: docs/rules/supervision.md#papers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from common import dates
from common.clock import SHANGHAI, local
from deadlines import kinds
from deadlines.wording import left_text
from papers.enums import DraftKind


@dataclass(frozen=True)
class Missed:
    """The limit that was missed: whose clock it is, when it passed, in working time or not.

    ``unanswered``: what passed is the time to answer two urges.
    """

    kind: str
    owner: str
    due_at: datetime
    working: bool
    urges: int
    unanswered: bool = False


def words_for_missed(draft: DraftKind, missed: Missed, at: datetime, *, reply_within: str = "") -> str:
    """Which clock, since when overdue, how often urged, and what is drawn up for it.

    ``reply_within`` is what an order allows for the written reply, as people read it; "" where there is none.
    """
    with translation.override(settings.LANGUAGE_CODE):
        when = {"owner": missed.owner, "when": dates.moment(missed.due_at)}
        if missed.unanswered:
            parts = [_("%(owner)s经两次催办未回应，回应时限已于%(when)s届满。") % when]
        else:
            left = left_text(missed.due_at, at, working=missed.working)
            what = {**when, "clock": kinds.label(missed.kind), "left": left}
            parts = [_("%(owner)s的%(clock)s时限已于%(when)s届满，至今未完成，%(left)s。") % what]
        if missed.urges:
            parts.append(_("已催办%(n)d次。") % {"n": missed.urges})
        parts.append(_WHAT_IS_DRAWN[draft]())
        if draft == DraftKind.ORDER and reply_within:
            parts.append(_("请在签发后%(limit)s内书面回复办理情况。") % {"limit": reply_within})
        return "".join(parts)


def words_for_two_cards(owner: str, numbers: Iterable[str]) -> str:
    """The quarter rule: two yellow cards that stand."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("%(owner)s本季度已有两张以上生效的黄牌警示：%(numbers)s。拟予红牌通报。") % {
            "owner": owner,
            "numbers": "、".join(numbers),
        }


def office() -> str:
    """Who owes what no department or community owes."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("街道社会治理办")


def quarter_of(at: datetime) -> tuple[datetime, datetime]:
    """The calendar quarter of ``at`` in Shanghai: from its first midnight to the next one's."""
    day = local(at)
    month = 3 * ((day.month - 1) // 3) + 1
    first = datetime(day.year, month, 1, tzinfo=SHANGHAI)
    later = first + timedelta(days=93)
    return first, datetime(later.year, 3 * ((later.month - 1) // 3) + 1, 1, tzinfo=SHANGHAI)


_WHAT_IS_DRAWN = {
    DraftKind.ORDER: lambda: _("拟予督办。"),
    DraftKind.YELLOW_CARD: lambda: _("拟予黄牌警示。"),
    DraftKind.RED_CARD: lambda: _("拟予红牌通报。"),
}
