"""Each robot's adapter against a server with the vendor's rules: what is taken, and what every failure is called."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from reminders.channels import open_sender
from reminders.channels.base import DeliveryError, Parcel, Sender, Trouble
from reminders.channels.http import HttpSender
from reminders.models import DeliveryChannel
from tests.support.parcels import HOSTILE, item, many, parcel
from tests.support.robot_sinks import (
    SINKS,
    DingTalkSink,
    Failure,
    FeishuSink,
    RobotSink,
    WeComSink,
)

ROBOTS = ("wecom", "dingtalk", "feishu")
BAD_KEY = {"wecom": 93000, "dingtalk": 300001, "feishu": 19001}


class Now:
    """A clock that stands until it is put forward, for the sender and the sink alike."""

    def __init__(self) -> None:
        self.seconds = 1773799200.0

    def __call__(self) -> float:
        return self.seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def time() -> Now:
    return Now()


@pytest.fixture(params=ROBOTS)
def sink(request: pytest.FixtureRequest, time: Now) -> Iterator[RobotSink]:
    with SINKS[request.param](clock=time) as server:
        yield cast(RobotSink, server)


def channel(sink: RobotSink, **given: Any) -> DeliveryChannel:
    return DeliveryChannel(**({"kind": sink.kind, "name": "群", "url": sink.url, "secret": sink.secret} | given))


SILENT = (Failure.HANG, Failure.DRIP)
"""With these an answer never comes: a short while is enough. With all others it does, however busy the machine is."""


def opened(sink: RobotSink, time: Now, **given: Any) -> Sender:
    sender = open_sender(channel(sink, **given), clock=time.moment)
    assert isinstance(sender, HttpSender)
    sender.read_timeout = 60
    return sender


def refusal(sender: Sender, sent: Parcel | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sender.send(sent or parcel())
    return caught.value


@pytest.mark.usefixtures("frozen")
def test_a_parcel_is_taken_under_its_id(sink: RobotSink, time: Now) -> None:
    sender = opened(sink, time)
    sender.send(parcel())
    sender.send(parcel(item(7), item(8), id="813.9"))
    sender.close()
    assert sink.ids == ["812.4471", "813.9"]
    assert "办理临期：2026-000123 · 3月20日（周五）17:00前" in sink.received[0].text
    assert "社区治理提醒：2件" in sink.received[1].text or sink.kind == "dingtalk"
    assert not sink.violations


def test_five_thousand_matters_fit_into_one_message(sink: RobotSink, time: Now) -> None:
    opened(sink, time).send(many(5000))
    assert "另有" in sink.received[0].text
    assert not sink.violations


def test_hostile_words_are_taken_and_mention_nobody(sink: RobotSink, time: Now) -> None:
    opened(sink, time).send(parcel(*(item(number, title=HOSTILE * 30) for number in range(200)), id="9.9"))
    assert sink.ids == ["9.9"]
    assert not sink.violations


def test_the_twenty_first_is_too_much(sink: RobotSink, time: Now) -> None:
    sender = opened(sink, time)
    for number in range(sink.per_minute):
        time.seconds += 0.3
        sender.send(parcel(id=f"{number}.1"))
    error = refusal(sender)
    assert error.trouble is Trouble.BUSY
    assert error.retry_after == (timedelta(minutes=10) if sink.kind == "dingtalk" else timedelta(minutes=1))
    time.seconds += error.retry_after.total_seconds()
    sender.send(parcel(id="later.1"))
    assert sink.ids[-1] == "later.1"


def test_a_wrong_key_is_a_matter_of_setup(sink: RobotSink, time: Now) -> None:
    error = refusal(opened(sink, time, url=sink.url[:-3] + "xyz"))
    assert (error.trouble, sink.refused) == (Trouble.SETUP, [BAD_KEY[sink.kind]])
    assert error.words.startswith(str(BAD_KEY[sink.kind]))


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (Failure.HANG, Trouble.AWAY),
        (Failure.DRIP, Trouble.AWAY),
        (Failure.DIE, Trouble.AWAY),
        (Failure.DIE_AFTER, Trouble.AWAY),
        (Failure.ERROR, Trouble.AWAY),
        (Failure.GARBAGE, Trouble.AWAY),
        (Failure.HUGE, Trouble.AWAY),
        (Failure.REDIRECT, Trouble.SETUP),
        (Failure.GONE, Trouble.SETUP),
        (Failure.BUSY, Trouble.BUSY),
    ],
)
def test_failures_have_names_and_do_not_last(
    sink: RobotSink, time: Now, failure: Failure, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    sink.fail(failure, 1)
    sender = opened(sink, time)
    cast(HttpSender, sender).read_timeout = 0.5 if failure in SILENT else 60
    with caplog.at_level(logging.DEBUG):
        error = refusal(sender)
    assert error.trouble is trouble
    assert len(sink.requests) == (1 if failure is Failure.DIE_AFTER else 0)
    cast(HttpSender, sender).read_timeout = 60
    sender.send(parcel())
    assert sink.ids == ["812.4471"] * (2 if failure is Failure.DIE_AFTER else 1)
    told = caplog.text + error.words + repr(error)
    for secret in (sink.secret, sink.url.rpartition("=")[2], sink.url.rpartition("/")[2], str(sink.port)):
        assert not secret or secret not in told
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_a_busy_front_says_how_long(time: Now) -> None:
    with WeComSink(clock=time) as server:
        server.fail(Failure.BUSY)
        assert refusal(opened(server, time)).retry_after == timedelta(seconds=7)


def test_a_server_that_is_not_there_is_away(sink: RobotSink, time: Now) -> None:
    sender = opened(sink, time)
    sink.__exit__()
    assert refusal(sender).trouble is Trouble.AWAY


def test_redirects_lead_nowhere(sink: RobotSink, time: Now) -> None:
    sink.fail(Failure.REDIRECT, 1)
    refusal(opened(sink, time))
    assert not sink.requests


def test_proxies_of_the_environment_are_not_used(sink: RobotSink, time: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    opened(sink, time).send(parcel())
    assert sink.ids == ["812.4471"]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_signatures_are_wanted_and_must_be_fresh(kind: str, time: Now) -> None:
    with SINKS[kind](clock=time) as server:
        sink = cast(RobotSink, server)
        for given in ({"secret": "SECother"}, {"secret": ""}):
            assert refusal(opened(sink, time, **given)).trouble is Trouble.SETUP
        late = Now()
        late.seconds = time.seconds - 3601
        assert refusal(opened(sink, late)).trouble is Trouble.SETUP
        assert set(sink.refused) == {310000 if kind == "dingtalk" else 19021}
        late.seconds = time.seconds - 3500
        opened(sink, late).send(parcel())
        assert sink.ids == ["812.4471"]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_robot_without_a_signature_is_not_given_one(kind: str, time: Now) -> None:
    with SINKS[kind](secret="", clock=time) as server:
        opened(cast(RobotSink, server), time).send(parcel())
        assert "sign" not in server.requests[0].query
        assert "sign" not in json.loads(server.requests[0].body)


def test_feishu_takes_five_a_second(time: Now) -> None:
    with FeishuSink(clock=time) as server:
        sender = opened(server, time)
        for number in range(5):
            sender.send(parcel(id=f"{number}.1"))
        error = refusal(sender)
        assert (error.trouble, error.retry_after) == (Trouble.BUSY, timedelta(seconds=10))
        assert server.refused == [9499]


def test_dingtalk_counts_what_comes_during_the_mute(time: Now) -> None:
    with DingTalkSink(clock=time) as server:
        sender = opened(server, time)
        for number in range(20):
            sender.send(parcel(id=f"{number}.1"))
        refusal(sender)
        time.seconds += 599
        assert refusal(sender).trouble is Trouble.BUSY
        assert server.violations == ["more than 20 a minute", "sent while muted"]
        assert server.most_in_a_minute == 20


class Scripted(RobotSink):
    """A robot that answers as it is told."""

    kind = "wecom"
    answer: tuple[int, Any] = (200, {})

    def judge(self, request: Any) -> Any:
        from tests.support.http_sink import Answer

        return Answer(*self.answer)


@pytest.mark.parametrize(
    ("kind", "status", "answer", "trouble"),
    [
        ("wecom", 200, {"errcode": -1, "errmsg": "system busy"}, Trouble.LATER),
        ("wecom", 200, {"errcode": 45033, "errmsg": "api concurrent out of limit"}, Trouble.BUSY),
        ("wecom", 200, {"errcode": 40058, "errmsg": "too long"}, Trouble.REFUSED),
        ("wecom", 200, {"errcode": 99, "errmsg": "never heard of"}, Trouble.LATER),
        ("wecom", 200, {"errcode": "45009"}, Trouble.BUSY),
        ("wecom", 200, {"errcode": False}, Trouble.SETUP),
        ("wecom", 200, {"errmsg": "ok"}, Trouble.SETUP),
        ("wecom", 200, {}, Trouble.SETUP),
        ("wecom", 200, {"code": 0}, Trouble.SETUP),
        ("wecom", 400, {}, Trouble.AWAY),
        ("wecom", 200, [], Trouble.AWAY),
        ("wecom", 403, {}, Trouble.SETUP),
        ("dingtalk", 200, {"errcode": -1, "errmsg": "系统繁忙"}, Trouble.LATER),
        ("dingtalk", 200, {"errcode": 400102, "errmsg": "机器人已停用"}, Trouble.SETUP),
        ("dingtalk", 200, {"errcode": 410100, "errmsg": "发送速度太快而限流"}, Trouble.BUSY),
        ("dingtalk", 200, {"errcode": 460101, "errmsg": "message too long"}, Trouble.REFUSED),
        ("dingtalk", 200, {"status": 1111, "wait": 5, "punish": "deny"}, Trouble.BUSY),
        ("feishu", 200, {"StatusCode": 19001, "StatusMessage": "param invalid"}, Trouble.SETUP),
        ("feishu", 200, {"StatusCode": 0, "StatusMessage": "", "code": 19024, "msg": "Key Words"}, Trouble.SETUP),
        ("feishu", 200, {"errcode": 0}, Trouble.SETUP),
        ("feishu", 400, {"code": 9499, "msg": "Bad Request", "data": {}}, Trouble.REFUSED),
        ("feishu", 400, {"code": 9499, "msg": "too many request", "data": {}}, Trouble.BUSY),
        ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, Trouble.SETUP),
        ("feishu", 200, {"code": 19022, "msg": "Ip Not Allowed"}, Trouble.SETUP),
        ("feishu", 200, {"code": 11232, "msg": "create message service trigger rate limit"}, Trouble.BUSY),
    ],
)
def test_codes_mean_what_the_vendor_says(kind: str, status: int, answer: Any, trouble: Trouble, time: Now) -> None:
    with Scripted(secret="", clock=time) as server:
        server.answer = (status, answer)
        assert refusal(opened(server, time, kind=kind)).trouble is trouble


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("feishu", {"StatusCode": 0, "StatusMessage": "success"}),
        ("feishu", {"Extra": None, "StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"}),
        ("feishu", {"code": 0, "msg": "success", "data": {}}),
        ("feishu", {"code": "0"}),
        ("wecom", {"errcode": 0, "errmsg": "ok"}),
        ("wecom", {"errcode": "0"}),
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}),
    ],
)
def test_every_shape_of_a_vendors_yes_is_one(kind: str, answer: Any, time: Now) -> None:
    with Scripted(secret="", clock=time) as server:
        server.answer = (200, answer)
        opened(server, time, kind=kind).send(parcel())
        assert len(server.requests) == 1


def test_a_pause_is_told_where_the_vendor_has_one(time: Now) -> None:
    with Scripted(secret="", clock=time) as server:
        server.answer = (200, {"errcode": 130101, "errmsg": "send too fast"})
        assert refusal(opened(server, time, kind="dingtalk")).retry_after == timedelta(minutes=10)
