"""Closed sets of the deputies' proposals."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

PROPOSAL: Final = "proposal"
"""The kind of subject under which a proposal has its clocks and its journal; the source of what a B answer promises."""


class ProposalClock(models.TextChoices):
    """The deadlines that a proposal may have; docs/rules/proposals.md says from when each counts."""

    HANDLING = "proposal", _("答复代表建议")
    LONG = "proposal_long", _("答复代表建议（延期）")
    AGAIN = "proposal_again", _("重新答复代表建议")
    PART = "proposal_part", _("会办意见")
    REPORT = "proposal_report", _("承诺兑现后再次答复")


ANSWERING: Final = (ProposalClock.HANDLING.value, ProposalClock.LONG.value, ProposalClock.AGAIN.value)
"""The clocks of the answer: one of them runs while it is being handled."""


class ProposalState(models.TextChoices):
    """How a proposal stands."""

    HANDLING = "handling", _("办理中")
    ANSWERED = "answered", _("已答复，待代表意见")
    CLOSED = "closed", _("已办结")
    RECALLED = "recalled", _("已撤回")


ENDED: Final = frozenset({ProposalState.CLOSED, ProposalState.RECALLED})
"""Nothing more is done on these but what a kept promise still owes."""


class Grade(models.TextChoices):
    """What the answer comes to."""

    SOLVED = "A", _("A类：已经解决")
    PLANNED = "B", _("B类：列入计划")
    LATER = "C", _("C类：因条件限制以后解决")
    REFERENCE = "D", _("D类：留作参考")


class Opinion(models.TextChoices):
    """What a deputy says of the answer."""

    SATISFIED = "satisfied", _("满意")
    FAIRLY = "fairly", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")
