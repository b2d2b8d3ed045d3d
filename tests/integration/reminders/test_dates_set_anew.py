"""A date that is set anew has its own rungs: none of the new one is lost, none of the old one comes again (B1)."""

from datetime import datetime, timedelta

import pytest

from common.clock import SHANGHAI
from communities.models import Department
from deadlines.models import Deadline
from issues.models import Issue
from issues.services.actions import act
from journal.models import Event
from papers.models import Draft
from reminders.services.sweep import sweep
from tests.support.cast import World


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def fired(issue: Issue) -> list[tuple[str, str]]:
    """Moment and rung of each reminder about handling, in order."""
    events = Event.objects.of("issue", issue.pk).of_kinds(["remind"]).order_by("seq")
    return [
        (f"{event.at.astimezone(SHANGHAI):%m-%d %H:%M}", event.data["rung"])
        for event in events
        if event.data["deadline_kind"] == "handle"
    ]


def sweep_through(*moments: str) -> None:
    for moment in moments:
        sweep(at=at(moment))


def help_in_progress(world: World) -> Issue:
    """求助, 5 working days, due Monday 2026-11-30 17:30."""
    issue = world.make_issue("in_progress", at=at("2026-11-23T10:00"), category="0402", kind="help")
    assert handle(issue).due_at == at("2026-11-30T17:30")
    return issue


def handle(issue: Issue) -> Deadline:
    return Deadline.objects.get(subject_id=issue.pk, kind="handle", state__in=["running", "paused"])


NEW_DAYS = ("2026-12-02T17:30", "2026-12-03T08:30", "2026-12-03T17:30", "2026-12-04T08:30")


def test_an_extension_has_the_rungs_of_its_own_date(world: World) -> None:
    issue = help_in_progress(world)
    sweep_through("2026-11-26T12:00", "2026-11-27T17:31", "2026-11-30T08:31")
    issue = world.act(issue, "request_extension", "officer", at("2026-11-30T09:00"), days=3, reason="等配件")
    issue = world.act(issue, "grant_extension", "supervisor", at("2026-11-30T10:00"))
    assert handle(issue).due_at == at("2026-12-03T17:30")
    sweep_through("2026-11-30T17:31", *NEW_DAYS)
    assert [rung for _at, rung in fired(issue)] == [
        *("notice", "due_soon", "due_today", "due_soon", "due_today", "urge"),
    ]
    assert fired(issue)[3:] == [("12-02 17:30", "due_soon"), ("12-03 08:30", "due_today"), ("12-03 17:30", "urge")]


def test_granted_after_the_urge_the_new_date_is_urged_for_itself(world: World) -> None:
    """Asked in time, urged on the old date, granted the day after: 12-03 does not pass in silence."""
    issue = help_in_progress(world)
    sweep_through("2026-11-26T12:00", "2026-11-27T17:31", "2026-11-30T08:31")
    issue = world.act(issue, "request_extension", "officer", at("2026-11-30T09:00"), days=3, reason="等配件")
    sweep_through("2026-11-30T17:31")
    issue.refresh_from_db()
    assert issue.urged_at is not None
    issue = world.act(issue, "grant_extension", "supervisor", at("2026-12-01T09:00"))
    assert (issue.urged_at, Event.objects.of("issue", issue.pk).get(kind="grant_extension").data["urges_ended"]) == (
        None,
        "date_moved",
    )
    sweep_through(*NEW_DAYS)
    assert fired(issue)[-3:] == [("12-02 17:30", "due_soon"), ("12-03 08:30", "due_today"), ("12-03 17:30", "urge")]
    sweep_through("2026-12-08T17:31")
    assert "order" in Issue.objects.get(pk=issue.pk).asks


def test_a_draft_of_time_about_the_old_date_lapses(world: World) -> None:
    """An unsigned order for the date that was missed is not signed for one that is still to come."""
    issue = help_in_progress(world)
    issue = world.act(issue, "request_extension", "officer", at("2026-11-30T09:00"), days=5, reason="等配件")
    sweep_through("2026-11-30T17:31", "2026-12-03T17:31")
    assert "order" in Issue.objects.get(pk=issue.pk).asks
    issue = world.act(issue, "grant_extension", "supervisor", at("2026-12-04T09:00"))
    assert handle(issue).due_at == at("2026-12-07T17:30")
    assert "order" not in issue.asks
    assert Draft.objects.get(subject_id=issue.pk, kind="order").state == "lapsed"
    assert not Deadline.objects.filter(subject_id=issue.pk, kind="signature", state="running").exists()
    sweep_through("2026-12-07T17:31", "2026-12-10T17:31")
    assert "order" in Issue.objects.get(pk=issue.pk).asks


