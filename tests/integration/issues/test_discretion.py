"""A confidential reporter is known to the community and the supervisor, and found through no door by anybody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import issue_token
from common.clock import now
from deadlines.models import Deadline
from files.models import StoredFile
from files.services import claim, receive_all
from issues.enums import SUBJECT
from issues.models import Issue
from issues.querysets import todo_of
from issues.replay.rules import differences
from issues.services.errors import NotPermitted, StateConflict
from journal.models import Event
from tests.support.cast import NOW, PHONE, World
from tests.support.drawn import without_drawn
from tests.support.hostile_files import pdf
from tests.support.standing import begins

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
OTHER = "19900007788"
KNOWS = {"clerk": True, "secretary": True, "supervisor": True, "officer": False, "head": False, "deputy": False,
         "director": False, "admin": False}  # fmt: skip
SEARCHED = (PHONE[-4:], PHONE, OTHER, "19900007788王小明", "502室")
DOORS = ("detail", "list", "api detail", "api list", "api events", "api files", "file", "told", "paper")


def told_on(world: World, **given: Any) -> Issue:
    """Words, title and address that name the reporter, a comment with a phone and a file, and a corrected number."""
    words = f"我是王小明，电话{OTHER}或{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}，有人占道经营"
    issue = world.make_issue(
        "in_progress", kind="report", description=words, title=f"王小明{OTHER}占道", address="502室",
        contact_name="王小明", contact_phone=PHONE, **given,
    )  # fmt: skip
    by_id, sent = world.people["clerk"].pk, SimpleUploadedFile(f"王小明{OTHER}.pdf", pdf())
    ids = [file.public_id for file in receive_all(uploads=[sent], by_id=by_id, at=NOW)]
    files = claim(public_ids=ids, owner_kind=SUBJECT, owner_id=issue.pk, by_id=by_id, at=NOW)
    issue = world.act(
        issue, "comment", "clerk", note=f"王小明请回电{OTHER}，来电显示1299", attachments=[file.pk for file in files]
    )
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
        "api files": f"{api}attachments/",
        "file": _file_of(issue),
        "told": f"/console/supervision/{issue.number}/told/",
        "paper": f"/console/issues/{issue.number}/receipt/",
    }[door]
    answer = Client().get(address, headers=header) if door.startswith("api") else browser.get(address)
    if door == "file":
        return unquote(answer.get("Content-Disposition", ""))
    return without_drawn(unquote(answer.content.decode())) if answer.status_code == 200 else ""


def _file_of(issue: Issue) -> str:
    file = StoredFile.objects.filter(owner_kind=SUBJECT, owner_id=issue.pk).first()
    return f"/files/{file.public_id}/original/a.pdf" if file else f"/console/issues/{issue.number}/"


@pytest.mark.parametrize("door", ["detail", "api detail", "api files", "file"])
@pytest.mark.parametrize(("who", "knows"), [("clerk", True), ("supervisor", True), ("officer", False)])
@begins(told_on)
def test_the_name_of_a_file_is_read_by_who_knows_the_reporter(
    world: World, begun: Issue, signed_in: Browser, door: str, who: str, knows: bool
) -> None:
    assert (f"王小明{OTHER}.pdf" in read(world, signed_in, door, who, begun)) is knows


@pytest.mark.parametrize(("who", "known"), [("clerk", True), ("supervisor", True), ("officer", False), ("head", False)])
@begins(told_on)
def test_what_an_organisation_asks_and_promises_names_no_reporter(
    world: World, begun: Issue, signed_in: Browser, who: str, known: bool
) -> None:
    issue = begun
    world.act(issue, "request_extension", "officer", days=3, reason=f"王小明在外地，电话{OTHER}")
    promise: dict[str, Any] = {"commitment": "六月前上门答复王小明", "due_on": "2026-06-30"}
    world.act(issue, "reply", "officer", outcome="planned", note="列入计划", **promise)
    for address in (f"/api/v1/issues/{issue.number}/", "/api/v1/commitments/"):
        told = signed_in(who).get(address).content.decode()
        assert "六月前上门答复" in told
        assert ("王小明" in told) == known, address
        assert known or OTHER not in told


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", [who for who, knows in KNOWS.items() if not knows])
@begins(told_on)
def test_nobody_else_reads_who_reported(world: World, begun: Issue, signed_in: Browser, door: str, who: str) -> None:
    html = read(world, signed_in, door, who, begun)
    for secret in ("王小明", OTHER, OTHER[-4:], PHONE[-4:], f"{PHONE[:3]} {PHONE[3:7]}", "1299", "502室"):
        assert secret not in html, secret


def open_and_secret(world: World) -> tuple[Issue, Issue]:
    open_one = world.make_issue("in_progress", contact_phone="19900005555", description="路灯不亮")
    secret = world.make_issue(
        "in_progress", kind="report", description=f"电话{OTHER}", address="502室", contact_phone=PHONE
    )
    return open_one, secret


@pytest.mark.parametrize("text", SEARCHED)
@pytest.mark.parametrize(("who", "knows"), KNOWS.items())
@begins(open_and_secret)
def test_who_may_find_a_reporter(
    world: World, begun: tuple[Issue, Issue], signed_in: Browser, who: str, knows: bool, text: str
) -> None:
    open_one, secret = begun
    header = {"Authorization": f"Token {issue_token(user=world.people[who], at=now())}"}
    for asked, issue, found in ((text, secret, knows and text in (PHONE, PHONE[-4:])), ("5555", open_one, True)):
        listed = Client().get("/api/v1/issues/", {"q": asked}, headers=header).json()["results"]
        assert (issue.number in {row["number"] for row in listed}) is found, asked
        page = signed_in(who).get("/console/issues/", {"q": asked}, follow=True).content.decode()
        assert (issue.number in page or short(issue) in page) is found, asked


def told_by_a_leader(world: World) -> Issue:
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
    return issue


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["officer", "head", "deputy"])
@begins(told_by_a_leader)
def test_a_leader_who_reports_confidentially_is_the_reporter(
    world: World, begun: Issue, signed_in: Browser, door: str, who: str
) -> None:
    html = read(world, signed_in, door, who, begun)
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


@pytest.mark.parametrize(("who", "knows"), [("clerk", True), ("supervisor", True), ("deputy", False)])
def test_intake_finds_no_confidential_reporter_for_who_may_not_know_them(
    world: World, signed_in: Browser, who: str, knows: bool
) -> None:
    """Neither by the phone of the caller, with or without an extension, nor by words that only name the reporter."""
    words = f"我是王小明，电话{OTHER}，有人占道经营"
    place = world.neighbourhoods["xingfu"]
    issue = world.make_issue(
        "in_progress", at=NOW - timedelta(hours=1), kind="report", description=words, contact_name="我是王小明",
        contact_phone="0757-86330001转8012", neighbourhood_id=place.pk,
    )  # fmt: skip
    for typed in (
        {"contact_phone": "0757-86330001"},
        {"contact_phone": "0757-86330001转8012"},
        {"place": f"n{place.pk}", "description": "我是王小明"},
    ):
        html = signed_in(who).post("/console/issues/new/reference/", typed).content.decode()
        assert (short(issue) in html) is knows, typed


ASKED = f"王小明（电话{OTHER}）来电同意，号码{PHONE}"


def test_a_clerk_asks_for_disclosure_and_the_supervisor_grants_it(world: World, signed_in: Browser) -> None:
    from issues.enums import Proof
    from issues.resident import issue_by_token, resident_view
    from issues.services.errors import InvalidFields

    issue = told_on(world)
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "edit", "clerk", confidential=False, note="反映人同意")
    assert "申请解除保密" in str(refused.value.fields["confidential"])
    issue = world.act(issue, "request_disclosure", "clerk", NOW, reason=ASKED)
    assert (issue.confidential, issue.untold, issue.asks, issue.asks_supervisor) == (True, False, ["disclosure"], True)
    clock = Deadline.objects.of(SUBJECT, issue.pk).get(kind="extension_decision", state="running")
    assert (str(clock.limit), clock.next_rung_at is not None) == ("4wh", True)
    assert Issue.objects.filter(todo_of(world.actor("supervisor").access), pk=issue.pk).exists()
    for door in ("detail", "api detail", "api events"):
        for secret in ("王小明", OTHER, PHONE, PHONE[-4:]):
            assert secret not in read(world, signed_in, door, "officer", issue), (door, secret)
        assert OTHER in read(world, signed_in, door, "supervisor", issue), door
    assert not told_answers(issue)
    issue = world.act(issue, "grant_disclosure", "supervisor", NOW, reason="反映人书面同意")
    assert (issue.confidential, issue.untold, issue.asks) == (False, True, [])
    assert not Deadline.objects.of(SUBJECT, issue.pk).filter(kind="extension_decision", state="running").exists()
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    texts = [answer.text for answer in resident_view(loaded, NOW, proof=Proof.TAIL).answers]
    assert "此件的保密已解除，原因：反映人书面同意" in texts
    assert differences(list(Event.objects.of(SUBJECT, issue.pk).order_by("seq")), issue) == {}


def test_what_was_promised_and_drafted_names_no_confidential_reporter(world: World, signed_in: Browser) -> None:
    issue = told_on(world)
    issue = world.act(issue, "supervise", "supervisor", NOW, kind="order", note=ASKED)
    issue = world.act(
        issue, "reply", "officer", NOW, outcome="planned", note="列入计划", commitment=ASKED, due_on="2026-09-30"
    )
    signing = signed_in("deputy").get(f"/console/issues/{issue.number}/?action=sign").content.decode()
    header = {"Authorization": f"Token {issue_token(user=world.people['officer'], at=now())}"}
    promised = Client().get("/api/v1/commitments/", headers=header).content.decode()
    for html in (signing, promised, *(read(world, signed_in, "detail", who, issue) for who in ("officer", "deputy"))):
        assert "来电同意" in html
        for secret in ("王小明", OTHER, PHONE):
            assert secret not in html, secret
    assert "王小明" in read(world, signed_in, "detail", "supervisor", issue)


def told_answers(issue: Issue) -> list[str]:
    from issues.enums import Proof
    from issues.resident import issue_by_token, resident_view

    loaded = issue_by_token(issue.token)
    assert loaded is not None
    return [text for one in resident_view(loaded, NOW, proof=Proof.WHOLE).answers if "保密" in (text := one.text)]


def test_a_refused_disclosure_changes_nothing_and_tells_the_reporter_nothing(world: World) -> None:
    issue = world.act(told_on(world), "request_disclosure", "clerk", NOW, reason="便于现场联系")
    with pytest.raises(NotPermitted):
        world.act(issue, "grant_disclosure", "secretary", NOW, reason="同意")
    issue = world.act(issue, "refuse_disclosure", "supervisor", NOW, reason="反映人没有同意")
    assert (issue.confidential, issue.untold, issue.asks, told_answers(issue)) == (True, False, [], [])
    with pytest.raises(StateConflict):
        world.act(issue, "grant_disclosure", "supervisor", NOW, reason="同意")
    with pytest.raises(StateConflict):
        world.act(world.make_issue("in_progress"), "request_disclosure", "clerk", NOW, reason="同意")


def test_the_supervisors_own_edit_answers_the_request(world: World) -> None:
    issue = world.act(told_on(world), "request_disclosure", "clerk", NOW, reason="便于现场联系")
    issue = world.act(issue, "edit", "supervisor", NOW, confidential=False, note="反映人同意")
    assert (issue.confidential, issue.asks, issue.asks_supervisor) == (False, [], False)
    assert Deadline.objects.of(SUBJECT, issue.pk).get(kind="extension_decision").state == "cancelled"
    assert differences(list(Event.objects.of(SUBJECT, issue.pk).order_by("seq")), issue) == {}


def test_a_request_of_the_department_and_one_of_the_community_wait_side_by_side(world: World) -> None:
    """Each keeps its own date: deciding one leaves the other's clock running from when that was asked."""
    issue = world.act(told_on(world), "request_disclosure", "clerk", NOW, reason="便于现场联系")
    later = NOW + timedelta(minutes=40)
    issue = world.act(issue, "request_extension", "officer", later, days=1, reason="等配件")
    with pytest.raises(StateConflict):
        world.act(issue, "request_disclosure", "clerk", later, reason="再问一次")
    issue = world.act(issue, "refuse_disclosure", "supervisor", later + timedelta(minutes=1), reason="没有同意")
    assert (issue.asks, issue.asks_supervisor) == (["extension"], True)
    clock = Deadline.objects.of(SUBJECT, issue.pk).get(kind="extension_decision", state="running")
    assert clock.counted_from == later
    issue = world.act(issue, "grant_extension", "supervisor", later + timedelta(minutes=2))
    assert not Deadline.objects.of(SUBJECT, issue.pk).filter(kind="extension_decision", state="running").exists()
