"""A proposal is registered with who handles it; who else has a part; more time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import SubDistrict
from deadlines import services as deadlines
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.once import made_before
from proposals.enums import ProposalClock, ProposalState
from proposals.models import Proposal, ProposalDeputy, ProposalPart
from proposals.rights import may_answer, may_register
from proposals.services.base import (
    clean,
    department_of,
    due_of,
    held,
    open_clocks,
    part_of,
    save,
    start_clock,
    tell,
)
from proposals.services.errors import NotAtThatStep

MOST_DEPUTIES: Final = 40
_OLDEST: Final = timedelta(days=366)
"""Handed over earlier than that is a slip of the pen."""


class Deputy(NamedTuple):
    """A name, and the delegation or station where it is said."""

    name: str
    delegation: str = ""


@dataclass(frozen=True)
class NewProposal:
    """What is known of a proposal when it is handed over. ``lead`` and ``parts`` are codes of organisations.

    ``key`` is the form's own: sent twice it is one proposal.
    """

    subdistrict_id: int
    number: str
    title: str
    words: str
    received_on: date | None
    lead: str
    deputies: Sequence[Deputy]
    parts: Sequence[str] = ()
    key: str = ""


def register(*, given: NewProposal, by: Actor, at: datetime) -> Proposal:
    """Its clock and those of the co-handlers begin with the day on which it was handed over.

    Raises NotPermitted, InvalidFields.
    """
    if not may_register(by.access, given.subdistrict_id):
        raise NotPermitted(_("建议由街道社会治理办登记"))
    texts = clean(
        {"number": given.number, "title": given.title, "words": given.words},
        required={"number": _("请填写建议编号"), "title": _("请填写标题"), "words": _("请填写建议的内容")},
    )
    received_on, deputies = _received_on(given.received_on, at), _deputies(given.deputies)
    lead = department_of(given.subdistrict_id, given.lead, "lead")
    others = [department_of(given.subdistrict_id, code, "parts") for code in dict.fromkeys(given.parts)]
    if lead in others:
        raise InvalidFields({"parts": _("主办单位不能同时是会办单位")})
    values: dict[str, Any] = {"subdistrict_id": given.subdistrict_id, "lead": lead, "received_on": received_on, **texts}
    with transaction.atomic():

        def same(row: Proposal) -> bool:
            handlers = set(row.parts.values_list("department_id", flat=True))
            signed = list(row.deputies.order_by("pk").values_list("name", "delegation"))
            return handlers == {one.pk for one in others} and signed == deputies

        there = made_before(Proposal.objects, given.key, values, same)
        if there is not None:
            return there
        SubDistrict.objects.select_for_update(no_key=True).get(pk=given.subdistrict_id)
        if Proposal.objects.filter(subdistrict_id=given.subdistrict_id, number=texts["number"]).exists():
            raise InvalidFields({"number": _("已有这个编号的建议")})
        due_at = due_of(given.subdistrict_id, ProposalClock.HANDLING, received_on)
        row = Proposal.objects.create(key=given.key, due_at=due_at, **values)
        ProposalDeputy.objects.bulk_create(
            ProposalDeputy(proposal=row, name=one.name, delegation=one.delegation) for one in deputies
        )
        ProposalPart.objects.bulk_create(ProposalPart(proposal=row, department=one) for one in others)
        start_clock(row, ProposalClock.HANDLING, at, party_id=lead.pk, since=received_on)
        for one in others:
            start_clock(row, ProposalClock.PART, at, party_id=one.pk, since=received_on)
        data = {"department": lead.pk, "parts": [one.pk for one in others], "received_on": received_on.isoformat()}
        tell(row, "proposal_registered", by, at, texts={"title": row.title}, **data)
    return row


def add_part(*, proposal_id: int, department: str, version: int, by: Actor, at: datetime) -> ProposalPart:
    """Another organisation has a part; its month counts from now.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    with transaction.atomic():
        row = held(proposal_id, version, by)
        _check_handling(row)
        found = department_of(row.subdistrict_id, department, "department")
        if found.pk == row.lead_id or row.parts.filter(department=found).exists():
            raise InvalidFields({"department": _("已是主办或会办单位")})
        part = ProposalPart.objects.create(proposal=row, department=found)
        start_clock(row, ProposalClock.PART, at, party_id=found.pk)
        save(row)
        tell(row, "proposal_part_added", by, at, department=found.pk)
    return part


