"""短信通知 on the pages: what is said where a number is asked for, and how a resident or a clerk declines."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import Contact
from issues.models import Issue
from journal.models import Event
from reminders.enums import Channel
from reminders.reference import forget_gateways
from tests.integration.phone.pages import WRONG, page, send
from tests.support.cast import PHONE, World
from tests.support.outbox import channel

pytestmark = [pytest.mark.usefixtures("frozen"), pytest.mark.django_db]
Browser = Callable[[str], Client]


@pytest.fixture
def gateway(world: World) -> Iterator[None]:
    channel(world, Channel.SMS, secret="t")
    forget_gateways()
    yield
    forget_gateways()


def choice(issue: Issue) -> str:
    return Contact.objects.get(issues=issue.pk).messages


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "有进展发短信"), ("en", "We text you when something")])
def test_the_report_says_so_where_it_is_so(world: World, client: Client, language: str, words: str) -> None:
    headers = {"Accept-Language": language}
    assert words not in client.get("/report/", headers=headers).content.decode()
    channel(world, Channel.SMS, secret="t")
    forget_gateways()
    assert words in client.get("/report/", headers=headers).content.decode()


def test_without_a_gateway_there_is_nothing_to_choose(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress")
    assert "set_messages" not in page(client, issue)
    answer = client.get(f"/t/{issue.token}/set_messages/")
    assert "这件事现在不发短信" in answer.content.decode()


@pytest.mark.parametrize("status", ["submitted", "in_progress", "suspended", "replied", "closed"])
def test_a_resident_declines_and_agrees(gateway: None, world: World, client: Client, status: str) -> None:
    issue = world.make_issue(status)
    assert "有进展发短信给您" in page(client, issue)
    assert "checked" in client.get(f"/t/{issue.token}/set_messages/").content.decode()
    answer = send(client, issue, "set_messages", messages="off")
    assert answer.status_code == 302
    assert choice(issue) == "off"
    shown = page(client, issue, "")
    assert "已记下您的选择" in shown
    assert "不发短信" in shown
    send(client, issue, "set_messages", messages="agreed")
    assert choice(issue) == "agreed"


def test_it_wants_the_whole_number_and_a_choice(gateway: None, world: World, client: Client) -> None:
    issue = world.make_issue("in_progress")
    shown = page(client, issue, "")
    assert "开启或关闭" in shown
    for state in ("有进展发短信给您", "不发短信"):
        assert state not in shown
    assert send(client, issue, "set_messages", messages="off").status_code == 400
    assert send(client, issue, "set_messages", messages="off", phone_tail=PHONE[-4:]).status_code == 400
    assert send(client, issue, "set_messages", messages="off", phone_tail=WRONG).status_code == 400
    assert send(client, issue, "set_messages", messages="", phone_tail=PHONE).status_code == 400
    assert send(client, issue, "set_messages", messages="loud", phone_tail=PHONE).status_code == 400
    assert choice(issue) == "on"
    assert send(client, issue, "set_messages", messages="off", phone_tail=PHONE).status_code == 302
    assert choice(issue) == "off"
    event = Event.objects.of("issue", issue.pk).get(kind="set_messages")
    assert (event.actor_role, event.data["messages"]) == ("resident", "off")


def test_a_landline_is_offered_nothing(gateway: None, world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", contact_phone="0757-86330001")
    assert "set_messages" not in page(client, issue, "0757-86330001")


def test_lists_read_no_contact_for_it(gateway: None, world: World, signed_in: Browser) -> None:
    counts = []
    for more in (1, 5):
        for _number in range(more):
            world.create()
        with CaptureQueriesContext(connection) as seen:
            assert signed_in("clerk").get("/console/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_confidential_reporter_is_asked_as_one_who_gets_none(gateway: None, world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", confidential=True)
    assert "不发短信" in page(client, issue)
    send(client, issue, "set_messages", messages="agreed")
    assert "有进展发短信给您" in page(client, issue, "")


def _intake(world: World, signed_in: Browser, **given: str) -> Issue:
    typed = {
        "source": "phone",
        "contact_phone": PHONE,
        "description": "昨晚下雨后幸福路又积水了。",
        "place": f"n{world.neighbourhoods['xingfu'].pk}",
        "kind": "help",
        "category": "0301",
        "idempotency_key": "key-12345678",
        "then": "next",
    }
    assert signed_in("clerk").post("/console/issues/new/", typed | given).status_code == 302
    return Issue.objects.latest("id")


@pytest.mark.parametrize(("given", "kept"), [("", "on"), ("agreed", "agreed"), ("off", "off")])
def test_a_clerk_notes_it_at_intake(gateway: None, world: World, signed_in: Browser, given: str, kept: str) -> None:
    form = signed_in("clerk").get("/console/issues/new/").content.decode()
    assert 'name="messages"' in form
    assert choice(_intake(world, signed_in, messages=given)) == kept


def test_the_intake_asks_nothing_without_a_gateway(world: World, signed_in: Browser) -> None:
    assert 'name="messages"' not in signed_in("clerk").get("/console/issues/new/").content.decode()
    assert signed_in("clerk").post("/console/issues/new/", {"messages": "loud"}).status_code == 400
