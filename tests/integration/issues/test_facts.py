"""Deadlines keep facts, and actions change them: pauses, levels, outside times, joined matters, another community."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.clock import SHANGHAI
from deadlines.models import Deadline
from deadlines.services import load_calendar
from issues.enums import SUBJECT
from issues.models import Issue
from issues.services import urging
from issues.services.actions import act
from issues.services.errors import StateConflict
from issues.services.urging import urged_by_time
from issues.telling import audience_of
from issues.telling.base import Happening
from journal.models import Event
from reminders.audience import Group
from reminders.subjects import Urged
from tests.support.cast import World

pytestmark = pytest.mark.django_db

DEFERRAL = {"reason": "funding", "until": "2026-06-20", "interim_answer": "待资金"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def clock(issue: Issue, kind: str) -> Deadline:
    found = Deadline.objects.of(SUBJECT, issue.pk).filter(kind=kind).order_by("-id").first()
    assert found is not None, kind
    return found


def due(issue: Issue, kind: str = "handle") -> str:
    return f"{clock(issue, kind).due_at.astimezone(SHANGHAI):%m-%d %H:%M}"


def open_kinds(issue: Issue) -> set[str]:
    return set(Deadline.objects.of(SUBJECT, issue.pk).open().values_list("kind", flat=True))


def defer(world: World, issue: Issue, begin: str) -> Issue:
    issue = world.act(issue, "request_suspension", "officer", at(begin) - timedelta(minutes=5), **DEFERRAL)
    return world.act(issue, "grant_suspension", "supervisor", at(begin))


def deferred(world: World, issue: Issue, *spans: tuple[str, str]) -> Issue:
    for begin, end in spans:
        issue = world.act(defer(world, issue, begin), "resume", "officer", at(end))
    return issue


def edit(world: World, issue: Issue, when: str, **fields: Any) -> Issue:
    return world.act(issue, "edit", "clerk", at(when), **fields)


# Level, kind and category while it stands still (B2)


def test_a_level_set_while_information_is_waited_for_holds_when_it_comes(world: World) -> None:
    issue = world.make_issue("submitted", at=at("03-18T10:00"), source="web", by="clerk")
    issue = world.act(issue, "request_info", "clerk", at("03-18T10:05"), note="哪一栋？")
    issue = edit(world, issue, "03-18T11:00", level="critical")
    assert (clock(issue, "accept").limit, clock(issue, "accept").state) == ("15min", "paused")
    issue = world.act(issue, "give_info", "resident", at("03-18T12:00"), note="3栋")
    assert due(issue, "accept") == "03-18 12:10"


def test_a_deferred_complaint_that_becomes_urgent(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="complaint")
    issue = edit(world, defer(world, issue, "03-02T14:00"), "03-03T09:00", level="urgent")
    assert {clock(issue, kind).state for kind in ("handle", "first_report")} == {"paused"}
    issue = world.act(issue, "resume", "officer", at("03-04T14:00"))
    assert (clock(issue, "handle").limit, due(issue)) == ("3wd", "03-09 17:30")
    first = clock(issue, "first_report")
    assert (first.limit, first.started_at, due(issue, "first_report")) == ("24h", issue.accepted_at, "03-05 10:01")


def test_a_deferred_request_that_becomes_a_complaint(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = edit(world, defer(world, issue, "03-03T14:00"), "03-05T09:00", kind="complaint")
    issue = world.act(issue, "resume", "officer", at("03-10T10:00"))
    assert (clock(issue, "handle").limit, due(issue)) == ("10wd", "03-23 17:30")


def test_a_level_given_with_a_second_acceptance_counts(world: World) -> None:
    issue = world.make_issue("accepted", at=at("03-02T10:00"), category="0402", kind="complaint")
    issue = world.act(issue, "request_info", "clerk", at("03-02T11:00"), note="哪一栋？")
    issue = world.act(issue, "accept", "clerk", at("03-02T12:00"), level="urgent")
    assert (clock(issue, "handle").limit, due(issue)) == ("3wd", "03-05 17:30")
    assert due(issue, "first_report") == "03-03 11:01"


def test_a_first_report_that_would_be_past_begins_now_and_ends_with_its_rule(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="complaint")
    issue = edit(world, issue, "03-05T09:00", level="urgent")
    assert due(issue, "first_report") == "03-06 09:00"
    issue = edit(world, issue, "03-05T10:00", level="normal")
    assert "first_report" not in open_kinds(issue)
    assert due(issue) == "03-16 17:30"


def test_a_project_has_no_handling_and_gets_it_back(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = edit(world, issue, "03-03T09:00", level="project")
    assert not {"handle", "progress"} & open_kinds(issue)
    assert due(issue, "note") == "04-01 17:30"
    issue = edit(world, issue, "03-03T10:00", level="normal")
    assert {"handle", "progress"} <= open_kinds(issue)
    assert "note" not in open_kinds(issue)
    assert due(issue) == "03-09 17:30"


# A pause and then another rule: B3

NIGHTS = (("03-03T17:00", "03-04T09:00"), ("03-05T17:00", "03-06T09:00"))


def test_another_kind_of_the_same_length_moves_nothing(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = deferred(world, issue, *NIGHTS)
    assert due(issue) == "03-11 17:30"
    issue = edit(world, issue, "03-06T10:00", kind="suggestion")
    assert due(issue) == "03-11 17:30"


@pytest.mark.parametrize("kind_first", [True, False])
def test_kind_and_deferral_commute(world: World, kind_first: bool) -> None:
    issue = world.make_issue("in_progress", at=at("03-13T10:00"), category="0402", kind="help")
    if kind_first:
        issue = edit(world, issue, "03-13T11:00", kind="complaint")
    issue = deferred(world, issue, ("03-16T17:00", "03-17T09:00"))
    if not kind_first:
        issue = edit(world, issue, "03-17T11:00", kind="complaint")
    assert due(issue) == "03-30 17:30"


def test_a_co_department_goes_with_the_lead(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = world.act(issue, "add_department", "officer", at("03-02T12:00"), department="WATER", note="协助")
    assert due(issue, "co_reply") == "03-06 17:30"
    issue = world.act(issue, "request_extension", "officer", at("03-03T09:00"), days=2, reason="等配件")
    issue = world.act(issue, "grant_extension", "supervisor", at("03-03T10:00"))
    assert (due(issue), due(issue, "co_reply")) == ("03-11 17:30", "03-10 17:30")
    issue = edit(world, issue, "03-03T11:00", kind="complaint")
    assert (due(issue), due(issue, "co_reply")) == ("03-18 17:30", "03-17 17:30")


@pytest.mark.parametrize("first", ["extension", "level"])
def test_days_that_were_granted_stay_when_the_level_rises_and_no_more_are_given(world: World, first: str) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    if first == "level":
        issue = edit(world, issue, "03-02T10:30", level="complex")
    issue = world.act(issue, "request_extension", "officer", at("03-02T11:00"), days=2, reason="等配件")
    issue = world.act(issue, "grant_extension", "supervisor", at("03-02T11:10"))
    issue = edit(world, issue, "03-02T11:20", level="critical")
    assert (due(issue), clock(issue, "handle").extended) == ("03-05 17:30", 2)
    with pytest.raises(StateConflict, match="此级别不能延期"):
        world.act(issue, "request_extension", "officer", at("03-02T11:30"), days=1, reason="等配件")


# The outside time (B6)


def test_a_day_without_a_time_is_the_whole_day(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = edit(world, issue, "03-02T11:00", external_due_at="2026-03-05")
    assert issue.external_due_at == at("03-05T23:59")
    assert (due(issue), clock(issue, "handle").rule) == ("03-05 23:59", "external:kind:help")
    issue = edit(world, issue, "03-02T12:00", external_due_at=None)
    assert (issue.external_due_at, due(issue)) == (None, "03-09 17:30")
    assert clock(issue, "handle").rule == "kind:help"


def test_our_own_extension_stops_at_the_outside_time_and_the_supervisors_know(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="help")
    issue = edit(world, issue, "03-02T11:00", external_due_at="2026-03-11T12:00")
    assert due(issue) == "03-09 17:30"
    issue = world.act(issue, "request_extension", "officer", at("03-03T09:00"), days=5, reason="等配件")
    issue = world.act(issue, "grant_extension", "supervisor", at("03-03T10:00"))
    handle = clock(issue, "handle")
    assert (due(issue), handle.rule) == ("03-11 12:00", "external:stands:kind:help")
    assert handle.basis() == "外部时限先到，本单位延期、挂账不顺延（求助）"
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="grant_extension")
    assert datetime.fromisoformat(event.data["outside_stands"]) == at("03-11T12:00")
    happened = Happening("grant_extension", event.at, "supervisor", event.data, "normal", "department", None)
    assert Group.SUPERVISORS in audience_of(happened).groups
    issue = deferred(world, issue, ("03-04T10:00", "03-10T10:00"))
    assert due(issue) == "03-11 12:00"
    issue = edit(world, issue, "03-10T11:00", external_due_at=None)
    assert due(issue) == "03-20 17:30"


def test_waits_end_no_later_than_an_outside_time_to_come(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", external_due_at=at("03-11T12:00"))
    issue = defer(world, issue, "03-03T10:00")
    assert (due(issue, "suspension_review"), clock(issue, "suspension_review").rule) == (
        "03-11 12:00",
        "external:until",
    )
    other = world.make_issue("accepted", at=at("03-02T10:00"), category="0402", external_due_at=at("03-04T12:00"))
    other = world.act(other, "request_info", "clerk", at("03-02T11:00"), note="哪一栋？")
    assert due(other, "more_info") == "03-04 12:00"


# Joined matters (B7)


def test_taking_out_leaves_no_trace_in_the_masters_dates(world: World) -> None:
    master = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="complaint")
    joined = world.make_issue("in_progress", at=at("03-02T10:30"), category="0402", level="urgent")
    joined = world.act(joined, "merge", "clerk", at("03-02T11:00"), master=master.number)
    master.refresh_from_db()
    assert (due(master), clock(master, "handle").rule) == ("03-05 17:30", "joined:kind:complaint")
    master = edit(world, master, "03-02T11:10", level="complex")
    assert due(master) == "03-05 17:30"
    world.act(joined, "unmerge", "clerk", at("03-02T11:30"))
    master.refresh_from_db()
    handle = clock(master, "handle")
    assert (due(master), handle.rule, handle.caps) == ("03-23 17:30", "level:complex", {})
    assert (master.persons, master.joined_dates) == (1, {})
    assert due(joined) == "03-05 17:30"


def test_those_who_came_go_back_with_it(world: World) -> None:
    """b joined a; the next day a joins c by mistake and is taken out: b is a's again, not c's for good."""
    a, b, c = (world.make_issue("in_progress", at=at(f"03-02T10:0{n}"), category="0402") for n in range(3))
    b = world.act(b, "merge", "clerk", at("03-02T11:00"), master=a.number)
    a.refresh_from_db()
    a = world.act(a, "merge", "clerk", at("03-03T09:00"), master=c.number)
    b.refresh_from_db()
    assert b.master_id == c.pk
    a = world.act(a, "unmerge", "clerk", at("03-03T09:30"))
    b.refresh_from_db()
    c.refresh_from_db()
    assert (b.master_id, a.joined_count, c.joined_count) == (a.pk, 1, 0)
    assert (set(a.joined_dates), c.joined_dates) == ({b.number}, {})
    assert clock(c, "handle").caps == {}


# Another community (B20)


def test_what_the_community_owes_because_of_its_turn_moves_with_the_matter(world: World) -> None:
    issue = world.make_issue("submitted", at=at("03-18T10:00"), source="web", by="clerk")
    for when in ("03-18T11:00", "03-18T12:00"):
        issue = act(
            issue_id=issue.pk, action="urge", by=world.actor("supervisor"), at=at(when), data={"note": "请尽快"}
        )
    old = clock(issue, "urge_reply").party_id
    issue = world.act(issue, "edit", "supervisor", at("03-18T13:00"), community=world.communities["dade"].name_zh)
    new = clock(issue, "accept").party_id
    assert new != old
    assert clock(issue, "urge_reply").party_id == new
    assert not Deadline.objects.of(SUBJECT, issue.pk).open().filter(party_id=old).exists()


def test_time_starts_no_second_answer_to_an_urge(world: World) -> None:
    issue = world.make_issue("submitted", at=at("03-18T10:00"), source="web", by="clerk")
    for when in ("03-18T11:00", "03-18T12:00"):
        issue = act(
            issue_id=issue.pk, action="urge", by=world.actor("supervisor"), at=at(when), data={"note": "请尽快"}
        )
    Deadline.objects.filter(pk=clock(issue, "urge_reply").pk).update(party_id=world.departments["WATER"].pk)
    accept = clock(issue, "accept")
    rows = [Urged(accept.pk, issue.pk, "accept", accept.party_id, accept.due_at)]
    urged_by_time(rows, at("03-20T09:00"), load_calendar())
    running = Deadline.objects.of(SUBJECT, issue.pk).open().filter(kind=urging.URGE_REPLY)
    assert running.count() == 1


def test_the_date_of_who_joined_moves_with_the_case(world: World) -> None:
    """The master takes the earliest date; from there it is its own, deferred and extended like any other (B3)."""
    master = world.make_issue("in_progress", at=at("03-16T10:00"), category="0402", kind="help")
    joined = world.make_issue("in_progress", at=at("03-12T10:00"), category="0402", kind="help")
    world.act(joined, "merge", "clerk", at("03-16T11:00"), master=master.number)
    assert due(master) == "03-19 17:30"
    later = {"reason": "funding", "until": "2026-04-10", "interim_answer": "等资金"}
    world.act(master, "request_suspension", "officer", at("03-17T09:00"), **later)
    world.act(master, "grant_suspension", "supervisor", at("03-17T10:00"))
    assert clock(master, "handle").remaining == 2
    world.act(master, "resume", "officer", at("04-10T10:00"))
    assert due(master) == "04-14 17:30"
    world.act(master, "request_extension", "officer", at("04-13T09:00"), days=2, reason="等配件")
    world.act(master, "grant_extension", "supervisor", at("04-13T10:00"))
    assert due(master) == "04-16 17:30"


def test_what_joined_and_was_deferred_brings_the_dates_of_its_own_joiners_on(world: World) -> None:
    """b joined a, a was deferred for weeks and joins c: c is not overdue by b's date of before."""
    a, b = (world.make_issue("in_progress", at=at(f"03-16T10:0{n}"), category="0402", kind="help") for n in range(2))
    world.act(b, "merge", "clerk", at("03-16T11:00"), master=a.number)
    later = {"reason": "funding", "until": "2026-04-10", "interim_answer": "等资金"}
    world.act(a, "request_suspension", "officer", at("03-17T09:00"), **later)
    world.act(a, "grant_suspension", "supervisor", at("03-17T10:00"))
    world.act(a, "resume", "officer", at("04-10T10:00"))
    c = world.make_issue("in_progress", at=at("04-10T10:30"), category="0402", kind="complaint")
    world.act(a, "merge", "clerk", at("04-10T11:00"), master=c.number)
    assert due(c) == "04-16 17:30"


