"""Delivery against a mail server on the loopback address: real bytes."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from communities.models import Membership
from deadlines.models import Deadline
from issues.models import Issue
from journal.models import Event
from reminders.enums import OutboxState
from reminders.models import OutboxMessage
from reminders.services import delivery
from reminders.services.delivery import MOST_ATTEMPTS, STUCK_AFTER, deliver, pause
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, PHONE, World
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
    assert dead.recipient.username == "officer"
    assert "550" in dead.error
    assert "@" not in dead.error
    assert deliver(clock=lambda: AT + timedelta(days=9)).claimed == 0


@pytest.mark.parametrize("code", [421, 450, 452])
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
    assert OutboxMessage.objects.get().error.startswith("554")


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
    waiting = OutboxMessage.objects.count()
    assert waiting == 2
    world.act(issue, "acknowledge", by="officer")
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


def test_no_message_of_any_kind_says_who_where_or_what_was_written(sink: SmtpSink, world: World) -> None:
    secrets = ["张小三", PHONE, PHONE[-4:], "幸福里7栋502", "302室", "电梯困人", "绝密内容", "回家后再说"]
    given: dict[str, Any] = {
        "title": "幸福里7栋502张小三家电梯困人",
        "description": f"302室张小三 {PHONE} 绝密内容",
        "address": "幸福里7栋502",
        "contact_address": "302室",
        "source": "web",
    }
    text = f"张小三 {PHONE} 302室 回家后再说"
    issue = world.create(by="secretary", level="urgent", **given)
    world.act(issue, "accept", note=text)
    world.act(issue, "dispatch", department="MUNICIPAL", note=text)
    world.act(issue, "return", by="officer", reason="not_ours", basis=text, note=text)
    world.act(issue, "dispatch", department="MUNICIPAL")
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "assign", by="head", officer="officer", note=text)
    world.act(issue, "comment", note=text)
    world.act(issue, "comment", by="officer", note=text)
    world.act(issue, "comment", by="resident", note=text)
    world.act(issue, "urge", note=text)
    world.act(issue, "request_callback", by="resident", note=text)
    sweep(at=NOW + timedelta(hours=1))
    sweep(at=NOW + timedelta(hours=13))
    sweep(at=NOW + timedelta(days=4))
    world.act(issue, "edit", title="302室张小三绝密内容", address="幸福里7栋502")
    world.act(issue, "add_department", by="officer", department="WATER", note=text)
    world.act(issue, "request_extension", by="officer", days=1, reason=text)
    world.act(issue, "endorse", by="head", note=text)
    world.act(issue, "refuse_extension", by="supervisor", reason=text)
    world.act(
        issue, "request_suspension", by="officer", reason="funding", until="2026-06-30", interim_answer=text, note=text
    )
    world.act(issue, "grant_suspension", by="supervisor", note=text)
    world.act(issue, "resume", by="supervisor", note=text)
    world.act(issue, "co_reply", by="officer2", note=text)
    world.act(issue, "supervise", by="supervisor", kind="order", note=text)
    world.act(issue, "sign", by="deputy", note=text)
    world.act(issue, "instruct", by="director", note=text)
    world.act(issue, "cc", users=["deputy"], departments=["WATER"], note=text)
    joiner = world.create(by="secretary", **(given | {"contact_phone": "", "contact_name": ""}))
    world.act(joiner, "merge", by="supervisor", master=issue.number, note=text)
    world.act(issue, "reply", by="officer", outcome="planned", note=text, commitment=text, due_on="2026-04-30")
    sweep(at=NOW + timedelta(days=60))
    fan_out(at=NOW)
    deliver(clock=lambda: AT)
    world.act(issue, "redo", by="resident", reason=text)
    world.act(issue, "reply", by="officer", at=NOW + timedelta(minutes=1), outcome="solved", note=text)
    world.act(issue, "verify_pass", check="phone", note=text)
    world.act(issue, "record_follow_up", verdict="satisfied", solved="yes", note=text)
    world.act(issue, "reopen", by="resident", reason=text)
    fan_out(at=NOW)
    OutboxMessage.objects.update(next_attempt_at=NOW)
    deliver(clock=lambda: AT)
    subjects = {str(mail.message["Subject"]) for mail in sink.received}
    assert len(subjects) >= 25, subjects
    assert any("兑现承诺" in subject for subject in subjects), subjects
    for mail in sink.received:
        for secret in secrets:
            assert secret not in mail.text
            for name, value in mail.message.items():
                assert name in DRAWN or secret not in str(value), name


def test_every_wording_of_every_kind_is_free_of_what_the_reporter_wrote(world: World) -> None:
    from reminders import emails
    from reminders.audience import TOLD_KINDS
    from reminders.enums import RungCode
    from reminders.facts import Facts

    kinds = [*sorted(TOLD_KINDS), *RungCode.values]
    for kind in kinds:
        for data in (
            {},
            {"rung": kind, "deadline_kind": "handle", "due_at": NOW.isoformat(), "skipped": ["notice"]},
            {"days": 3, "until": "2026-06-30", "kind": "red_card", "persons": 5, "collective": True, "deemed": True},
            {"expired": True, "solved": "no", "verdict": "dissatisfied", "request": "order", "returns": 2},
        ):
            for role in ("resident", "clerk", "system"):
                facts = Facts(
                    kind=kind, at=NOW, data=data, actor_role=role, number="桂城-2026-000123", level="urgent",
                    title="张小三家漏水", community="夏东社区", category="路面积水与内涝", department="市政办",
                )  # fmt: skip
                for language in ("zh-hans", "en"):
                    message = emails.compose(
                        facts=facts, outbox_id=1, event_id=2, issue_id=3, address="a@example.org", language=language
                    )
                    wire = message.message().as_string() + str(message.subject) + str(message.body)
                    assert "张小三" not in wire
                    assert "桂城-2026-000123" in str(message.subject)


def test_pauses_grow_are_bounded_and_spread() -> None:
    assert all(pause(7, n) <= timedelta(hours=1.2) for n in range(1, 40))
    assert pause(7, 4) > pause(7, 1) * 3
    assert len({pause(pk, 3) for pk in range(30)}) > 20


def test_the_claim_of_a_slow_worker_is_not_overwritten_by_it(
    sink: SmtpSink, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim was returned and taken by another: what the slow one records changes nothing."""
    queued(world)
    real = delivery._send

    def taken_away(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        OutboxMessage.objects.update(attempts=2)

    monkeypatch.setattr(delivery, "_send", taken_away)
    assert deliver(clock=lambda: AT).sent == 0
    assert OutboxMessage.objects.get().state == OutboxState.CLAIMED


def test_the_commands_print_json(sink: SmtpSink, world: World) -> None:
    world.make_issue("dispatched")
    out = StringIO()
    call_command("sweep_deadlines", stdout=out)
    swept = json.loads(out.getvalue())
    assert swept["due"] >= 1
    assert swept["notifications"] >= 1
    out = StringIO()
    call_command("deliver_outbox", stdout=out)
    assert json.loads(out.getvalue())["sent"] >= 1
    assert OutboxMessage.objects.filter(sent_at__lte=timezone.now()).exists()
