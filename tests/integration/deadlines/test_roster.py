"""Writing the roster: who may, what is refused, what is kept; the hand-over note; races on two connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities.access import access_of
from deadlines.duty import staffing
from deadlines.duty.importing import plan_import, run_import
from deadlines.duty.plan import RowOutcome, SheetRow
from deadlines.duty.roster import (
    SUBJECT,
    Keeper,
    Overlap,
    RosterError,
    RosterNotAllowed,
    RosterStale,
    ShiftDraft,
    add_shift,
    cancel_shift,
    change_shift,
    draft_of,
    hand_over,
    take_over,
)
from deadlines.duty.staffing import may_keep, may_read_note, notes_awaiting
from deadlines.models import DutyNote, DutyShift
from journal.models import Event, EventText
from journal.verification import verify
from tests.support.cast import NOW, World

EVENING = NOW.replace(hour=17, minute=30)
MORNING = EVENING + timedelta(hours=15)
EVERYBODY = (
    "clerk", "secretary", "clerk2", "officer", "head", "supervisor", "deputy", "director", "leader", "admin",
    "outsider",
)  # fmt: skip


def keeper(world: World, username: str) -> Keeper:
    actor = world.actor(username)
    return Keeper(actor.access, actor.role)


def draft(world: World, **given: Any) -> ShiftDraft:
    values: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "community_id": None,
        "starts_at": EVENING,
        "ends_at": MORNING,
        "clerk_id": world.people["clerk"].pk,
        "leader_id": world.people["deputy"].pk,
        "phone": "0757-00001000",
    }
    return ShiftDraft(**(values | given))


def add(world: World, by: str = "supervisor", at: datetime = NOW, **given: Any) -> DutyShift:
    return add_shift(draft=draft(world, **given), by=keeper(world, by), at=at)


def kinds(shift: DutyShift) -> list[str]:
    return list(Event.objects.of(SUBJECT, shift.pk).order_by("seq").values_list("kind", flat=True))


# Rights


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_keeps_which_roster(world: World, username: str) -> None:
    access = access_of(world.user(username))
    xiadong, dade = world.communities["xiadong"].pk, world.communities["dade"].pk
    expected = {"supervisor": (True, True, True), "admin": (True, True, True), "secretary": (False, True, False)}
    street, own, other = expected.get(username, (False, False, False))
    assert may_keep(access, world.area.pk, None) is street
    assert may_keep(access, world.area.pk, xiadong) is own
    assert may_keep(access, world.area.pk, dade) is other
    for community, allowed in ((None, street), (xiadong, own)):
        try:
            shift = add(world, username, community_id=community, clerk_id=world.people["secretary"].pk)
            assert allowed
        except RosterNotAllowed:
            assert not allowed
            continue
        assert kinds(shift) == ["shift_add"]


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_change_and_cancel(world: World, username: str) -> None:
    shift = add(world)
    allowed = username in ("supervisor", "admin")
    by = keeper(world, username)
    calls: tuple[Callable[[], object], ...] = (
        lambda: change_shift(shift_id=shift.pk, version=1, draft=draft(world, phone="0757-86330001"), by=by, at=NOW),
        lambda: cancel_shift(shift_id=shift.pk, version=2 if allowed else 1, by=by, at=NOW),
    )
    for call in calls:
        if allowed:
            call()
        else:
            with pytest.raises(RosterNotAllowed):
                call()
    assert kinds(shift) == (["shift_add", "shift_change", "shift_cancel"] if allowed else ["shift_add"])


def test_a_secretary_cannot_move_a_shift_to_another_roster(world: World) -> None:
    xiadong = world.communities["xiadong"].pk
    shift = add(world, "secretary", community_id=xiadong)
    with pytest.raises(RosterNotAllowed):
        change_shift(shift_id=shift.pk, version=1, draft=draft(world), by=keeper(world, "secretary"), at=NOW)
    shift.refresh_from_db()
    assert shift.community_id == xiadong


# What is refused


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ends_at": EVENING}, "ends_at"),
        ({"ends_at": EVENING + timedelta(hours=73)}, "ends_at"),
        ({"starts_at": NOW - timedelta(hours=9), "ends_at": NOW}, "ends_at"),
        ({"phone": "手机 138"}, "phone"),
        ({"phone": "1" * 31}, "phone"),
    ],
)
def test_impossible_shifts(world: World, given: dict[str, Any], field: str) -> None:
    with pytest.raises(RosterError) as caught:
        add(world, **given)
    assert caught.value.field == field
    assert not DutyShift.objects.exists()
    assert not Event.objects.filter(subject_kind=SUBJECT).exists()


def test_only_staff_of_the_area_stand_on_its_roster(world: World) -> None:
    dade = world.communities["dade"].pk
    for username, community, field in (
        ("outsider", None, "clerk"),
        ("leader", None, "clerk"),
        ("clerk", dade, "clerk"),
        ("officer", dade, "clerk"),
    ):
        with pytest.raises(RosterError) as caught:
            add(world, community_id=community, clerk_id=world.people[username].pk)
        assert caught.value.field == field, username
    add(world, community_id=dade, clerk_id=world.people["clerk2"].pk)
    User.objects.filter(pk=world.people["deputy"].pk).update(is_active=False)
    with pytest.raises(RosterError) as caught:
        add(world)
    assert caught.value.field == "leader"


@pytest.mark.usefixtures("frozen")
def test_shifts_of_one_area_do_not_overlap(world: World) -> None:
    add(world)
    taken: tuple[dict[str, Any], ...] = (
        {"starts_at": MORNING - timedelta(minutes=1), "ends_at": MORNING + timedelta(hours=1)},
        {},
    )
    for given in taken:
        with pytest.raises(Overlap, match="与已排班次重叠：3月18日（周三）17:30 至 3月19日（周四）08:30，陈晓琳"):
            add(world, **given)
    add(world, starts_at=MORNING, ends_at=MORNING + timedelta(hours=2))
    add(world, community_id=world.communities["xiadong"].pk)


@pytest.mark.parametrize("community", [None, "xiadong"])
def test_the_database_refuses_an_overlap(world: World, community: str | None) -> None:
    home = world.communities[community] if community else None
    usual = {"subdistrict": world.area, "community": home, "clerk": world.people["clerk"]}
    first = DutyShift.objects.create(**usual, starts_at=EVENING, ends_at=MORNING)
    later = {"starts_at": EVENING + timedelta(hours=1), "ends_at": MORNING}
    with pytest.raises(IntegrityError, match="deadlines_shift_no_overlap"), transaction.atomic():
        DutyShift.objects.create(**usual, **later)
    DutyShift.objects.filter(pk=first.pk).update(cancelled_at=NOW, cancelled_by=world.people["admin"])
    DutyShift.objects.create(**usual, **later)


def test_a_cancelled_shift_makes_room_and_stays(world: World) -> None:
    shift = add(world)
    cancel_shift(shift_id=shift.pk, version=1, by=keeper(world, "admin"), at=NOW, reason="换人")
    assert DutyShift.objects.on_shift(subdistrict_id=world.area.pk, at=EVENING).first() is None
    other = add(world, clerk_id=world.people["clerk2"].pk)
    assert DutyShift.objects.on_shift(subdistrict_id=world.area.pk, at=EVENING).get() == other
    event = Event.objects.of(SUBJECT, shift.pk).get(kind="shift_cancel")
    assert event.text("reason") == "换人"
    with pytest.raises(RosterStale):
        change_shift(shift_id=shift.pk, version=2, draft=draft(world), by=keeper(world, "admin"), at=NOW)


def test_a_change_tells_what_was_and_needs_the_version(world: World) -> None:
    shift = add(world)
    later = draft(world, clerk_id=world.people["clerk2"].pk, phone="0757-00002000")
    change_shift(shift_id=shift.pk, version=1, draft=later, by=keeper(world, "supervisor"), at=NOW)
    event = Event.objects.of(SUBJECT, shift.pk).get(kind="shift_change")
    assert event.data["was"] == {"clerk": world.people["clerk"].pk}
    assert event.data["now"] == {"clerk": world.people["clerk2"].pk}
    assert (event.text("phone_was"), event.text("phone")) == ("0757-00001000", "0757-00002000")
    with pytest.raises(RosterStale):
        change_shift(shift_id=shift.pk, version=1, draft=draft(world), by=keeper(world, "supervisor"), at=NOW)
    same = change_shift(shift_id=shift.pk, version=2, draft=later, by=keeper(world, "supervisor"), at=NOW)
    assert same.version == 2
    assert len(kinds(shift)) == 2


def test_what_is_over_is_not_rewritten(world: World) -> None:
    shift = add(world)
    calls: tuple[Callable[[], object], ...] = (
        lambda: change_shift(
            shift_id=shift.pk, version=1, draft=draft(world, phone=""), by=keeper(world, "admin"), at=MORNING
        ),
        lambda: cancel_shift(shift_id=shift.pk, version=1, by=keeper(world, "admin"), at=MORNING),
    )
    for call in calls:
        with pytest.raises(RosterError, match="已经结束"):
            call()


# The note


def note(world: World, shift: DutyShift, by: str = "clerk", at: datetime = MORNING, **given: Any) -> DutyNote:
    values: dict[str, Any] = {"happened": "两起积水，已处理。", "watch": "", "issues": [], "seen_event_id": None}
    return hand_over(shift_id=shift.pk, by=keeper(world, by), at=at, **(values | given))


def test_a_note_holds_no_card(world: World) -> None:
    shift = add(world)
    note(world, shift, happened="陈伯来补卡，身份证110105 19491231 002X", watch="卡号6222021234567894待退")
    told = EventText.objects.filter(event__subject_kind=SUBJECT, event__kind="hand_over").order_by("key")
    assert [row.text for row in told] == ["陈伯来补卡，身份证[证件号]", "卡号[卡号]待退"]


def test_from_hand_over_to_take_over(world: World) -> None:
    first = add(world)
    second = add(
        world, starts_at=MORNING + timedelta(hours=3, minutes=30), ends_at=MORNING + timedelta(hours=6),
        clerk_id=world.people["clerk2"].pk, leader_id=None,
    )  # fmt: skip
    written = note(world, first, watch="盯紧水位", issues=[(5, "桂城-2026-000005")])
    next_clerk = world.people["clerk2"].pk
    assert list(notes_awaiting(next_clerk, MORNING)) == []
    with CaptureQueriesContext(connection) as captured:
        (seen,) = notes_awaiting(next_clerk, second.starts_at - timedelta(hours=1))
        assert (seen.happened, seen.watch) == ("两起积水，已处理。", "盯紧水位")  # type: ignore[attr-defined]
        assert seen.event.actor is not None
        assert (seen.event.actor.display_name, seen.shift.subdistrict.area) == ("陈晓琳", "桂城")
    assert len(captured) == 1
    with pytest.raises(RosterNotAllowed):
        take_over(shift_id=first.pk, event_id=written.event_id, by=keeper(world, "clerk"), at=second.starts_at)
    with pytest.raises(RosterNotAllowed):
        take_over(shift_id=first.pk, event_id=written.event_id, by=keeper(world, "clerk2"), at=MORNING)
    for _time in range(2):
        taken = take_over(shift_id=first.pk, event_id=written.event_id, by=keeper(world, "clerk2"), at=second.starts_at)
        assert taken.acknowledged_by_id == next_clerk
    assert list(notes_awaiting(next_clerk, second.starts_at)) == []
    assert kinds(first) == ["shift_add", "hand_over", "take_over"]
    event = Event.objects.of(SUBJECT, first.pk).get(kind="hand_over")
    assert event.data == {"issues": [[5, "桂城-2026-000005"]], "amends": None}
    assert "积水" not in str(event.data)
    with pytest.raises(RosterError, match="已阅"):
        note(world, first, seen_event_id=written.event_id)
    assert verify().broken is None


def test_the_leader_may_write_and_amend_but_not_over_the_clerk(world: World) -> None:
    shift = add(world)
    written = note(world, shift)
    first_event = written.event_id
    with pytest.raises(RosterStale):
        note(world, shift, "deputy", happened="我也写")
    amended = note(world, shift, "deputy", happened="补充：水已退。", seen_event_id=first_event)
    assert amended.event_id != first_event
    assert DutyNote.objects.count() == 1
    found = staffing.note_of(shift.pk)
    assert found is not None
    assert found.happened == "补充：水已退。"  # type: ignore[attr-defined]


@pytest.mark.parametrize("username", ["clerk2", "secretary", "supervisor", "admin"])
def test_nobody_else_writes_the_note(world: World, username: str) -> None:
    with pytest.raises(RosterNotAllowed):
        note(world, add(world), username)


def test_a_note_needs_words_and_a_shift_that_began(world: World) -> None:
    shift = add(world)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"happened": " "}, "happened"),
        ({"watch": "长" * 4001}, "watch"),
    )
    for given, field in wrong:
        with pytest.raises(RosterError) as caught:
            note(world, shift, **given)
        assert caught.value.field == field
    with pytest.raises(RosterError, match="尚未开始"):
        note(world, shift, at=NOW)


def test_a_note_waits_for_the_shift_after_and_keeps_to_its_area(world: World) -> None:
    note(world, add(world))
    evening = EVENING + timedelta(days=1)
    secretary, clerk2 = world.people["secretary"].pk, world.people["clerk2"].pk
    add(world, starts_at=MORNING + timedelta(hours=3), ends_at=MORNING + timedelta(hours=5), clerk_id=clerk2)
    add(world, starts_at=evening, ends_at=evening + timedelta(hours=15), clerk_id=clerk2, leader_id=secretary)
    xiadong = world.communities["xiadong"].pk
    add(world, community_id=xiadong, starts_at=evening, ends_at=evening + timedelta(hours=15), leader_id=None)
    assert [one.shift.clerk_id for one in notes_awaiting(secretary, evening)] == [world.people["clerk"].pk]
    assert list(notes_awaiting(world.people["clerk"].pk, evening)) == []


def test_who_reads_the_words(world: World) -> None:
    shift = add(world)
    for username in EVERYBODY:
        allowed = username in ("clerk", "deputy", "supervisor", "director", "admin")
        assert may_read_note(access_of(world.user(username)), shift, near=False) is allowed, username
    own = add(world, community_id=world.communities["dade"].pk, clerk_id=world.people["clerk2"].pk, leader_id=None)
    assert may_read_note(access_of(world.user("clerk2")), own, near=False)
    assert not may_read_note(access_of(world.user("secretary")), own, near=False)


# Import


def rows_of(*people: str) -> list[SheetRow]:
    rows = []
    for number, name in enumerate(people):
        day = EVENING + timedelta(days=number)
        starts = f"{day:%Y-%m-%d %H:%M}"
        rows.append(SheetRow(number + 4, "桂城街道", starts, "08:30", name, "郑国栋", ""))
    return rows


def test_an_import_writes_every_good_row_and_says_what_it_did(world: World) -> None:
    standing = add(world)
    rows = rows_of("黄洁仪", "陈晓琳", "没有这个人", "李伟强")
    by = keeper(world, "supervisor")
    plan = plan_import(rows=rows, access=by.access, at=NOW)
    assert [row.outcome for row in plan.rows] == [RowOutcome.CHANGE, RowOutcome.ADD, RowOutcome.REFUSED, RowOutcome.ADD]
    assert DutyShift.objects.count() == 1
    run_import(rows=rows, digest=plan.digest, by=by, at=NOW)
    assert DutyShift.objects.count() == 3
    standing.refresh_from_db()
    assert (standing.clerk_id, standing.phone, standing.version) == (world.people["clerk2"].pk, "", 2)
    assert kinds(standing) == ["shift_add", "shift_change"]
    again = plan_import(rows=rows, access=by.access, at=NOW)
    assert [row.outcome for row in again.rows] == [
        RowOutcome.SAME,
        RowOutcome.SAME,
        RowOutcome.REFUSED,
        RowOutcome.SAME,
    ]


def test_nothing_is_written_where_the_roster_moved_on(world: World) -> None:
    rows, by = rows_of("黄洁仪", "陈晓琳"), keeper(world, "supervisor")
    plan = plan_import(rows=rows, access=by.access, at=NOW)
    add(world, starts_at=EVENING + timedelta(days=1, hours=1), ends_at=MORNING + timedelta(days=1))
    with pytest.raises(RosterStale):
        run_import(rows=rows, digest=plan.digest, by=by, at=NOW)
    assert DutyShift.objects.count() == 1


@pytest.mark.parametrize(("username", "good"), [("supervisor", 1), ("secretary", 0), ("clerk", 0), ("outsider", 0)])
def test_an_import_keeps_to_the_rights(world: World, username: str, good: int) -> None:
    by = keeper(world, username)
    assert plan_import(rows=rows_of("陈晓琳"), access=by.access, at=NOW).writes == good


def test_planning_needs_the_same_for_one_row_and_many(world: World) -> None:
    access = keeper(world, "supervisor").access
    counts = []
    for people in (["陈晓琳"], ["陈晓琳"] * 5, ["陈晓琳"] * 25):
        with CaptureQueriesContext(connection) as captured:
            plan_import(rows=rows_of(*people), access=access, at=NOW)
        counts.append(len(captured))
    assert counts == [4, 4, 4]


# Races


def together(*calls: Callable[[], object]) -> list[str]:
    """Run all calls at the same moment, each on a connection of its own; "ok" or the name of the refusal."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        try:
            barrier.wait()
            call()
        except RosterError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_overlapping_shifts_at_once(self, world: World) -> None:
        people = [keeper(world, name) for name in ("supervisor", "admin") * 4]
        results = together(
            *(
                lambda by=by, n=n: add_shift(
                    draft=draft(world, starts_at=EVENING + timedelta(minutes=n)), by=by, at=NOW
                )
                for n, by in enumerate(people)
            )
        )
        assert sorted(results) == ["Overlap"] * 7 + ["ok"]
        assert DutyShift.objects.count() == Event.objects.filter(subject_kind=SUBJECT).count() == 1

    def test_a_writer_without_the_lock_is_told_alike(self, world: World) -> None:
        """Straight into the table while another transaction holds an overlapping row: the constraint decides."""

        def insert(n: int) -> None:
            from deadlines.duty.roster import _insert

            _insert(draft(world, starts_at=EVENING + timedelta(minutes=n)))

        results = together(*(lambda n=n: insert(n) for n in range(4)))
        assert sorted(results) == ["Overlap"] * 3 + ["ok"]

    def test_changes_of_one_shift_at_once(self, world: World) -> None:
        shift = add(world)
        by = keeper(world, "supervisor")
        results = together(
            *(
                lambda n=n: change_shift(
                    shift_id=shift.pk, version=1, draft=draft(world, phone=f"0757-8633000{n}"), by=by, at=NOW
                )
                for n in range(4)
            ),
            lambda: cancel_shift(shift_id=shift.pk, version=1, by=by, at=NOW),
        )
        assert sorted(results) == ["RosterStale"] * 4 + ["ok"]
        assert len(kinds(shift)) == 2

    def test_the_same_import_confirmed_twice_at_once(self, world: World) -> None:
        rows, by = rows_of("黄洁仪", "陈晓琳", "李伟强"), keeper(world, "supervisor")
        digest = plan_import(rows=rows, access=by.access, at=NOW).digest
        results = together(*(lambda: run_import(rows=rows, digest=digest, by=by, at=NOW) for _ in range(3)))
        assert sorted(results) == ["RosterStale", "RosterStale", "ok"]
        assert DutyShift.objects.count() == 3

    def test_clerk_and_leader_write_at_once(self, world: World) -> None:
        shift = add(world)
        results = together(lambda: note(world, shift), lambda: note(world, shift, "deputy"))
        assert sorted(results) == ["RosterStale", "ok"]
        assert kinds(shift) == ["shift_add", "hand_over"]

    def test_two_take_over_at_once(self, world: World) -> None:
        shift = add(world)
        add(world, starts_at=MORNING, ends_at=MORNING + timedelta(hours=2), clerk_id=world.people["clerk2"].pk)
        written = note(world, shift)
        calls = [
            lambda name=name: take_over(
                shift_id=shift.pk, event_id=written.event_id, by=keeper(world, name), at=MORNING
            )
            for name in ("clerk2", "deputy")
        ]
        assert together(*calls) == ["ok", "ok"]
        assert kinds(shift) == ["shift_add", "hand_over", "take_over"]


def test_a_draft_is_the_shift(world: World) -> None:
    assert draft_of(add(world)) == draft(world)
