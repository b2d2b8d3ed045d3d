"""Nothing that leaves the house says who raised a matter, where they live, or what they wrote.

Real bytes: what a mail server, three vendors' robots, an SMS gateway and another system receive, read as a whole.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import transaction

from deadlines.models import Deadline
from issues.models import Issue
from journal.models import Event
from journal.services import Entry, record_many
from reminders import bucket, rungs
from reminders.enums import PERSONAL_CHANNELS, REMIND, Channel
from reminders.models import DeliveryChannel, OutboxMessage, Preference
from reminders.services.delivery import deliver
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from reminders.tellings import ALARM_KINDS, told_kinds
from tests.support.cast import NOW, PHONE, World
from tests.support.drawn import without_drawn
from tests.support.http_sink import HttpSink
from tests.support.outbox import channel, queue
from tests.support.robot_sinks import DingTalkSink, FeishuSink, RobotSink, SmsSink, WebhookSink, WeComSink
from tests.support.sampling import sampled
from tests.support.smtp_sink import SmtpSink

AT = NOW + timedelta(hours=1)
DRAWN = ("Content-Type", "Message-ID", "References", "In-Reply-To")
"""Headers of a mail with a boundary drawn by lot, or with ids: digits that mean nothing."""
MOBILE = "13811112222"
SECRETS = ("张小三", PHONE, PHONE[-4:], "幸福里7栋502", "302室", "电梯困人", "绝密内容", "回家后再说")
GIVEN: dict[str, Any] = {
    "title": "幸福里7栋502张小三家电梯困人",
    "description": f"302室张小三 {PHONE} 绝密内容",
    "address": "幸福里7栋502",
    "contact_address": "302室",
    "source": "web",
}
TEXT = f"张小三 {PHONE} 302室 回家后再说"


@dataclass
class Outside:
    """Every way out, and what came out of it."""

    mail: SmtpSink
    systems: dict[Channel, HttpSink]
    channels: dict[Channel, DeliveryChannel]
    at: datetime = AT

    def tick(self) -> datetime:
        """A second later than it was."""
        self.at += timedelta(seconds=1)
        return self.at

    def seconds(self) -> float:
        """The same for the vendors' ends."""
        return self.at.timestamp()

    def said(self) -> Iterator[tuple[str, str]]:
        """Every message, its channel first, all that a person or a program could read of it."""
        for mail in self.mail.received:
            headers = [str(value) for name, value in mail.message.items() if name not in DRAWN]
            yield Channel.EMAIL, "\n".join([mail.text, *headers])
        for kind, sink in self.systems.items():
            for accepted in sink.received:
                payload = json.dumps(_known(kind, accepted.payload), ensure_ascii=False)
                yield kind, _TOKEN.sub("/t/", _IDS.sub("", accepted.text) + payload)


_IDS = re.compile(r'"(?:id|event)": ?"?[\d.]+"?')
"""Ids of messages and events in a body as it was sent; their digits are nobody's."""


_TOKEN = re.compile(r"/t/[\w-]+/")
"""The link of a matter, which only its reporter is sent."""


def _known(kind: Channel, payload: Any) -> Any:
    """Without what must be there or is drawn by lot: the number that is called, ids, stamps and signatures."""
    if kind is Channel.SMS:
        letter = payload["template"].startswith("matter_")
        assert payload["to"] == (PHONE if letter else MOBILE)
    drawn = ("to", "id", "event", "timestamp", "sign")
    return {name: value for name, value in payload.items() if name not in drawn}


@pytest.fixture
def outside(world: World, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """All channels set up, nobody too fast for them, everybody's telephone known."""
    monkeypatch.setattr(bucket, "WINDOW", timedelta(milliseconds=1))
    monkeypatch.setattr(bucket, "ROBOT_PAUSE", timedelta(0))
    monkeypatch.setattr(RobotSink, "per_minute", 100_000)
    monkeypatch.setattr(FeishuSink, "per_minute", 100_000)
    for person in world.people.values():
        person.mobile = MOBILE
        person.save(update_fields=["mobile"])
    makers = {
        Channel.SMS: SmsSink,
        Channel.WECOM: WeComSink,
        Channel.DINGTALK: DingTalkSink,
        Channel.FEISHU: FeishuSink,
        Channel.WEBHOOK: WebhookSink,
    }
    with ExitStack() as stack:
        systems = {kind: stack.enter_context(maker()) for kind, maker in makers.items()}
        channels = {Channel.EMAIL: channel(world, Channel.EMAIL)}
        found = Outside(sink, systems, channels)
        for kind, system in systems.items():
            system.clock = found.seconds
            channels[kind] = channel(
                world, kind, system.url, secret=system.secret, topics=["new", "due", "urge", "decision", "result"]
            )
        yield found


def test_no_message_about_anything_that_can_happen_says_who_where_or_what(world: World, outside: Outside) -> None:
    for person in world.people.values():
        Preference.objects.create(user=person, topic="result", channel="sms", mode="now")
    issue = world.create(by="secretary", level="urgent", **GIVEN)
    world.act(issue, "accept", note=TEXT)
    world.act(issue, "dispatch", department="MUNICIPAL", note=TEXT)
    world.act(issue, "return", by="officer", reason="not_ours", basis=TEXT, note=TEXT)
    world.act(issue, "dispatch", department="MUNICIPAL")
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "assign", by="head", officer="officer", note=TEXT)
    world.act(issue, "comment", note=TEXT)
    world.act(issue, "comment", by="officer", note=TEXT)
    world.act(issue, "comment", by="resident", note=TEXT)
    world.act(issue, "urge", note=TEXT)
    world.act(issue, "request_callback", by="resident", note=TEXT)
    world.act(issue, "supervise", by="supervisor", kind="order", note=TEXT)
    world.act(issue, "sign", by="deputy", note=TEXT)
    sweep(at=NOW + timedelta(hours=1))
    sweep(at=NOW + timedelta(hours=13))
    sweep(at=NOW + timedelta(days=4))
    world.act(issue, "edit", title="302室张小三绝密内容", address="幸福里7栋502")
    world.act(issue, "add_department", by="officer", department="WATER", note=TEXT)
    world.act(issue, "request_extension", by="officer", days=1, reason=TEXT)
    world.act(issue, "endorse", by="head", note=TEXT)
    world.act(issue, "refuse_extension", by="supervisor", reason=TEXT)
    world.act(
        issue, "request_suspension", by="officer", reason="funding", until="2026-06-30", interim_answer=TEXT, note=TEXT
    )
    world.act(issue, "grant_suspension", by="supervisor", note=TEXT)
    world.act(issue, "resume", by="supervisor", note=TEXT)
    world.act(issue, "co_reply", by="officer2", note=TEXT)
    world.act(issue, "instruct", by="director", note=TEXT)
    world.act(issue, "cc", users=["deputy"], departments=["WATER"], note=TEXT)
    joiner = world.create(by="secretary", **(GIVEN | {"contact_phone": "", "contact_name": ""}))
    world.act(joiner, "merge", by="supervisor", master=issue.number, note=TEXT)
    world.act(issue, "reply", by="officer", outcome="planned", note=TEXT, commitment=TEXT, due_on="2026-04-30")
    sweep(at=NOW + timedelta(days=60))
    _tell(outside)
    world.act(issue, "redo", by="resident", reason=TEXT)
    world.act(issue, "reply", by="officer", at=NOW + timedelta(minutes=1), outcome="solved", note=TEXT)
    world.act(issue, "verify_pass", check="phone", note=TEXT)
    world.act(issue, "record_follow_up", verdict="satisfied", solved="yes", note=TEXT)
    world.act(issue, "reopen", by="resident", reason=TEXT)
    _tell(outside)
    subjects = {str(mail.message["Subject"]) for mail in outside.mail.received}
    assert len(subjects) >= 25, subjects
    assert any("兑现承诺" in subject for subject in subjects), subjects
    _assert_nothing_is_said(outside)


