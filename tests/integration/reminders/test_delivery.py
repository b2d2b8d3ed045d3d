"""Delivery against a mail server on the loopback address: real bytes."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from time_machine import travel

from accounts.models import User
from communities.models import Membership
from deadlines.models import Deadline
from issues.models import Issue
from journal.models import Event
from reminders.channels.base import Parcel
from reminders.channels.mail import MailSender
from reminders.circuit import MOST_ATTEMPTS
from reminders.enums import OutboxState
from reminders.models import OutboxMessage
from reminders.services.delivery import STUCK_AFTER, deliver
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World
from tests.support.smtp_sink import SmtpSink

AT = NOW + timedelta(hours=1)
DRAWN = ("Content-Type", "Message-ID", "References", "In-Reply-To")
"""Headers with a boundary drawn by lot, or with ids: digits that mean nothing."""


def queued(world: World) -> Issue:
    """An issue whose last event waits in the outbox; earlier messages are cleared away."""
    issue = world.make_issue("dispatched")
    fan_out(at=NOW)
    last = Event.objects.of("issue", issue.pk).order_by("-seq").first()
    OutboxMessage.objects.exclude(event=last).delete()
    return issue


def test_a_message_says_what_is_wanted_of_which_number_and_links_to_it(sink: SmtpSink, world: World) -> None:
    issue = queued(world)
    result = deliver(clock=lambda: AT)
    assert (result.claimed, result.sent) == (1, 1)
    (mail,) = sink.received
    assert mail.recipients == ["officer@example.org"]
    message = mail.message
    assert str(message["Subject"]).strip() == f"【紧急】新派工单待签收：{issue.number}"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["References"] == f"<issue-{issue.pk}@gov.example.org>"
    assert message["From"]
    assert message["Date"]
    row = OutboxMessage.objects.get()
    assert mail.message_id == f"<{row.pk}.{row.event_id}@gov.example.org>"
    body = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert body is not None
    assert html is not None
    link = "https://gov.example.org/console/issues/"
    assert link in body.get_content()
    assert link in html.get_content()
    assert (row.state, row.sent_at, row.attempts) == (OutboxState.SENT, AT, 1)


def test_a_second_pass_sends_nothing_and_one_connection_serves_a_batch(sink: SmtpSink, world: World) -> None:
    for _number in range(3):
        world.make_issue("dispatched")
    fan_out(at=NOW)
    count = OutboxMessage.objects.count()
    assert deliver(clock=lambda: AT).sent == count > 3
    assert len(sink.received) == count
    assert sink.connections == 1
    assert deliver(clock=lambda: AT).claimed == 0
    assert len(sink.received) == count


def test_a_stuck_claim_is_sent_again_under_the_same_message_id(sink: SmtpSink, world: World) -> None:
    queued(world)
    deliver(clock=lambda: AT)
    OutboxMessage.objects.update(state=OutboxState.CLAIMED, claimed_at=AT, sent_at=None)
    assert deliver(clock=lambda: AT + STUCK_AFTER).returned == 0
    later = AT + STUCK_AFTER + timedelta(seconds=1)
    result = deliver(clock=lambda: later)
    assert (result.returned, result.sent) == (1, 1)
    first, second = sink.received
    assert first.message_id == second.message_id
    assert OutboxMessage.objects.get().state == OutboxState.SENT


def test_a_refused_address_is_dead_and_the_rest_goes_out(sink: SmtpSink, world: World) -> None:
    issue = world.make_issue("in_progress")
    world.act(issue, "urge")
    fan_out(at=NOW)
    OutboxMessage.objects.exclude(event__kind="urge").delete()
    sink.refuse["officer@example.org"] = 550
    result = deliver(clock=lambda: AT)
    assert (result.sent, result.dead) == (1, 1)
    dead = OutboxMessage.objects.get(state=OutboxState.DEAD)
    assert dead.recipient is not None
    assert dead.recipient.username == "officer"
    assert "550" in dead.error
    assert "@" not in dead.error
    assert deliver(clock=lambda: AT + timedelta(days=9)).claimed == 0


@pytest.mark.parametrize("code", [450, 452])
def test_a_refusal_for_now_is_tried_again_with_growing_pauses_and_ends_dead(
    sink: SmtpSink, world: World, code: int
) -> None:
    queued(world)
    sink.refuse["officer@example.org"] = code
    at, pauses = AT, []
    for _attempt in range(MOST_ATTEMPTS - 1):
        assert deliver(clock=lambda: at).postponed == 1  # noqa: B023 - called at once
        row = OutboxMessage.objects.get()
        assert row.state == OutboxState.QUEUED
        pauses.append(row.next_attempt_at - at)
        at = row.next_attempt_at
    assert timedelta(seconds=24) <= pauses[0] <= timedelta(seconds=36)
    assert pauses[3] > pauses[0] * 4
    assert max(pauses) <= timedelta(hours=1.2)
    assert deliver(clock=lambda: at).dead == 1
    sink.refuse.clear()
    assert deliver(clock=lambda: at + timedelta(days=1)).claimed == 0


def test_a_message_that_is_too_much_for_the_server_is_dead(sink: SmtpSink, world: World) -> None:
    queued(world)
    sink.refuse_data = 554
    assert deliver(clock=lambda: AT).dead == 1
    assert OutboxMessage.objects.get().error.startswith("refused: 554")


def test_a_server_that_is_away_ends_the_pass_and_costs_the_others_no_attempt(
    sink: SmtpSink, world: World, settings: object
) -> None:
    for _number in range(3):
        world.make_issue("dispatched")
    fan_out(at=NOW)
    count = OutboxMessage.objects.count()
    settings.EMAIL_PORT = 9  # type: ignore[attr-defined]
    result = deliver(clock=lambda: AT)
    assert (result.sent, result.postponed, result.claimed) == (0, 1, 1)
    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0] * (count - 1) + [1]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"queued"}
    settings.EMAIL_PORT = sink.port  # type: ignore[attr-defined]
    assert deliver(clock=lambda: AT + timedelta(minutes=5)).sent == count


def test_rights_are_checked_again_when_sending(sink: SmtpSink, world: World) -> None:
    queued(world)
    Membership.objects.filter(user=world.people["officer"]).update(ended_at=AT)
    assert deliver(clock=lambda: AT).dropped == 1
    assert OutboxMessage.objects.get().error == "no_longer_allowed"
    assert sink.received == []


def test_a_locked_account_gets_no_mail(sink: SmtpSink, world: World) -> None:
    queued(world)
    User.objects.filter(username="officer").update(is_active=False)
    assert deliver(clock=lambda: AT).dropped == 1


def test_a_reminder_whose_deadline_was_met_meanwhile_is_not_sent(sink: SmtpSink, world: World) -> None:
    issue = world.make_issue("dispatched", category="0402", kind="help")
    sweep(at=NOW + timedelta(days=1, hours=12))
    fan_out(at=NOW)
    acknowledge = Deadline.objects.get(subject_id=issue.pk, kind="acknowledge")
    wanted = OutboxMessage.objects.filter(event__data__deadline=acknowledge.pk)
    OutboxMessage.objects.exclude(pk__in=wanted.values("pk")).delete()
    OutboxMessage.objects.update(next_attempt_at=NOW)
    waiting = OutboxMessage.objects.count()
    assert waiting == 2
    world.act(issue, "acknowledge", by="officer")
    assert deliver(clock=lambda: AT).dropped == waiting
    assert set(OutboxMessage.objects.values_list("error", flat=True)) == {"no_longer_needed"}


def test_a_reminder_of_a_date_that_moved_meanwhile_is_not_sent(sink: SmtpSink, world: World) -> None:
    """Due today, said in the next digest; the extension is granted before that leaves."""
    issue = world.make_issue("in_progress", category="0402", kind="help")
    handle = Deadline.objects.get(subject_id=issue.pk, kind="handle")
    morning = handle.due_at.replace(hour=0, minute=31)
    sweep(at=morning)
    fan_out(at=morning)
    wanted = OutboxMessage.objects.filter(event__data__deadline=handle.pk)
    OutboxMessage.objects.exclude(pk__in=wanted.values("pk")).delete()
    waiting = OutboxMessage.objects.update(next_attempt_at=NOW)
    assert waiting
    world.act(issue, "request_extension", by="officer", at=NOW, days=2, reason="等配件")
    world.act(issue, "grant_extension", by="supervisor", at=NOW)
    assert deliver(clock=lambda: AT).dropped == waiting
    assert set(OutboxMessage.objects.values_list("error", flat=True)) == {"no_longer_needed"}


def test_what_asked_for_work_on_an_issue_that_is_over_is_not_sent(sink: SmtpSink, world: World) -> None:
    issue = queued(world)
    world.act(issue, "withdraw", by="resident")
    fan_out(at=NOW)
    deliver(clock=lambda: AT)
    subjects = [str(mail.message["Subject"]) for mail in sink.received]
    assert len(subjects) == 2
    assert all("反映人已撤回" in subject for subject in subjects)


def test_the_claim_of_a_slow_worker_is_not_overwritten_by_it(
    sink: SmtpSink, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim was returned and taken by another: what the slow one records changes nothing."""
    queued(world)
    real = MailSender.send

    def taken_away(sender: MailSender, parcel: Parcel) -> None:
        real(sender, parcel)
        OutboxMessage.objects.update(attempts=2)

    monkeypatch.setattr(MailSender, "send", taken_away)
    assert deliver(clock=lambda: AT).sent == 0
    assert OutboxMessage.objects.get().state == OutboxState.CLAIMED


def test_the_commands_print_json(sink: SmtpSink, world: World) -> None:
    world.make_issue("dispatched")
    out = StringIO()
    with travel(NOW + timedelta(hours=2), tick=True):
        call_command("sweep_deadlines", stdout=out)
        swept = json.loads(out.getvalue())
        assert swept["due"] >= 1
        assert swept["notifications"] >= 1
        out = StringIO()
        call_command("deliver_outbox", stdout=out)
        told = json.loads(out.getvalue())
    assert told["sent"] >= 1
    (by_channel,) = told["channels"].values()
    assert by_channel["sent"] == told["sent"]
    assert OutboxMessage.objects.filter(sent_at__gte=NOW).exists()
