"""Dead letters: looked at, sent again, dropped with a reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from communities.actors import Actor
from communities.models import Membership
from issues.models import Issue
from journal.models import Event
from reminders.channels.base import Trouble
from reminders.enums import Channel, OutboxState
from reminders.models import OutboxMessage
from reminders.services.dead_letters import MOST_AT_ONCE, NothingDone, dead_letters, drop, explain, resend
from reminders.services.delivery import deliver
from tests.support.cast import NOW, World
from tests.support.outbox import channel, events, queue
from tests.support.smtp_sink import SmtpSink


@pytest.fixture
def issue(world: World) -> Issue:
    """A matter that the municipal office handles."""
    return world.make_issue("in_progress")


def dead(world: World, issue: Issue, count: int = 1) -> list[OutboxMessage]:
    """So many dead e-mails to the officer."""
    rows = queue(channel(world, Channel.EMAIL), events(issue, count), to=world.people["officer"])
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=OutboxState.DEAD, attempts=12, error="refused: 550 no such user"
    )
    return rows


def test_a_page_explains_what_happened(world: World, issue: Issue) -> None:
    rows = dead(world, issue, 3)
    page = dead_letters(world.actor("supervisor"), size=2)
    assert [item.id for item in page.items] == [rows[2].pk, rows[1].pk]
    first = page.items[0]
    assert (first.number, first.kind, first.recipient, first.channel) == (issue.number, "urge", "何志明", "电子邮件")
    assert (first.error, first.attempts) == ("550 no such user", 12)
    assert "核对地址" in first.explanation
    rest = dead_letters(world.actor("supervisor"), size=2, cursor=page.next_cursor)
    assert [item.id for item in rest.items] == [rows[0].pk]
    assert rest.next_cursor is None


def test_a_page_costs_the_same_for_one_and_for_many(world: World, issue: Issue) -> None:
    counts = []
    for size in (1, 20):
        dead(world, issue, size)
        actor = world.actor("supervisor")
        with CaptureQueriesContext(connection) as statements:
            dead_letters(actor, size=size)
        counts.append(len(statements))
    assert counts == [2, 2]


def test_everyone_sees_those_of_the_own_sub_district(world: World, issue: Issue) -> None:
    (row,) = dead(world, issue)
    assert [item.id for item in dead_letters(world.actor("admin")).items] == [row.pk]
    assert dead_letters(world.actor("outsider")).items == []
    assert dead_letters(world.actor("clerk")).items == []
    other = User.objects.create(username="other", display_name="邻镇督办", email="other@example.org")
    Membership.objects.create(user=other, role="supervisor", subdistrict=world.other_area, started_at=NOW)
    assert dead_letters(Actor.staff(other)).items == []
    assert resend(ids=[row.pk], actor=Actor.staff(other), at=NOW) == 0
    assert drop(ids=[row.pk], actor=world.actor("clerk"), reason="不需要", at=NOW) == 0
    row.refresh_from_db()
    assert row.state == OutboxState.DEAD


def test_only_of_one_channel(world: World, issue: Issue) -> None:
    dead(world, issue)
    robot = channel(world, Channel.WECOM)
    (row,) = queue(robot, events(issue, 1))
    OutboxMessage.objects.filter(pk=row.pk).update(state=OutboxState.DEAD, error="setup: 93000 invalid webhook url")
    page = dead_letters(world.actor("supervisor"), channel_id=robot.pk)
    assert [(item.id, item.recipient, item.channel_name) for item in page.items] == [(row.pk, "", robot.name)]


def test_what_is_sent_again_leaves_under_the_same_id_and_is_journalled(
    world: World, issue: Issue, sink: SmtpSink
) -> None:
    rows = dead(world, issue, 2)
    ids = [row.pk for row in rows]
    assert resend(ids=ids, actor=world.actor("supervisor"), at=NOW) == 2
    assert resend(ids=ids, actor=world.actor("supervisor"), at=NOW) == 0, "another was quicker"
    assert deliver(clock=lambda: NOW).sent == 2
    assert {mail.message_id for mail in sink.received} == {f"<{row.pk}.{row.event_id}@gov.example.org>" for row in rows}
    row = OutboxMessage.objects.get(pk=ids[0])
    assert (row.handled_at, row.handled_by, row.attempts) == (NOW, world.people["supervisor"], 1)
    event = Event.objects.get(kind="resend_messages")
    assert (event.subject_kind, event.subject_id, event.actor) == (
        "subdistrict",
        world.area.pk,
        world.people["supervisor"],
    )
    assert event.data == {"messages": ids, "channels": ["email"]}


def test_what_is_dropped_has_a_reason(world: World, issue: Issue, sink: SmtpSink) -> None:
    rows = dead(world, issue, 2)
    with pytest.raises(NothingDone):
        drop(ids=[rows[0].pk], actor=world.actor("supervisor"), reason="  ", at=NOW)
    assert drop(ids=[row.pk for row in rows], actor=world.actor("supervisor"), reason="此人已 调离", at=NOW) == 2
    assert deliver(clock=lambda: NOW).claimed == 0
    row = OutboxMessage.objects.get(pk=rows[0].pk)
    assert (row.state, row.error, row.handled_at) == (OutboxState.DROPPED, "此人已 调离", NOW)
    event = Event.objects.get(kind="drop_messages")
    assert event.text("reason") == "此人已 调离"


def test_one_action_takes_no_more_than_a_thousand(world: World, issue: Issue) -> None:
    rows = dead(world, issue, MOST_AT_ONCE + 5)
    assert resend(ids=[row.pk for row in rows], actor=world.actor("admin"), at=NOW) == MOST_AT_ONCE


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_class_of_error_has_words(language: str) -> None:
    with translation.override(language):
        words = {explain(f"{trouble}: x") for trouble in Trouble} | {explain("something"), explain("")}
    assert len(words) == len(Trouble) + 1
    assert all(words)