def waive_part(*, proposal_id: int, department: str, reason: str, version: int, by: Actor, at: datetime) -> Proposal:
    """Nobody waits for what it has to say. Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields."""
    said = clean({"reason": reason}, required={"reason": _("请填写原因")})["reason"]
    with transaction.atomic():
        row = held(proposal_id, version, by)
        part = part_of(row, department)
        if part is None or not part.is_waited_for:
            raise NotAtThatStep(_("没有在等这个单位的会办意见"))
        part.waived_at, part.waived_by = at, by.user
        part.save(update_fields=["waived_at", "waived_by"])
        deadlines.cancel(open_clocks(row).filter(party_id=part.department_id), {ProposalClock.PART}, at)
        save(row)
        tell(row, "proposal_part_waived", by, at, texts={"reason": said}, department=part.department_id)
    return row


def ask_time(*, proposal_id: int, on: date | None, reason: str, version: int, by: Actor, at: datetime) -> Proposal:
    """The lead asks to answer later, once: six months at most after it was handed over.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    said = clean({"reason": reason}, required={"reason": _("请填写原因")})["reason"]
    with transaction.atomic():
        row = held(proposal_id, version, by, may_answer)
        _check_handling(row)
        if row.asked_at is not None:
            raise NotAtThatStep(_("已有一份延期申请待审批"))
        if row.round > 1 or row.extended_on is not None:
            raise NotAtThatStep(_("只能延期一次；重新办理的不能延期"))
        _check_in_time(row, at)
        row.ask_on, row.ask_reason, row.asked_at, row.asked_by = _later(row, on), said, at, by.user
        save(row, "ask_on", "ask_reason", "asked_at", "asked_by")
        tell(row, "proposal_time_asked", by, at, texts={"reason": said}, on=row.ask_on.isoformat())
    return row


def decide_time(
    *, proposal_id: int, granted: bool, version: int, by: Actor, at: datetime, reason: str = ""
) -> Proposal:
    """More time is given, or not (with a reason); never by who asked. Undecided it changes nothing.

    Raises NotPermitted, ProposalChanged, NotAtThatStep, InvalidFields.
    """
    missing = {} if granted else {"reason": _("请填写原因")}
    said = clean({"reason": reason}, required=missing)["reason"]
    with transaction.atomic():
        row = held(proposal_id, version, by)
        if row.asked_at is None or row.ask_on is None:
            raise NotAtThatStep(_("没有待审批的延期申请"))
        if row.asked_by_id == by.user_id:
            raise NotAtThatStep(_("延期须由另一人批准，不能由申请人自己决定"))
        if granted:
            _check_in_time(row, at)
        on = row.ask_on
        row.ask_on, row.ask_reason, row.asked_at, row.asked_by = None, "", None, None
        columns = ["ask_on", "ask_reason", "asked_at", "asked_by"]
        if granted:
            deadlines.cancel(open_clocks(row), {ProposalClock.HANDLING}, at)
            clock = start_clock(row, ProposalClock.LONG, at, party_id=row.lead_id, since=row.received_on, on=on)
            row.extended_on, row.due_at = on, clock.due_at
            columns += ["extended_on", "due_at"]
        save(row, *columns)
        event = "proposal_time_granted" if granted else "proposal_time_refused"
        tell(row, event, by, at, texts={"reason": said}, on=on.isoformat())
    return row


def _later(row: Proposal, on: date | None) -> date:
    """The day that was asked for: after the one that holds, within the longest. Raises InvalidFields."""
    last = local(due_of(row.subdistrict_id, ProposalClock.LONG, row.received_on)).date()
    if on is None or row.due_at is None or not local(row.due_at).date() < on <= last:
        words = _("请填写现在的期限之后、%(last)s以前的日期")
        raise InvalidFields({"on": words % {"last": last.isoformat()}})
    return on


def _check_handling(row: Proposal) -> None:
    if row.state != ProposalState.HANDLING:
        raise NotAtThatStep(_("这件建议已经答复"))


def _check_in_time(row: Proposal, at: datetime) -> None:
    """What is late stays late: more time is asked for and given while some is left."""
    if row.is_late(at):
        raise NotAtThatStep(_("已经超期，不能再延期，请尽快答复"))


def _received_on(on: date | None, at: datetime) -> date:
    today = local(at).date()
    if on is None or not today - _OLDEST <= on <= today:
        raise InvalidFields({"received_on": _("请填写交办日期：一年以内，不晚于今天")})
    return on


def _deputies(given: Sequence[Deputy]) -> list[Deputy]:
    """Each once; two of one name are two where their delegations differ."""
    found: dict[Deputy, None] = {}
    for one in given:
        texts = clean({"name": one.name, "delegation": one.delegation})
        if texts["name"]:
            found[Deputy(**texts)] = None
    wrong: Words = "" if found else _("请填写提出建议的代表")
    if len(found) > MOST_DEPUTIES:
        wrong = _("最多 %(most)d 项") % {"most": MOST_DEPUTIES}
    if wrong:
        raise InvalidFields({"deputies": wrong})
    return list(found)
