"""What the inbox adds to a list: why, what is put off, the bell, filters, alarms, and how each one was delivered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Absence
from common.clock import SHANGHAI
from communities.access import access_of
from deadlines.services import load_calendar
from issues.models import Issue
from journal.services import Entry, record
from reminders.enums import OFFICE, OutboxState, Topic
from reminders.models import Notification, OutboxMessage
from reminders.querysets import MOST_BACK, inbox_counts, inbox_page, later_page, unread_count
from reminders.services import inbox
from reminders.services.fan_out import fan_out
from reminders.services.inbox import LONGEST_SNOOZE, Snooze, SnoozeError, snooze_moments
from reminders.services.outlets import email_channel
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("frozen")


def told(world: World, count: int = 1) -> list[Issue]:
    issues = [world.make_issue("dispatched") for _number in range(count)]
    fan_out(at=NOW)
    return issues


def mine(world: World, username: str = "officer") -> list[Notification]:
    return list(Notification.objects.of(world.people[username].pk).order_by("-id"))


def put_off(world: World, row: Notification, until: datetime) -> None:
    assert inbox.snooze(user_id=row.user_id, notification_id=row.pk, until=until, at=NOW) is not None


# Put off


def test_moments_that_are_offered(world: World) -> None:
    calendar = load_calendar()
    moments = snooze_moments(NOW, calendar)
    assert moments == {
        Snooze.HOUR: datetime(2026, 3, 18, 11, 0, tzinfo=SHANGHAI),
        Snooze.MORNING: datetime(2026, 3, 19, 8, 30, tzinfo=SHANGHAI),
    }
    friday = datetime(2026, 3, 20, 17, 0, tzinfo=SHANGHAI)
    assert snooze_moments(friday, calendar)[Snooze.MORNING] == datetime(2026, 3, 21, 8, 30, tzinfo=SHANGHAI)
    assert snooze_moments(friday, calendar)[Snooze.WORKDAY] == datetime(2026, 3, 23, 8, 30, tzinfo=SHANGHAI)
    night = datetime(2026, 3, 19, 1, 0, tzinfo=SHANGHAI)
    assert snooze_moments(night, calendar)[Snooze.MORNING] == datetime(2026, 3, 19, 8, 30, tzinfo=SHANGHAI)


def test_what_is_put_off_leaves_the_list_and_comes_back_first_and_unread(world: World) -> None:
    told(world, 3)
    access, user_id = access_of(world.user("officer")), world.people["officer"].pk
    oldest = mine(world)[-1]
    inbox.mark_read(user_id=user_id, notification_id=oldest.pk, at=NOW)
    until = NOW + timedelta(hours=1)
    put_off(world, oldest, until)
    assert [item.id for item in inbox_page(access, at=NOW).items] == [row.pk for row in mine(world)[:2]]
    assert [item.id for item in later_page(access, at=NOW).items] == [oldest.pk]
    assert inbox_counts(user_id, NOW) == (2, 1)
    back = inbox_page(access, at=until).items
    assert (back[0].id, back[0].back, back[0].unread) == (oldest.pk, True, True)
    assert len({item.id for item in back}) == 3
    assert later_page(access, at=until).items == []
    assert unread_count(user_id, until) == 3
    inbox.mark_read(user_id=user_id, notification_id=oldest.pk, at=until)
    assert [item.id for item in inbox_page(access, at=until).items][-1] == oldest.pk


def test_what_came_back_stands_once_over_all_pages(world: World) -> None:
    told(world, 5)
    for row in mine(world)[2:4]:
        put_off(world, row, NOW + timedelta(hours=1))
    access, at = access_of(world.user("officer")), NOW + timedelta(hours=2)
    seen, cursor = [], None
    while True:
        page = inbox_page(access, at=at, cursor=cursor, size=2)
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(row.pk for row in mine(world))
    assert set(seen[:2]) == {row.pk for row in mine(world)[2:4]}
    assert MOST_BACK >= 2


def test_what_is_put_off_comes_in_the_order_of_its_return(world: World) -> None:
    told(world, 3)
    rows = mine(world)
    for row, hours in zip(rows, (3, 1, 2), strict=True):
        put_off(world, row, NOW + timedelta(hours=hours))
    access = access_of(world.user("officer"))
    first = later_page(access, at=NOW, size=2)
    rest = later_page(access, at=NOW, size=2, cursor=first.next_cursor)
    assert [item.id for item in (*first.items, *rest.items)] == [rows[1].pk, rows[2].pk, rows[0].pk]


def test_reading_everything_leaves_what_is_put_off(world: World) -> None:
    told(world, 2)
    user_id = world.people["officer"].pk
    put_off(world, mine(world)[0], NOW + timedelta(days=1))
    assert inbox.mark_all_read(user_id=user_id, at=NOW) == 1
    assert inbox_counts(user_id, NOW) == (0, 1)


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(minutes=1), NOW + LONGEST_SNOOZE + timedelta(minutes=1)])
def test_only_a_moment_to_come_and_not_too_far_away(world: World, until: datetime) -> None:
    told(world)
    with pytest.raises(SnoozeError):
        put_off(world, mine(world)[0], until)
    assert mine(world)[0].snoozed_until_at is None


def test_nobody_puts_off_what_others_were_told(world: World, signed_in: Browser) -> None:
    told(world)
    (row,) = mine(world)
    for name, data in (("snooze", {"choice": "hour"}), ("snooze", {"choice": "wake"}), ("read", {})):
        answer = signed_in("head").post(reverse(f"console-notification-{name}", args=[row.pk]), data)
        assert answer.status_code == 404
    row.refresh_from_db()
    assert (row.read_at, row.snoozed_until_at) == (None, None)


def test_the_page_puts_off_and_brings_back(world: World, signed_in: Browser) -> None:
    told(world)
    (row,) = mine(world)
    client, url = signed_in("officer"), reverse("console-notification-snooze", args=[row.pk])
    home = reverse("console-notifications")
    answer = client.post(url, {"choice": "hour", "next": f"{home}?tab=unread"}, follow=True)
    assert answer.redirect_chain == [(f"{home}?tab=unread", 302)]
    assert "已推迟到 今天 11:00" in text_of(answer)
    assert "没有未读通知" in text_of(answer)
    row.refresh_from_db()
    assert row.snoozed_until_at == NOW + timedelta(hours=1)
    later = client.get(f"{home}?tab=later")
    assert "提醒时间 今天 11:00" in text_of(later)
    client.post(url, {"choice": "date", "until": "2026-03-25T09:00"})
    row.refresh_from_db()
    assert row.snoozed_until_at == datetime(2026, 3, 25, 9, 0, tzinfo=SHANGHAI)
    client.post(url, {"choice": "wake"})
    page = client.get(home)
    assert "推迟的提醒到时间了" in text_of(page)


@pytest.mark.parametrize("typed", ["", "morgen", "2026-03-18T09:00", "2031-01-01T00:00"])
def test_a_moment_that_cannot_be_is_said(world: World, signed_in: Browser, typed: str) -> None:
    told(world)
    (row,) = mine(world)
    url = reverse("console-notification-snooze", args=[row.pk])
    answer = signed_in("officer").post(url, {"choice": "date", "until": typed}, follow=True)
    assert "没有推迟" in text_of(answer)


def test_one_can_be_read_without_being_opened(world: World, signed_in: Browser) -> None:
    told(world)
    (row,) = mine(world)
    answer = signed_in("officer").post(
        reverse("console-notification-read", args=[row.pk]), {"next": "//evil.example/console/notifications/"}
    )
    assert answer.headers["Location"] == reverse("console-notifications")
    row.refresh_from_db()
    assert row.read_at == NOW


# Why and how


def test_every_row_says_why(world: World, signed_in: Browser) -> None:
    told(world)
    assert "您在收件岗" in text_of(signed_in("officer").get("/console/notifications/"))


def test_cover_is_named(world: World) -> None:
    officer, head = world.people["officer"], world.people["head"]
    Absence.objects.create(
        user=officer,
        cover=head,
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(days=1),
        created_at=NOW,
        created_by=officer,
    )
    told(world)
    said = [item.why for item in inbox_page(access_of(world.user("head")), at=NOW).items]
    assert any("您代何志明（收件岗）值守" in why for why in said)


@pytest.mark.parametrize(
    ("state", "words"),
    [("sent", "邮件已发送"), ("dead", "邮件发送失败"), ("queued", "邮件待发送"), ("dropped", "邮件已取消发送")],
)
def test_every_row_says_how_it_was_sent(world: World, signed_in: Browser, state: str, words: str) -> None:
    told(world)
    (row,) = mine(world)
    OutboxMessage.objects.filter(event=row.event).delete()
    OutboxMessage.objects.create(
        event=row.event,
        recipient=world.people["officer"],
        channel="email",
        via=email_channel(NOW),
        state=state,
        created_at=NOW,
        next_attempt_at=NOW,
        sent_at=NOW if state == OutboxState.SENT else None,
    )
    page = signed_in("officer").get("/console/notifications/")
    assert words in text_of(page)
    assert ("notice-failed" in html_of(page)) == (state == "dead")


# Alarms


def alarmed(world: World) -> None:
    with transaction.atomic():
        for kind, data in (
            ("shift_empty", {"starts_at": NOW.isoformat(), "ends_at": (NOW + timedelta(hours=9)).isoformat()}),
            ("channel_down", {"channel": email_channel(NOW).pk, "kind": "email"}),
        ):
            record(Entry(subject_kind=OFFICE, subject_id=world.area.pk, kind=kind, at=NOW, data=data))
    fan_out(at=NOW)


def test_alarms_are_about_no_issue_and_lead_to_where_they_are_mended(world: World, signed_in: Browser) -> None:
    alarmed(world)
    client = signed_in("supervisor")
    text = text_of(client.get("/console/notifications/"))
    assert "无人值班" in text
    assert "通知渠道故障" in text
    for row in mine(world, "supervisor"):
        answer = client.post(reverse("console-notification-open", args=[row.pk]))
        wanted = "console-duty" if row.kind == "shift_empty" else "console-health"
        assert answer.headers["Location"] == reverse(wanted)


def test_topics_filter(world: World, signed_in: Browser) -> None:
    alarmed(world)
    world.act(told(world)[0], "urge")
    fan_out(at=NOW)
    access = access_of(world.user("supervisor"))
    assert {item.topic for item in inbox_page(access, at=NOW, topic=Topic.ALARM).items} == {Topic.ALARM}
    officer = access_of(world.user("officer"))
    kinds = {topic: {item.kind for item in inbox_page(officer, at=NOW, topic=topic).items} for topic in Topic}
    assert (kinds[Topic.URGE], kinds[Topic.NEW], kinds[Topic.ALARM]) == ({"urge"}, {"new"}, set())
    page = signed_in("clerk").get("/console/notifications/?topic=alarm")
    assert "没有这一类通知" in text_of(page)
    assert signed_in("clerk").get("/console/notifications/?topic=weather").status_code == 400


# The bell


def test_the_bell_answers_only_what_changed(world: World, signed_in: Browser) -> None:
    told(world)
    client, url = signed_in("officer"), reverse("console-bell")
    first = client.get(url)
    assert first.status_code == 200
    assert "bell-count" in html_of(first)
    assert client.get(f"{url}?seen=1").status_code == 204
    inbox.mark_all_read(user_id=world.people["officer"].pk, at=NOW)
    second = client.get(f"{url}?seen=1")
    assert second.status_code == 200
    assert "bell-count" not in html_of(second)


def test_the_bell_costs_the_same_with_many(world: World, signed_in: Browser) -> None:
    client, url, costs = signed_in("officer"), reverse("console-bell"), []
    for _round in range(2):
        told(world, 2)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        costs.append(len(caught))
    assert costs[0] == costs[1] <= 4


def test_the_number_stands_in_the_header_without_any_script(world: World, signed_in: Browser) -> None:
    told(world, 2)
    html = html_of(signed_in("officer").get("/console/help/"))
    assert 'id="bell"' in html
    assert "seen=2" in html


# Cost


def _widen(world: World, number: int) -> None:
    """``number`` notifications of every sort in the officer's list."""
    while Notification.objects.of(world.people["officer"].pk).count() < number:
        told(world)


def test_the_page_costs_the_same_with_1_5_and_25_rows(world: World, signed_in: Browser) -> None:
    client, costs = signed_in("officer"), []
    for number in (1, 5, 25):
        _widen(world, number)
        with CaptureQueriesContext(connection) as caught:
            page = client.get("/console/notifications/")
        assert html_of(page).count('class="notification ') == number
        costs.append(len(caught))
    assert len(set(costs)) == 1, costs
