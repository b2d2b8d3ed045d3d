"""The sweep: every rung once, in order, whatever happens in between."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import SHANGHAI
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.models import Issue
from journal.models import Event, Pending
from papers.models import Draft
from reminders.enums import Ladder, RungCode
from reminders.ladder import DEFAULT_LADDER
from reminders.models import LadderRung
from reminders.reference import forget
from reminders.services.defaults import install_default_ladder
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

MONDAY = datetime(2026, 3, 16, 10, 0, tzinfo=SHANGHAI)
LATE = MONDAY + timedelta(days=8)
"""The day after five working days from Monday: what is due is urged, and nothing is drafted yet."""


def reminders_of(issue: Issue, clock: str) -> list[Event]:
    events = Event.objects.of("issue", issue.pk).of_kinds(["remind"]).order_by("seq")
    return [event for event in events if event.data["deadline_kind"] == clock]


def handle_of(issue: Issue) -> Deadline:
    return Deadline.objects.get(subject_id=issue.pk, kind="handle")


def test_each_rung_of_a_working_deadline_fires_once_at_its_time(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    deadline = handle_of(issue)
    assert deadline.due_at.astimezone(SHANGHAI) == datetime(2026, 3, 23, 17, 30, tzinfo=SHANGHAI)
    at = MONDAY
    told: list[tuple[datetime, str]] = []
    while at < MONDAY + timedelta(days=10):
        sweep(at=at)
        seen = [event.data["rung"] for event in reminders_of(issue, "handle")]
        told += [(at, code) for code in seen[len(told) :]]
        at += timedelta(minutes=30)
    assert [code for _at, code in told] == ["notice", "due_soon", "due_today", "urge"]
    assert told[1][0].astimezone(SHANGHAI) == datetime(2026, 3, 20, 17, 30, tzinfo=SHANGHAI)
    assert told[2][0].astimezone(SHANGHAI) == datetime(2026, 3, 23, 8, 30, tzinfo=SHANGHAI)
    assert told[3][0].astimezone(SHANGHAI) == datetime(2026, 3, 23, 17, 30, tzinfo=SHANGHAI)
    assert not any(event.data["skipped"] for event in reminders_of(issue, "handle"))


def test_three_working_days_have_all_rungs_too(world: World) -> None:
    issue = world.make_issue("in_progress", at=datetime(2026, 4, 3, 20, 5, tzinfo=SHANGHAI))
    assert handle_of(issue).due_at.astimezone(SHANGHAI) == datetime(2026, 4, 9, 17, 30, tzinfo=SHANGHAI)
    at = issue.created_at
    while at < issue.created_at + timedelta(days=8):
        sweep(at=at)
        at += timedelta(minutes=30)
    fired = Counter(event.data["rung"] for event in reminders_of(issue, "handle"))
    assert fired == {"notice": 1, "due_soon": 1, "due_today": 1, "urge": 1}


def test_a_clock_deadline_has_its_own_ladder(world: World) -> None:
    issue = world.create(at=MONDAY, level="critical", source="web", by="clerk")
    for minutes in range(0, 200, 1):
        sweep(at=MONDAY + timedelta(minutes=minutes))
    accept = reminders_of(issue, "accept")
    assert [event.data["rung"] for event in accept] == ["notice", "urge", "duty_leader"]
    assert accept[1].at == MONDAY + timedelta(minutes=15)
    assert accept[2].at == MONDAY + timedelta(minutes=75)


def test_after_an_outage_only_the_highest_rung_fires_and_the_event_names_the_others(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    result = sweep(at=LATE)
    (event,) = reminders_of(issue, "handle")
    assert event.data["rung"] == "urge"
    assert event.data["skipped"] == ["notice", "due_soon", "due_today"]
    assert event.actor_role == "system"
    assert result.fired["urge"] >= 1
    again = sweep(at=LATE + timedelta(hours=1))
    assert again.deadlines == 0
    assert len(reminders_of(issue, "handle")) == 1


def drafts_of(issue: Issue) -> list[str]:
    return list(Draft.objects.of("issue", issue.pk).order_by("id").values_list("kind", flat=True))


def test_a_draft_that_a_graver_one_passes_over_is_named_and_not_made(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    # five working days after Monday 23 March, and a day more
    result = sweep(at=datetime(2026, 3, 31, 9, 0, tzinfo=SHANGHAI))
    (event,) = reminders_of(issue, "handle")
    assert event.data["rung"] == "yellow_card"
    assert event.data["skipped"] == ["notice", "due_soon", "due_today", "urge", "order"]
    assert event.data["urges"] == 1
    assert set(event.data["roles"]) == {"handler", "head"}
    assert result.acted["yellow"] == 1
    assert drafts_of(issue) == ["yellow_card"]
    assert handle_of(issue).next_rung == "red_card"


def test_three_days_off_fire_what_is_due_once(world: World) -> None:
    """Off from Monday evening to Thursday evening, in which the urge and the order fell."""
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    at = MONDAY
    while at < datetime(2026, 3, 23, 17, 0, tzinfo=SHANGHAI):
        sweep(at=at)
        at += timedelta(hours=1)
    before = [event.data["rung"] for event in reminders_of(issue, "handle")]
    assert before == ["notice", "due_soon", "due_today"]
    back = datetime(2026, 3, 26, 17, 45, tzinfo=SHANGHAI)
    for minutes in range(3):
        sweep(at=back + timedelta(minutes=minutes))
    last = reminders_of(issue, "handle")[3:]
    assert [(event.data["rung"], event.data["skipped"]) for event in last] == [("order", ["urge"])]
    assert drafts_of(issue) == ["order"]
    assert Issue.objects.get(pk=issue.pk).urge_count == 1


def test_the_urge_raises_supervision_and_counts_but_leaves_the_version(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    before = Issue.objects.get(pk=issue.pk)
    sweep(at=LATE)
    after = Issue.objects.get(pk=issue.pk)
    assert (after.supervision, after.urge_count) == ("urged", before.urge_count + 1)
    assert after.version == before.version
    (event,) = reminders_of(issue, "handle")
    assert (event.data["urges"], event.data["supervision"]) == (1, "urged")


def test_two_deadlines_of_one_issue_in_one_batch_count_two_urges(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY)
    assert {"handle", "first_report"} <= set(
        Deadline.objects.filter(subject_id=issue.pk).values_list("kind", flat=True)
    )
    sweep(at=MONDAY + timedelta(days=30))
    urges = [e.data["urges"] for e in Event.objects.of("issue", issue.pk).of_kinds(["remind"]) if "urges" in e.data]
    assert sorted(urges) == [1, 2]
    assert Issue.objects.get(pk=issue.pk).urge_count == 2


def test_a_stopped_deadline_no_longer_reminds(world: World) -> None:
    issue = world.make_issue("closed", at=MONDAY, category="0402", kind="help")
    assert not Deadline.objects.filter(subject_id=issue.pk, next_rung_at__isnull=False).exists()
    sweep(at=MONDAY + timedelta(days=60))
    assert not Event.objects.of("issue", issue.pk).of_kinds(["remind"]).exists()


def test_a_clock_left_running_on_an_ended_issue_is_silenced(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    Issue.objects.filter(pk=issue.pk).update(status="closed", turn="nobody", closed_at=MONDAY)
    result = sweep(at=MONDAY + timedelta(days=30))
    assert result.ended >= 1
    assert not reminders_of(issue, "handle")
    assert handle_of(issue).next_rung_at is None


def test_a_pause_plans_the_rungs_anew_and_repeats_none(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    calendar = deadlines.load_calendar()
    noon_friday = datetime(2026, 3, 20, 12, 0, tzinfo=SHANGHAI)
    sweep(at=noon_friday)
    assert [event.data["rung"] for event in reminders_of(issue, "handle")] == ["notice"]
    rows = list(Deadline.objects.filter(subject_id=issue.pk))
    deadlines.pause(rows, {"handle"}, noon_friday, calendar)
    assert handle_of(issue).next_rung_at is None
    sweep(at=noon_friday + timedelta(days=20))
    assert len(reminders_of(issue, "handle")) == 1
    back = datetime(2026, 4, 13, 9, 0, tzinfo=SHANGHAI)
    deadlines.resume(list(Deadline.objects.filter(subject_id=issue.pk)), {"handle"}, back, calendar)
    resumed = handle_of(issue)
    assert resumed.due_at.astimezone(SHANGHAI) == datetime(2026, 4, 14, 17, 30, tzinfo=SHANGHAI)
    assert resumed.next_rung == "due_soon"
    at = back
    while at < back + timedelta(days=3):
        sweep(at=at)
        at += timedelta(minutes=30)
    fired = [event.data["rung"] for event in reminders_of(issue, "handle")]
    assert fired == ["notice", "due_soon", "due_today", "urge"]


def test_a_rung_that_was_due_before_the_pause_is_not_lost(world: World) -> None:
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    calendar = deadlines.load_calendar()
    late = datetime(2026, 3, 24, 9, 0, tzinfo=SHANGHAI)
    deadlines.pause(list(Deadline.objects.filter(subject_id=issue.pk)), {"handle"}, late, calendar)
    back = late + timedelta(days=14)
    deadlines.resume(list(Deadline.objects.filter(subject_id=issue.pk)), {"handle"}, back, calendar)
    sweep(at=back)
    (event,) = reminders_of(issue, "handle")
    assert (event.data["rung"], event.data["skipped"]) == ("urge", ["notice", "due_soon", "due_today"])


def test_the_statements_do_not_grow_with_what_is_open_or_due(world: World) -> None:
    def statements(at: datetime) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            sweep(at=at)
        return len([q for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]])

    for _number in range(2):
        world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    few = statements(LATE)
    for _number in range(8):
        world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    assert statements(LATE) == few


def test_an_issue_with_small_batches_is_swept_whole(world: World) -> None:
    issues = [world.make_issue("in_progress", at=MONDAY, category="0402", kind="help") for _n in range(5)]
    result = sweep(at=MONDAY + timedelta(days=30), batch=2)
    assert result.batches >= 3
    for issue in issues:
        assert len(reminders_of(issue, "handle")) == 1


def test_a_reminder_waits_for_its_reader(world: World) -> None:
    world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    before = Pending.objects.filter(reader="notifications").count()
    result = sweep(at=LATE)
    assert Pending.objects.filter(reader="notifications").count() == before + sum(result.fired.values())


def test_the_installed_ladder_is_the_products_and_can_be_edited(world: World) -> None:
    assert install_default_ladder(world.area) == len(DEFAULT_LADDER.rungs)
    assert install_default_ladder(world.area) == 0
    LadderRung.objects.filter(subdistrict=world.area, ladder=Ladder.WORKING, code=RungCode.NOTICE).update(
        retired_at=NOW
    )
    forget()
    issue = world.make_issue("in_progress", at=MONDAY, category="0402", kind="help")
    assert handle_of(issue).next_rung == "due_soon"


@pytest.mark.parametrize("kind", ["respond", "accept"])
def test_the_communitys_own_clocks_climb_too(world: World, kind: str) -> None:
    issue = world.create(at=MONDAY, source="web", kind="help", category="0402")
    sweep(at=MONDAY + timedelta(days=5))
    assert [event.data["rung"] for event in reminders_of(issue, kind)] == ["urge"]
