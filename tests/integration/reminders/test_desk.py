"""What the desk and the issue page read of reminders: who was told, by which channel, what comes next, what is owed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities.access import access_of
from deadlines.models import Deadline
from issues.models import Issue
from issues.supervision import debts, desk
from journal.models import Event
from papers.wording import quarter_of
from reminders import panels
from reminders.enums import NO_LONGER_NEEDED
from reminders.models import DeliveryChannel, Notification, OutboxMessage
from reminders.services.fan_out import fan_out
from tests.integration.console.pages import text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]


def told(world: World, issue: Issue, *usernames: str, **given: Any) -> Event:
    """These people were told of the issue's last event."""
    event = Event.objects.of("issue", issue.pk).order_by("-seq")[0]
    for username in usernames:
        values = {"kind": event.kind, "subject_kind": "issue", "subject_id": issue.pk, "created_at": NOW} | given
        Notification.objects.create(event=event, user=world.people[username], **values)
    return event


def sent(world: World, event: Event, to: str = "", *, kind: str = "email", **given: Any) -> OutboxMessage:
    """A message about the event, to a person or (without one) to a group."""
    via = DeliveryChannel.objects.filter(kind=kind).first() or DeliveryChannel.objects.create(
        kind=kind, name="市政办企业微信群", subdistrict=world.area, url="https://robot.example.org/k"
    )
    values = {"channel": kind, "via": via, "created_at": NOW, "next_attempt_at": NOW} | given
    return OutboxMessage.objects.create(event=event, recipient=world.people[to] if to else None, **values)


@pytest.mark.parametrize(
    ("given", "text", "failed", "phrase"),
    [
        ({"state": "sent", "sent_at": NOW}, "已发送", False, "邮件已发送"),
        ({"state": "queued"}, "待发送", False, "邮件待发送"),
        ({"state": "queued", "mode": "digest"}, "待汇总发送", False, "邮件待发送"),
        ({"state": "queued", "attempts": 2}, "已试2次，再次发送", False, "邮件待发送"),
        ({"state": "claimed", "claimed_at": NOW}, "发送中", False, "邮件待发送"),
        ({"state": "dead", "attempts": 5, "error": "refused: 550"}, "发送失败", True, "邮件发送失败"),
        ({"state": "dropped", "error": NO_LONGER_NEEDED}, "未发送", False, "邮件未发送"),
    ],
)
def test_each_message_says_what_became_of_it(
    world: World, frozen: None, given: dict[str, Any], text: str, failed: bool, phrase: str
) -> None:
    issue = world.make_issue("dispatched")
    sent(world, told(world, issue, "officer"), "officer", **given)
    (entry,) = panels.who_was_told("issue", issue.pk)
    (person,) = entry["people"]
    (way,) = person.ways
    assert (way.channel, way.text, way.failed) == ("邮件", text, failed)
    assert entry["status_text"] == f"未读 · {phrase}"
    assert entry["failed"] is failed
    assert bool(way.detail) == (given["state"] in ("dead", "dropped"))


def test_a_groups_message_has_nobodys_name(world: World, frozen: None) -> None:
    issue = world.make_issue("dispatched")
    event = told(world, issue, "officer", read_at=NOW)
    sent(world, event, kind="wecom", state="sent", sent_at=NOW)
    (entry,) = panels.who_was_told("issue", issue.pk)
    assert entry["people"][0].ways == ()
    assert [(way.channel, way.text) for way in entry["groups"]] == [("市政办企业微信群", "已发送")]
    assert entry["status_text"] == "已读 今天 10:00 · 市政办企业微信群已发送"


def test_what_went_to_a_group_alone_is_shown_too(world: World, frozen: None) -> None:
    issue = world.make_issue("dispatched")
    event = Event.objects.of("issue", issue.pk).get(kind="dispatch")
    sent(world, event, kind="dingtalk", state="dead", attempts=3, error="setup: 310000")
    (entry,) = panels.who_was_told("issue", issue.pk)
    assert (entry["to"], entry["people"], entry["failed"]) == ("市政办企业微信群", [], True)


def test_why_and_for_whom_somebody_was_told(world: World, frozen: None) -> None:
    issue = world.make_issue("dispatched")
    told(world, issue, "officer", reason="desk", covering=world.people["head"])
    (entry,) = panels.who_was_told("issue", issue.pk)
    assert (entry["people"][0].reason, entry["people"][0].covering) == ("您在收件岗", "代周建华值守")


