"""Editing the ladder: rows, versions and the journal; the preview; and how open deadlines follow, whatever dies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from common.clock import SHANGHAI
from deadlines.models import Deadline
from deadlines.services import load_calendar
from issues.models import Issue
from journal.models import Event
from meetings.question_subject import RUNGS as OF_QUESTIONS
from meetings.subjects import RUNGS as OF_MEETINGS
from privacy.subjects import RUNGS as OF_PRIVACY
from proposals.tellings import RUNGS as OF_PROPOSALS
from reminders.enums import OFFICE
from reminders.ladder import DEFAULT_LADDER, Rung
from reminders.ladder_preview import preview
from reminders.ladder_rules import Edit, NoSuchRung, apply, find
from reminders.models import LadderReplan, LadderRung
from reminders.reference import forget, load_ladder
from reminders.rungs import effect_of_rung
from reminders.services import replanning
from reminders.services.ladder_editing import Invalid, NotAllowed, Stale, edit_ladder, request_replan, standing_ladder
from reminders.services.replanning import SETTLED_AFTER, replan
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

LONG_AGO = NOW - timedelta(days=14)
"""Accepted then: due on Wednesday 11 March 17:30; the order was due on Monday, the yellow card is tonight."""
SETTLED = NOW + SETTLED_AFTER


def rung(**given: Any) -> Rung:
    values: dict[str, Any] = {
        "ladder": "working",
        "code": "due_today",
        "rank": 12,
        "offset": "due+1wd",
        "roles": ("head",),
        "kinds": frozenset({"handle"}),
    } | given
    return Rung(**values, effect=effect_of_rung(values["code"]))


def edit(world: World, change: Edit, by: str = "admin", at: datetime = NOW, version: str = "") -> Rung | None:
    return edit_ladder(
        subdistrict_id=world.area.pk,
        version=version or standing_ladder(world.area.pk).version,
        edit=change,
        by=world.actor(by).access,
        role="admin",
        at=at,
    )


def handle_of(issue: Issue) -> Deadline:
    return Deadline.objects.get(subject_id=issue.pk, kind="handle")


def rungs_fired(issue: Issue, clock: str = "handle") -> list[str]:
    events = Event.objects.of("issue", issue.pk).of_kinds(["remind"]).order_by("seq")
    return [event.data["rung"] for event in events if event.data["deadline_kind"] == clock]


def overdue(world: World) -> Issue:
    """Late by a week, and everything that is due by now has fired."""
    issue = world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="help")
    sweep(at=NOW - timedelta(minutes=1))
    return issue


# Rows, versions, journal


def test_the_first_edit_copies_the_ladder_and_the_next_ones_do_not(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    before = standing_ladder(world.area.pk)
    assert not before.own
    with django_capture_on_commit_callbacks(execute=True):
        edit(world, Edit(None, rung()))
    after = standing_ladder(world.area.pk)
    assert after.own
    assert set(after.rungs) == {*before.rungs, rung()}
    assert set(load_ladder(world.area.pk).rungs) == set(after.rungs)
    assert set(load_ladder(world.other_area.pk).rungs) == set(before.rungs)
    edit(world, Edit("working-5-urge", replace(find(after.rungs, "working-5-urge"), offset="due+1wh")))
    assert LadderRung.objects.filter(subdistrict=world.area).count() == len(before.rungs) + 1
    assert find(standing_ladder(world.area.pk).rungs, "working-5-urge").offset == "due+1wh"
    LadderRung.objects.filter(subdistrict=None, code="urge").update(offset="due+2wh")
    assert find(standing_ladder(world.area.pk).rungs, "working-5-urge").offset == "due+1wh"


def test_the_journal_keeps_old_and_new(world: World) -> None:
    edit(world, Edit(None, rung(), pass_over=True))
    edit(world, Edit("working-12-due_today", rung(offset="due+2wd", roles=("head", "secretary"))))
    edit(world, Edit("working-12-due_today", None))
    events = list(Event.objects.of(OFFICE, world.area.pk).of_kinds(["ladder_changed"]).order_by("seq"))
    assert [event.data["change"] for event in events] == ["add", "change", "retire"]
    assert [event.data["copied"] for event in events] == [True, False, False]
    assert events[0].data["new"]["since"] == NOW.isoformat()
    assert events[1].data["old"]["offset"] == "due+1wd"
    assert events[1].data["new"]["roles"] == ["head", "secretary"]
    assert events[2].data["new"] is None
    assert {event.actor_id for event in events} == {world.people["admin"].pk}
    row = LadderRung.objects.get(subdistrict=world.area, code="due_today", rank=12)
    assert row.retired_at == NOW


@pytest.mark.parametrize("username", ["supervisor", "director", "clerk"])
def test_only_the_administrator_edits(world: World, username: str) -> None:
    with pytest.raises(NotAllowed):
        edit(world, Edit(None, rung()), by=username)
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()


def test_an_old_version_a_wrong_rung_and_one_that_is_gone_write_nothing(world: World) -> None:
    version = standing_ladder(world.area.pk).version
    with pytest.raises(Invalid) as refused:
        edit(world, Edit(None, rung(rank=5)))
    assert set(refused.value.fields) == {"rank"}
    with pytest.raises(NoSuchRung):
        edit(world, Edit("working-14-notice", None))
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()
    edit(world, Edit(None, rung()))
    with pytest.raises(Stale):
        edit(world, Edit(None, rung(rank=14)), version=version)
    assert not LadderRung.objects.filter(subdistrict=world.area, rank=14, code="due_today").exists()


def test_an_edit_that_changes_nothing_writes_nothing(world: World) -> None:
    present = find(standing_ladder(world.area.pk).rungs, "working-2-notice")
    assert edit(world, Edit("working-2-notice", present)) == present
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()
    assert not Event.objects.filter(kind="ladder_changed").exists()


def test_two_rungs_that_no_deadline_has_together_share_a_place(world: World) -> None:
    edit(world, Edit(None, rung(rank=13)))
    rows = LadderRung.objects.filter(subdistrict=world.area, ladder="working", rank=13)
    assert set(rows.values_list("code", flat=True)) == {
        *("due_today", "unsigned"),
        *("urge", "no_progress", "unchecked", "privacy_late", "meeting_late", "question_late", "proposal_late"),
    }


# What it would do


def seen(world: World, change: Edit, at: datetime = NOW) -> Any:
    before = standing_ladder(world.area.pk).rungs
    return preview(world.area.pk, before, apply(before, change, at), calendar=load_calendar(), at=at)


def test_the_preview_says_what_would_fire_at_once(world: World) -> None:
    late, fresh = overdue(world), world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    found = seen(world, Edit(None, rung()))
    assert (found.fires, found.replanned, found.complete) == (1, 1, True)
    (row,) = found.first
    assert (row.number, row.kind, row.rung.offset, row.skipped) == (late.number, "handle", "due+1wd", ())
    assert fresh.number != late.number
    let_pass = seen(world, Edit(None, rung(), pass_over=True))
    assert (let_pass.fires, let_pass.first) == (0, [])


def test_the_preview_knows_levels_and_what_has_fired(world: World) -> None:
    overdue(world)
    assert seen(world, Edit(None, rung(levels=frozenset({"urgent"})))).fires == 0
    urge = find(DEFAULT_LADDER.rungs, "working-5-urge")
    assert seen(world, Edit("working-5-urge", replace(urge, offset="due+2wh"))).fires == 0
    assert seen(world, Edit("working-5-urge", None)).fires == 0
    Deadline.objects.update(state="met", stopped_at=NOW, next_rung_at=None, next_rung="")
    assert seen(world, Edit(None, rung())).fires == 0


def test_what_is_due_anyway_is_not_the_edits_doing(world: World) -> None:
    world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="help")
    assert seen(world, Edit(None, rung())).fires == 0


def test_the_preview_says_what_the_sweep_then_does(world: World) -> None:
    late = overdue(world)
    calls = [
        Edit(None, rung()),
        Edit("working-11-red_card", replace(find(DEFAULT_LADDER.rungs, "working-11-red_card"), offset="due+2wd")),
    ]
    for change in calls:
        before = rungs_fired(late)
        expected = seen(world, change).fires
        edit(world, change)
        forget()
        replan(at=SETTLED)
        sweep(at=SETTLED)
        assert len(rungs_fired(late)) - len(before) == expected == 1
        assert seen(world, Edit(None, rung(rank=14, code="notice"))).fires == 1
    assert rungs_fired(late)[-1] == "red_card"


@pytest.mark.parametrize("many", [1, 5, 25])
def test_the_preview_asks_twice_for_a_page(world: World, many: int) -> None:
    for _number in range(many):
        world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="help")
    sweep(at=NOW - timedelta(minutes=1))
    before = standing_ladder(world.area.pk).rungs
    after, calendar = apply(before, Edit(None, rung()), NOW), load_calendar()
    with CaptureQueriesContext(connection) as caught:
        found = preview(world.area.pk, before, after, calendar=calendar, at=NOW)
    assert (found.fires, len(found.first), len(caught)) == (many, min(many, 20), 2)


# Open deadlines follow


def test_open_deadlines_follow_once_every_process_has_read_the_ladder(world: World) -> None:
    late = overdue(world)
    before = handle_of(late)
    edit(world, Edit(None, rung()))
    forget()
    assert replan(at=NOW + timedelta(seconds=30)).seen == 0
    assert handle_of(late).next_rung == before.next_rung
    result = replan(at=SETTLED)
    assert (result.changed, result.finished) == (1, 1)
    after = handle_of(late)
    assert (after.next_rung, after.fired) == ("due_today", before.fired)
    assert after.next_rung_at is not None
    assert after.next_rung_at.astimezone(SHANGHAI) == datetime(2026, 3, 12, 17, 30, tzinfo=SHANGHAI)
    sweep(at=SETTLED)
    sweep(at=SETTLED + timedelta(minutes=1))
    assert rungs_fired(late)[-1] == "due_today"
    assert rungs_fired(late).count("due_today") == 1
    assert handle_of(late).next_rung == before.next_rung
    assert replan(at=SETTLED + timedelta(minutes=5)).seen == 0


def test_what_is_taken_as_passed_never_fires(world: World) -> None:
    late, fresh = overdue(world), world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    edit(world, Edit(None, rung(), pass_over=True))
    forget()
    replan(at=SETTLED)
    fired = rungs_fired(late)
    sweep(at=SETTLED)
    assert rungs_fired(late) == fired
    at = SETTLED
    while at < NOW + timedelta(days=10):
        at += timedelta(hours=6)
        sweep(at=at)
    assert "due_today" not in rungs_fired(late)[len(fired) :]
    assert rungs_fired(fresh)[-1] == "due_today"


def test_a_retired_rung_fires_no_more_and_a_change_repeats_none(world: World) -> None:
    late = overdue(world)
    fired = rungs_fired(late)
    assert fired == ["order"]
    order = find(DEFAULT_LADDER.rungs, "working-9-order")
    edit(world, Edit("working-9-order", replace(order, offset="due+4wd")))
    for key in ("working-10-yellow_card", "working-11-red_card"):
        edit(world, Edit(key, None))
    forget()
    replan(at=SETTLED)
    assert handle_of(late).next_rung_at is None
    sweep(at=SETTLED + timedelta(days=40))
    assert rungs_fired(late) == fired


def test_a_batch_that_dies_is_done_again_and_what_was_done_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [world.make_issue("in_progress", at=NOW, category="0402", kind="help") for _n in range(5)]
    edit(world, Edit(None, rung(offset="half-1wh", rank=1)))
    forget()
    running = Deadline.objects.filter(state="running").count()

    class Died(BaseException):
        pass

    real, calls = replanning._plan, []

    def dying(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            real(*given)
            raise Died
        return real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(replanning, "_plan", dying)
        with pytest.raises(Died):
            replan(at=SETTLED, batch=2)
    request = LadderReplan.objects.get()
    assert (request.finished_at, request.seen) == (None, 4)
    moved = Deadline.objects.filter(next_rung="due_today").count()
    result = replan(at=SETTLED, batch=2)
    request.refresh_from_db()
    assert (request.finished_at, request.seen) == (SETTLED, running)
    assert (request.changed, result.finished) == (len(issues), 1)
    assert Deadline.objects.filter(next_rung="due_today").count() == len(issues) > moved


def test_a_pass_has_an_end_and_the_next_one_goes_on(world: World) -> None:
    for _number in range(4):
        world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    edit(world, Edit(None, rung(offset="half-1wh", rank=1)))
    forget()
    first = replan(at=SETTLED, batch=1, most_batches=2)
    assert (first.batches, first.seen, first.finished) == (2, 2, 0)
    replan(at=SETTLED, batch=3)
    assert LadderReplan.objects.get().finished_at == SETTLED
    assert Deadline.objects.filter(next_rung="due_today").count() == 4


def test_a_second_edit_begins_again(world: World) -> None:
    world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    edit(world, Edit(None, rung(offset="half-1wh", rank=1)))
    forget()
    replan(at=SETTLED, batch=1, most_batches=1)
    edit(world, Edit("working-1-due_today", None), at=SETTLED)
    request = LadderReplan.objects.get()
    assert (request.after_id, request.requested_at, request.finished_at) == (0, SETTLED, None)
    assert replan(at=SETTLED).seen == 0
    forget()
    replan(at=SETTLED + SETTLED_AFTER)
    assert not Deadline.objects.filter(next_rung="due_today").exists()
    assert LadderReplan.objects.get().finished_at == SETTLED + SETTLED_AFTER


def test_other_sub_districts_are_left_alone_unless_it_is_everybodys_ladder(world: World) -> None:
    world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    Deadline.objects.update(next_rung_at=None, next_rung="")
    with transaction.atomic():
        request_replan(world.other_area.pk, NOW)
    replan(at=SETTLED)
    assert not Deadline.objects.filter(next_rung_at__isnull=False).exists()
    with transaction.atomic():
        request_replan(None, NOW)
    assert replan(at=SETTLED).changed > 0
    assert Deadline.objects.filter(kind="handle", next_rung="notice").exists()


@pytest.mark.django_db(transaction=True)
def test_a_deadline_that_somebody_works_on_is_come_back_to(world: World) -> None:
    issues = [world.make_issue("in_progress", at=NOW, category="0402", kind="help") for _n in range(3)]
    busy = handle_of(issues[1])
    edit(world, Edit(None, rung(offset="half-1wh", rank=1)))
    forget()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM deadlines_deadline WHERE id = %s FOR UPDATE", [busy.pk])
            replan(at=SETTLED)
        request = LadderReplan.objects.get()
        assert (request.finished_at, request.again) == (None, [busy.pk])
        other.rollback()
    finally:
        other.close()
    replan(at=SETTLED)
    request.refresh_from_db()
    assert (request.finished_at, request.again) == (SETTLED, [])
    assert handle_of(issues[1]).next_rung == "due_today"


# The migration


def test_the_migration_gives_every_stored_ladder_the_rungs_of_supervision(world: World) -> None:
    from importlib import import_module
    from types import SimpleNamespace

    from django.apps import apps
    from django.db import connection

    stored = LadderRung.objects.filter(subdistrict=None)
    before = {(row.ladder, row.rank, row.code, row.offset, tuple(row.levels)) for row in stored}
    product = {(r.ladder, r.rank, str(r.code), r.offset, tuple(sorted(r.levels))) for r in DEFAULT_LADDER.rungs}
    assert before == product
    migrations = [
        import_module(f"reminders.migrations.{name}")
        for name in ("0007_rungs_of_supervision", "0011_rungs_that_come_again", "0012_verdict_check")
    ]
    others = [rung.code for rung in (*OF_PRIVACY, *OF_MEETINGS, *OF_QUESTIONS, *OF_PROPOSALS)]
    stored.filter(rank__gte=9).exclude(code__in=others).delete()
    own = [("working", "urge", 5, []), ("working", "due_today", 9, []), ("working", "notice", 12, ["inform"])]
    for ladder, code, rank, kinds in own:
        LadderRung.objects.create(
            subdistrict=world.area, ladder=ladder, code=code, rank=rank, offset="due", roles=["handler"], kinds=kinds
        )
    for migration in (*migrations, *migrations):
        migration.add_rungs(apps, SimpleNamespace(connection=connection))
    again = {(row.ladder, row.rank, row.code, row.offset, tuple(row.levels)) for row in stored.all()}
    assert again == product
    orders = LadderRung.objects.filter(subdistrict=world.area, ladder="working", code="order")
    assert set(orders.values_list("rank", "offset")) == {(10, "due+3wd"), (15, "due")}
    cards = LadderRung.objects.filter(subdistrict=world.area, effect__in=["yellow", "red"])
    assert set(cards.values_list("code", "rank")) == {("yellow_card", 11), ("red_card", 12)}
    assert standing_ladder(world.area.pk).own


# Every morning


def test_an_unsigned_draft_is_reminded_of_every_working_morning(world: World) -> None:
    issue = world.make_issue("in_progress", at=NOW, category="0402", kind="help")
    world.act(issue, "supervise", by="supervisor", at=NOW + timedelta(hours=1), kind="order", note="请书面答复")
    clock = Deadline.objects.get(subject_id=issue.pk, kind="signature")
    assert clock.next_rung == "unsigned"
    at = NOW + timedelta(hours=1)
    while at < datetime(2026, 3, 24, 12, 0, tzinfo=SHANGHAI):
        at += timedelta(minutes=30)
        sweep(at=at)
    events = [
        event for event in Event.objects.of("issue", issue.pk).of_kinds(["remind"]).order_by("seq")
        if event.data["deadline_kind"] == "signature"
    ]  # fmt: skip
    mornings = [event.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") for event in events]
    assert mornings == ["03-19 08:30", "03-20 08:30", "03-23 08:30", "03-24 08:30"]
    assert {event.data["rung"] for event in events} == {"unsigned"}
    clock.refresh_from_db()
    assert clock.fired == 0
    assert clock.counted_from == events[-1].at
    world.act(issue, "sign", by="deputy", at=at)
    sweep(at=at + timedelta(days=3))
    assert len(rungs_fired(issue, "signature")) == 4