def test_a_date_that_comes_back_does_not_speak_twice(world: World) -> None:
    issue = help_in_progress(world)
    sweep_through("2026-11-26T12:00", "2026-11-27T17:31")
    issue = world.act(issue, "edit", "clerk", at("2026-11-28T09:00"), kind="complaint")
    assert handle(issue).due_at == at("2026-12-07T17:30")
    assert handle(issue).fired == 0 or fired(issue)[-1][1] == "due_soon"
    issue = world.act(issue, "edit", "clerk", at("2026-11-28T09:30"), kind="help")
    sweep_through("2026-11-28T09:31", "2026-11-30T08:31")
    assert [rung for _at, rung in fired(issue)] == ["notice", "due_soon", "due_today"]


@pytest.mark.parametrize("how", ["edit", "deferral"])
def test_every_way_to_a_later_date_has_its_rungs(world: World, how: str) -> None:
    issue = help_in_progress(world)
    sweep_through("2026-11-26T12:00", "2026-11-27T17:31", "2026-11-30T08:31")
    if how == "edit":
        issue = world.act(issue, "edit", "clerk", at("2026-11-30T09:00"), kind="complaint")
        days = ("2026-12-04T17:30", "2026-12-07T08:30", "2026-12-07T17:30")
    else:
        fields = {"reason": "funding", "until": "2026-12-20", "interim_answer": "待资金"}
        issue = world.act(issue, "request_suspension", "officer", at("2026-11-30T09:00"), **fields)
        issue = world.act(issue, "grant_suspension", "supervisor", at("2026-11-30T10:00"))
        issue = world.act(issue, "resume", "officer", at("2026-12-02T10:00"))
        days = ("2026-12-02T10:01", "2026-12-02T17:30", "2026-12-03T08:30")
    before = len(fired(issue))
    sweep_through(*days)
    told = [rung for _at, rung in fired(issue)[before:]]
    assert told == (["due_soon", "due_today", "urge"] if how == "edit" else ["urge"])


def test_an_urge_of_a_person_waits_for_its_answer_all_the_same(world: World) -> None:
    issue = help_in_progress(world)
    issue = world.act(issue, "request_extension", "officer", at("2026-11-30T09:00"), days=3, reason="等配件")
    sweep_through("2026-11-30T17:31")
    issue = world.act(issue, "urge", "supervisor", at("2026-11-30T18:00"), note="请尽快")
    issue = act(
        issue_id=issue.pk, action="grant_extension", by=world.actor("supervisor"), at=at("2026-12-01T09:00"), data={},
        version=issue.version,
    )  # fmt: skip
    assert issue.urged_at is not None
    assert Deadline.objects.filter(subject_id=issue.pk, kind="urge_reply", state="running").exists()
    assert issue.changed_at - at("2026-12-01T09:00") == timedelta(0)


def _review_missed(world: World) -> Issue:
    """Not now, to be looked at again by 03-20; nobody did, so that the clock drew up an order."""
    issue = world.make_issue("in_progress", at=at("2026-03-16T10:00"))
    answer = {"outcome": "not_now", "note": "暂不具备", "review_on": "2026-03-20"}
    issue = world.act(issue, "reply", "officer", at("2026-03-17T10:00"), **answer)
    issue = world.act(issue, "verify_pass", "supervisor", at("2026-03-18T10:00"), check="phone", note="核实")
    sweep_through("2026-03-20T17:31", "2026-03-25T17:31")
    issue.refresh_from_db()
    assert issue.asks == ["order"]
    return issue


def test_an_order_about_a_review_lapses_with_the_promise(world: World) -> None:
    issue = _review_missed(world)
    again = {"reason": "再看", "review_on": "2026-05-01"}
    assert world.act(issue, "move_promise", "supervisor", at("2026-03-26T09:00"), **again).asks == []


def test_an_order_about_a_review_outlives_the_matter(world: World) -> None:
    issue = _review_missed(world)
    said = {"verdict": "satisfied", "solved": "partly"}
    issue = world.act(issue, "record_follow_up", "clerk", at("2026-03-26T09:00"), **said)
    assert (issue.status, issue.asks) == ("closed", ["order"])


