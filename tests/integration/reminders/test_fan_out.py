"""From events to people: who is told, once, with the right to see it."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from common.clock import SHANGHAI
from communities.access import access_of
from communities.models import Membership
from deadlines.models import DutyShift
from issues.models import Issue, Participation
from journal.models import Event, Pending
from journal.services import Entry, record
from reminders.ladder import DEFAULT_LADDER
from reminders.models import LadderRung, Notification, OutboxMessage
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

NIGHT = datetime(2026, 3, 18, 22, 0, tzinfo=SHANGHAI)
SMTP = override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")


def told(issue: Issue, kind: str) -> set[str]:
    """Who was told of the last event of this kind; drains the reader first."""
    fan_out(at=NOW)
    event = Event.objects.of("issue", issue.pk).of_kinds([kind]).order_by("-seq").first()
    assert event is not None
    return set(Notification.objects.filter(event=event).values_list("user__username", flat=True))


def add_member(world: World, username: str, role: str, **scope: object) -> User:
    user = User.objects.create(username=username, display_name=username, email=f"{username}@example.org")
    Membership.objects.create(user=user, role=role, subdistrict=world.area, started_at=NOW, **scope)
    return user


def test_the_journey_tells_each_next_person_and_never_the_actor(world: World) -> None:
    issue = world.create(source="web", by="secretary")
    assert told(issue, "create") == {"clerk"}
    world.act(issue, "accept")
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert told(issue, "dispatch") == {"officer"}
    world.act(issue, "acknowledge", by="officer")
    assert told(issue, "acknowledge") == set()
    world.act(issue, "assign", by="head", officer="officer")
    assert told(issue, "assign") == {"officer"}
    world.act(issue, "progress", by="officer", note="已派人到场")
    assert told(issue, "progress") == set()
    world.act(issue, "comment", by="officer", note="请转告居民")
    assert told(issue, "comment") == {"clerk"}
    world.act(issue, "comment", note="已转告")
    assert told(issue, "comment") == {"officer"}
    world.act(issue, "urge", note="请抓紧")
    assert told(issue, "urge") == {"officer", "head"}
    world.act(issue, "reply", by="officer", outcome="solved", note="已疏通")
    assert told(issue, "reply") == {"clerk"}
    world.act(issue, "redo", by="resident", reason="没有解决")
    assert told(issue, "redo") == {"officer", "head", "clerk"}
    world.act(issue, "reply", by="officer", outcome="solved", note="再次疏通")
    world.act(issue, "verify_pass", check="phone", note="核实")
    assert told(issue, "verify_pass") == set()
    world.act(issue, "record_follow_up", verdict="satisfied", solved="yes")
    assert told(issue, "record_follow_up") == {"officer"}
    world.act(issue, "reopen", reason="又积水")
    assert told(issue, "reopen") == {"officer"}


def test_the_secretary_hears_of_urgent_new_matters(world: World) -> None:
    assert told(world.create(category="0301"), "create") == {"secretary"}
    assert told(world.create(category="0402", by="secretary"), "create") == {"clerk"}


def test_a_return_goes_to_the_clerk_and_the_second_to_the_supervisor(world: World) -> None:
    issue = world.make_issue("returned")
    assert told(issue, "return") == {"clerk"}
    world.act(issue, "dispatch", department="WATER")
    world.act(issue, "return", by="officer2", reason="not_ours", basis="属市政")
    assert told(issue, "return") == {"supervisor"}


def test_the_communitys_own_team_is_told_as_clerks(world: World) -> None:
    add_member(world, "clerk3", "clerk", community=world.communities["xiadong"])
    issue = world.make_issue("accepted")
    world.act(issue, "dispatch", department="XIADONG-TEAM")
    assert told(issue, "dispatch") == {"clerk3"}


def test_watchers_follow_and_only_while_they_may_see_it(world: World) -> None:
    issue = world.make_issue("in_progress")
    for name in ("deputy", "outsider"):
        Participation.objects.create(issue=issue, user=world.people[name], watching=True)
    world.act(issue, "progress", by="officer", note="已到场")
    assert told(issue, "progress") == {"deputy"}


def test_people_who_left_or_are_locked_are_not_told(world: World) -> None:
    issue = world.make_issue("accepted")
    User.objects.filter(username="officer").update(is_active=False)
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert told(issue, "dispatch") == {"head"}


def test_a_department_without_people_is_brought_to_the_supervisor(world: World) -> None:
    Membership.objects.filter(department=world.departments["MUNICIPAL"]).update(ended_at=NOW)
    issue = world.make_issue("accepted")
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert told(issue, "dispatch") == {"supervisor"}


@pytest.mark.parametrize(("rung", "names"), [("urge", {"officer", "head"}), ("notice", {"officer"})])
def test_reminders_go_to_whom_the_rung_names(world: World, rung: str, names: set[str]) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    sweep(at=NOW + timedelta(days={"urge": 30, "notice": 5}[rung]))
    fan_out(at=NOW)
    rows = Notification.objects.filter(subject_id=issue.pk, kind=rung, event__data__deadline_kind="handle")
    assert set(rows.values_list("user__username", flat=True)) == names


def test_the_communitys_clocks_remind_clerk_and_secretary(world: World) -> None:
    issue = world.create(source="web", category="0402", kind="help")
    sweep(at=NOW + timedelta(days=30))
    fan_out(at=NOW)
    rows = Notification.objects.filter(subject_id=issue.pk, kind="urge", event__data__deadline_kind="accept")
    assert set(rows.values_list("user__username", flat=True)) == {"clerk", "secretary"}


def shift(world: World, clerk: User, leader: str = "deputy", community: str = "") -> DutyShift:
    return DutyShift.objects.create(
        subdistrict=world.area,
        community=world.communities[community] if community else None,
        starts_at=NIGHT - timedelta(hours=4),
        ends_at=NIGHT + timedelta(hours=10),
        clerk=clerk,
        leader=world.people[leader],
    )


def test_at_night_a_pressing_matter_goes_to_whoever_is_on_shift_as_well(world: World) -> None:
    on_duty = add_member(world, "on-duty", "supervisor")
    shift(world, on_duty)
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert told(issue, "create") == {"clerk", "on-duty"}
    normal = world.create(at=NIGHT, category="0402", source="web", by="secretary")
    assert told(normal, "create") == {"clerk"}
    by_day = world.create(at=NOW, level="critical", source="web", by="secretary")
    assert told(by_day, "create") == {"clerk"}


def test_a_duty_clerk_without_the_right_leaves_it_to_the_leader_on_duty(world: World) -> None:
    shift(world, world.people["clerk2"])
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert told(issue, "create") == {"clerk", "deputy"}


def test_an_empty_shift_alarms_the_supervisor(world: World) -> None:
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert told(issue, "create") == {"clerk", "supervisor"}


def test_reminders_of_pressing_matters_honour_the_roster_and_reach_the_leader_on_duty(world: World) -> None:
    on_duty = add_member(world, "on-duty", "supervisor")
    shift(world, on_duty, leader="director")
    issue = world.create(at=NIGHT, level="critical", source="web")
    sweep(at=NIGHT + timedelta(minutes=16))
    fan_out(at=NIGHT)
    rows = Notification.objects.filter(subject_id=issue.pk, event__data__deadline_kind="accept")
    assert set(rows.filter(kind="urge").values_list("user__username", flat=True)) == {"clerk", "secretary", "on-duty"}
    sweep(at=NIGHT + timedelta(minutes=76))
    fan_out(at=NIGHT)
    assert set(rows.filter(kind="duty_leader").values_list("user__username", flat=True)) == {"director", "on-duty"}


def test_a_second_pass_tells_nobody_twice(world: World) -> None:
    world.make_issue("in_progress")
    first = fan_out(at=NOW)
    assert first.notifications == Notification.objects.count() > 0
    assert Pending.objects.filter(reader="notifications").count() == 0
    again = fan_out(at=NOW)
    assert (again.events, again.notifications) == (0, 0)
    for pk in Event.objects.values_list("pk", flat=True):
        Pending.objects.create(event_id=pk, reader="notifications")
    repeated = fan_out(at=NOW)
    assert (repeated.events > 0, repeated.notifications) == (True, 0)
    assert Notification.objects.count() == first.notifications


def test_mail_is_queued_only_where_there_is_a_mail_server_and_an_address(world: World) -> None:
    world.make_issue("dispatched")
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend"):
        assert fan_out(at=NOW).messages == 0
    with SMTP:
        User.objects.filter(username="head").update(email="")
        issue = world.make_issue("in_progress")
        world.act(issue, "urge")
        result = fan_out(at=NOW)
    assert result.messages == OutboxMessage.objects.count() > 0
    assert not OutboxMessage.objects.filter(recipient__username="head").exists()
    keys = set(OutboxMessage.objects.values_list("event_id", "recipient_id"))
    assert keys <= set(Notification.objects.values_list("event_id", "user_id"))


def test_small_batches_leave_nothing_behind(world: World) -> None:
    for _number in range(3):
        world.make_issue("in_progress")
    waiting = Pending.objects.filter(reader="notifications").count()
    assert fan_out(at=NOW, batch=2).events == waiting


def test_the_migrated_ladder_is_the_one_in_code(world: World) -> None:
    installed = {
        (row.ladder, row.code, row.rank, row.offset, tuple(row.roles), frozenset(row.kinds), row.effect)
        for row in LadderRung.objects.filter(subdistrict__isnull=True)
    }
    assert installed == {
        (rung.ladder, rung.code, rung.rank, rung.offset, rung.roles, rung.kinds, rung.effect)
        for rung in DEFAULT_LADDER.rungs
    }


@pytest.mark.parametrize("username", ["clerk", "secretary", "clerk2", "officer", "officer2", "head", "supervisor",
                                      "deputy", "director", "leader", "admin", "outsider"])  # fmt: skip
def test_nobody_is_told_of_what_he_did_or_may_not_see(world: World, username: str) -> None:
    """Every kind of event of three long walks against every member of the cast, seen and unseen."""
    for status in ("reopened", "redone", "returned", "withdrawn", "rejected"):
        issue = world.make_issue(status, level="urgent", source="web")
        world.act(issue, "comment", note="请关注")
        if issue.is_open:
            world.act(issue, "urge", by="supervisor")
        Participation.objects.filter(issue=issue).update(watching=True)
    world.make_issue("dispatched", community="dade", by="clerk2", at=NIGHT)
    sweep(at=NOW + timedelta(days=1))
    sweep(at=NOW + timedelta(days=30))
    fan_out(at=NOW)
    person = world.user(username)
    rows = Notification.objects.filter(user=person).select_related("event")
    visible = set(Issue.objects.visible_to(access_of(person)).values_list("pk", flat=True))
    assert all(row.event.actor_id != person.pk for row in rows)
    assert {row.subject_id for row in rows} <= visible
    if username in ("outsider", "leader", "admin"):
        assert not rows
    if username in ("clerk", "secretary", "officer", "head", "supervisor"):
        assert rows


def test_an_event_that_cannot_be_told_is_set_aside_and_holds_nobody_up(world: World) -> None:
    issue = world.make_issue("in_progress")
    with transaction.atomic():
        record(Entry(subject_kind="issue", subject_id=issue.pk, kind="return", at=NOW, data={"returns": "many"}))
    world.act(issue, "urge")
    result = fan_out(at=NOW)
    assert Notification.objects.filter(subject_id=issue.pk, kind="urge").exists()
    assert not Pending.objects.filter(reader="notifications").exists()
    assert Pending.objects.filter(reader="notifications.failed").count() == 1
    assert result.events == Event.objects.of("issue", issue.pk).count() - 1
