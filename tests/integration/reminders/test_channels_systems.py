"""The SMS gateway and the webhook against servers that keep to their protocols."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.test import override_settings

from reminders.channels import open_sender, webhook
from reminders.channels.base import DeliveryError, Parcel, Sender, Trouble
from reminders.channels.http import HttpSender
from reminders.models import DeliveryChannel
from tests.support.http_sink import HttpSink
from tests.support.parcels import item, many, parcel
from tests.support.robot_sinks import Failure, SmsSink, WebhookSink

TO = "13800138000"


@pytest.fixture(autouse=True)
def _beside_us() -> Iterator[None]:
    with override_settings(PUBLIC_URL="https://gov.example.org"):
        yield


@pytest.fixture
def gateway() -> Iterator[SmsSink]:
    with SmsSink() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[WebhookSink]:
    with WebhookSink() as server:
        yield server


SILENT = (Failure.HANG, Failure.DRIP)
"""With these an answer never comes: a short while is enough. With all others it does, however busy the machine is."""


def opened(sink: HttpSink, **given: Any) -> Sender:
    values = {"kind": sink.kind, "name": "x", "url": sink.url, "secret": sink.secret} | given
    sender = open_sender(DeliveryChannel(**values))
    assert isinstance(sender, HttpSender)
    sender.read_timeout = 60
    return sender


def refusal(sender: Sender, sent: Parcel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sender.send(sent)
    return caught.value


def test_a_short_message_is_handed_over(gateway: SmsSink) -> None:
    opened(gateway).send(parcel(to=TO))
    assert gateway.received[0].payload == {
        "id": "812.4471",
        "to": TO,
        "template": "reminder",
        "params": {"wanted": "办理临期", "number": "2026-000123"},
    }


def test_many_matters_are_one_short_message(gateway: SmsSink) -> None:
    opened(gateway).send(Parcel("5.1", many(400).items, TO))
    assert gateway.received[0].payload["params"]["count"] == "400"
    assert len(json.dumps(gateway.received[0].payload)) < 300


def test_a_repeat_is_not_sent_to_the_telephone_again(gateway: SmsSink) -> None:
    gateway.fail(Failure.DIE_AFTER, 1)
    sender = opened(gateway)
    assert refusal(sender, parcel(to=TO)).trouble is Trouble.AWAY
    sender.send(parcel(to=TO))
    assert (gateway.ids, gateway.sent, gateway.repeats) == (["812.4471", "812.4471"], 1, 1)


def test_a_number_that_cannot_be_reached_is_refused(gateway: SmsSink) -> None:
    gateway.refuse_numbers.add(TO)
    error = refusal(opened(gateway), parcel(to=TO))
    assert error.trouble is Trouble.REFUSED
    assert error.words == "HTTP 400 invalid_number"


def test_a_wrong_secret_is_a_matter_of_setup(gateway: SmsSink) -> None:
    assert refusal(opened(gateway, secret="wrong"), parcel(to=TO)).trouble is Trouble.SETUP


def test_a_secret_that_no_header_can_carry_is_a_matter_of_setup(gateway: SmsSink) -> None:
    error = refusal(opened(gateway, secret="密钥\r\nX-Evil: 1"), parcel(to=TO))
    assert error.trouble is Trouble.SETUP
    assert "Evil" not in error.words


def test_too_many_short_messages_wait_as_told(gateway: SmsSink) -> None:
    gateway.per_minute = 1
    sender = opened(gateway)
    sender.send(parcel(to=TO))
    error = refusal(sender, parcel(to=TO))
    assert (error.trouble, error.retry_after) == (Trouble.BUSY, timedelta(seconds=30))


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (Failure.HANG, Trouble.AWAY),
        (Failure.DRIP, Trouble.AWAY),
        (Failure.DIE, Trouble.AWAY),
        (Failure.ERROR, Trouble.AWAY),
        (Failure.GARBAGE, Trouble.AWAY),
        (Failure.HUGE, Trouble.AWAY),
        (Failure.REDIRECT, Trouble.SETUP),
        (Failure.GONE, Trouble.SETUP),
        (Failure.BUSY, Trouble.BUSY),
    ],
)
def test_a_gateways_failures_have_names(gateway: SmsSink, failure: Failure, trouble: Trouble) -> None:
    gateway.fail(failure, 1)
    sender = opened(gateway)
    cast(HttpSender, sender).read_timeout = 0.5 if failure in SILENT else 60
    error = refusal(sender, parcel(to=TO))
    assert error.trouble is trouble
    assert gateway.secret not in error.words
    assert str(gateway.port) not in error.words
    assert not gateway.received
    cast(HttpSender, sender).read_timeout = 60
    sender.send(parcel(to=TO))
    assert gateway.sent == 1


def test_a_webhook_is_told_of_one_event(receiver: WebhookSink) -> None:
    opened(receiver).send(parcel(item(level="urgent", data={"due_at": "2026-03-20T09:00:00Z", "to": "handling"})))
    (told,) = receiver.received
    assert told.id == "812.4471"
    assert told.payload == {
        "id": "812.4471",
        "event": 123,
        "kind": "due_soon",
        "at": "2026-03-18T10:00:00+08:00",
        "number": "2026-000123",
        "level": "urgent",
        "status": "handling",
        "due": "2026-03-20T17:00:00+08:00",
        "title": "办理临期：2026-000123",
        "url": "https://gov.example.org/console/issues/2026-000123/",
    }
    assert "路灯" not in told.text
    assert not receiver.violations


def test_other_codes_of_an_event_stay_in_the_house(receiver: WebhookSink) -> None:
    opened(receiver).send(parcel(item(data={"note": "张三 13800138000", "reason": "x"})))
    assert "张三" not in receiver.received[0].text
    assert receiver.received[0].payload["due"] == ""


def test_what_a_receiver_gets_passes_the_check_that_it_copies(receiver: WebhookSink) -> None:
    opened(receiver).send(parcel())
    request = receiver.requests[0]
    at = datetime.now(UTC)
    assert webhook.verify(receiver.secret, request.headers, request.body, at)
    assert not webhook.verify(receiver.secret, request.headers, request.body, at + timedelta(minutes=6))


def test_a_receiver_refuses_what_is_old_or_not_ours(receiver: WebhookSink) -> None:
    values = {"kind": "webhook", "name": "x", "url": receiver.url, "secret": receiver.secret}
    old = open_sender(DeliveryChannel(**values), clock=lambda: datetime.now(UTC) - timedelta(minutes=6))
    assert refusal(old, parcel()).trouble is Trouble.SETUP
    assert refusal(opened(receiver, secret="another"), parcel()).trouble is Trouble.SETUP
    assert receiver.violations == ["outside the replay window", "bad signature"]
    assert not receiver.received


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, Trouble.REFUSED),
        (401, Trouble.SETUP),
        (408, Trouble.LATER),
        (409, Trouble.REFUSED),
        (410, Trouble.SETUP),
        (422, Trouble.REFUSED),
        (429, Trouble.BUSY),
        (500, Trouble.AWAY),
        (503, Trouble.AWAY),
        (301, Trouble.SETUP),
        (307, Trouble.SETUP),
    ],
)
def test_what_a_receivers_status_means(receiver: WebhookSink, status: int, trouble: Trouble) -> None:
    receiver.status = status
    assert refusal(opened(receiver), parcel()).trouble is trouble


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success_is_one(receiver: WebhookSink, status: int) -> None:
    receiver.status = status
    opened(receiver).send(parcel())
    assert receiver.ids == ["812.4471"]


@pytest.mark.parametrize("failure", [Failure.HANG, Failure.DRIP, Failure.DIE, Failure.DIE_AFTER, Failure.ERROR])
def test_a_receiver_that_fails_gets_it_again_under_the_same_id(receiver: WebhookSink, failure: Failure) -> None:
    receiver.fail(failure, 1)
    sender = opened(receiver)
    cast(HttpSender, sender).read_timeout = 0.5 if failure in SILENT else 60
    assert refusal(sender, parcel()).trouble is Trouble.AWAY
    cast(HttpSender, sender).read_timeout = 60
    sender.send(parcel())
    assert set(receiver.ids) == {"812.4471"}


def test_this_machine_is_not_called_unless_it_was_named(receiver: WebhookSink) -> None:
    with override_settings(OUTBOUND_NETWORKS=[]):
        error = refusal(opened(receiver), parcel())
    assert error.trouble is Trouble.SETUP
    assert not receiver.requests
