"""The clocks of an issue: who owes each, and how it runs. Source: docs/rules/time.md, docs/rules/numbers.md."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deadlines.kinds import ClockSpec, Owed
from issues.enums import DeadlineKind as Kind


def _row(kind: Kind, verb: Promise, since: Promise, owed_by: Owed = Owed.DEPARTMENT, **how: bool) -> ClockSpec:
    return ClockSpec(kind.value, kind.label, owed_by, verb, since, **how)


CLOCKS: Final = (
    _row(Kind.RESPOND, _("首次联系反映人"), _("自提交起"), Owed.COMMUNITY),
    _row(Kind.ACCEPT, _("受理"), _("自提交起"), Owed.COMMUNITY),
    _row(Kind.DISPATCH, _("派单"), _("自受理或退单起"), Owed.COMMUNITY),
    _row(Kind.ACKNOWLEDGE, _("签收"), _("自派单起"), told_at_start=True),
    _row(Kind.FIRST_REPORT, _("首次反馈"), _("自受理起"), public=True),
    _row(Kind.HANDLE, _("答复"), _("自受理起"), carded=True, at_once=True, public=True),
    _row(Kind.NOTE, _("记录本月进展"), _("自上次进展起")),
    _row(Kind.VERIFY, _("核查"), _("自答复起"), Owed.COMMUNITY),
    _row(Kind.FOLLOW_UP, _("回访"), _("自核查通过起"), Owed.COMMUNITY),
    _row(Kind.CO_REPLY, _("协办答复"), _("自加派协办起")),
    _row(Kind.MORE_INFO, _("补充"), _("自要求补充起"), Owed.COMMUNITY, outside=True),
    _row(Kind.TRACKING, _("跟踪并记录进展"), _("自转交起"), Owed.COMMUNITY),
    _row(Kind.CALLBACK, _("给反映人回电"), _("自要求回电起"), Owed.COMMUNITY),
    _row(Kind.SUSPENSION_REVIEW, _("复查"), _("自挂账起")),
    _row(Kind.EXTENSION_DECISION, _("审批"), _("自提出申请起"), Owed.SUPERVISOR),
    _row(Kind.RETURN_DECISION, _("裁定退单"), _("自第二次退单起"), Owed.SUPERVISOR),
    _row(Kind.SUPERVISION_REPLY, _("书面回复督办单"), _("自督办签发起"), outlives=True),
    _row(Kind.PROGRESS, _("记录办理进展"), _("自上次进展起"), side=True),
    _row(Kind.SIGNATURE, _("签发"), _("自拟稿起"), Owed.DIRECTION, side=True, outlives=True),
    _row(Kind.URGE_REPLY, _("回应催办"), _("自再次催办起"), side=True),
    _row(Kind.INFORM, _("告知反映人"), _("自须告知之时起"), Owed.COMMUNITY, side=True, outlives=True),
    _row(Kind.SAMPLE, _("抽查回访"), _("自办结或并案后待抽查起"), Owed.SUPERVISOR, side=True, outlives=True),
)

SIDE: Final = frozenset(row.code for row in CLOCKS if row.side)
"""They climb only rungs that name them, never govern an issue's own due time, and residents see none."""

OUTLIVING: Final = frozenset(row.code for row in CLOCKS if row.outlives)
"""They may run after their matter has ended: somebody must still sign, be told, write, or check a verdict."""

OF_COMMUNITY: Final = frozenset(row.code for row in CLOCKS if row.owed_by is Owed.COMMUNITY)
"""Clocks that the community owes; those that nobody else owes are owed by the lead department."""

OF_OFFICE: Final = frozenset(row.code for row in CLOCKS if row.owed_by in (Owed.SUPERVISOR, Owed.DIRECTION))
"""Clocks that the office owes: the supervisor decides and checks, the direction signs."""
