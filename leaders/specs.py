"""The kinds of tasks as rows: what each asks for, whom it goes to, how it may be answered. Pure.

Source: docs/rules/leaders.md#what-may-be-asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leaders.enums import LeaderReply, TaskKind


@dataclass(frozen=True, slots=True)
class ReplySpec:
    """One answer. ``tells``: whoever sent the task hears of it at once. ``reports``: a report is offered with it."""

    reply: LeaderReply
    tells: bool = False
    reports: bool = False


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One kind. ``by_place``: a leader answers for each place, else once for all.

    ``buildings``: it goes to chosen buildings; ``flooded``: to places that were flooded again and again, until so many
    hours have passed instead of a day. ``note``: a short note may stand beside the answer, ``photos``: photos, too.
    """

    kind: TaskKind
    hint: Promise
    replies: tuple[ReplySpec, ...]
    by_place: bool = True
    buildings: bool = False
    flooded: bool = False
    note: bool = True
    photos: bool = False

    def find(self, code: str) -> ReplySpec | None:
        """The answer of this code; None where this kind has none."""
        return next((one for one in self.replies if one.reply == code), None)


SPECS: Final[Mapping[str, TaskSpec]] = {
    spec.kind: spec
    for spec in (
        TaskSpec(
            TaskKind.NOTICE,
            _("发给所选地方的楼长、巷长、街长，请他们点“知道了”"),
            (ReplySpec(LeaderReply.SEEN),),
            by_place=False,
            note=False,
        ),
        TaskSpec(
            TaskKind.VISIT,
            _("请所选楼栋的楼长在期限前上门，不写住户姓名和健康情况"),
            (
                ReplySpec(LeaderReply.VISITED),
                ReplySpec(LeaderReply.NOBODY),
                ReplySpec(LeaderReply.HELP, tells=True),
            ),
            buildings=True,
        ),
        TaskSpec(
            TaskKind.RAIN,
            _("发给24个月内反映过两次及以上积水、排水问题的地方"),
            (
                ReplySpec(LeaderReply.NORMAL),
                ReplySpec(LeaderReply.FLOODED, tells=True, reports=True),
                ReplySpec(LeaderReply.DEALT),
            ),
            flooded=True,
            photos=True,
        ),
    )
}
