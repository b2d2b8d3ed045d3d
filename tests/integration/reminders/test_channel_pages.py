"""The administrator's page of channels: setting up, changing, retiring, trying; nothing secret comes back."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from communities.actors import Actor
from communities.models import Membership
from journal.models import Event
from reminders.channels.base import Trouble
from reminders.enums import Channel, Topic
from reminders.models import DeliveryChannel
from reminders.services import channel_setup
from reminders.services.channel_setup import SUBJECT, ChannelDraft, ChannelSetupError, Owner, StaleError
from reminders.services.outlets import email_channel
from tests.integration.console.pages import form_of, html_of, text_of
from tests.support.cast import NOW, World
from tests.support.outbox import channel, events, queue
from tests.support.robot_sinks import DingTalkSink, Failure, WeComSink
from tests.support.smtp_sink import SmtpSink

Browser = Callable[[str], Client]
URL = "/console/admin/channels/"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret-key"
SECRET = "SEC-very-secret"
pytestmark = [pytest.mark.usefixtures("frozen"), pytest.mark.django_db]


def draft(world: World, kind: Channel = Channel.WECOM, **given: Any) -> ChannelDraft:
    values: dict[str, Any] = {"name": "市政办工作群", "owner": Owner(world.area.pk), "url": WECOM}
    return ChannelDraft(kind=kind, **(values | given))


def admin(world: World) -> Actor:
    return world.actor("admin")


def add(world: World, kind: Channel = Channel.WECOM, **given: Any) -> DeliveryChannel:
    return channel_setup.add_channel(draft=draft(world, kind, **given), by=admin(world), at=NOW)


# Setting up


def test_a_channel_is_added_through_the_form(world: World, signed_in: Browser) -> None:
    client = signed_in("admin")
    url = f"{URL}new/?kind=dingtalk"
    department = world.departments["MUNICIPAL"]
    sent = form_of(client.get(url), "kind=dingtalk") | {
        "name": "  市政办 工作群 ",
        "owner": f"d{department.pk}",
        "url": "https://oapi.dingtalk.com/robot/send?access_token=very-secret-key",
        "secret": SECRET,
        "topics": ["urge", "alarm"],
        "per_minute": "10",
    }
    answer = client.post(url, sent, follow=True)
    assert "已添加“市政办 工作群”" in text_of(answer)
    row = DeliveryChannel.objects.get(kind="dingtalk")
    assert (row.subdistrict_id, row.department_id, row.topics, row.per_minute) == (
        world.area.pk,
        department.pk,
        ["urge", "alarm"],
        10,
    )
    assert (row.url[-15:], row.secret) == ("very-secret-key", SECRET)
    (event,) = Event.objects.of(SUBJECT, row.pk)
    assert event.kind == "channel_add"
    assert "secret" not in str(event.data)


def test_address_and_secret_never_come_back(world: World, signed_in: Browser) -> None:
    row = add(world, Channel.DINGTALK, url=WECOM.replace("key=", "access_token="), secret=SECRET)
    client = signed_in("admin")
    for path in (URL, f"{URL}{row.pk}/"):
        html = html_of(client.get(path))
        assert "very-secret" not in html
        assert "qyapi.weixin.qq.com" in html
    wrong = client.post(f"{URL}{row.pk}/", {"version": "1", "name": "", "owner": "s0", "url": WECOM, "secret": SECRET})
    assert wrong.status_code == 400
    assert "value=" + '"' + SECRET not in html_of(wrong)


def test_what_is_left_empty_stays(world: World, signed_in: Browser) -> None:
    row = add(world, Channel.DINGTALK, url=WECOM.replace("key=", "access_token="), secret=SECRET)
    client = signed_in("admin")
    sent = form_of(client.get(f"{URL}{row.pk}/"), f"{row.pk}/") | {"secret": ""}
    client.post(f"{URL}{row.pk}/", sent | {"name": "新名字", "topics": ["urge"]})
    row.refresh_from_db()
    assert (row.name, row.secret, row.topics, row.version) == ("新名字", SECRET, ["urge"], 2)
    client.post(f"{URL}{row.pk}/", sent | {"version": "2", "name": "新名字", "topics": ["urge"], "unsigned": "true"})
    row.refresh_from_db()
    assert row.secret == ""
    changes = [event.data["changed"] for event in Event.objects.of(SUBJECT, row.pk).order_by("seq")[1:]]
    assert changes == [["name", "topics"], ["secret"]]


def test_two_at_once_do_not_overwrite_each_other(world: World, signed_in: Browser) -> None:
    row = add(world)
    client = signed_in("admin")
    sent = form_of(client.get(f"{URL}{row.pk}/"), f"{row.pk}/")
    assert client.post(f"{URL}{row.pk}/", sent | {"name": "甲"}).status_code == 302
    answer = client.post(f"{URL}{row.pk}/", sent | {"name": "乙"})
    assert answer.status_code == 409
    assert "刚被别人改过" in text_of(answer)
    row.refresh_from_db()
    assert row.name == "甲"
    with pytest.raises(StaleError):
        channel_setup.retire_channel(channel_id=row.pk, version=1, by=admin(world), at=NOW)


def test_another_address_forgets_the_failures(world: World) -> None:
    row = add(world)
    DeliveryChannel.objects.filter(pk=row.pk).update(failures=4, open_until_at=NOW + timedelta(hours=1))
    channel_setup.change_channel(
        channel_id=row.pk, version=1, draft=draft(world, url=WECOM + "2"), by=admin(world), at=NOW
    )
    row.refresh_from_db()
    assert (row.failures, row.open_until_at) == (0, None)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (Channel.WECOM, {"name": " "}, "name"),
        (Channel.WECOM, {"url": ""}, "url"),
        (Channel.WECOM, {"url": "qyapi.weixin.qq.com?key=1"}, "url"),
        (Channel.WECOM, {"url": "ftp://example.org/?key=1"}, "url"),
        (Channel.WECOM, {"url": "http://qyapi.weixin.qq.com/?key=1"}, "url"),
        (Channel.WECOM, {"url": "https://me:pw@qyapi.weixin.qq.com/?key=1"}, "url"),
        (Channel.WECOM, {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, "url"),
        (Channel.WECOM, {"url": "https://169.254.169.254/?key=1"}, "url"),
        (Channel.WECOM, {"url": "https://[bad/?key=1"}, "url"),
        (Channel.WECOM, {"secret": "x"}, "secret"),
        (Channel.WECOM, {"per_minute": 0}, "per_minute"),
        (Channel.WECOM, {"per_minute": 21}, "per_minute"),
        (Channel.WEBHOOK, {"url": "https://example.org/hook"}, "secret"),
        (Channel.SMS, {"url": "https://example.org/sms"}, "secret"),
        (Channel.EMAIL, {}, ""),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    world: World, kind: Channel, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ChannelSetupError) as refused:
        add(world, kind, **given)
    assert refused.value.field == field
    assert not DeliveryChannel.objects.exclude(kind="email").exists()


@override_settings(OUTBOUND_NETWORKS=[ip_network("10.20.0.0/16")])
def test_a_gateway_inside_may_speak_http_where_its_network_was_named(world: World) -> None:
    row = add(world, Channel.SMS, url="http://10.20.30.40:8080/sms", secret="t")
    assert channel_setup.host_of(row.url) == "10.20.30.40"


@override_settings(OUTBOUND_NETWORKS=[])
def test_this_machine_itself_is_no_address(world: World) -> None:
    for url in (
        "http://127.0.0.1:5432/?key=1",
        "http://localhost/?key=1",
        "http://[::1]/?key=1",
        "https://10.20.30.40/?key=1",
    ):
        with pytest.raises(ChannelSetupError):
            add(world, url=url)


def test_a_subdistrict_has_one_sms_gateway_until_it_is_retired(world: World) -> None:
    first = add(world, Channel.SMS, url="https://example.org/sms", secret="t")
    with pytest.raises(ChannelSetupError):
        add(world, Channel.SMS, url="https://example.org/other", secret="t")
    channel_setup.retire_channel(channel_id=first.pk, version=1, by=admin(world), at=NOW)
    assert add(world, Channel.SMS, url="https://example.org/other", secret="t").pk != first.pk


# Whose


def test_who_sees_which(world: World, signed_in: Browser) -> None:
    own, other = add(world), add(world, owner=Owner(world.other_area.pk), name="大沥群")
    Membership.objects.create(
        user=world.people["officer2"], role=Role.SYSTEM_ADMIN, subdistrict=world.other_area, started_at=NOW
    )
    text = text_of(signed_in("officer2").get(URL))
    assert "大沥群" in text
    assert "市政办工作群" not in text
    assert signed_in("officer2").get(f"{URL}{own.pk}/").status_code == 404
    assert signed_in("officer2").post(f"{URL}{own.pk}/test/").status_code == 404
    assert signed_in("officer2").get(f"{URL}{other.pk}/").status_code == 200
    sent = {"name": "x", "owner": f"s{world.area.pk}", "url": WECOM}
    assert signed_in("officer2").post(f"{URL}new/?kind=wecom", sent).status_code == 400
    for stranger in ("supervisor", "head", "clerk"):
        assert signed_in(stranger).get(URL).status_code == 403


def test_the_mail_server_is_shown_and_not_changed_here(world: World, signed_in: Browser) -> None:
    row = email_channel(NOW)
    client = signed_in("admin")
    assert "由 EMAIL_URL 设定" in text_of(client.get(URL))
    assert client.get(f"{URL}{row.pk}/").status_code == 302
    assert client.post(f"{URL}{row.pk}/retire/", {"version": "1"}).status_code == 403


def test_retired_ones_are_gone_from_the_list(world: World, signed_in: Browser) -> None:
    row = add(world)
    client = signed_in("admin")
    client.post(f"{URL}{row.pk}/retire/", {"version": "1"})
    row.refresh_from_db()
    assert row.retired_at == NOW
    assert "市政办工作群" not in text_of(client.get(URL)).replace("已停用“市政办工作群”", "")
    assert client.get(f"{URL}{row.pk}/").status_code == 404


def test_a_kind_that_cannot_be_added_leads_back(world: World, signed_in: Browser) -> None:
    for kind in ("", "email", "pigeon"):
        assert signed_in("admin").get(f"{URL}new/?kind={kind}").status_code == 302


# How it is doing


def test_states_are_said_in_words(world: World, signed_in: Browser) -> None:
    row = add(world)
    client = signed_in("admin")
    rows = DeliveryChannel.objects.filter(pk=row.pk)
    for changes, words in (
        ({}, "未用过"),
        ({"last_success_at": NOW}, "正常"),
        ({"last_error_at": NOW + timedelta(minutes=1), "last_error": "away: 无法连接对方"}, "上次发送失败"),
        ({"failures": 2, "open_until_at": NOW + timedelta(minutes=10)}, "已熔断至 今天 10:10"),
    ):
        rows.update(**changes) if changes else None
        assert words in text_of(client.get(URL))
    assert "对方服务器多次连接不上" in text_of(client.get(URL))


def test_the_list_counts_what_waits_and_costs_the_same(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    client, costs = signed_in("admin"), []
    for number in range(3):
        via = channel(world, Channel.WECOM, name=f"群{number}")
        queue(via, events(issue, 2))
        with CaptureQueriesContext(connection) as caught:
            page = client.get(URL)
        costs.append(len(caught))
    assert len(set(costs)) == 1, costs
    assert channel_setup.counts_of([via.pk])[via.pk].waiting == 2
    assert "群2" in text_of(page)


# Trying


@pytest.mark.django_db(transaction=True)
def test_a_robot_is_tried_at_once(world: World, signed_in: Browser) -> None:
    with WeComSink() as sink:
        row = channel(world, Channel.WECOM, sink.url, failures=3, open_until_at=NOW + timedelta(hours=1))
        answer = signed_in("admin").post(f"{URL}{row.pk}/test/", follow=True)
        assert "已收下" in text_of(answer)
        assert len(sink.received) == 1
        assert "通知渠道测试" in sink.received[0].text
    row.refresh_from_db()
    assert (row.last_success_at, row.failures, row.open_until_at) == (NOW, 0, None)
    assert Event.objects.of(SUBJECT, row.pk).get().data == {"went": True, "trouble": ""}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("failure", "trouble"), [(Failure.ERROR, Trouble.AWAY), (Failure.GONE, Trouble.SETUP), (Failure.BUSY, Trouble.BUSY)]
)
def test_the_other_sides_words_are_shown_where_it_fails(
    world: World, signed_in: Browser, failure: Failure, trouble: Trouble
) -> None:
    with WeComSink() as sink:
        sink.fail(failure)
        row = channel(world, Channel.WECOM, sink.url)
        answer = signed_in("admin").post(f"{URL}{row.pk}/test/", follow=True)
        assert "测试失败，对方说" in text_of(answer)
    row.refresh_from_db()
    assert row.last_error_at == NOW
    assert row.last_error.startswith(f"{trouble.value}: ")
    assert (row.failures, row.last_success_at) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_is_said_and_not_repeated(world: World, signed_in: Browser) -> None:
    with DingTalkSink() as sink:
        row = channel(world, Channel.DINGTALK, sink.url, secret="SECwrong-one-entirely")
        answer = signed_in("admin").post(f"{URL}{row.pk}/test/", follow=True)
        assert "测试失败" in text_of(answer)
        assert "SECwrong" not in html_of(answer)
        assert not sink.received


@pytest.mark.django_db(transaction=True)
def test_mail_is_tried_with_ones_own_address(world: World, signed_in: Browser, sink: SmtpSink) -> None:
    row = email_channel(NOW)
    signed_in("admin").post(f"{URL}{row.pk}/test/")
    (received,) = sink.received
    assert received.recipients == ["admin@example.org"]
    assert "通知渠道测试" in received.text


def test_without_an_own_number_no_short_message_is_tried(world: World, signed_in: Browser) -> None:
    row = channel(world, Channel.SMS, "http://127.0.0.1:9/", secret="t")
    answer = signed_in("admin").post(f"{URL}{row.pk}/test/", follow=True)
    assert "请先在通知设置中登记您的手机号" in text_of(answer)
    assert not Event.objects.of(SUBJECT, row.pk).exists()


# Where it stands


def test_the_administrators_pages_are_in_the_rail_of_those_who_may_open_them(world: World, signed_in: Browser) -> None:
    home = reverse("console-admin")
    admins = html_of(signed_in("admin").get(home))
    assert reverse("console-channels") in admins
    assert reverse("console-outbox") in admins
    supervisors = html_of(signed_in("supervisor").get(home))
    assert reverse("console-outbox") in supervisors
    assert reverse("console-channels") not in supervisors
    assert home not in html_of(signed_in("clerk").get("/console/help/"))


def test_topics_left_empty_mean_what_a_group_must_not_miss(world: World, signed_in: Browser) -> None:
    row = add(world, topics=())
    assert row.topics == []
    text = text_of(signed_in("admin").get(URL))
    for topic in (Topic.NEW, Topic.DUE, Topic.URGE, Topic.ALARM):
        assert str(topic.label) in text
