"""Three levels, two proofs: what a link shows, what the end of the phone number shows, what the whole number may do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from issues.models import Issue
from tests.integration.phone.pages import WRONG, send
from tests.support.cast import NOW, PHONE, World
from tests.support.drawn import without_drawn
from tests.support.photos import photo

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
WORDS = "我家三楼漏水，隔壁王老太太家也是"
ANSWER = "已疏通雨水口"
LATER = NOW + timedelta(hours=1)
OFFICERS = ("officer", "head", "clerk", "secretary", "supervisor", "deputy", "admin")


def matter(world: World, **given: Any) -> Issue:
    """Answered, with a photo from each side; the reporter's number stands in words and answer."""
    made = world.make_issue("in_progress", category="0402", description=f"{WORDS}，电话{PHONE}", title="", **given)
    own = photo(world, made, NOW, by=None, name="家里.jpg")
    made = world.act(made, "comment", "resident", LATER, note="我再说一句悄悄话", attachments=[own.pk])
    after = photo(world, made, LATER, name="修好.jpg")
    note = f"张小三您好，{ANSWER}，已致电{PHONE}。"
    return world.act(made, "reply", "officer", LATER, outcome="partly", note=note, attachments=[after.pk])


def html_of(issue: Issue, given: str = "", client: Client | None = None) -> str:
    browser = client or Client()
    if given:
        assert browser.post(f"/t/{issue.token}/prove/", {"phone_tail": given}).status_code == 302
    return without_drawn(browser.get(f"/t/{issue.token}/").content.decode())


@pytest.mark.parametrize("confidential", [False, True])
def test_the_link_alone_has_category_place_steps_and_office(world: World, confidential: bool) -> None:
    road = world.neighbourhoods["xingfu"].pk
    html = html_of(matter(world, neighbourhood_id=road, confidential=confidential))
    assert "物业服务不力" in html
    assert ("幸福路" in html) is not confidential
    assert "市政管理办公室" in html
    for hidden in ("三楼", "王老太太", "悄悄话", ANSWER, "张小三", PHONE[:3] + "*", PHONE[-4:], "/files/"):
        assert hidden not in html, hidden


def test_the_end_of_the_number_shows_the_answers_and_the_offices_photos(world: World) -> None:
    issue = matter(world)
    html = html_of(issue, PHONE[-4:])
    assert ANSWER in html
    for hidden in ("三楼", "王老太太", "悄悄话", "张小三", PHONE, PHONE[-4:]):
        assert hidden not in html, hidden
    assert html.count('class="photo"') + html.count('class="photo photo-none"') == 1


def test_the_whole_number_shows_ones_own_words_and_acts(world: World, client: Client) -> None:
    issue = matter(world)
    html = html_of(issue, f"+86 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", client)
    assert "三楼" in html
    assert html.count('class="photo"') + html.count('class="photo photo-none"') >= 2
    assert send(client, issue, "verdict", solved="yes", verdict="satisfied").status_code == 302
    assert Issue.objects.get(pk=issue.pk).solved == "yes"


@pytest.mark.parametrize(
    ("left", "typed", "proven"),
    [
        ("0757-86330001转8012", "0757-86330001", True),
        ("0757-86330001转8012", "0757 8633 0001-8012", True),
        ("0757-86330001", "0757-86330001转8012", True),
        ("0757-86330001转8012", "0757-86330001转8013", False),
        ("0757-86330001转8012", "8012", False),
        ("0757-86330001转8012", "86330002", False),
    ],
)
def test_a_line_proves_without_its_extension_and_no_extension_without_its_line(
    world: World, left: str, typed: str, proven: bool
) -> None:
    from issues.services.proof import proves, read_proof

    issue = world.create(contact_phone=left)
    given = read_proof(typed)
    assert (given is not None and proves(issue, given)) is proven


@pytest.mark.parametrize("action", ["verdict", "comment", "request_callback"])
def test_the_end_of_the_number_lets_nobody_act(world: World, client: Client, action: str) -> None:
    issue = matter(world)
    html_of(issue, PHONE[-4:], client)
    data = {"solved": "yes", "verdict": "satisfied", "note": "好", "phone_tail": PHONE[-4:]}
    assert send(client, issue, action, **data).status_code == 400
    assert Issue.objects.get(pk=issue.pk).version == issue.version


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("who", OFFICERS)
def test_a_browser_of_the_office_acts_for_nobody(
    world: World, signed_in: Browser, client: Client, door: str, who: str
) -> None:
    issue = matter(world)
    browser = signed_in(who)
    html_of(issue, PHONE, client)
    browser.cookies["proof"] = client.cookies["proof"].value
    assert "三楼" not in html_of(issue, "", browser)
    if door == "page":
        answer = send(browser, issue, "verdict", solved="yes", verdict="satisfied", phone_tail=PHONE)
        said = answer.content.decode()
    else:
        path = f"/api/v1/public/t/{issue.token}/actions/record_follow_up/"
        data = {"phone": PHONE, "verdict": "satisfied", "solved": "yes"}
        answer = browser.post(path, data, content_type="application/json")
        said = answer.json()["detail"]
    assert answer.status_code == 403
    assert "请退出工作账号后再操作" in said
    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_a_report_from_a_browser_of_the_office_is_proven_by_nothing(world: World, signed_in: Browser) -> None:
    browser = signed_in("officer")
    data = {"description": "楼道灯坏了", "community": world.communities["xiadong"].pk, "contact_phone": PHONE}
    assert browser.post("/report/", data).status_code == 302
    issue = Issue.objects.get()
    assert send(browser, issue, "withdraw").status_code == 403


