"""From events to people: who is told, once, with the right to see it."""

from datetime import datetime, timedelta
from typing import Any

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
from tests.support.standing import begins

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
    world.act(issue, "reply", by="officer", at=NOW + timedelta(minutes=1), outcome="solved", note="已疏通")
    assert told(issue, "reply") == {"clerk"}
    world.act(issue, "redo", by="resident", reason="没有解决")
    assert told(issue, "redo") == {"officer", "head", "clerk"}
    world.act(issue, "reply", by="officer", at=NOW + timedelta(minutes=2), outcome="solved", note="再次疏通")
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


def test_everybody_whom_the_rest_of_the_workflow_concerns(world: World) -> None:
    add_member(world, "head2", "head", department=world.departments["WATER"])
    issue = world.create(source="web", category="0402", kind="complaint")
    world.act(issue, "request_info", by="supervisor", note="请说明具体位置")
    assert told(issue, "request_info") == {"clerk"}
    world.act(issue, "give_info", by="resident", note="在3栋楼下")
    assert told(issue, "give_info") == {"clerk"}
    world.act(issue, "accept")
    world.act(issue, "dispatch", department="WATER")
    world.act(issue, "reassign", by="supervisor", department="MUNICIPAL", reason="属市政")
    assert told(issue, "reassign") == {"officer", "officer2", "head2", "clerk"}
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "add_department", by="officer", department="WATER")
    assert told(issue, "add_department") == {"officer2"}
    world.act(issue, "request_extension", by="head", days=1, reason="再等一天")
    assert told(issue, "request_extension") == {"supervisor"}
    world.act(issue, "refuse_extension", by="supervisor", reason="理由不足")
    assert told(issue, "refuse_extension") == {"officer", "head"}
    world.act(issue, "request_extension", by="officer", days=3, reason="雨天")
    assert told(issue, "request_extension") == {"head", "supervisor"}
    world.act(issue, "endorse", by="head")
    assert told(issue, "endorse") == {"supervisor", "officer"}
    world.act(issue, "grant_extension", by="supervisor")
    assert told(issue, "grant_extension") == {"officer", "head", "clerk", "officer2"}
    world.act(issue, "co_reply", by="officer2", note="管道完好")
    assert told(issue, "co_reply") == {"officer"}
    asked: dict[str, Any] = {"reason": "funding", "until": "2026-11-30", "interim_answer": "资金已报"}
    world.act(issue, "request_suspension", by="officer", **asked)
    assert told(issue, "request_suspension") == {"head", "supervisor", "director"}
    world.act(issue, "refuse_suspension", by="director", reason="太久")
    assert told(issue, "refuse_suspension") == {"officer", "head"}
    world.act(issue, "request_suspension", by="officer", **(asked | {"until": "2026-06-30"}))
    assert told(issue, "request_suspension") == {"head", "supervisor"}
    world.act(issue, "grant_suspension", by="supervisor")
    assert told(issue, "grant_suspension") == {"officer", "head", "clerk"}
    world.act(issue, "resume", by="supervisor")
    assert told(issue, "resume") == {"officer", "head", "clerk"}
    world.act(issue, "edit", title="电动车充电棚漏电")
    assert told(issue, "edit") == {"officer"}
    world.act(issue, "supervise", by="supervisor", kind="order", note="请限期办结")
    assert told(issue, "supervise") == {"deputy"}
    world.act(issue, "refuse_sign", by="deputy", note="先催办")
    assert told(issue, "refuse_sign") == {"supervisor"}
    world.act(issue, "supervise", by="supervisor", kind="order", note="请限期办结")
    world.act(issue, "sign", by="deputy")
    assert told(issue, "sign") == {"officer", "head", "supervisor"}
    world.act(issue, "instruct", by="director", note="请到现场")
    assert told(issue, "instruct") == {"officer", "head", "supervisor", "clerk"}
    world.act(issue, "lift", by="deputy", note="已整改")
    assert told(issue, "lift") == {"officer", "head", "supervisor"}


