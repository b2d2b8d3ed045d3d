"""What was registered is put right, handed to another lead, or taken back by the deputies before it was answered."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from deadlines import services as deadlines
from issues.services.errors import InvalidFields
from proposals.enums import ANSWERING, ProposalState
from proposals.models import Proposal
from proposals.services.base import clean, department_of, held, open_clocks, save, tell
from proposals.services.errors import NotAtThatStep


def correct(
    *, proposal_id: int, number: str, title: str, words: str, version: int, by: Actor, at: datetime
) -> Proposal:
    """Number, title and words as they should have been registered; what stood there before stays in the journal.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    given = clean(
        {"number": number, "title": title, "words": words},
        required={"number": _("请填写建议编号"), "title": _("请填写标题"), "words": _("请填写建议的内容")},
    )
    with transaction.atomic():
        row = held(proposal_id, version, by)
        if row.has_ended:
            raise NotAtThatStep(_("这件建议已经办结或撤回"))
        before = {name: getattr(row, name) for name in given if getattr(row, name) != given[name]}
        if not before:
            return row
        others = Proposal.objects.filter(subdistrict_id=row.subdistrict_id, number=given["number"])
        if "number" in before and others.exists():
            raise InvalidFields({"number": _("已有这个编号的建议")})
        for name in before:
            setattr(row, name, given[name])
        save(row, *before)
        tell(row, "proposal_corrected", by, at, texts={f"before_{name}": text for name, text in before.items()})
    return row


def hand_over(*, proposal_id: int, lead: str, reason: str, version: int, by: Actor, at: datetime) -> Proposal:
    """Another organisation leads; the date of the answer stays, and what was asked of the one before falls.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    said = clean({"reason": reason}, required={"reason": _("请填写原因")})["reason"]
    with transaction.atomic():
        row = held(proposal_id, version, by)
        if row.state != ProposalState.HANDLING:
            raise NotAtThatStep(_("这件建议已经答复"))
        found = department_of(row.subdistrict_id, lead, "lead")
        if found.pk == row.lead_id:
            raise InvalidFields({"lead": _("已由这个单位主办")})
        if row.parts.filter(department=found).exists():
            raise InvalidFields({"lead": _("主办单位不能同时是会办单位")})
        before, row.lead = row.lead_id, found
        row.ask_on, row.ask_reason, row.asked_at, row.asked_by = None, "", None, None
        deadlines.hand_over(open_clocks(row), ANSWERING, found.pk)
        save(row, "lead", "ask_on", "ask_reason", "asked_at", "asked_by")
        tell(row, "proposal_handed_over", by, at, texts={"reason": said}, department=found.pk, before=before)
    return row


def withdraw(*, proposal_id: int, reason: str, version: int, by: Actor, at: datetime) -> Proposal:
    """The deputies take it back before it was answered: nobody owes anything of it any more.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    said = clean({"reason": reason}, required={"reason": _("请填写原因")})["reason"]
    with transaction.atomic():
        row = held(proposal_id, version, by)
        if row.state != ProposalState.HANDLING or row.round > 1:
            raise NotAtThatStep(_("已经答复的建议不能撤回"))
        deadlines.cancel(open_clocks(row), None, at)
        row.state, row.due_at = ProposalState.RECALLED, None
        row.ask_on, row.ask_reason, row.asked_at, row.asked_by = None, "", None, None
        save(row, "state", "due_at", "ask_on", "ask_reason", "asked_at", "asked_by")
        tell(row, "proposal_withdrawn", by, at, texts={"reason": said}, department=row.lead_id)
    return row
