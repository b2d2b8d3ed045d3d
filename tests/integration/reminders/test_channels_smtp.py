"""Handing over one message, command by command and several commands at once."""

import smtplib

import pytest

from reminders.channels.smtp import hand_over
from tests.support.smtp_sink import SmtpSink

RAW = b"Subject: x\r\nMessage-ID: <1.2@x>\r\n\r\nwords\r\n"


@pytest.fixture(params=[False, True], ids=["one by one", "at once"])
def server(request: pytest.FixtureRequest) -> bool:
    """Whether the server takes several commands at once."""
    return bool(request.param)


def test_messages_follow_each_other_on_one_connection(server: bool) -> None:
    with SmtpSink(pipelining=server) as sink, smtplib.SMTP("127.0.0.1", sink.port) as smtp:
        for _number in range(3):
            hand_over(smtp, "no-reply@example.org", "a@example.org", RAW)
    assert [mail.raw for mail in sink.received] == [RAW] * 3
    assert [mail.recipients for mail in sink.received] == [["a@example.org"]] * 3
    assert {mail.sender for mail in sink.received} == {"no-reply@example.org"}
    assert sink.connections == 1


def test_each_refusal_is_raised_and_the_next_message_goes_through(server: bool) -> None:
    with SmtpSink(pipelining=server) as sink, smtplib.SMTP("127.0.0.1", sink.port) as smtp:
        sink.refuse["b@example.org"] = 550
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_over(smtp, "no-reply@example.org", "b@example.org", RAW)
        assert refused.value.recipients["b@example.org"][0] == 550
        sink.refuse_sender = 451
        with pytest.raises(smtplib.SMTPSenderRefused) as sender:
            hand_over(smtp, "no-reply@example.org", "a@example.org", RAW)
        assert sender.value.smtp_code == 451
        sink.refuse_sender = 0
        sink.refuse_data = 552
        with pytest.raises(smtplib.SMTPDataError) as data:
            hand_over(smtp, "no-reply@example.org", "a@example.org", RAW)
        assert data.value.smtp_code == 552
        sink.refuse_data = 0
        assert [mail for mail in sink.received if mail.recipients] == []
        hand_over(smtp, "no-reply@example.org", "a@example.org", RAW)
    assert sink.received[-1].recipients == ["a@example.org"]


def test_a_server_that_says_goodbye_is_left(server: bool) -> None:
    with SmtpSink(pipelining=server) as sink:
        smtp = smtplib.SMTP("127.0.0.1", sink.port)
        sink.refuse["a@example.org"] = 421
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            hand_over(smtp, "no-reply@example.org", "a@example.org", RAW)
        assert smtp.sock is None