def test_a_red_card_waits_for_the_director(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    late = NOW + timedelta(days=30)
    world.act(issue, "supervise", by="supervisor", at=late, kind="red_card", note="两次黄牌")
    assert told(issue, "supervise") == {"director"}


def test_two_returns_end_with_a_final_assignment(world: World) -> None:
    issue = world.make_issue("returned", category="0402", kind="help")
    world.act(issue, "dispatch", department="WATER")
    world.act(issue, "return", by="officer2", reason="not_ours", basis="属市政")
    world.act(issue, "assign_final", by="supervisor", department="MUNICIPAL", reason="物业由市政牵头")
    assert told(issue, "assign_final") == {"officer", "head", "clerk"}


def test_a_co_department_that_is_not_needed_hears_of_it_and_so_does_the_lead(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    world.act(issue, "add_department", by="officer", department="WATER")
    world.act(issue, "waive_department", by="supervisor", department="WATER", reason="与水务无关")
    assert told(issue, "waive_department") == {"officer2", "officer"}


def waits_for_water(world: World) -> Issue:
    """A matter in progress whose co-department has not answered yet."""
    issue = world.make_issue("in_progress", category="0402", kind="help")
    world.act(issue, "add_department", by="officer", department="WATER")
    return issue


def test_a_co_department_hears_that_its_part_is_not_waited_for_any_longer(world: World) -> None:
    withdrawn, answered, closed = (waits_for_water(world) for _n in range(3))
    world.act(withdrawn, "withdraw", by="resident")
    assert told(withdrawn, "withdraw") == {"officer", "clerk", "officer2"}
    world.act(answered, "reply", by="officer", at=NOW + timedelta(days=60), outcome="explained", note="已说明")
    assert told(answered, "reply") == {"clerk", "officer2"}
    world.act(
        closed, "request_suspension", by="officer", reason="funding", until="2026-04-20", interim_answer="等待经费"
    )
    world.act(closed, "grant_suspension", by="supervisor")
    world.act(closed, "close_explained", by="supervisor", reason="不属于街道职责，已说明")
    assert told(closed, "close_explained") == {"officer", "clerk", "officer2"}


def test_a_co_department_of_a_matter_that_joins_another_hears_of_it(world: World) -> None:
    master, issue = world.make_issue("in_progress", category="0402", kind="help"), waits_for_water(world)
    world.act(issue, "merge", by="supervisor", master=master.number)
    assert "officer2" in told(issue, "merge")


def test_a_copy_goes_to_the_people_and_desks_it_names(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="help")
    world.act(issue, "cc", by="supervisor", users=["deputy"], departments=["WATER"])
    assert told(issue, "cc") == {"deputy", "officer2"}


def test_those_who_join_are_told_of_once_and_as_a_collective_matter(world: World) -> None:
    master = world.make_issue("in_progress", category="0402", kind="help")
    heard = []
    for number in range(6):
        joiner = world.make_issue("submitted", category="0402", kind="help", contact_phone=f"1990000234{number}")
        world.act(joiner, "merge", master=master.number)
        assert told(joiner, "merge") == set()
        heard.append(told(master, "join"))
    assert heard == [{"officer"}, set(), set(), {"officer", "head", "supervisor", "deputy"}, set(), set()]


def test_what_a_joiner_says_is_told_once_at_the_matter_it_joined(world: World) -> None:
    master = world.make_issue("in_progress", category="0402", kind="help")
    joiner = world.make_issue("submitted", category="0402", kind="help")
    world.act(joiner, "merge", master=master.number)
    world.act(master, "reply", by="officer", outcome="partly", note="已整改一半")
    world.act(master, "verify_pass", check="phone", note="核实")
    world.act(joiner, "record_follow_up", by="resident", verdict="dissatisfied", solved="no", reason="还在漏")
    assert told(joiner, "record_follow_up") == set()
    assert told(master, "joiner_verdict") == {"supervisor", "clerk"}


def test_a_matter_that_leaves_is_back_with_whose_move_it_is(world: World) -> None:
    master = world.make_issue("in_progress", category="0402", kind="help")
    joiner = world.make_issue("dispatched", category="0402", kind="help")
    world.act(joiner, "merge", master=master.number)
    assert told(joiner, "merge") == {"officer"}
    world.act(joiner, "unmerge")
    assert told(joiner, "unmerge") == {"officer", "head"}
    assert told(master, "leave") == set()


def test_what_leaves_the_figures_is_decided_by_the_direction(world: World) -> None:
    issue = world.make_issue("closed", category="0402", kind="help")
    world.act(issue, "request_exclusion", by="supervisor", reason="恶意投诉")
    assert told(issue, "request_exclusion") == {"deputy", "director"}
    world.act(issue, "grant_exclusion", by="deputy", reason="同意")
    assert told(issue, "grant_exclusion") == {"supervisor", "clerk"}


def test_a_matter_outside_the_house_is_the_clerks(world: World) -> None:
    issue = world.make_issue("accepted", category="0402", kind="help")
    world.act(issue, "transfer_out", by="supervisor", department="POLICE")
    assert told(issue, "transfer_out") == {"clerk"}
    world.act(issue, "urge", by="supervisor")
    assert told(issue, "urge") == {"clerk", "secretary"}


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
    sweep(at=NOW + timedelta(days={"urge": 8, "notice": 5}[rung]))
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


def long_walks(world: World) -> None:
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


@pytest.mark.parametrize("username", ["clerk", "secretary", "clerk2", "officer", "officer2", "head", "supervisor",
                                      "deputy", "director", "leader", "admin", "outsider"])  # fmt: skip
@begins(long_walks)
def test_nobody_is_told_of_what_he_did_or_may_not_see(world: World, username: str) -> None:
    """Every kind of event of long walks against every member of the cast, seen and unseen."""
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
