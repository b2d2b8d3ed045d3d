"""What people do to a promise that stands for itself: who may, when, and what becomes of it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from commitments import scopes, services
from commitments.enums import SUBJECT
from commitments.models import Commitment, CoOwner
from commitments.services.acting import act, offers
from common.clock import SHANGHAI
from communities.access import access_of
from communities.models import Community
from deadlines.models import Deadline
from deadlines.subjects import orphans
from issues.models import Issue
from issues.replay.comparing import replay_issues
from journal.models import Event
from papers.models import Draft, Paper
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

ON = date(2026, 4, 30)


def make(world: World, **given: Any) -> Commitment:
    values: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "source_kind": "meeting_item",
        "source_id": 7,
        "community_id": world.communities["xiadong"].pk,
        "text": "四月底前疏通整条巷子的排水管，联系13800001111",
        "owner_id": world.departments["MUNICIPAL"].pk,
        "co_owner_ids": [world.departments["WATER"].pk],
        "by_id": world.people["supervisor"].pk,
        "at": NOW,
        "due_on": ON,
    }
    return services.make(**(values | given))


def do(world: World, row: Commitment, action: str, by: str, at: datetime = NOW, **data: Any) -> Commitment:
    version = Commitment.objects.values_list("version", flat=True).get(pk=row.pk)
    return act(commitment_id=row.pk, action=action, by=world.actor(by), at=at, data=data, version=version)


def told(username: str) -> list[str]:
    rows = Notification.objects.filter(user__username=username, subject_kind=SUBJECT)
    return list(rows.order_by("id").values_list("kind", flat=True))


def events(row: Commitment) -> list[str]:
    return list(Event.objects.of(SUBJECT, row.pk).order_by("seq").values_list("kind", flat=True))


def test_it_stands_for_itself_and_is_told_to_its_owners(world: World) -> None:
    made = make(world)
    assert (made.subject_kind, made.subject_id, made.first_on) == (SUBJECT, made.pk, ON)
    assert (made.source_kind, made.source_id) == ("meeting_item", 7)
    fan_out(at=NOW)
    assert told("officer") == told("officer2") == ["commitment_made"]
    assert told("clerk") == []
    assert events(made) == ["commitment_made"]
    assert not orphans()


def test_what_a_communitys_own_team_promised_is_confirmed_by_the_office(world: World) -> None:
    made = make(world, owner_id=world.departments["XIADONG-TEAM"].pk, co_owner_ids=[])
    do(world, made, "report_done", "clerk", note="已疏通")
    fan_out(at=NOW)
    assert "commitment_report_done" in told("supervisor")
    with pytest.raises(services.PromiseNotPermitted):
        do(world, made, "confirm", "officer")
    assert do(world, made, "confirm", "supervisor").state == "fulfilled"
    other = make(world)
    do(world, other, "report_done", "officer", note="已疏通")
    with pytest.raises(services.PromiseNotPermitted):
        do(world, other, "confirm", "supervisor")
    assert do(world, other, "confirm", "clerk").state == "fulfilled"


def test_who_sees_it(world: World) -> None:
    made = make(world)
    names = ("clerk", "clerk2", "officer", "officer2", "supervisor", "director", "admin", "leader", "outsider")
    seen = {
        name for name in names if Commitment.objects.filter(pk=made.pk).visible_to(access_of(world.user(name))).exists()
    }
    assert seen == {"clerk", "officer", "officer2", "supervisor", "director", "admin"}


def test_whoever_sees_its_source_sees_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(world, source_id=world.communities["dade"].pk)
    clerk2 = access_of(world.user("clerk2"))
    assert not Commitment.objects.visible_to(clerk2).exists()
    mine = {"meeting_item": lambda access: Community.objects.filter(pk__in=access.community_ids)}
    monkeypatch.setattr(scopes, "_scopes", scopes._scopes | mine)
    assert list(Commitment.objects.visible_to(clerk2)) == [made]


def test_it_slips_climbs_the_ladder_gets_evidence_and_is_confirmed_by_who_raised_it(world: World) -> None:
    made = make(world)
    late = datetime(2026, 5, 25, 10, 0, tzinfo=SHANGHAI)
    for _step in range(8):
        clock = Deadline.objects.of(SUBJECT, made.pk).filter(kind="fulfil").get()
        if clock.next_rung_at is None or clock.next_rung_at > late:
            break
        sweep(at=clock.next_rung_at)
    rungs = [event.data["rung"] for event in Event.objects.of(SUBJECT, made.pk).of_kinds(["remind"]).order_by("seq")]
    assert [rung for rung in rungs if rung != "unsigned"] == [
        "notice",
        "due_soon",
        "due_today",
        "urge",
        "order",
        "yellow_card",
        "red_card",
    ]
    assert [paper.kind for paper in Paper.objects.filter(subject_kind=SUBJECT, subject_id=made.pk)] == ["urge"]
    assert [draft.kind for draft in Draft.objects.of(SUBJECT, made.pk).waiting()] == ["red_card"]
    with pytest.raises(services.PromiseStateConflict):
        do(world, made, "sign", "deputy", late, kind="red_card")
    do(world, made, "sign", "director", late, kind="red_card")
    assert not Deadline.objects.of(SUBJECT, made.pk).open().filter(kind="signature").exists()
    with pytest.raises(services.InvalidCommitment) as refused:
        do(world, made, "report_done", "officer", late, note=" ")
    assert set(refused.value.fields) == {"note"}
    do(world, made, "report_done", "officer", late, note="已疏通，附验收单", stage="after")
    assert not Deadline.objects.of(SUBJECT, made.pk).open().exists()
    with pytest.raises(services.PromiseNotPermitted):
        do(world, made, "confirm", "officer", late)
    do(world, made, "reopen", "clerk", late, reason="北段没有疏通")
    assert Deadline.objects.of(SUBJECT, made.pk).open().get().is_overdue(late)
    do(world, made, "report_done", "officer", late, note="北段也已疏通")
    done = do(world, made, "confirm", "clerk", late)
    assert (done.state, done.ended_by) == ("fulfilled", world.people["clerk"])
    fan_out(at=late)
    assert told("clerk").count("commitment_report_done") == 2
    assert told("officer")[-2:] == ["commitment_reopen", "commitment_confirm"]


def test_a_date_moves_only_with_a_reason_and_by_another_person(world: World) -> None:
    made = make(world)
    with pytest.raises(services.PromiseNotPermitted):
        do(world, made, "ask_move", "clerk", on="2026-06-30", reason="雨季")
    with pytest.raises(services.InvalidCommitment) as refused:
        do(world, made, "ask_move", "officer", on="2026-02-31", reason="")
    assert refused.value.fields == {"on": "请填写日期", "reason": "必填"}
    do(world, made, "ask_move", "officer", on="2026-06-30", reason="雨季施工困难")
    assert list(Commitment.objects.moving()) == [made]
    with pytest.raises(services.PromiseNotPermitted):
        do(world, made, "grant_move", "head")
    moved = do(world, made, "grant_move", "supervisor")
    assert (moved.due_on, moved.first_on) == (date(2026, 6, 30), ON)
    states = sorted(Deadline.objects.of(SUBJECT, made.pk).values_list("kind", "state"))
    assert states == [("fulfil", "cancelled"), ("fulfil", "running")]
    do(world, made, "ask_move", "officer", on="2026-07-31", reason="再延")
    refusal = do(world, made, "refuse_move", "supervisor", reason="不能再延")
    assert (refusal.due_on, Commitment.objects.moving().exists()) == (date(2026, 6, 30), False)
    assert [row.state for row in made.changes.order_by("pk")] == ["granted", "refused"]


def test_who_asked_cannot_decide_even_as_supervisor(world: World) -> None:
    made = make(world, owner_id=world.departments["GOVERN"].pk) if "GOVERN" in world.departments else make(world)
    made.changes.create(
        was_on=ON, to_on=date(2026, 6, 30), reason="x", asked_at=NOW, asked_by=world.people["supervisor"]
    )
    with pytest.raises(services.PromiseStateConflict):
        do(world, made, "grant_move", "supervisor")


def test_milestones_have_one_clock_after_the_other(world: World) -> None:
    steps = [services.NewMilestone("验收", date(2026, 4, 20)), services.NewMilestone("开工", date(2026, 4, 1))]
    made = make(world, milestones=steps)

    def running() -> list[date]:
        rows = Deadline.objects.of(SUBJECT, made.pk).open().filter(kind="milestone")
        return [row.due_at.astimezone(SHANGHAI).date() for row in rows]

    assert running() == [date(2026, 4, 1)]
    do(world, made, "add_milestone", "officer", text="勘察", on="2026-03-25")
    assert running() == [date(2026, 3, 25)]
    for text, following in (("勘察", [date(2026, 4, 1)]), ("开工", [date(2026, 4, 20)]), ("验收", [])):
        do(world, made, "reach_milestone", "officer", milestone=made.milestones.get(text=text).pk)
        assert running() == following
    with pytest.raises(services.InvalidCommitment):
        do(world, made, "reach_milestone", "officer", milestone=made.milestones.get(text="勘察").pk)


def test_two_at_once_do_not_write_over_each_other(world: World) -> None:
    made = make(world)
    do(world, made, "add_milestone", "officer", text="勘察", on="2026-03-25")
    with pytest.raises(services.PromiseVersionConflict) as refused:
        act(
            commitment_id=made.pk, action="report_done", by=world.actor("officer"), at=NOW, data={"note": "好了"},
            version=1,
        )  # fmt: skip
    assert refused.value.commitment.version == 2
    act(commitment_id=made.pk, action="note", by=world.actor("officer2"), at=NOW, data={"note": "已勘察"})


def test_on_a_matter_its_own_actions_keep_and_move_it_and_the_community_confirms(world: World) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    answer: dict[str, Any] = {"outcome": "planned", "note": "列入计划", "due_on": ON.isoformat()}
    issue = world.act(issue, "reply", "officer", **answer)
    made = Commitment.objects.get(subject_id=issue.pk)
    assert (made.community, made.source_kind) == (world.communities["xiadong"], "issue")
    with pytest.raises(services.PromiseStateConflict):
        do(world, made, "report_done", "officer", note="好了")
    do(world, made, "ask_move", "officer", on="2026-06-30", reason="等材料")
    issue = world.act(issue, "move_promise", "supervisor", reason="同意", due_on="2026-06-30")
    made.refresh_from_db()
    assert (made.due_on, made.first_on, made.changes.get().state) == (date(2026, 6, 30), ON, "granted")
    issue = world.act(issue, "fulfil", "officer", note="已换管")
    do(world, made, "reopen", "clerk", reason="没有换完")
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.promised, Commitment.objects.get(pk=made.pk).state) == (True, "open")
    world.act(issue, "fulfil", "officer", note="已全部换完")
    assert do(world, made, "confirm", "clerk").state == "fulfilled"
    assert not [found for batch in replay_issues() for found in batch.unexplained]


def test_what_is_offered_says_why_it_cannot_be_done(world: World) -> None:
    made = make(world)
    found = {offer.row.action.value: str(offer.refused) for offer in offers(made, world.actor("officer"))}
    assert set(found) == {"report_done", "note", "reach_milestone", "add_milestone", "ask_move"}
    assert not any(found.values())
    others = {offer.row.action.value: str(offer.refused) for offer in offers(made, world.actor("clerk"))}
    assert set(others) == {"confirm", "reopen", "note"}
    assert "待兑现" in others["confirm"]
    assert CoOwner.objects.get().department == world.departments["WATER"]


def test_what_is_historic_is_only_read(world: World) -> None:
    made = make(world)
    Commitment.objects.filter(pk=made.pk).update(historic=True)
    with pytest.raises(services.PromiseStateConflict):
        do(world, made, "report_done", "officer", note="好了")