def test_of_two_co_departments_that_missed_their_part_each_gets_its_order(world: World) -> None:
    """One order of a matter waits at a time; the other organisation's is drawn up when that is decided."""
    issue = world.make_issue("in_progress", at=at("2026-03-16T10:00"), category="0402", kind="complaint")
    for code in ("WATER", "GOVERN"):
        issue = world.act(issue, "add_department", "officer", at("2026-03-17T10:00"), department=code)
    sweep_through("2026-03-27T17:31", "2026-04-01T17:31")
    orders = Draft.objects.filter(subject_id=issue.pk, kind="order").order_by("id")
    first = orders.get(state="open").department_id
    world.act(issue, "sign", "deputy", at("2026-04-02T09:00"), note="请说明")
    second = orders.get(state="open")
    assert {first, second.department_id} == {world.departments[code].pk for code in ("WATER", "GOVERN")}
    assert second.deadline_kind == "co_reply"
    assert Deadline.objects.filter(subject_id=issue.pk, kind="signature", state="running").count() == 1
    issue = world.act(issue, "refuse_sign", "deputy", at("2026-04-02T10:00"), note="已电话督促")
    assert issue.asks == []
    assert not Deadline.objects.filter(subject_id=issue.pk, kind="signature", state="running").exists()


def test_an_order_about_a_part_lapses_when_it_is_waived(world: World) -> None:
    """Also of an organisation that was abolished meanwhile; the other one's order comes then."""
    issue = world.make_issue("in_progress", at=at("2026-03-16T10:00"), category="0402", kind="complaint")
    for code in ("WATER", "GOVERN"):
        issue = world.act(issue, "add_department", "officer", at("2026-03-17T10:00"), department=code)
    sweep_through("2026-03-27T17:31", "2026-04-01T17:31")
    orders = Draft.objects.filter(subject_id=issue.pk, kind="order", state="open").select_related("department")
    for hour in (9, 10):
        department = orders.get().department
        assert department is not None
        Department.objects.filter(pk=department.pk).update(retired_at=at("2026-04-02T08:00"))
        waived = {"department": department.code, "reason": "已撤销"}
        issue = world.act(issue, "waive_department", "supervisor", at(f"2026-04-02T{hour:02}:00"), **waived)
        running = Deadline.objects.filter(subject_id=issue.pk, kind="signature", state="running").count()
        assert (len(issue.asks), running) == ((1, 1) if hour == 9 else (0, 0))


def test_what_was_drawn_up_waits_again_when_a_merge_is_taken_back(world: World) -> None:
    """The order of a handling that was missed has been said; without it nothing would come before the yellow card."""
    issue = help_in_progress(world)
    master = world.make_issue("in_progress", at=at("2026-12-03T10:00"), category="0402", kind="help")
    sweep_through("2026-11-30T17:31", "2026-12-03T17:31")
    issue = world.act(issue, "merge", "clerk", at("2026-12-04T09:00"), master=master.number)
    assert Draft.objects.get(subject_id=issue.pk, kind="order").state == "lapsed"
    issue = world.act(issue, "unmerge", "clerk", at("2026-12-04T10:00"))
    assert issue.asks == ["order"]
    assert Deadline.objects.filter(subject_id=issue.pk, kind="signature", state="running").count() == 1
    issue = world.act(issue, "refuse_sign", "deputy", at("2026-12-04T11:00"), note="已电话督促")
    issue = world.act(issue, "merge", "clerk", at("2026-12-04T13:00"), master=master.number)
    assert world.act(issue, "unmerge", "clerk", at("2026-12-04T14:00")).asks == []


def test_who_refused_two_orders_is_not_asked_for_the_first_again(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("2026-03-16T10:00"), category="0402", kind="complaint")
    for code in ("WATER", "GOVERN"):
        issue = world.act(issue, "add_department", "officer", at("2026-03-17T10:00"), department=code)
    sweep_through("2026-03-27T17:31", "2026-04-01T17:31")
    issue = world.act(issue, "refuse_sign", "deputy", at("2026-04-02T09:00"), note="已电话督促")
    assert issue.asks == ["order"]
    assert world.act(issue, "refuse_sign", "deputy", at("2026-04-02T10:00"), note="也已督促").asks == []