def test_who_was_told_costs_one_statement_whatever_was_sent(world: World, frozen: None) -> None:
    issue = world.make_issue("dispatched")
    event = told(world, issue, "officer", "head", "clerk", "supervisor")
    for username in ("officer", "head", "clerk"):
        sent(world, event, username, state="sent", sent_at=NOW)
    with CaptureQueriesContext(connection) as caught:
        (entry,) = panels.who_was_told("issue", issue.pk)
    assert len(caught) == 1
    assert len(entry["people"]) == 4


def test_what_comes_next_names_the_moment_and_whom_it_tells(world: World, signed_in: Browser, frozen: None) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    clocks = list(Deadline.objects.of("issue", issue.pk))
    with CaptureQueriesContext(connection) as caught:
        coming = panels.what_comes_next(clocks, issue.level, NOW)
    assert len(caught) == 0
    assert coming == sorted(coming, key=lambda rung: (rung.at, rung.clock))
    handle = next(rung for rung in coming if rung.clock == "办理")
    assert (handle.label, handle.to, handle.waits) == ("时限过半", "承办人", False)
    page = text_of(signed_in("clerk").get(reverse("console-issue", kwargs={"number": issue.number})))
    assert "接下来：" in page
    assert "办理 · 时限过半 → 承办人" in page


def test_what_is_due_is_told_by_the_next_pass(world: World, frozen: None) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    clock = Deadline.objects.of("issue", issue.pk).get(kind="handle")
    later = panels.next_rung(clock, issue.level, clock.due_at + timedelta(minutes=1))
    assert later is not None
    assert (later.label, later.waits) == ("催办", True)


def test_nothing_comes_for_a_clock_that_stands_still(world: World, frozen: None) -> None:
    issue = world.make_issue("suspended", category="0402")
    clock = Deadline.objects.of("issue", issue.pk).get(kind="handle")
    assert panels.next_rung(clock, issue.level, NOW) is None


def test_organisations_cost_two_statements(world: World) -> None:
    for status in ("submitted", "dispatched", "in_progress"):
        world.make_issue(status, at=NOW - timedelta(days=30))
    with CaptureQueriesContext(connection) as caught:
        found = desk.organisations({world.area.pk}, NOW)
    assert len(caught) == 2
    assert [(row.code, row.red) for row in found if row.red] == [("MUNICIPAL", 2), ("XIADONG-TEAM", 1)]
    assert desk.organisations({world.other_area.pk}, NOW)[0].red == 0


def test_what_stands_beside_a_page_of_rows_costs_three_statements(world: World) -> None:
    issues = [world.make_issue("in_progress") for _number in range(4)]
    world.act(issues[0], "supervise", "supervisor", NOW, kind="order", note="请书面回复")
    fan_out(at=NOW)
    with CaptureQueriesContext(connection) as caught:
        found = desk.beside([issue.pk for issue in issues])
    assert len(caught) == 3
    assert [request.kind for request in found[issues[0].pk].requests] == ["order"]
    assert found[issues[1].pk].done == "acknowledge"
    assert found[issues[1].pk].held_since_at is not None
    assert desk.beside([]) == {}


def test_the_quarter_begins_on_its_first_day(world: World) -> None:
    assert quarter_of(NOW)[0].isoformat() == "2026-01-01T00:00:00+08:00"


def test_whose_page_one_reads(world: World) -> None:
    def codes(username: str) -> set[str]:
        return set(debts.readable(access_of(world.user(username))).values_list("code", flat=True))

    assert codes("officer") == codes("head") == {"MUNICIPAL"}
    assert codes("clerk") == {"XIADONG-TEAM"}
    assert codes("supervisor") == {"MUNICIPAL", "WATER", "GOVERN", "POLICE", "XIADONG-TEAM", "DADE-TEAM"}
    assert codes("leader") == codes("outsider") == set()


def test_an_urge_names_its_paper(world: World, frozen: None) -> None:
    issue = world.make_issue("in_progress", category="0402")
    world.act(issue, "urge", "supervisor", NOW)
    fan_out(at=NOW)
    entry = next(row for row in panels.who_was_told("issue", issue.pk) if row["label"] == "催办")
    assert entry["paper"].startswith("桂城催")