def _tell(outside: Outside) -> None:
    """Have everything sent now, digests and what waits for the morning too."""
    fan_out(at=NOW)
    for _number in range(20):
        OutboxMessage.objects.filter(state="queued").update(next_attempt_at=NOW)
        if not deliver(clock=outside.tick).claimed:
            return


def _assert_nothing_is_said(outside: Outside) -> None:
    by_channel = dict.fromkeys(Channel, 0)
    for kind, said in outside.said():
        words = without_drawn(said)
        by_channel[Channel(kind)] += 1
        for secret in SECRETS:
            assert secret not in words, (kind, secret)
            assert secret not in unquote(words), (kind, secret)
    assert all(by_channel.values()), by_channel


DATA: tuple[dict[str, Any], ...] = (
    {"days": 3, "until": "2026-06-30", "kind": "red_card", "persons": 5, "collective": True, "deemed": True},
    {"expired": True, "solved": "no", "verdict": "dissatisfied", "request": "order", "returns": 2, "to": "in_progress"},
)
FORGOTTEN = dict.fromkeys(("note", "title", "reason", "address", "contact_name", "description", "text"), TEXT)
"""What no event should hold; if one does, it must not leave all the same."""


def _everything(issue: Issue) -> list[Event]:
    """Events of every kind that anybody is told of, every rung, every alarm."""
    deadline = Deadline.objects.filter(subject_id=issue.pk, state="running").latest("id")
    about: dict[str, Any] = {"subject_kind": "issue", "subject_id": issue.pk, "at": NOW}
    rung = {"deadline": deadline.pk, "deadline_kind": "handle", "skipped": ["notice"]}
    rung["due_at"] = deadline.due_at.isoformat()
    entries = [
        Entry(kind=REMIND, data=FORGOTTEN | rung | {"rung": code}, **about)
        for code in [spec.code for spec in rungs.every()]
    ]
    entries += [
        Entry(kind=kind, actor_role=role, data=FORGOTTEN | data, **about)
        for kind, (role, data) in sampled(
            product(sorted(set(told_kinds("issue")) - {REMIND}), zip(("resident", "system"), DATA, strict=True)), 2
        )
    ]
    entries += [
        Entry(
            subject_kind="subdistrict",
            subject_id=issue.subdistrict_id,
            kind=kind,
            at=NOW,
            data=FORGOTTEN | {"starts_at": NOW.isoformat(), "ends_at": AT.isoformat(), "since": NOW.isoformat()},
        )
        for kind in sorted(ALARM_KINDS)
    ]
    with transaction.atomic():
        ids = record_many(entries, readers_of=())
    return list(Event.objects.filter(pk__in=ids).order_by("pk"))


@pytest.mark.long
def test_no_kind_of_message_by_any_channel_says_who_where_or_what(world: World, outside: Outside) -> None:
    issue = world.create(by="secretary", level="urgent", **GIVEN)
    world.act(issue, "accept")
    world.act(issue, "dispatch", department="MUNICIPAL")
    told = _everything(issue)
    OutboxMessage.objects.all().delete()
    for event in told:
        for kind, via in outside.channels.items():
            queue(via, [event], to=world.people["supervisor"] if kind in PERSONAL_CHANNELS else None)
        assert deliver(clock=outside.tick).sent == len(Channel), (event.kind, event.data)
    assert [sink.violations for sink in outside.systems.values()] == [[]] * len(outside.systems)
    _assert_nothing_is_said(outside)
    assert len(outside.mail.received) == len(told)
