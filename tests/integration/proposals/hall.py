"""A proposal that the office handed over, walked to where a test wants it."""

from typing import Any

from deadlines.models import Deadline
from proposals.enums import PROPOSAL
from proposals.models import DeputyOpinion, Proposal, ProposalAnswer
from proposals.services import answering, hearing, registering
from proposals.services.answering import NewAnswer
from proposals.services.registering import Deputy, NewProposal
from tests.support.cast import NOW, World

LEAD = "MUNICIPAL"


def registered(world: World, by: str = "supervisor", **more: Any) -> Proposal:
    values: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "number": "桂城〔2026〕15号",
        "title": "加快幸福路改造",
        "words": "幸福路积水多年，建议尽快改造。",
        "received_on": NOW.date(),
        "lead": LEAD,
        "deputies": [Deputy("陈大文", "平东代表小组"), Deputy("李小明")],
        "parts": ["WATER"],
    }
    return registering.register(given=NewProposal(**(values | more)), by=world.actor(by), at=NOW)


def step(world: World, service: Any, row: Proposal, by: str = "head", **given: Any) -> Any:
    row.refresh_from_db()
    at = given.pop("at", NOW)
    if service is not answering.give_part:
        given.setdefault("version", row.version)
    return service(proposal_id=row.pk, by=world.actor(by), at=at, **given)


def answered(world: World, row: Proposal, grade: str = "A", at: Any = NOW, **more: Any) -> ProposalAnswer:
    if row.parts.filter(given_at__isnull=True, waived_at__isnull=True).exists():
        step(world, answering.give_part, row, "officer2", department="WATER", note="管网可以同步改造")
    made: ProposalAnswer = step(world, answering.answer, row, given=NewAnswer(grade, "已列入。", **more), at=at)
    return made


def heard(world: World, row: Proposal, place: int, opinion: str, **more: Any) -> DeputyOpinion:
    deputy = row.deputies.order_by("pk")[place]
    made: DeputyOpinion = step(
        world, hearing.record_opinion, row, "supervisor", deputy_id=deputy.pk, opinion=opinion, **more
    )
    return made


def clocks(row: Proposal) -> dict[str, tuple[str, str, str]]:
    found = Deadline.objects.of(PROPOSAL, row.pk).order_by("pk").select_related("party")
    return {
        one.kind: (one.state, one.party.code if one.party else "", f"{one.due_at.astimezone(NOW.tzinfo):%m-%d %H:%M}")
        for one in found
    }
