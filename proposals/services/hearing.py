"""What each deputy says of the answer; whoever is not satisfied is answered again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from issues.services.errors import InvalidFields
from proposals.enums import Opinion, ProposalClock, ProposalState
from proposals.models import DeputyOpinion, Proposal, ProposalAnswer
from proposals.services.base import clean, held, save, start_clock, tell
from proposals.services.errors import NotAtThatStep


def record_opinion(
    *, proposal_id: int, deputy_id: int, opinion: str, version: int, by: Actor, at: datetime, reason: str = ""
) -> DeputyOpinion:
    """What this deputy says of the last answer, once. The first 不满意 brings the proposal back to the lead.

    With the last opinion, where nobody is dissatisfied, the proposal is closed. Raises NotPermitted, ProposalChanged,
    NotAtThatStep, InvalidFields.
    """
    if opinion not in Opinion.values:
        raise InvalidFields({"opinion": _("请选择代表的意见")})
    unhappy = opinion == Opinion.DISSATISFIED
    said = clean({"why": reason}, required={"why": _("请写明代表不满意的原因")} if unhappy else {})["why"]
    with transaction.atomic():
        row = held(proposal_id, version, by)
        last = row.answers.order_by("-round").first()
        if last is None or row.has_ended:
            raise NotAtThatStep(_("还没有答复，或已经办结"))
        deputy = row.deputies.filter(pk=deputy_id).first()
        if deputy is None:
            raise InvalidFields({"deputy": _("请从列出的选项中选择")})
        if last.opinions.filter(deputy=deputy).exists():
            raise NotAtThatStep(_("这位代表对这次答复的意见已经记录"))
        found = DeputyOpinion.objects.create(
            answer=last, deputy=deputy, opinion=opinion, reason=said, recorded_at=at, recorded_by_id=by.user_id or 0
        )
        again = unhappy and row.state == ProposalState.ANSWERED
        _follow(row, last, at, again=again)
        data = {"deputy": deputy.pk, "opinion": opinion, "answer": last.round}
        event = "proposal_reopened" if again else "proposal_opinion"
        tell(row, event, by, at, texts={"reason": said}, department=row.lead_id, **data)
    return found


def _follow(row: Proposal, last: ProposalAnswer, at: datetime, *, again: bool) -> None:
    if again:
        clock = start_clock(row, ProposalClock.AGAIN, at, party_id=row.lead_id)
        row.state, row.round, row.due_at = ProposalState.HANDLING, row.round + 1, clock.due_at
    elif row.state == ProposalState.ANSWERED and last.opinions.count() == row.deputies.count():
        row.state = ProposalState.CLOSED
    save(row, "state", "round", "due_at")
