"""What would let a reader infer a confidential reporter: matters linked to it, where it lies, and who wrote it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import issue_token
from common.clock import now
from issues.models import Issue
from tests.support.cast import NOW, World
from tests.support.drawn import without_drawn

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
KNOWS = (("clerk", True), ("supervisor", True), ("officer", False), ("deputy", False))


def answers(world: World, signed_in: Browser, who: str, issue: Issue) -> str:
    """What the page, the detail, the list and the journal of a matter say to this person."""
    token = {"Authorization": f"Token {issue_token(user=world.people[who], at=now())}"}
    api = f"/api/v1/issues/{issue.number}/"
    told = [Client().get(address, headers=token) for address in (api, f"{api}events/", "/api/v1/issues/")]
    told.append(signed_in(who).get(f"/console/issues/{issue.number}/"))
    assert {answer.status_code for answer in told} == {200}
    return without_drawn("\n".join(answer.content.decode() for answer in told))


@pytest.mark.parametrize("which", ["earlier", "later"])
@pytest.mark.parametrize(("who", "knows"), KNOWS)
def test_a_repeat_is_linked_for_who_knows_both_reporters(
    world: World, signed_in: Browser, who: str, knows: bool, which: str
) -> None:
    """Raised again by the same person: the open one of the two would name the reporter of the confidential one."""
    earlier = world.make_issue("closed", at=NOW - timedelta(days=20), confidential=which == "earlier")
    later = world.make_issue("in_progress", repeat_of_id=earlier.pk, confidential=which == "later")
    for issue, other in ((earlier, later), (later, earlier)):
        token = {"Authorization": f"Token {issue_token(user=world.people[who], at=now())}"}
        page = signed_in(who).get(f"/console/issues/{issue.number}/").content.decode()
        assert (f"{other.year}-{other.serial:06d}" in page) is knows
        events = Client().get(f"/api/v1/issues/{issue.number}/events/", headers=token).content.decode()
        assert (other.number in events) is (knows and issue is later)


@pytest.mark.parametrize(("who", "sees"), [("supervisor", True), ("officer2", False)])
def test_linked_matters_are_named_to_who_sees_them(world: World, signed_in: Browser, who: str, sees: bool) -> None:
    earlier = world.make_issue("closed", at=NOW - timedelta(days=20), description="旧渠堵塞，无人清理")
    later = world.make_issue("in_progress", department="WATER", officer="officer2", repeat_of_id=earlier.pk)
    page = signed_in(who).get(f"/console/issues/{later.number}/").content.decode()
    assert ("旧渠堵塞" in page) is sees


@pytest.mark.parametrize(("who", "knows"), KNOWS)
def test_a_corrected_address_of_a_confidential_matter(world: World, signed_in: Browser, who: str, knows: bool) -> None:
    issue = world.make_issue("in_progress", confidential=True, address="二座五〇二室")
    issue = world.act(issue, "edit", "clerk", address="二座六〇三室")
    told = answers(world, signed_in, who, issue)
    assert ("五〇二" in told, "六〇三" in told) == (knows, knows)


@pytest.mark.parametrize(("who", "knows"), [("clerk2", True), ("supervisor", True), ("officer", False)])
def test_a_leader_who_reports_confidentially_is_neither_named_nor_told_by_the_source(
    world: World, signed_in: Browser, who: str, knows: bool
) -> None:
    """By the API no contact comes with it; the only leader of the building is known to everybody."""
    assert world.leader is not None
    issue = world.create(
        by="leader", community="dade", kind="report", source="leader", leader_id=world.leader.pk, contact_name="",
        contact_phone="", building_id=world.buildings["bihu3"].pk, description="我是3栋陈姨，有人占用消防通道",
    )  # fmt: skip
    for action, by, data in (("accept", "clerk2", {}), ("dispatch", "clerk2", {"department": "MUNICIPAL"})):
        issue = world.act(issue, action, by, NOW, **data)
    told = answers(world, signed_in, who, issue)
    assert ("陈姨" in told) is knows
    assert ('"source":"leader"' in told) is knows
    assert ("楼长上报" in told) is knows


@pytest.mark.parametrize(("who", "knows"), KNOWS)
def test_an_earlier_name_of_the_reporter(world: World, signed_in: Browser, who: str, knows: bool) -> None:
    issue = world.make_issue(
        "in_progress", confidential=True, contact_name="王小敏", description="我是王小敏，尾号1234，井盖松动"
    )
    issue = world.act(issue, "edit", "clerk", contact_name="王晓敏", contact_phone="19900004321")
    told = answers(world, signed_in, who, issue)
    assert ("王小敏" in told, "1234" in told) == (knows, knows)