def test_the_device_that_raised_it_acts_until_the_phone_is_corrected(world: World, client: Client) -> None:
    data = {"description": "楼道灯坏了", "community": world.communities["xiadong"].pk, "contact_phone": PHONE}
    client.post("/report/", data)
    issue = Issue.objects.get()
    assert send(client, issue, "comment", note="三楼").status_code == 302
    world.act(issue, "edit", "clerk", LATER, contact_phone="19900004321", note="电话打错")
    assert "楼道灯坏了" not in html_of(issue, "", client)
    assert send(client, issue, "withdraw").status_code == 400
    assert send(client, issue, "withdraw", phone_tail="19900004321").status_code == 302


def test_a_matter_without_a_phone_is_acted_on_at_the_community(world: World, client: Client) -> None:
    issue = world.make_issue("replied", contact_phone="", contact_name="张小三")
    answer = send(client, issue, "verdict", solved="yes", verdict="satisfied", phone_tail=PHONE)
    assert (answer.status_code, "请到社区办理" in answer.content.decode()) == (403, True)
    assert "请到社区办理" in html_of(issue)
    api = client.post(
        f"/api/v1/public/t/{issue.token}/actions/comment/", {"phone": PHONE, "note": "好"}, "application/json"
    )
    assert (api.status_code, "请到社区办理" in api.json()["detail"]) == (403, True)


def test_strangers_guesses_never_lock_the_reporter_out(world: World, client: Client) -> None:
    issue = matter(world)
    html_of(issue, PHONE, client)
    for network in range(4):
        for guess in range(5):
            sent = Client(REMOTE_ADDR=f"198.51.100.{network}")
            answer = send(sent, issue, "comment", note="x", phone_tail=f"1990000900{guess}")
            assert answer.status_code == 400, (network, guess)
    stranger = Client(REMOTE_ADDR="198.51.100.77")
    assert send(stranger, issue, "comment", note="x", phone_tail=PHONE).status_code == 429
    assert send(client, issue, "comment", note="我在这部手机上").status_code == 302
    assert send(Client(), issue, "comment", note="换了手机，同一个网", phone_tail=PHONE).status_code == 302


def test_wrong_ends_count_by_matter_and_network_however_the_number_is_spelt(world: World) -> None:
    issue = world.create()
    serial = int(issue.number[-6:])
    forms = (issue.number, f"2026-{serial}", str(serial), issue.number.replace("-", ""), f" {serial} ")
    for form in forms:
        assert Client().post("/track/", {"number": form, "phone_tail": "0000"}).status_code == 200
    assert Client().post("/track/", {"number": issue.number, "phone_tail": PHONE[-4:]}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    assert elsewhere.post("/track/", {"number": issue.number, "phone_tail": PHONE[-4:]}).status_code == 302
    assert Client().post("/track/", {"number": issue.number, "phone_tail": PHONE}).status_code == 302
    assert send(Client(), issue, "withdraw", phone_tail=WRONG).status_code == 400


def test_the_whole_number_at_track_proves_both_at_once(world: World, client: Client) -> None:
    issue = matter(world)
    answer = client.post("/track/", {"number": issue.number, "phone_tail": PHONE})
    assert answer.status_code == 302
    assert "三楼" in client.get(answer["Location"]).content.decode()
    assert send(client, issue, "comment", note="好").status_code == 302


def test_the_api_tells_by_the_link_what_the_page_does(world: World, client: Client) -> None:
    issue = matter(world)
    alone = client.get(f"/api/v1/public/t/{issue.token}/")
    assert (alone.json()["title"], alone.json()["answers"]) == ("物业服务不力 · 夏东社区", [])
    for hidden in ("三楼", "悄悄话", ANSWER, "张小三", PHONE[-4:]):
        assert hidden not in without_drawn(alone.content.decode()), hidden
    asked = {"number": issue.number, "phone_tail": PHONE[-4:]}
    found = client.post("/api/v1/public/issues/lookup/", asked, "application/json")
    assert ANSWER in found.json()["answers"][0]["text"]
    assert "三楼" not in found.content.decode()
    assert PHONE[-4:] not in without_drawn(found.content.decode())
    path = f"/api/v1/public/t/{issue.token}/actions/comment/"
    for data, code in (({"phone_tail": PHONE[-4:]}, 400), ({"phone": PHONE[-4:]}, 400), ({"phone": WRONG}, 403)):
        assert client.post(path, {"note": "好", **data}, "application/json").status_code == code
    done = client.post(path, {"note": "好", "phone": PHONE}, "application/json")
    assert (done.status_code, "三楼" in done.json()["title"]) == (200, True)


def test_a_leader_acts_by_the_own_sign_in(world: World, signed_in: Browser) -> None:
    assert world.leader is not None
    issue = world.make_issue(
        "replied", community="dade", leader_id=world.leader.pk, contact_phone="19900005678", contact_name="陈姨"
    )
    browser = signed_in("leader")
    assert "积水" in html_of(issue, "", browser)
    assert send(browser, issue, "verdict", solved="yes", verdict="satisfied").status_code == 302
