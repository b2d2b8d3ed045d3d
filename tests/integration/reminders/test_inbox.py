"""The in-app inbox: its page, what is read, what a reader may no longer see, and the issue page's card."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from communities.access import access_of
from communities.models import Membership
from issues.models import Issue
from journal.models import Event
from reminders import panels
from reminders.models import Notification, OutboxMessage
from reminders.querysets import UNREAD_CAP, inbox_page, unread_count
from reminders.services.fan_out import fan_out
from reminders.services.inbox import mark_all_read, mark_read
from reminders.services.sweep import sweep
from tests.support.cast import NOW, PHONE, World

Browser = Callable[[str], Client]


def told(world: World, count: int = 1) -> list[Issue]:
    issues = [world.make_issue("dispatched") for _number in range(count)]
    fan_out(at=NOW)
    return issues


def test_the_page_lists_what_one_was_told_newest_first(world: World, signed_in: Browser, frozen: None) -> None:
    first, second = told(world, 2)
    page = signed_in("officer").get("/console/notifications/")
    assert page.status_code == 200
    html = page.content.decode()
    assert html.index(second.number) < html.index(first.number)
    assert "新派工单待签收" in html
    assert PHONE not in html


def test_a_title_keeps_the_offices_lines_and_no_others(world: World, signed_in: Browser, frozen: None) -> None:
    type(world.area).objects.filter(pk=world.area.pk).update(duty_phone="0757-86330000")
    world.make_issue("dispatched", title="0757-86330000占线，请打13800139999", description="热线打不通")
    fan_out(at=NOW)
    html = signed_in("officer").get("/console/notifications/").content.decode()
    assert "0757-86330000占线" in html
    assert "13800139999" not in html


def test_others_see_nothing_of_it(world: World, signed_in: Browser) -> None:
    (issue,) = told(world)
    row = Notification.objects.get(user__username="officer")
    html = signed_in("outsider").get("/console/notifications/").content.decode()
    assert issue.number not in html
    answer = signed_in("outsider").post(reverse("console-notification-open", args=[row.pk]))
    assert answer.status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_opening_one_marks_it_and_leads_to_the_issue(world: World, signed_in: Browser) -> None:
    (issue,) = told(world)
    row = Notification.objects.get(user__username="officer")
    answer = signed_in("officer").post(reverse("console-notification-open", args=[row.pk]))
    assert answer["Location"] == reverse("console-issue", kwargs={"number": issue.number})
    row.refresh_from_db()
    assert row.read_at is not None
    assert unread_count(world.people["officer"].pk, NOW) == 0


def test_reading_changes_nothing_by_get(world: World, signed_in: Browser) -> None:
    told(world)
    row = Notification.objects.get(user__username="officer")
    for name, arguments in (("console-notification-open", [row.pk]), ("console-notifications-read", [])):
        assert signed_in("officer").get(reverse(name, args=arguments)).status_code == 405
    row.refresh_from_db()
    assert row.read_at is None


def test_everything_can_be_marked_read_at_once_each_for_oneself(world: World, signed_in: Browser) -> None:
    told(world, 3)
    clerk_before = unread_count(world.people["secretary"].pk, NOW)
    signed_in("officer").post(reverse("console-notifications-read"))
    assert unread_count(world.people["officer"].pk, NOW) == 0
    assert unread_count(world.people["secretary"].pk, NOW) == clerk_before > 0
    html = signed_in("officer").get("/console/notifications/?tab=unread").content.decode()
    assert "没有未读通知" in html


def test_the_first_reading_is_the_one_that_counts(world: World) -> None:
    told(world)
    officer = world.people["officer"]
    row = Notification.objects.get(user=officer)
    first = mark_read(user_id=officer.pk, notification_id=row.pk, at=NOW)
    second = mark_read(user_id=officer.pk, notification_id=row.pk, at=NOW + timedelta(days=1))
    assert first is not None
    assert second is not None
    assert first.read_at == second.read_at == NOW
    assert mark_all_read(user_id=officer.pk, at=NOW) == 0
    assert mark_read(user_id=world.people["head"].pk, notification_id=row.pk, at=NOW) is None


@pytest.mark.parametrize("query", ["tab=unheard", "cursor=%00", "cursor=abc", "cursor=W10"])
def test_a_bad_query_is_a_bad_request(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("officer").get(f"/console/notifications/?{query}").status_code == 400


def test_pages_follow_each_other(world: World) -> None:
    told(world, 5)
    access = access_of(world.user("officer"))
    seen, cursor = [], None
    while True:
        page = inbox_page(access, at=NOW, cursor=cursor, size=2)
        seen += [item.number for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_what_is_out_of_sight_now_says_no_more_than_its_number(world: World) -> None:
    (issue,) = told(world)
    Membership.objects.filter(user=world.people["officer"]).update(ended_at=NOW)
    (item,) = inbox_page(access_of(world.user("officer")), at=NOW).items
    assert (item.number, item.url) == ("", "")
    assert issue.title not in item.title + item.body


def test_the_statements_do_not_grow_with_the_page(world: World) -> None:
    counts = []
    for _round in range(2):
        told(world, 3)
        access = access_of(world.user("officer"))
        with CaptureQueriesContext(connection) as caught:
            inbox_page(access, at=NOW)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 6


def test_the_count_stops_at_its_cap(world: World) -> None:
    officer = world.people["officer"]
    (issue,) = told(world)
    for _number in range(2):
        world.act(issue, "urge")
    fan_out(at=NOW)
    assert unread_count(officer.pk, NOW) == 3
    assert UNREAD_CAP == 100


def test_words_are_in_the_readers_language(world: World) -> None:
    told(world)
    access = access_of(world.user("officer"))
    with translation.override("en"):
        (item,) = inbox_page(access, at=NOW).items
    assert item.title.endswith(item.number)


def test_the_issue_page_shows_who_was_told(world: World, signed_in: Browser, frozen: None) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    sweep(at=NOW + timedelta(days=5))
    fan_out(at=NOW)
    OutboxMessage.objects.filter(event__kind="remind").update(state="dead", claimed_at=None)
    with CaptureQueriesContext(connection) as caught:
        rows = panels.who_was_told("issue", issue.pk)
    assert len(caught) == 1
    reminder = rows[0]
    assert (reminder["label"], reminder["to"], reminder["failed"]) == ("办理 · 时限过半", "何志明", True)
    assert "邮件发送失败" in reminder["status_text"]
    assert sum(row["label"] == "办理 · 时限过半" for row in rows) == 1
    html = signed_in("clerk").get(reverse("console-issue", kwargs={"number": issue.number})).content.decode()
    assert "办理 · 时限过半" in html


def test_all_who_were_told_of_one_event_stand_in_one_line(world: World) -> None:
    issue = world.make_issue("dispatched")
    event = Event.objects.of("issue", issue.pk).get(kind="dispatch")
    for username, read_at in (("officer", NOW), ("head", None)):
        Notification.objects.create(
            event=event,
            user=world.people[username],
            kind="dispatch",
            subject_kind="issue",
            subject_id=issue.pk,
            created_at=NOW,
            read_at=read_at,
        )
    (row,) = panels.who_was_told("issue", issue.pk)
    assert row["label"] == "派单"
    assert row["to"] == "何志明、周建华"
    assert row["status_text"] == "已读 1/2"
    assert not row["failed"]
