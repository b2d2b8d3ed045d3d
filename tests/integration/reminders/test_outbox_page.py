"""发送失败: the page of dead letters."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journal.models import Event
from reminders.enums import Channel, OutboxState
from reminders.models import OutboxMessage
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import World
from tests.support.outbox import channel, events, queue, states

Browser = Callable[[str], Client]
URL = "/console/admin/outbox/"
pytestmark = pytest.mark.usefixtures("frozen")


def dead(world: World, count: int = 1, kind: Channel = Channel.EMAIL, **given: object) -> list[OutboxMessage]:
    issue = world.make_issue("in_progress")
    to = world.people["officer"] if kind is Channel.EMAIL else None
    rows = queue(channel(world, kind, **given), events(issue, count), to=to)  # type: ignore[arg-type]
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=OutboxState.DEAD, attempts=12, error="refused: 550 no such user"
    )
    return rows


def test_each_letter_is_explained(world: World, signed_in: Browser) -> None:
    (row,) = dead(world)
    text = text_of(signed_in("supervisor").get(URL))
    for words in ("催办", "何志明", "电子邮件", "550 no such user", "请核对地址", "试过 12 次"):
        assert words in text
    assert f'value="{row.pk}"' in html_of(signed_in("admin").get(URL))


def test_who_opens_it(world: World, signed_in: Browser) -> None:
    for stranger in ("clerk", "officer", "head", "deputy"):
        assert signed_in(stranger).get(URL).status_code == 403
    assert "没有发送失败的消息" in text_of(signed_in("supervisor").get(URL))


def test_some_are_sent_again(world: World, signed_in: Browser) -> None:
    rows = dead(world, 3)
    answer = signed_in("supervisor").post(
        URL,
        {"action": "resend", "id": [rows[0].pk, rows[1].pk], "next": f"{URL}?channel={rows[0].via_id}"},
        follow=True,
    )
    assert answer.redirect_chain[0][0] == f"{URL}?channel={rows[0].via_id}"
    assert "已重新排队 2 条消息" in text_of(answer)
    assert states() == {"queued": 2, "dead": 1}


def test_dropping_wants_a_reason_and_keeps_what_was_ticked(world: World, signed_in: Browser) -> None:
    rows = dead(world, 2)
    client = signed_in("supervisor")
    refused = client.post(URL, {"action": "drop", "id": [rows[0].pk], "reason": "  "})
    assert refused.status_code == 400
    assert "请填写取消发送的原因" in text_of(refused)
    assert f'id="letter-{rows[0].pk}" checked' in html_of(refused)
    assert f'id="letter-{rows[1].pk}" checked' not in html_of(refused)
    client.post(URL, {"action": "drop", "id": [rows[0].pk], "reason": "此人已调离"})
    assert states() == {"dropped": 1, "dead": 1}
    assert Event.objects.filter(kind="drop_messages").exists()


def test_nothing_ticked_is_said(world: World, signed_in: Browser) -> None:
    dead(world)
    answer = signed_in("supervisor").post(URL, {"action": "resend"})
    assert answer.status_code == 400
    assert "请先勾选" in text_of(answer)


@pytest.mark.parametrize("data", [{"action": "burn", "id": "1"}, {"action": "resend", "id": "x"}])
def test_what_no_form_sends_is_a_bad_request(world: World, signed_in: Browser, data: dict[str, str]) -> None:
    assert signed_in("supervisor").post(URL, data).status_code == 400


@pytest.mark.parametrize("query", ["channel=x", "cursor=abc", "channel=%00"])
def test_a_bad_query_is_a_bad_request(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("supervisor").get(f"{URL}?{query}").status_code == 400


def test_what_others_handled_meanwhile_is_said(world: World, signed_in: Browser) -> None:
    rows = dead(world, 2)
    OutboxMessage.objects.filter(pk=rows[0].pk).update(state=OutboxState.QUEUED)
    answer = signed_in("supervisor").post(URL, {"action": "resend", "id": [row.pk for row in rows]}, follow=True)
    assert "已重新排队 1 条消息，其余已被别人处理" in text_of(answer)


def test_one_channel_at_a_time(world: World, signed_in: Browser) -> None:
    (mail,) = dead(world)
    (group,) = dead(world, kind=Channel.WECOM, name="市政办工作群")
    client = signed_in("supervisor")
    page = client.get(f"{URL}?channel={group.via_id}")
    assert f'value="{group.pk}"' in html_of(page)
    assert f'value="{mail.pk}"' not in html_of(page)
    assert "渠道：市政办工作群" in text_of(page)
    assert "发给" in text_of(page)


def test_other_subdistricts_letters_are_out_of_reach(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    rows = queue(channel(world, Channel.WECOM, subdistrict=world.other_area), events(issue, 1))
    OutboxMessage.objects.update(state=OutboxState.DEAD)
    assert f'value="{rows[0].pk}"' not in html_of(signed_in("supervisor").get(URL))
    signed_in("supervisor").post(URL, {"action": "resend", "id": [rows[0].pk]})
    assert states() == {"dead": 1}


def test_the_page_costs_the_same_with_1_5_and_25_rows(world: World, signed_in: Browser) -> None:
    client, costs, there = signed_in("supervisor"), [], 0
    for number in (1, 5, 25):
        dead(world, number - there)
        there = number
        with CaptureQueriesContext(connection) as caught:
            page = client.get(URL)
        assert html_of(page).count('name="id"') == number
        costs.append(len(caught))
    assert len(set(costs)) == 1, costs
