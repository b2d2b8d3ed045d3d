"""A confidential reporter is known to the community and the supervisor, and found through no door by anybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import issue_token
from common.clock import now
from issues.models import Issue
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
OTHER = "19900007788"
KNOWS = {"clerk": True, "secretary": True, "supervisor": True, "officer": False, "head": False, "deputy": False,
         "director": False, "admin": False}  # fmt: skip
SEARCHED = (PHONE[-4:], PHONE, OTHER, "19900007788王小明", "502室")
DOORS = ("detail", "list", "api detail", "api list", "api events", "told", "paper")


def told_on(world: World, **given: Any) -> Issue:
    """Words, title and address that name the reporter, a comment with a phone, and a corrected number."""
    words = f"我是王小明，电话{OTHER}，有人占道经营"
    issue = world.make_issue(
        "in_progress", kind="report", description=words, title=f"王小明{OTHER}占道", address="502室",
        contact_name="王小明", contact_phone=PHONE, **given,
    )  # fmt: skip
    issue = world.act(issue, "comment", "clerk", note=f"王小明请回电{OTHER}，来电显示1299")
    return world.act(issue, "edit", "clerk", contact_phone="19900001299", note="号码更正")


def short(issue: Issue) -> str:
    return f"{issue.year}-{issue.serial:06d}"


def read(world: World, signed_in: Browser, door: str, who: str, issue: Issue) -> str:
    browser, token = signed_in(who), issue_token(user=world.people[who], at=now())
    header = {"Authorization": f"Token {token}"}
    api = f"/api/v1/issues/{issue.number}/"
    address = {
        "detail": f"/console/issues/{issue.number}/",
        "list": "/console/issues/",
        "api detail": api,
        "api list": "/api/v1/issues/",
        "api events": f"{api}events/",
        "told": f"/console/supervision/{issue.number}/told/",
        "paper": f"/console/issues/{issue.number}/receipt/",
    }[door]
    answer = Client().get(address, headers=header) if door.startswith("api") else browser.get(address)
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", [who for who, knows in KNOWS.items() if not knows])
def test_nobody_else_reads_who_reported(world: World, signed_in: Browser, door: str, who: str) -> None:
    html = read(world, signed_in, door, who, told_on(world))
    for secret in ("王小明", OTHER, OTHER[-4:], PHONE[-4:], "1299", "502室"):
        assert secret not in html, secret


@pytest.mark.parametrize("text", SEARCHED)
@pytest.mark.parametrize(("who", "knows"), KNOWS.items())
def test_who_may_find_a_reporter(world: World, signed_in: Browser, who: str, knows: bool, text: str) -> None:
    open_one = world.make_issue("in_progress", contact_phone="19900005555", description="路灯不亮")
    secret = world.make_issue(
        "in_progress", kind="report", description=f"电话{OTHER}", address="502室", contact_phone=PHONE
    )
    header = {"Authorization": f"Token {issue_token(user=world.people[who], at=now())}"}
    for asked, issue, found in ((text, secret, knows and text in (PHONE, PHONE[-4:])), ("5555", open_one, True)):
        listed = Client().get("/api/v1/issues/", {"q": asked}, headers=header).json()["results"]
        assert (issue.number in {row["number"] for row in listed}) is found, asked
        page = signed_in(who).get("/console/issues/", {"q": asked}, follow=True).content.decode()
        assert (issue.number in page or short(issue) in page) is found, asked


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["officer", "head", "deputy"])
def test_a_leader_who_reports_confidentially_is_the_reporter(
    world: World, signed_in: Browser, door: str, who: str
) -> None:
    assert world.leader is not None
    issue = world.create(
        by="leader", community="dade", kind="report", source="leader", leader_id=world.leader.pk, contact_name="陈姨",
        contact_phone="19900005678",
    )  # fmt: skip
    for action, by, data in (
        ("comment", "leader", {"note": "请尽快"}),
        ("accept", "clerk2", {}),
        ("dispatch", "clerk2", {"department": "MUNICIPAL"}),
    ):
        issue = world.act(issue, action, by, NOW, **data)
    html = read(world, signed_in, door, who, issue)
    assert "陈姨" not in html
    assert '"role":"leader"' not in html
    if door == "detail":
        assert "反映人" in html


def test_lifting_confidentiality_needs_the_supervisor_and_a_reason_and_is_told(world: World) -> None:
    from issues.enums import Proof
    from issues.resident import issue_by_token, resident_view
    from issues.services.errors import InvalidFields

    issue = told_on(world)
    with pytest.raises(InvalidFields):
        world.act(issue, "edit", "clerk", confidential=False, note="反映人同意")
    with pytest.raises(InvalidFields):
        world.act(issue, "edit", "supervisor", confidential=False)
    issue = world.act(issue, "edit", "supervisor", confidential=False, note="反映人同意公开")
    assert (issue.confidential, issue.untold) == (False, True)
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    texts = [answer.text for answer in resident_view(loaded, NOW, proof=Proof.TAIL).answers]
    assert "此件的保密已解除，原因：反映人同意公开" in texts
    issue = world.act(issue, "edit", "clerk", confidential=True)
    assert issue.confidential
