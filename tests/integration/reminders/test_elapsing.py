"""What the sweep does besides reminding of an issue's clocks: promises, and what time brings about by itself."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments import services as commitments
from commitments.enums import SUBJECT as COMMITMENT
from commitments.models import Commitment
from common.clock import SHANGHAI
from communities.models import Department, Membership
from deadlines import subjects
from deadlines.models import Deadline
from issues.models import Issue
from issues.services import elapsing
from journal.models import Event, Pending
from reminders.models import LadderRung, Notification
from reminders.reference import forget
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

MONDAY = datetime(2026, 3, 16, 10, 0, tzinfo=SHANGHAI)
TWICE = datetime(2026, 3, 18, 17, 30, tzinfo=SHANGHAI)
"""Dispatched on Monday, due on Tuesday 17:30, twice the time on Wednesday."""
EXPIRY = datetime(2026, 3, 19, 17, 30, tzinfo=SHANGHAI)
"""Three working days after Monday."""
LATE = MONDAY + timedelta(days=46)
"""The first day after a promise for the end of April, a holiday: urged, and nothing drafted yet."""


def promise(world: World, issue: Issue, owner: str = "MUNICIPAL", **given: Any) -> Commitment:
    values: dict[str, Any] = {"due_on": date(2026, 4, 30), "at": MONDAY} | given
    return commitments.make(
        subdistrict_id=issue.subdistrict_id,
        subject_kind="issue",
        subject_id=issue.pk,
        text="四月底前疏通排水管。",
        owner_id=world.departments[owner].pk,
        by_id=world.people["officer"].pk,
        **values,
    )


def reminders_of(issue: Issue, clock: str) -> list[Event]:
    rows = Event.objects.of("issue", issue.pk).of_kinds(["remind"]).order_by("seq")
    return [event for event in rows if event.data["deadline_kind"] == clock]


def events(issue: Issue, kind: str) -> list[Event]:
    return list(Event.objects.of("issue", issue.pk).of_kinds([kind]).order_by("seq"))


def told(issue: Issue, **of: Any) -> set[str]:
    fan_out(at=NOW)
    rows = Notification.objects.filter(subject_kind="issue", subject_id=issue.pk, **of)
    return set(rows.values_list("user__username", flat=True))


# Promises


@pytest.mark.parametrize(
    ("given", "clock"),
    [({}, "fulfil"), ({"due_on": None, "review_on": date(2026, 4, 30)}, "commitment_review")],
)
def test_a_promise_climbs_the_ladder_and_the_journal_of_its_issue_tells(
    world: World, given: dict[str, Any], clock: str
) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    made = promise(world, issue, **given)
    at = MONDAY
    while at < MONDAY + timedelta(days=50):
        sweep(at=at)
        at += timedelta(hours=1)
    found = reminders_of(issue, clock)
    assert [event.data["rung"] for event in found] == ["notice", "due_soon", "due_today", "urge"]
    assert {event.data["commitment"] for event in found} == {made.pk}
    assert {event.data["department"] for event in found} == {world.departments["MUNICIPAL"].pk}
    urge = found[-1]
    assert urge.at.astimezone(SHANGHAI).date() == date(2026, 4, 30)
    assert told(issue, kind="urge", event=urge) == {"officer", "head"}
    assert told(issue, kind="notice", event=found[0]) == {"officer"}
    assert not subjects.orphans()


def test_an_ended_issue_still_reminds_of_its_promise_and_is_not_touched(world: World) -> None:
    issue = world.make_issue("closed", at=MONDAY, category="0402", kind="help")
    promise(world, issue)
    before = Issue.objects.filter(pk=issue.pk).values().get()
    sweep(at=LATE)
    (event,) = reminders_of(issue, "fulfil")
    assert (event.data["rung"], event.data["status"]) == ("urge", "closed")
    assert "urges" not in event.data
    assert "supervision" not in event.data
    assert Issue.objects.filter(pk=issue.pk).values().get() == before
    assert told(issue, event=event) == {"officer", "head"}


def test_a_broken_promise_urges_an_issue_that_is_still_open(world: World) -> None:
    issue = world.make_issue("replied", at=MONDAY, category="0402", kind="help")
    promise(world, issue)
    Deadline.objects.filter(subject_kind="issue", subject_id=issue.pk).update(next_rung_at=None, next_rung="")
    sweep(at=LATE)
    after = Issue.objects.get(pk=issue.pk)
    assert (after.supervision, after.urge_count) == ("urged", 1)
    (event,) = reminders_of(issue, "fulfil")
    assert event.data["urges"] == 1


def test_the_owner_is_told_and_where_it_may_not_see_the_matter_the_supervisor(world: World) -> None:
    issue = world.make_issue("replied", at=MONDAY, category="0402", kind="help")
    promise(world, issue, owner="WATER")
    sweep(at=LATE)
    (event,) = reminders_of(issue, "fulfil")
    assert told(issue, event=event) == {"supervisor"}


def test_an_outside_owner_has_the_clerks_stand_for_it(world: World) -> None:
    issue = world.make_issue("replied", at=MONDAY, category="0402", kind="help")
    promise(world, issue, owner="POLICE")
    sweep(at=LATE)
    (event,) = reminders_of(issue, "fulfil")
    assert told(issue, event=event) == {"clerk", "secretary"}


def test_a_promise_that_was_kept_or_taken_back_is_silent(world: World) -> None:
    kept, back = (world.make_issue("replied", at=MONDAY, category="0402", kind="help") for _n in range(2))
    commitments.report_done(
        commitment_id=promise(world, kept).pk,
        by_id=world.people["officer"].pk,
        at=MONDAY + timedelta(days=1),
        evidence="验收单",
    )
    promise(world, back)
    commitments.withdraw(subject_kind="issue", subject_id=back.pk, by_id=None, at=MONDAY + timedelta(days=1))
    sweep(at=LATE)
    assert not reminders_of(kept, "fulfil") + reminders_of(back, "fulfil")


def test_promises_cost_one_statement_more_however_many_are_due(world: World) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            sweep(at=LATE)
        return len([q for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]])

    promised = []
    for count in (1, 5):
        for _number in range(count):
            promise(world, world.make_issue("closed", at=MONDAY, category="0402", kind="help"))
        promised.append(statements())
    assert promised[0] == promised[1]


def test_a_promise_on_something_unknown_stays_where_it_is(world: World) -> None:
    issue = world.make_issue("closed", at=MONDAY, category="0402", kind="help")
    made = promise(world, issue)
    Commitment.objects.filter(pk=made.pk).update(subject_kind="meeting")
    result = sweep(at=LATE)
    assert (result.deadlines, result.busy, result.unknown) == (0, 0, 1)
    assert Deadline.objects.get(subject_kind=COMMITMENT, subject_id=made.pk).fired == 0


# 视为签收


def test_twice_the_time_without_a_signature_is_taken_for_one(world: World) -> None:
    issue = world.make_issue("dispatched", at=MONDAY, category="0402", kind="help")
    sweep(at=TWICE - timedelta(minutes=1))
    assert Issue.objects.get(pk=issue.pk).status == "dispatched"
    result = sweep(at=TWICE)
    after = Issue.objects.get(pk=issue.pk)
    assert (after.status, after.deemed, after.acknowledged_at) == ("in_progress", True, TWICE)
    assert (dict(result.acted), result.failed) == ({"deem": 1}, 0)
    (event,) = events(issue, "acknowledge")
    assert (event.actor_id, event.actor_role, event.data["deemed"]) == (None, "system", True)
    clock = Deadline.objects.get(subject_id=issue.pk, kind="acknowledge")
    assert (clock.state, clock.next_rung_at) == ("late", None)
    assert told(issue, event=event) == {"officer", "head", "clerk", "supervisor"}
    again = sweep(at=TWICE + timedelta(minutes=1))
    assert not again.acted
    assert len(events(issue, "acknowledge")) == 1


def test_its_rung_is_in_the_journal_and_tells_only_whom_the_urge_would_have(world: World) -> None:
    issue = world.make_issue("dispatched", at=MONDAY, category="0402", kind="help")
    sweep(at=TWICE + timedelta(days=10))
    (rung,) = reminders_of(issue, "acknowledge")
    assert rung.data["rung"] == "deemed"
    assert set(rung.data["skipped"]) == {"notice", "due_soon", "due_today", "unacknowledged", "urge"}
    assert rung.data["urges"] >= 1
    assert rung.seq < events(issue, "acknowledge")[0].seq
    assert told(issue, event=rung) == {"officer", "head"}
    assert Issue.objects.get(pk=issue.pk).supervision == "urged"


@pytest.mark.parametrize("level", ["critical", "urgent"])
def test_silence_signs_nothing_that_is_pressing(world: World, level: str) -> None:
    issue = world.make_issue("dispatched", at=MONDAY, level=level)
    Deadline.objects.filter(subject_id=issue.pk, kind="acknowledge").update(limit="1wd")
    sweep(at=MONDAY + timedelta(days=30))
    assert Issue.objects.get(pk=issue.pk).status == "dispatched"
    assert not events(issue, "acknowledge")


def test_who_signs_in_time_is_not_overtaken(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    sweep(at=MONDAY + timedelta(days=10))
    (event,) = events(issue, "acknowledge")
    assert event.actor_role == "officer"
    assert not Issue.objects.get(pk=issue.pk).deemed


# 逾期未补充


def test_what_was_not_added_in_time_goes_back_to_be_accepted(world: World) -> None:
    issue = world.make_issue("need_info", at=MONDAY, source="web", category="0402", kind="help")
    clock = Deadline.objects.get(subject_id=issue.pk, kind="more_info")
    assert clock.next_rung_at is not None
    assert (clock.next_rung, clock.next_rung_at.astimezone(SHANGHAI)) == ("expired", EXPIRY)
    sweep(at=EXPIRY - timedelta(minutes=1))
    assert not reminders_of(issue, "more_info")
    result = sweep(at=EXPIRY)
    after = Issue.objects.get(pk=issue.pk)
    assert (after.status, after.info_expired) == ("submitted", True)
    assert dict(result.acted) == {"expire": 1}
    (event,) = events(issue, "give_info")
    assert (event.actor_role, event.data["expired"]) == ("system", True)
    assert told(issue, event=event) == {"clerk"}
    (rung,) = reminders_of(issue, "more_info")
    assert (rung.data["rung"], rung.data["skipped"]) == ("expired", [])
    assert "urges" not in rung.data
    assert not sweep(at=EXPIRY + timedelta(minutes=1)).acted


def test_a_reporter_who_answers_is_not_overtaken(world: World) -> None:
    issue = world.make_issue("need_info", at=MONDAY, source="web", category="0402", kind="help")
    world.act(issue, "give_info", by="resident", at=MONDAY + timedelta(hours=2), note="在3栋楼下")
    sweep(at=EXPIRY + timedelta(days=1))
    assert not Issue.objects.get(pk=issue.pk).info_expired
    assert len(events(issue, "give_info")) == 1


def test_a_limit_on_the_clock_has_the_rung_too(world: World) -> None:
    issue = world.make_issue("need_info", at=MONDAY, source="web", category="0402", kind="help")
    Deadline.objects.filter(subject_id=issue.pk, kind="more_info").update(limit="24h")
    sweep(at=EXPIRY)
    assert Issue.objects.get(pk=issue.pk).status == "submitted"


# Whatever happens in between


@pytest.mark.parametrize(("status", "at"), [("dispatched", TWICE), ("need_info", EXPIRY)])
def test_a_death_between_the_rung_and_the_action_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, status: str, at: datetime
) -> None:
    class Died(BaseException):
        pass

    def dying(**_given: object) -> None:
        raise Died

    issue = world.make_issue(status, at=MONDAY, source="web", category="0402", kind="help")
    kind = {"dispatched": "acknowledge", "need_info": "more_info"}[status]
    clock = Deadline.objects.filter(subject_id=issue.pk, kind=kind)
    before = clock.values().get()
    with monkeypatch.context() as patched:
        for name in ("acknowledge_by_time", "info_expired"):
            patched.setattr(elapsing, name, dying)
        with pytest.raises(Died):
            sweep(at=at)
    assert clock.values().get() == before
    assert not reminders_of(issue, kind)
    sweep(at=at)
    assert [event.data["rung"] for event in reminders_of(issue, kind)] == [
        {"dispatched": "deemed", "need_info": "expired"}[status]
    ]
    assert Issue.objects.get(pk=issue.pk).status == {"dispatched": "in_progress", "need_info": "submitted"}[status]


def test_an_action_that_fails_holds_nobody_up_and_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine, other = (
        world.make_issue("dispatched", at=MONDAY, category="0402", kind="help") for _number in range(3)
    )
    Issue.objects.filter(pk=other.pk).update(level="complex")
    real = elapsing.acknowledge_by_time

    def failing(*, issue_id: int, at: datetime) -> Issue | None:
        if issue_id == broken.pk:
            raise ValueError("a fact that does not fit")
        return real(issue_id=issue_id, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(elapsing, "acknowledge_by_time", failing)
        result = sweep(at=TWICE)
    assert (result.failed, dict(result.acted)) == (1, {"deem": 2})
    assert not reminders_of(broken, "acknowledge")
    assert Issue.objects.get(pk=fine.pk).status == "in_progress"
    assert (sweep(at=TWICE).failed, Issue.objects.get(pk=broken.pk).status) == (0, "in_progress")
    assert result.as_json()["failed"] == 1


def test_small_batches_act_on_everything(world: World) -> None:
    issues = [world.make_issue("dispatched", at=MONDAY, category="0402", kind="help") for _n in range(4)]
    waiting = [world.make_issue("need_info", at=MONDAY, source="web", category="0402", kind="help") for _n in range(2)]
    result = sweep(at=EXPIRY, batch=2)
    assert dict(result.acted) == {"deem": 4, "expire": 2}
    assert set(Issue.objects.filter(pk__in=[row.pk for row in issues]).values_list("status", flat=True)) == {
        "in_progress"
    }
    assert set(Issue.objects.filter(pk__in=[row.pk for row in waiting]).values_list("status", flat=True)) == {
        "submitted"
    }
    assert sweep(at=EXPIRY, batch=2).deadlines == 0
    assert Pending.objects.filter(reader="notifications").exists()


# The ladder as rows


def test_an_edited_ladder_may_leave_it_to_people(world: World) -> None:
    LadderRung.objects.filter(code="deemed").update(retired_at=NOW)
    forget()
    issue = world.make_issue("dispatched", at=MONDAY, category="0402", kind="help")
    for days in (1, 30):
        sweep(at=MONDAY + timedelta(days=days))
    assert Issue.objects.get(pk=issue.pk).status == "dispatched"
    first, second = reminders_of(issue, "acknowledge")
    assert (first.data["rung"], second.data["rung"]) == ("unacknowledged", "urge")


def test_the_migration_gives_every_stored_ladder_the_rungs_and_clocks_that_had_climbed_it_another_look(
    world: World,
) -> None:
    from importlib import import_module

    from django.apps import apps

    before = LadderRung.objects.filter(code__in=["deemed", "expired", "leader_over"])
    before.delete()  # what this migration adds, and what a later app added on the same rank of the clock's ladder
    own = [("working", "urge", 5), ("working", "duty_leader", 7), ("clock", "urge", 8)]
    for ladder, code, rank in own:
        LadderRung.objects.create(
            subdistrict=world.other_area, ladder=ladder, code=code, rank=rank, offset="due", roles=["handler"]
        )
    migration = import_module("reminders.migrations.0003_time_acts")
    for _twice in range(2):
        migration.add_rungs(apps, None)
    found = LadderRung.objects.filter(code__in=["deemed", "expired"])
    rows = set(found.filter(subdistrict=None).values_list("ladder", "code", "rank", "offset"))
    assert rows == {
        ("working", "deemed", 7, "twice"),
        ("working", "expired", 8, "due"),
        ("clock", "expired", 8, "due"),
    }
    others = set(found.filter(subdistrict=world.other_area).values_list("ladder", "code", "rank"))
    assert others == {("working", "deemed", 8), ("working", "expired", 9), ("clock", "expired", 9)}

    forget()
    climbed = world.make_issue("dispatched", at=MONDAY, category="0402", kind="help")
    pressing = world.make_issue("dispatched", at=MONDAY, level="urgent")
    Deadline.objects.filter(kind="acknowledge").update(next_rung_at=None, next_rung="", fired=0b11110)
    with connection.cursor() as cursor:
        cursor.execute(migration.REPLAN)
    assert Deadline.objects.get(subject_id=pressing.pk, kind="acknowledge").next_rung_at is None
    sweep(at=TWICE - timedelta(hours=2))
    again = Deadline.objects.get(subject_id=climbed.pk, kind="acknowledge")
    assert (again.next_rung, again.next_rung_at) == ("deemed", TWICE)
    sweep(at=TWICE)
    assert Issue.objects.get(pk=climbed.pk).status == "in_progress"


# Who is told of what an organisation owes


def test_a_co_departments_clock_reminds_that_department(world: World) -> None:
    Membership.objects.create(
        user=world.people["outsider"],
        role="head",
        subdistrict=world.area,
        department=world.departments["WATER"],
        started_at=NOW,
    )
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    world.act(issue, "add_department", by="officer", at=MONDAY + timedelta(hours=1), department="WATER")
    sweep(at=MONDAY + timedelta(days=30))
    (event,) = reminders_of(issue, "co_reply")
    assert told(issue, event=event) == {"officer2", "outsider"}
    assert Department.objects.get(pk=event.data["department"]).code == "WATER"


def test_a_request_that_nobody_decides_urges_the_supervisor(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    world.act(issue, "request_extension", by="officer", at=MONDAY + timedelta(hours=1), days=3, reason="雨天不能施工")
    sweep(at=MONDAY + timedelta(days=3))
    (event,) = reminders_of(issue, "extension_decision")
    assert told(issue, event=event) == {"supervisor"}


def test_a_suspensions_review_reminds_department_and_supervisor(world: World) -> None:
    issue = world.make_issue("suspended", at=MONDAY, category="0402", kind="help")
    sweep(at=MONDAY + timedelta(days=400))
    (event,) = reminders_of(issue, "suspension_review")
    assert told(issue, event=event) == {"officer", "head", "supervisor"}


def test_an_outside_bodys_clock_reminds_the_clerks(world: World) -> None:
    issue = world.make_issue("accepted", at=MONDAY, category="0402", kind="help")
    world.act(issue, "transfer_out", at=MONDAY + timedelta(hours=1), department="POLICE")
    sweep(at=MONDAY + timedelta(days=30))
    (event,) = reminders_of(issue, "tracking")
    assert told(issue, event=event) == {"clerk", "secretary"}


def test_a_supervision_order_wants_its_reply_from_the_lead_department(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    world.act(issue, "supervise", by="supervisor", at=MONDAY + timedelta(hours=1), kind="order", note="请书面答复")
    world.act(issue, "sign", by="deputy", at=MONDAY + timedelta(hours=2))
    sweep(at=MONDAY + timedelta(days=30))
    (event,) = reminders_of(issue, "supervision_reply")
    assert told(issue, event=event) == {"officer", "head"}
