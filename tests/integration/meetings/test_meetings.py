"""Meetings: planned by rule, announced, held or not, typed by two at once, minutes confirmed, what is left of them."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.roles import Role
from communities.access import access_of
from communities.models import Membership
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from journal.models import Event
from meetings.agenda import unfinished_before
from meetings.enums import ITEM, MEETING, LeftOver, MeetingState
from meetings.models import Meeting, MeetingItem, Series
from meetings.recurrence import Rule
from meetings.services import following, planning, recording, recurring
from meetings.services.errors import ItemChanged, MeetingChanged, NotNow, SeriesChanged
from meetings.words import left_over_of, state_of
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.meetings.room import announced, given, live, typed
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
TUESDAYS = {"every": "week", "weekday": 2, "else": "drop"}


def events(kind: str, pk: int) -> list[str]:
    return list(Event.objects.of(kind, pk).order_by("seq").values_list("kind", flat=True))


def clocks(meeting: Meeting) -> dict[str, tuple[str, str]]:
    rows = Deadline.objects.of(MEETING, meeting.pk)
    return {row.kind: (row.state, f"{row.due_at.astimezone(NOW.tzinfo):%m-%d %H:%M}") for row in rows}


def test_a_series_is_planned_a_quarter_ahead_and_once(world: World) -> None:
    series = recurring.add_series(given=given(world), rule=Rule.read(TUESDAYS), by=world.actor("supervisor"), at=NOW)
    first = list(series.meetings.order_by("on").values_list("on", flat=True))
    assert (first[0], first[-1], date(2026, 5, 5) in first) == (date(2026, 3, 24), date(2026, 6, 16), False)
    assert recurring.plan_all(at=NOW) == 0
    assert recurring.plan_all(at=NOW + timedelta(days=7)) == 1
    moved = series.meetings.order_by("on")[0]
    with pytest.raises(NotNow):
        recording.begin(meeting_id=moved.pk, version=moved.version, by=world.actor("clerk"), at=NOW)
    planning.move(meeting_id=moved.pk, on=date(2026, 3, 25), reason="场地", version=1, by=world.actor("clerk"), at=NOW)
    assert recurring.plan_all(at=NOW) == 0, "known by the day that the rule names"
    moved.refresh_from_db()
    assert moved.on == date(2026, 3, 25), "where somebody moved it"
    topic = typed(world, moved)
    planning.move(meeting_id=moved.pk, on=date(2026, 3, 26), reason="场地", version=2, by=world.actor("clerk"), at=NOW)
    topic.refresh_from_db()
    assert topic.raised_on == date(2026, 3, 26), "as old as the meeting"
    assert [row.pk for row in Meeting.objects.not_held(date(2026, 3, 27))] == [moved.pk], "planned and never announced"
    assert state_of(Meeting.objects.get(pk=moved.pk), date(2026, 3, 27)) == "日期已过，未预告"
    recurring.retire_series(series_id=series.pk, by=world.actor("supervisor"), at=NOW)
    assert set(series.meetings.values_list("state", flat=True)) == {MeetingState.CANCELLED}
    assert events("meeting_series", series.pk) == ["series_added", "series_retired"]
    again = recurring.add_series(
        given=given(world, title=series.name), rule=Rule.read(series.rule), by=world.actor("supervisor"), at=NOW
    )
    assert (again.name, again.pk == series.pk) == (series.name, False), "the name is free again"
    for on in ("0001-01-01", "9999-12-31"):
        with pytest.raises(InvalidFields):
            recurring.add_series(
                given=given(world, title="单次"), rule=Rule.read({"every": "dates", "dates": [on], "else": "drop"}),
                by=world.actor("supervisor"), at=NOW,
            )  # fmt: skip


def test_announced_and_not_held_is_reminded_and_listed(world: World) -> None:
    meeting = announced(world)
    assert clocks(meeting) == {"holding": ("running", "03-19 17:30")}
    fan_out(at=NOW)
    assert set(Notification.objects.values_list("user__username", flat=True)) >= {"officer2", "clerk2"}
    assert sweep(at=NOW + timedelta(days=1)).fired == {}
    late = NOW + timedelta(days=2)
    assert Meeting.objects.not_held(late.date()).get() == meeting
    assert sweep(at=late).fired == {"meeting_late": 1}
    fan_out(at=late)
    told = Notification.objects.filter(kind="meeting_late").values_list("user__username", flat=True)
    assert {"head", "supervisor"} <= set(told)
    gone = planning.cancel(
        meeting_id=meeting.pk, reason="台风", version=1, by=world.actor("clerk"), at=late, not_held=True
    )
    assert (gone.state, clocks(meeting)["holding"][0]) == ("not_held", "late")


def test_minutes_are_owed_from_the_day_and_locked_by_the_convener(world: World) -> None:
    meeting = live(world)
    assert clocks(meeting) == {"holding": ("met", "03-19 17:30"), "minutes": ("running", "03-23 17:30")}
    typed(world, meeting, answer="月底前清疏", answer_kind="dated", department="WATER", due_on="2026-03-31")
    assert sweep(at=NOW + timedelta(days=6)).fired == {"meeting_late": 1}
    drafted = following.draft_minutes(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    assert clocks(meeting)["minutes"][0] == "running", "drafted is not confirmed"
    with pytest.raises(NotPermitted):
        following.confirm_minutes(meeting_id=meeting.pk, version=drafted.version, by=world.actor("clerk"), at=NOW)
    done = following.confirm_minutes(meeting_id=meeting.pk, version=drafted.version, by=world.actor("head"), at=NOW)
    assert clocks(meeting)["minutes"][0] == "met"
    assert "水务管理办公室答复：月底前清疏（限期办理，期限2026年3月31日）" in done.minutes
    with pytest.raises(InvalidFields):
        typed(world, meeting, number=1, version=1, answer="四月底前清疏")
    typed(world, meeting, number=1, version=1, answer="四月底前清疏", reason="听写有误")
    item = MeetingItem.objects.get()
    assert events(ITEM, item.pk) == ["item_added", "item_corrected"]
    event = Event.objects.of(ITEM, item.pk).order_by("-seq")[0]
    assert [event.text(name) for name in ("answer.was", "answer", "reason")] == [
        "月底前清疏",
        "四月底前清疏",
        "听写有误",
    ]
    assert Meeting.objects.get().minutes == done.minutes, "what was confirmed stays as it was"


def test_what_is_typed_twice_is_written_once_and_nothing_is_written_over(world: World) -> None:
    meeting = live(world)
    item = typed(world, meeting, key="abcdefgh", attempt="a1")
    assert typed(world, meeting, key="abcdefgh", attempt="a2").pk == item.pk
    assert (MeetingItem.objects.count(), events(ITEM, item.pk)) == (1, ["item_added"])
    mine = typed(world, meeting, number=1, version=1, answer="会处理", attempt="a3")
    with pytest.raises(ItemChanged) as other:
        typed(world, meeting, "supervisor", number=1, version=1, answer="不处理", attempt="b1")
    assert (other.value.item.answer, other.value.item.version) == ("会处理", 2)
    again = typed(world, meeting, number=1, version=1, answer="会尽快处理", attempt="a4", previous="a2,a3")
    assert (mine.pk, again.version, MeetingItem.objects.get().answer) == (item.pk, 3, "会尽快处理")


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_at_once_never_write_over_one_another(world: World) -> None:
    meeting = live(world)
    typed(world, meeting)

    def write(by: str) -> str:
        try:
            return typed(world, meeting, by, number=1, version=1, answer=f"{by}写的").answer
        except ItemChanged:
            return "changed"

    def add() -> str:
        return str(typed(world, meeting, key="the-same-key").number)

    written = at_once(lambda: write("clerk"), lambda: write("supervisor"), add, add)
    kept = MeetingItem.objects.get(number=1).answer
    assert (sorted(map(str, written)), MeetingItem.objects.count()) == (sorted(["2", "2", "changed", kept]), 2)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"words": " "}, "words"),
        ({"words": "长" * 1001}, "words"),
        ({"answer_kind": "solved"}, "answer"),
        ({"answer": "好", "answer_kind": "maybe"}, "answer_kind"),
        ({"answer": "好", "due_on": "2026-02-30"}, "due_on"),
        ({"answer": "好", "due_on": "2026-03-17"}, "due_on"),
        ({"department": "NOBODY"}, "department"),
        ({"community": "999999999"}, "community"),
    ],
)
def test_what_cannot_be_written(world: World, more: dict[str, Any], field: str) -> None:
    meeting = live(world)
    with pytest.raises(InvalidFields) as refused:
        typed(world, meeting, **more)
    assert set(refused.value.fields) == {field}


def test_who_may_keep_and_who_sees(world: World) -> None:
    meeting = live(world)
    item = typed(world, meeting)
    for who in ("officer", "head", "clerk2", "outsider", "deputy", "leader"):
        with pytest.raises(NotPermitted):
            typed(world, meeting, who, words="别人写的")
    sees = {
        who: (
            Meeting.objects.visible_to(access_of(world.user(who))).exists(),
            MeetingItem.objects.visible_to(access_of(world.user(who))).exists(),
        )
        for who in ("clerk", "clerk2", "officer", "officer2", "supervisor", "deputy", "admin", "outsider", "leader")
    }
    hidden = {who for who, (one, other) in sees.items() if not one and not other}
    assert hidden == {"outsider", "leader"}
    assert all(one is other for one, other in sees.values())
    Membership.objects.filter(user=world.people["officer2"]).update(department=world.departments["POLICE"])
    other = access_of(world.user("officer2"))
    assert not Meeting.objects.visible_to(other).exists()
    MeetingItem.objects.filter(pk=item.pk).update(department=world.departments["POLICE"])
    assert MeetingItem.objects.visible_to(other).get().pk == item.pk, "what one's organisation owes"
    assert Role.OFFICER in other.roles


def test_steps_have_their_order(world: World) -> None:
    meeting = announced(world, on=TODAY + timedelta(days=5))
    by = world.actor("clerk")
    topic = typed(world, meeting)
    with pytest.raises(NotNow):
        typed(world, meeting, number=topic.number, version=1, answer="先答了")
    assert not MeetingItem.objects.raised().exists(), "a topic is not raised yet"
    for step in (recording.begin, recording.end, following.draft_minutes, following.confirm_minutes):
        with pytest.raises(IssueError):
            step(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    with pytest.raises(MeetingChanged):
        planning.move(meeting_id=meeting.pk, on=TODAY, reason="改", version=9, by=by, at=NOW)
    planning.cancel(meeting_id=meeting.pk, reason="台风", version=1, by=by, at=NOW)
    assert clocks(meeting)["holding"][0] == "cancelled"
    with pytest.raises(NotNow):
        typed(world, meeting, words="又写")


def left_over(world: World, today: date) -> dict[str, set[int]]:
    return {
        which: set(MeetingItem.objects.left_over(which, today).values_list("number", flat=True)) for which in LeftOver
    }


def test_the_three_lists_and_the_next_agenda(world: World) -> None:
    series = recurring.add_series(given=given(world), rule=Rule.read(TUESDAYS), by=world.actor("supervisor"), at=NOW)
    first, second = series.meetings.order_by("on")[:2]
    at = NOW.replace(day=24)
    recording.begin(meeting_id=first.pk, version=1, by=world.actor("clerk"), at=at)
    typed(world, first)
    typed(world, first, answer="研究一下", answer_kind="study")
    typed(world, first, answer="月底前", answer_kind="dated", due_on="2026-03-31")
    typed(world, first, answer="说明了情况", answer_kind="explained")
    typed(world, first, answer="转水务办", answer_kind="transferred", department="WATER")
    typed(world, first, answer="等等看")
    assert left_over(world, TODAY) == {"unanswered": {1}, "undated": {2, 6}, "late": set()}
    april = date(2026, 4, 1)
    assert left_over(world, april)["late"] == {3}
    for item in MeetingItem.objects.with_names():
        on = {which for which, numbers in left_over(world, april).items() if item.number in numbers}
        assert left_over_of(item, april) == next(iter(on), ""), item.number
    agenda = unfinished_before(second, access_of(world.user("clerk")), april)
    assert [item.number for item in agenda] == [1, 2, 3, 6]
    by = world.actor("clerk")
    following.settle(item_id=MeetingItem.objects.get(number=2).pk, version=1, by=by, at=NOW)
    issue = following.make_issue(item_id=MeetingItem.objects.get(number=1).pk, by=by, at=NOW)
    assert following.make_issue(item_id=MeetingItem.objects.get(number=1).pk, by=by, at=NOW).pk == issue.pk
    assert (issue.source, issue.community_id, "夏东联席会议" in issue.description) == (
        "meeting",
        first.community_id,
        True,
    )
    assert left_over(world, april) == {"unanswered": set(), "undated": {6}, "late": {3}}
    assert Series.objects.count() == 1


@pytest.mark.parametrize("other", [{"communities": []}, {"departments": []}, {"guests": ["街坊"]}])
def test_a_form_sent_again_with_other_guests_is_no_repeat(world: World, other: dict[str, Any]) -> None:
    meeting = announced(world, key="abcdefgh")
    assert announced(world, key="abcdefgh").pk == meeting.pk
    with pytest.raises(InvalidFields) as refused:
        announced(world, key="abcdefgh", **other)
    assert set(refused.value.fields) == {"key"}

    def series(**more: Any) -> Series:
        rule = Rule.read(TUESDAYS)
        made = given(world, **({"key": "hgfedcba", "title": "每周二接待"} | more))
        return recurring.add_series(given=made, rule=rule, by=world.actor("supervisor"), at=NOW)

    if "guests" not in other:
        assert series().pk == series().pk
        with pytest.raises(InvalidFields):
            series(**other)


def test_a_changed_series_takes_along_what_is_planned(world: World) -> None:
    """But what was changed at a meeting itself; a day the rule names no more goes, and comes back with the rule."""
    by, here = world.actor("supervisor"), {"title": "每周二接待"}
    first = given(world, **here, departments=[world.departments["POLICE"]])
    series = recurring.add_series(given=first, rule=Rule.read(TUESDAYS), by=by, at=NOW)
    own, told, moved, plain = series.meetings.order_by("on")[:4]
    planning.announce(meeting_id=told.pk, version=1, by=by, at=NOW)
    planning.move(meeting_id=moved.pk, on=date(2026, 4, 9), reason="场地", version=1, by=by, at=NOW)
    kept = planning.MeetingChange(title="清明专场", departments=[world.departments["GOVERN"]])
    planning.change(meeting_id=own.pk, given=kept, version=1, by=by, at=NOW)

    def changed(rule: dict[str, Any], version: int, **more: Any) -> Series:
        wanted = given(world, **(here | {"place": "党群服务中心", "departments": [world.departments["WATER"]]} | more))
        return recurring.change_series(
            series_id=series.pk, given=wanted, rule=Rule.read(rule), version=version, by=by, at=NOW
        )

    def invited(meeting: Meeting) -> set[str]:
        return {row.called for row in meeting.invitations.standing().with_names()}

    before = {row.pk: invited(row) for row in (own, told, plain)}
    assert changed(TUESDAYS, 1).version == 2
    assert changed(TUESDAYS, 2).version == 2, "nothing changed"
    rows = Meeting.objects.in_bulk([own.pk, told.pk, moved.pk, plain.pk])
    assert [rows[row.pk].place for row in (own, told, moved, plain)] == [
        *("党群服务中心", told.place, "党群服务中心", "党群服务中心"),
    ]
    assert rows[own.pk].title == "清明专场"
    water = world.departments["WATER"].name
    gone = before[plain.pk] - invited(plain)
    assert (water in invited(plain), gone, invited(told) == before[told.pk]) == (True, {"派出所"}, True)
    assert invited(own) == before[own.pk] - gone | {water}
    with pytest.raises(SeriesChanged):
        changed(TUESDAYS, 1)

    changed(TUESDAYS | {"weekday": 4}, 2)
    states = dict(Meeting.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in (own, told, moved, plain)] == ["cancelled", "announced", "planned", "cancelled"]
    days = series.meetings.filter(state="planned").exclude(pk=moved.pk).values_list("on", flat=True)
    assert {on.isoweekday() for on in days} == {4}
    number = series.meetings.count()
    changed(TUESDAYS, 3)
    assert (series.meetings.count(), set(Meeting.objects.values_list("state", flat=True))) == (
        *(number, {"planned", "announced", "cancelled"}),
    )
    own.refresh_from_db()
    assert (own.state, own.title) == ("planned", "清明专场")
    assert events("meeting_series", series.pk) == ["series_added", *["series_changed"] * 3]
    recurring.retire_series(series_id=series.pk, by=by, at=NOW)
    with pytest.raises(NotNow):
        changed(TUESDAYS, 4)


def test_what_was_taken_back_follows_too_and_what_passed_stays(world: World) -> None:
    """A day that comes back comes as the series is by then; one that passed unannounced is left to who owes it."""
    by, later = world.actor("supervisor"), NOW.replace(day=27)
    police, water = world.departments["POLICE"], world.departments["WATER"]
    first = given(world, title="每周二接待", departments=[police])
    series = recurring.add_series(given=first, rule=Rule.read(TUESDAYS), by=by, at=NOW)
    passed, coming = series.meetings.order_by("on")[:2]

    def changed(version: int, weekday: int, **more: Any) -> Series:
        wanted = given(world, **({"title": "每周二接待", "departments": [water], "place": "礼堂"} | more))
        rule = Rule.read(TUESDAYS | {"weekday": weekday})
        return recurring.change_series(series_id=series.pk, given=wanted, rule=rule, version=version, by=by, at=later)

    changed(1, 4)
    changed(2, 4, place="党群服务中心")
    changed(3, 2, place="党群服务中心")
    for row in (passed, coming):
        row.refresh_from_db()
    assert (passed.state, passed.place, coming.state, coming.place) == ("planned", "", "planned", "党群服务中心")
    invited = {row.department_id for row in coming.invitations.standing() if row.department_id}
    assert invited == {water.pk}


def test_a_clerk_changes_the_communitys_series_whoever_convenes_it(world: World) -> None:
    by = world.actor("clerk")
    series = recurring.add_series(given=given(world), rule=Rule.read(TUESDAYS), by=world.actor("supervisor"), at=NOW)

    def changed(version: int, **more: Any) -> Series:
        return recurring.change_series(
            series_id=series.pk, given=given(world, **more), rule=Rule.read(TUESDAYS), version=version, by=by, at=NOW
        )

    assert changed(1, place="礼堂").place == "礼堂"
    with pytest.raises(InvalidFields):
        changed(2, convener=world.departments["WATER"])


def test_a_change_is_refused_to_another_community_and_under_anothers_name(world: World) -> None:
    by = world.actor("supervisor")
    series = recurring.add_series(given=given(world), rule=Rule.read(TUESDAYS), by=by, at=NOW)
    clerk = world.actor("clerk2")
    with pytest.raises(NotPermitted):
        recurring.change_series(
            series_id=series.pk, given=given(world), rule=Rule.read(TUESDAYS), version=1, by=clerk, at=NOW
        )
    other = recurring.add_series(given=given(world, title="另一个"), rule=Rule.read(TUESDAYS), by=by, at=NOW)
    with pytest.raises(InvalidFields):
        recurring.change_series(
            series_id=other.pk, given=given(world), rule=Rule.read(TUESDAYS), version=1, by=by, at=NOW
        )
