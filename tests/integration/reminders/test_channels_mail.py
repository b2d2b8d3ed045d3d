"""The mail adapter against a mail server on the loopback address: one connection, and a name for every refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.test import override_settings

from reminders.channels import open_sender
from reminders.channels.base import DeliveryError, Parcel, Sender, Trouble
from reminders.channels.mail import MailSender
from reminders.models import DeliveryChannel
from tests.support.parcels import item, many, parcel
from tests.support.smtp_sink import SmtpSink

TO = "officer@example.org"


@pytest.fixture
def sender(sink: SmtpSink) -> Iterator[MailSender]:
    opened = open_sender(DeliveryChannel(kind="email", name="邮件"))
    assert isinstance(opened, MailSender)
    yield opened
    opened.close()


@contextmanager
def impatient(sender: MailSender, seconds: float) -> Iterator[None]:
    """With this sender silence counts after so many seconds, also of a connection that is open already."""
    backend = sender._server
    assert isinstance(backend, EmailBackend)
    patience, backend.timeout = backend.timeout, seconds
    if backend.connection is not None and backend.connection.sock is not None:
        backend.connection.sock.settimeout(seconds)
    yield
    backend.timeout = patience


def letter(number: int = 1, to: str = TO) -> Parcel:
    return parcel(item(number), id=f"{number}.{number}", to=to)


def refusal(sender: Sender, sent: Parcel | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sender.send(sent or letter())
    error = caught.value
    assert "@" not in error.words
    assert error.__context__ is None or error.__suppress_context__
    return error


def test_many_parcels_use_one_connection(sink: SmtpSink, sender: Sender) -> None:
    for number in range(1, 21):
        sender.send(letter(number))
    assert sink.connections == 1
    assert [mail.message_id for mail in sink.received] == [f"<{n}.{n}@gov.example.org>" for n in range(1, 21)]


def test_a_digest_is_one_letter(sink: SmtpSink, sender: Sender) -> None:
    sender.send(Parcel("7.1", many(5).items, TO, digest=True))
    (mail,) = sink.received
    assert mail.recipients == [TO]
    assert all(f"2026-00000{number}" in mail.text for number in range(1, 6))


@pytest.mark.parametrize(
    ("code", "trouble"),
    [(550, Trouble.REFUSED), (553, Trouble.REFUSED), (450, Trouble.LATER), (452, Trouble.LATER), (421, Trouble.AWAY)],
)
def test_refusals_of_a_recipient(sink: SmtpSink, sender: Sender, code: int, trouble: Trouble) -> None:
    sink.refuse["gone@example.org"] = code
    error = refusal(sender, letter(1, "gone@example.org"))
    assert error.trouble is trouble
    assert error.words.startswith(str(code))
    sender.send(letter(2))
    assert len(sink.received) == 1


@pytest.mark.parametrize(("code", "trouble"), [(554, Trouble.REFUSED), (451, Trouble.LATER), (421, Trouble.AWAY)])
def test_refusals_of_a_message(sink: SmtpSink, sender: Sender, code: int, trouble: Trouble) -> None:
    sink.refuse_data = code
    assert refusal(sender).trouble is trouble


@pytest.mark.parametrize(("code", "trouble"), [(553, Trouble.SETUP), (530, Trouble.SETUP), (451, Trouble.BUSY)])
def test_refusals_of_our_own_address(sink: SmtpSink, sender: Sender, code: int, trouble: Trouble) -> None:
    sink.refuse_sender = code
    assert refusal(sender).trouble is trouble


def test_a_password_that_is_not_liked_is_a_matter_of_setup(sink: SmtpSink) -> None:
    sink.refuse_login = True
    with override_settings(EMAIL_HOST_USER="clerk@example.org", EMAIL_HOST_PASSWORD="hunter2"):
        opened = open_sender(DeliveryChannel(kind="email", name="邮件"))
        error = refusal(opened)
        assert refusal(opened).trouble is Trouble.SETUP
    assert not sink.received
    assert error.trouble is Trouble.SETUP
    assert "authentication failed" in error.words
    assert "hunter2" not in error.words


def test_a_password_that_nobody_asks_for_is_a_matter_of_setup(sink: SmtpSink) -> None:
    with override_settings(EMAIL_HOST_USER="clerk", EMAIL_HOST_PASSWORD="hunter2"):
        assert refusal(open_sender(DeliveryChannel(kind="email", name="邮件"))).trouble is Trouble.SETUP


@pytest.mark.parametrize("greeting", [421, 554])
def test_a_server_that_turns_everybody_away_is_away(sink: SmtpSink, sender: Sender, greeting: int) -> None:
    sink.greeting = greeting
    assert refusal(sender).trouble is Trouble.AWAY
    sink.greeting = 220
    sender.send(letter())
    assert len(sink.received) == 1


def test_a_server_that_says_nothing_is_away(sink: SmtpSink, sender: MailSender) -> None:
    sink.mute = True
    with impatient(sender, 0.5):
        assert refusal(sender).trouble is Trouble.AWAY


def test_a_server_that_hangs_after_taking_a_letter_gets_it_again_under_its_id(
    sink: SmtpSink, sender: MailSender
) -> None:
    sender.send(letter(1))
    sink.hold.clear()
    with impatient(sender, 2):
        assert refusal(sender, letter(2)).trouble is Trouble.AWAY
    sink.hold.set()
    sender.send(letter(2))
    assert [mail.message_id.split(".")[0] for mail in sink.received] == ["<1", "<2", "<2"]


def test_a_server_that_is_not_there_is_away(sink: SmtpSink) -> None:
    with override_settings(EMAIL_PORT=9):
        assert refusal(open_sender(DeliveryChannel(kind="email", name="邮件"))).trouble is Trouble.AWAY


def test_a_connection_that_the_server_ends_is_opened_anew(sink: SmtpSink, sender: Sender) -> None:
    sink.most = 3
    for number in range(1, 11):
        sender.send(letter(number))
    assert len(sink.received) == 10
    assert sink.connections == 4


def test_a_server_that_ends_every_connection_is_away(sink: SmtpSink, sender: Sender) -> None:
    sink.most = 1
    sender.send(letter(1))
    sink.greeting = 421
    assert refusal(sender, letter(2)).trouble is Trouble.AWAY


@pytest.mark.parametrize("to", ["a@b@c", "", "x\r\nBcc: all@example.org"])
def test_an_address_that_is_none_is_refused(sender: Sender, sink: SmtpSink, to: str) -> None:
    assert refusal(sender, letter(1, to)).trouble is Trouble.REFUSED
    assert not sink.received
    sender.send(letter(2))


def test_closing_twice_and_after_the_server_has_gone_is_no_trouble(sink: SmtpSink, sender: Sender) -> None:
    sender.send(letter())
    sink.__exit__()
    sender.close()
    sender.close()
