"""What co-handlers have to say, the answer with its grade, and what is told again once a promise was kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commitments.enums import CommitmentState
from commitments.models import Commitment
from commitments.services.errors import InvalidCommitment
from commitments.services.making import make
from communities.actors import Actor
from deadlines import services as deadlines
from issues.services.errors import InvalidFields, NotPermitted, Words
from proposals.enums import ANSWERING, PROPOSAL, Grade, ProposalClock, ProposalState
from proposals.models import Proposal, ProposalAnswer
from proposals.rights import may_answer, may_give_part
from proposals.services.base import clean, held, open_clocks, part_of, save, start_clock, tell
from proposals.services.errors import NotAtThatStep


def give_part(*, proposal_id: int, department: str, note: str, by: Actor, at: datetime) -> Proposal:
    """A co-handler says what it has to say. Raises NotPermitted, NotAtThatStep, InvalidFields."""
    said = clean({"note": note}, required={"note": _("请填写会办意见")})["note"]
    with transaction.atomic():
        row = held(proposal_id, None, by, lambda access, row: True)
        part = part_of(row, department)
        if part is None or not may_give_part(by.access, row, part.department_id, external=part.department.is_external):
            raise NotPermitted(_("会办意见由会办单位提出"))
        if not part.is_waited_for or row.state != ProposalState.HANDLING:
            raise NotAtThatStep(_("没有在等这个单位的会办意见"))
        part.note, part.given_at, part.given_by = said, at, by.user
        part.save(update_fields=["note", "given_at", "given_by"])
        deadlines.stop(open_clocks(row).filter(party_id=part.department_id), {ProposalClock.PART}, at)
        save(row)
        tell(row, "proposal_part_given", by, at, texts={"note": said}, department=part.department_id)
    return row


@dataclass(frozen=True)
class NewAnswer:
    """An answer as it was written. ``why``: what is in the way, of a C; ``promise`` and ``due_on`` are a B's."""

    grade: str
    answer: str
    why: str = ""
    promise: str = ""
    due_on: date | None = None


def answer(*, proposal_id: int, given: NewAnswer, version: int, by: Actor, at: datetime) -> ProposalAnswer:
    """The lead answers: after every part was given or waived, or is overdue. A B promises something, with a day.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    texts = _read(given)
    with transaction.atomic():
        row = held(proposal_id, version, by, may_answer)
        if row.state != ProposalState.HANDLING:
            raise NotAtThatStep(_("这件建议已经答复"))
        if open_clocks(row).filter(kind=ProposalClock.PART, due_at__gt=at).exists():
            raise NotAtThatStep(_("会办单位的意见还没有到期，请先收齐，或由街道社会治理办免去"))
        made = _promise(row, texts["promise"], given.due_on, by, at) if given.grade == Grade.PLANNED else None
        found = ProposalAnswer.objects.create(
            proposal=row,
            round=row.round,
            grade=given.grade,
            words=texts["answer"],
            reason=texts["why"] if given.grade == Grade.LATER else "",
            commitment=made,
            answered_at=at,
            answered_by_id=by.user_id or 0,
        )
        deadlines.stop(open_clocks(row), {*ANSWERING, ProposalClock.PART}, at)
        row.state, row.due_at = ProposalState.ANSWERED, None
        row.ask_on, row.ask_reason, row.asked_at, row.asked_by = None, "", None, None
        save(row, "state", "due_at", "ask_on", "ask_reason", "asked_at", "asked_by")
        data = {"grade": given.grade} | ({"commitment": made.pk} if made else {})
        tell(row, "proposal_answered", by, at, texts={"answer": texts["answer"], "reason": found.reason}, **data)
    return found


def _read(given: NewAnswer) -> dict[str, str]:
    if given.grade not in Grade.values:
        raise InvalidFields({"grade": _("请选择答复类别")})
    required: dict[str, Words] = {"answer": _("请填写答复的内容")}
    if given.grade == Grade.LATER:
        required["why"] = _("请说明暂时不能解决的原因")
    if given.grade == Grade.PLANNED:
        required["promise"] = _("请填写承诺的内容")
    texts = clean({"answer": given.answer, "why": given.why, "promise": given.promise}, required=required)
    if given.grade == Grade.PLANNED and given.due_on is None:
        raise InvalidFields({"due_on": _("列入计划的，要有完成日期")})
    return texts


def _promise(row: Proposal, words: str, due_on: date | None, by: Actor, at: datetime) -> Commitment:
    try:
        return make(
            subdistrict_id=row.subdistrict_id,
            text=words,
            owner_id=row.lead_id,
            by_id=by.user_id or 0,
            by_role=by.role,
            at=at,
            source_kind=PROPOSAL,
            source_id=row.pk,
            co_owner_ids=list(row.parts.filter(waived_at__isnull=True).values_list("department_id", flat=True)),
            due_on=due_on,
        )
    except InvalidCommitment as error:
        fields = {"promise" if name == "text" else name: said for name, said in error.fields.items()}
        raise InvalidFields(fields) from error


def promise_kept(source_id: int, commitment_id: int, *, kept: bool, by: Actor, at: datetime) -> None:
    """What a B answer promised was confirmed as kept: the lead owes the deputies a word; or it was not after all."""
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).with_names().get(pk=source_id)
    found = ProposalAnswer.objects.filter(proposal=row, commitment_id=commitment_id, reported_at__isnull=True).first()
    running = open_clocks(row).filter(kind=ProposalClock.REPORT)
    if found is None:
        return
    if not kept:
        if not _kept_untold(row).exists():
            deadlines.cancel(running, None, at)
        return
    if not running.exists():
        start_clock(row, ProposalClock.REPORT, at, party_id=row.lead_id)
    tell(row, "proposal_promise_kept", by, at, commitment=commitment_id, department=row.lead_id)


def report_kept(*, proposal_id: int, round_: int, words: str, version: int, by: Actor, at: datetime) -> ProposalAnswer:
    """The deputies are told that what was promised is done.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    said = clean({"kept": words}, required={"kept": _("请填写完成的情况")})["kept"]
    with transaction.atomic():
        row = held(proposal_id, version, by, may_answer)
        found = row.answers.select_related("commitment").filter(round=round_).first()
        if found is None or found.commitment is None or found.reported_at is not None:
            raise NotAtThatStep(_("没有待再次答复的承诺"))
        if found.commitment.state != CommitmentState.FULFILLED:
            raise NotAtThatStep(_("承诺还没有确认兑现"))
        found.kept, found.reported_at, found.reported_by = said, at, by.user
        found.save(update_fields=["kept", "reported_at", "reported_by"])
        if not _kept_untold(row).exists():
            deadlines.stop(open_clocks(row), {ProposalClock.REPORT}, at)
        save(row)
        tell(row, "proposal_reported_again", by, at, texts={"note": said}, commitment=found.commitment_id)
    return found


def _kept_untold(row: Proposal) -> QuerySet[ProposalAnswer]:
    """The answers whose promise was kept and of which the deputies were not told so yet: one clock for all of them."""
    return row.answers.filter(commitment__state=CommitmentState.FULFILLED, reported_at__isnull=True)