def test_a_date_goes_on_to_the_next_case_as_it_is_though_a_clock_in_between_began_after_it(world: World) -> None:
    """a is overdue and joins b, which is accepted only then and due at once; c, which b joins, has a's date."""
    a = world.make_issue("in_progress", at=at("03-12T10:00"), category="0402", kind="help")
    b = world.make_issue("submitted", at=at("03-16T10:00"), category="0402", kind="help")
    c = world.make_issue("in_progress", at=at("03-17T10:00"), category="0402", kind="complaint")
    own = due(c)
    world.act(a, "merge", "clerk", at("03-23T11:00"), master=b.number)
    b = world.act(b, "accept", "clerk", at("04-01T10:00"))
    assert due(b) == "04-01 10:01"
    b = world.act(b, "merge", "clerk", at("04-01T11:00"), master=c.number)
    assert (due(c), own > due(c)) == ("03-19 17:30", True)
    world.act(b, "unmerge", "clerk", at("04-01T12:00"))
    assert (due(b), due(c)) == ("04-01 10:01", own)


def test_a_clock_that_begins_later_has_the_date_of_who_joined_with_the_pauses_since_then(world: World) -> None:
    """The case was deferred for two days after the other joined; only then the matter is urgent and owes a report."""
    master = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="complaint")
    joined = world.make_issue("in_progress", at=at("03-02T09:30"), category="0402", level="urgent")
    brought = due(joined, "first_report")
    world.act(joined, "merge", "clerk", at("03-02T11:00"), master=master.number)
    master = deferred(world, master, ("03-02T14:00", "03-04T14:00"))
    edit(world, master, "03-04T15:00", level="urgent")
    assert (brought[:5], due(master, "first_report")) == ("03-03", brought.replace("03-03", "03-05"))


def test_what_is_left_of_a_date_that_came_during_a_deferral_is_what_was_left_when_it_came(world: World) -> None:
    master = world.make_issue("in_progress", at=at("03-02T10:00"), category="0402", kind="complaint")
    defer(world, master, "03-03T10:00")
    joined = world.make_issue("in_progress", at=at("03-09T10:00"), category="0402", level="urgent")
    assert due(joined) == "03-12 17:30"
    world.act(joined, "merge", "clerk", at("03-10T11:00"), master=master.number)
    master.refresh_from_db()
    assert (due(master), clock(master, "handle").remaining) == ("03-12 17:30", 2)
