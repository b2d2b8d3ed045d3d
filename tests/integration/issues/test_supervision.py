"""Documents that the clock draws up, numbered papers, urges that nobody answers, and the side clocks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments import services as commitments
from common.clock import SHANGHAI
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Issue
from issues.replay.rules import differences
from issues.services.elapsing import acknowledge_by_time, draft_by_time, info_expired
from issues.services.errors import InvalidFields, StateConflict
from issues.services.urging import urged_by_time
from journal.models import Event, EventText
from papers.enums import DraftKind
from papers.models import Draft, Paper
from reminders.subjects import Urged
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(minutes=30)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock(issue: Issue, kind: str) -> Deadline:
    found = Deadline.objects.of(SUBJECT, issue.pk).filter(kind=kind).order_by("-id").first()
    assert found is not None, kind
    return found


def state(issue: Issue, kind: str) -> str:
    found = Deadline.objects.of(SUBJECT, issue.pk).filter(kind=kind).order_by("-id").first()
    return found.state if found is not None else ""


def late_for(issue: Issue, days: int = 14) -> datetime:
    return clock(issue, "handle").due_at + timedelta(days=days)


def draft(issue: Issue, kind: DraftKind, at: datetime, of: str = "handle") -> Issue | None:
    return draft_by_time(issue_id=issue.pk, kind=kind, deadline_id=clock(issue, of).pk, at=at)


def urge_now(issue: Issue, kind: str, at: datetime) -> dict[str, Any]:
    """What the sweep does: urge by the clock, and write the event."""
    row = clock(issue, kind)
    facts = urged_by_time([Urged(row.pk, issue.pk, row.kind, row.party_id, row.due_at)], at, deadlines.load_calendar())
    return facts[row.pk]


def texts_of(event: Event) -> dict[str, str]:
    return {row.key: row.text for row in EventText.objects.filter(event=event)}


def assert_told(issue: Issue) -> None:
    """The journal says what the row says."""
    row = Issue.objects.get(pk=issue.pk)
    assert differences(Event.objects.of(SUBJECT, issue.pk).order_by("seq"), row) == {}


# Drafts by the clock


def test_the_clock_draws_up_an_order_in_words_made_of_codes(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", description="张小三住3栋502，楼道积水")
    world.act(issue, "urge", "clerk", SOON)
    late = late_for(issue)
    after = draft(issue, DraftKind.ORDER, late)
    assert after is not None
    assert (after.asks, after.asks_direction, after.supervision) == (["order"], True, "urged")
    request = Draft.objects.get(subject_id=issue.pk)
    assert (request.asked_by, request.deadline, request.deadline_kind) == (None, clock(issue, "handle"), "handle")
    assert request.department == world.departments["MUNICIPAL"]
    assert "市政管理办公室的办理时限已于" in request.text
    assert "超期" in request.text
    assert "已催办1次" in request.text
    assert "2个工作日内书面回复" in request.text
    assert not any(word in request.text for word in ("张", "3栋", "1234", "积水"))
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="supervise")
    assert (event.actor_id, event.actor_role, event.data["kind"], event.visible) == (None, "system", "order", False)
    assert texts_of(event)["note"] == request.text
    assert state(issue, "signature") == "running"
    assert_told(issue)


def test_a_draft_that_is_there_or_signed_is_not_drawn_up_again(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    late = late_for(issue)
    assert draft(issue, DraftKind.ORDER, SOON) is None, "its time has not passed"
    assert draft(issue, DraftKind.YELLOW_CARD, late) is not None
    before = (Event.objects.count(), Issue.objects.get(pk=issue.pk).version)
    assert draft(issue, DraftKind.ORDER, late) is None, "a graver one waits"
    assert draft(issue, DraftKind.YELLOW_CARD, late) is None
    assert (Event.objects.count(), Issue.objects.get(pk=issue.pk).version) == before
    world.act(Issue.objects.get(pk=issue.pk), "sign", "deputy", late)
    assert draft(issue, DraftKind.ORDER, late + timedelta(days=1)) is None, "a graver one was signed for it"
    assert draft(issue, DraftKind.RED_CARD, late + timedelta(days=1)) is not None


def test_what_the_supervisor_drew_up_before_stands_for_it(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "supervise", "supervisor", SOON, kind="order", note="请书面说明")
    issue = world.act(issue, "sign", "deputy", SOON)
    assert draft(issue, DraftKind.ORDER, late_for(issue)) is None
    assert draft(issue, DraftKind.YELLOW_CARD, late_for(issue)) is not None


def test_cards_are_for_handling_and_promises_alone(world: World) -> None:
    issue = world.make_issue("dispatched", category="0402")
    late = clock(issue, "acknowledge").due_at + timedelta(days=20)
    assert draft(issue, DraftKind.YELLOW_CARD, late, "acknowledge") is None
    assert draft(issue, DraftKind.ORDER, late, "acknowledge") is not None


def test_nothing_is_drawn_up_for_a_clock_that_ended_or_of_another_matter(world: World) -> None:
    issue, other = world.make_issue("in_progress", category="0402"), world.make_issue("in_progress", category="0402")
    late = late_for(issue)
    foreign = clock(other, "handle").pk
    assert draft_by_time(issue_id=issue.pk, kind=DraftKind.ORDER, deadline_id=foreign, at=late) is None
    world.act(issue, "reply", "officer", late, outcome="explained", note="已说明")
    assert draft(issue, DraftKind.ORDER, late) is None


def promised(world: World, status: str = "closed") -> tuple[Issue, Deadline]:
    """A matter with an overdue promise."""
    issue = world.make_issue(status)
    made = commitments.make(
        subdistrict_id=issue.subdistrict_id,
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        text="月底前修好",
        owner_id=world.departments["MUNICIPAL"].pk,
        by_id=world.people["officer"].pk,
        at=NOW,
        due_on=date(2026, 3, 31),
    )
    Issue.objects.filter(pk=issue.pk).update(promised=True)
    return issue, Deadline.objects.get(subject_kind="commitment", subject_id=made.pk)


def test_a_promise_is_supervised_after_its_matter_has_closed(world: World) -> None:
    issue, fulfil = promised(world)
    late = moment("2026-04-10T09:00")
    with pytest.raises(StateConflict):
        world.act(issue, "supervise", "supervisor", SOON, kind="order", note="尚未到期")
    after = draft_by_time(issue_id=issue.pk, kind=DraftKind.YELLOW_CARD, deadline_id=fulfil.pk, at=late)
    assert after is not None
    assert (after.status, after.asks) == ("closed", ["yellow_card"])
    assert "兑现承诺时限" in Draft.objects.get(subject_id=issue.pk).text
    after = world.act(after, "sign", "deputy", late)
    assert (after.supervision, after.due_at) == ("yellow_card", None)
    after = world.act(after, "fulfil", "officer", late, note="已修好")
    after = world.act(after, "lift", "deputy", late, note="已兑现")
    assert after.supervision == "none"
    with pytest.raises(StateConflict):
        world.act(after, "supervise", "supervisor", late, kind="order", note="再督办")


def test_an_order_about_a_promise_wants_its_answer_after_closing(world: World) -> None:
    issue, fulfil = promised(world)
    late = moment("2026-04-10T09:00")
    after = draft_by_time(issue_id=issue.pk, kind=DraftKind.ORDER, deadline_id=fulfil.pk, at=late)
    assert after is not None
    with pytest.raises(StateConflict):
        world.act(after, "progress", "officer", late, note="尚无人要求书面回复")
    after = world.act(after, "sign", "director", late)
    assert clock(issue, "supervision_reply").due_at == moment("2026-04-14T17:30")
    after = world.act(after, "progress", "officer", late, note="书面说明如下")
    assert (after.status, state(issue, "supervision_reply")) == ("closed", "met")


def test_a_draft_about_a_promise_outlives_its_matter_and_ends_with_the_promise(world: World) -> None:
    issue, fulfil = promised(world, "follow_up")
    late = moment("2026-04-10T09:00")
    after = draft_by_time(issue_id=issue.pk, kind=DraftKind.ORDER, deadline_id=fulfil.pk, at=late)
    assert after is not None
    after = world.act(after, "record_follow_up", "clerk", late, verdict="satisfied", solved="yes")
    assert (after.status, after.asks, state(issue, "signature")) == ("closed", ["order"], "running")
    after = world.act(after, "fulfil", "officer", late, note="已修好")
    assert (after.asks, state(issue, "signature")) == ([], "cancelled")
    assert Draft.objects.get(subject_id=issue.pk).state == "lapsed"


# Signing


def test_the_signature_clock_runs_while_any_draft_waits(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    late = late_for(issue)
    for kind in (DraftKind.ORDER, DraftKind.RED_CARD):
        assert draft(issue, kind, late) is not None
    first = clock(issue, "signature")
    after = world.act(Issue.objects.get(pk=issue.pk), "sign", "deputy", late)
    assert clock(issue, "signature") == first
    assert state(issue, "signature") == "running"
    after = world.act(after, "refuse_sign", "director", late, note="先约谈")
    assert (after.asks, state(issue, "signature")) == ([], "met")


def test_a_draft_lapses_with_its_matter_and_so_does_its_clock(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    after = draft(issue, DraftKind.ORDER, late_for(issue))
    assert after is not None
    after = world.act(after, "withdraw", "resident", late_for(issue))
    assert (after.asks, state(issue, "signature")) == ([], "cancelled")


def signed_card(world: World, at: datetime, by: str = "deputy") -> Issue:
    """A matter whose department got a yellow card at ``at``."""
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "supervise", "supervisor", at, kind="yellow_card", note="超期")
    return world.act(issue, "sign", by, at)


def test_a_second_yellow_card_in_the_quarter_draws_up_a_red_one(world: World) -> None:
    first = signed_card(world, moment("2026-04-20T10:00"))
    assert first.asks == []
    second = signed_card(world, moment("2026-06-30T17:00"))
    assert (second.asks, second.supervision, second.asks_direction) == (["red_card"], "yellow_card", True)
    kinds = list(Event.objects.of(SUBJECT, second.pk).order_by("seq").values_list("kind", "actor_role"))
    assert kinds[-2:] == [("sign", "deputy"), ("supervise", "system")]
    request = Draft.objects.get(subject_id=second.pk, kind="red_card")
    assert (request.asked_by, request.department) == (None, world.departments["MUNICIPAL"])
    assert "桂城黄〔2026〕000001号、桂城黄〔2026〕000002号" in request.text
    assert clock(second, "signature").started_at == moment("2026-06-30T17:00")
    assert_told(second)
    with pytest.raises(StateConflict):
        world.act(second, "sign", "deputy", moment("2026-06-30T17:10"))
    assert world.act(second, "sign", "director", moment("2026-06-30T17:10")).supervision == "red_card"


@pytest.mark.parametrize("second_at", ["2026-07-01T09:00", "2026-06-30T17:00"])
def test_another_quarter_or_a_lifted_card_does_not_count(world: World, second_at: str) -> None:
    first = signed_card(world, moment("2026-04-20T10:00"))
    if second_at.startswith("2026-06"):
        world.act(first, "lift", "director", moment("2026-05-08T09:00"), note="已整改")
    assert signed_card(world, moment(second_at)).asks == []


# Papers


def test_papers_are_numbered_without_gaps_by_kind_and_year(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    for _time in range(2):
        issue = world.act(issue, "urge", "clerk", SOON)
    late = late_for(issue)
    issue = world.act(issue, "supervise", "supervisor", late, kind="order", note="请书面说明")
    issue = world.act(issue, "sign", "deputy", late)
    issue = world.act(issue, "urge", "supervisor", moment("2027-01-04T09:00"))
    assert list(Paper.objects.of(SUBJECT, issue.pk).values_list("number", flat=True)) == [
        "桂城催〔2027〕000001号", "桂城督〔2026〕000001号", "桂城催〔2026〕000002号", "桂城催〔2026〕000001号",
    ]  # fmt: skip
    order = Paper.objects.get(kind="order")
    assert (order.department, order.deadline_kind) == (world.departments["MUNICIPAL"], "handle")
    assert (order.due_at, order.urges) == (clock(issue, "handle").due_at, 2)
    assert order.reply_due_at == clock(issue, "supervision_reply").due_at
    assert order.issued_by == world.people["deputy"]
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="sign")
    assert event.data["paper"] == "桂城督〔2026〕000001号"


def test_a_refused_urge_gives_its_number_back(world: World) -> None:
    issue = world.make_issue("in_progress")
    with pytest.raises(InvalidFields):
        world.act(issue, "urge", "clerk", SOON, note="一" * 9000)
    world.act(issue, "urge", "clerk", SOON)
    assert Paper.objects.get().serial == 1


def test_lifting_lifts_every_paper_that_stands(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    late = late_for(issue)
    for kind in ("order", "yellow_card"):
        issue = world.act(issue, "supervise", "supervisor", late, kind=kind, note="超期")
        issue = world.act(issue, "sign", "deputy", late)
    issue = world.act(issue, "lift", "director", late, note="已整改")
    assert set(Paper.objects.values_list("lifted_at", "lifted_by__username")) == {(late, "director")}
    lifted = Event.objects.of(SUBJECT, issue.pk).get(kind="lift").data["papers"]
    assert lifted == ["桂城督〔2026〕000001号", "桂城黄〔2026〕000001号"]


# Urges that nobody answers


def test_an_urge_that_finds_another_unanswered_starts_a_clock(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "urge", "clerk", SOON)
    assert (issue.urged_at, state(issue, "urge_reply")) == (SOON, "")
    issue = world.act(issue, "urge", "supervisor", SOON + timedelta(hours=1))
    found = clock(issue, "urge_reply")
    assert (found.party, found.due_at) == (world.departments["MUNICIPAL"], moment("2026-03-19T17:30"))
    assert issue.due_kind == "handle", "a side clock does not govern"
    issue = world.act(issue, "comment", "officer", SOON + timedelta(hours=2), note="知道了")
    assert issue.urged_at is not None, "words alone are no answer"
    issue = world.act(issue, "progress", "officer", SOON + timedelta(hours=3), note="已到现场")
    assert (issue.urged_at, state(issue, "urge_reply")) == (None, "met")
    assert_told(issue)


def test_an_urge_that_was_answered_does_not_count_for_the_next(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "urge", "clerk", SOON)
    issue = world.act(issue, "progress", "officer", SOON + timedelta(hours=1), note="已到现场")
    issue = world.act(issue, "urge", "clerk", SOON + timedelta(hours=2))
    assert (issue.urge_count, issue.urged_at, state(issue, "urge_reply")) == (2, SOON + timedelta(hours=2), "")


def test_urges_concern_nobody_once_somebody_else_has_to_move(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    for hour in (0, 1):
        issue = world.act(issue, "urge", "clerk", SOON + timedelta(hours=hour))
    issue = world.act(issue, "reassign", "supervisor", SOON + timedelta(hours=2), department="WATER", reason="属水务")
    assert (issue.urged_at, state(issue, "urge_reply")) == (None, "cancelled")
    assert_told(issue)


def test_silence_taken_for_an_acknowledgement_answers_nothing(world: World) -> None:
    issue = world.make_issue("dispatched", category="0402")
    for hour in (0, 1):
        issue = world.act(issue, "urge", "clerk", SOON + timedelta(hours=hour))
    after = acknowledge_by_time(issue_id=issue.pk, at=moment("2026-03-20T17:31"))
    assert after is not None
    assert (after.urged_at, state(issue, "urge_reply")) == (SOON, "running")


def test_two_ignored_urges_draw_up_an_order(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    for hour in (0, 1):
        issue = world.act(issue, "urge", "clerk", SOON + timedelta(hours=hour))
    due = clock(issue, "urge_reply").due_at
    after = draft(issue, DraftKind.ORDER, due, "urge_reply")
    assert after is not None
    assert "两次催办未回应" in Draft.objects.get(subject_id=issue.pk).text
    assert draft(issue, DraftKind.YELLOW_CARD, due, "urge_reply") is None


def test_the_community_answers_for_what_it_owes(world: World) -> None:
    issue = world.make_issue("submitted", category="0402", source="web")
    for hour in (0, 1):
        issue = world.act(issue, "urge", "supervisor", SOON + timedelta(hours=hour))
    assert clock(issue, "urge_reply").party == world.departments["XIADONG-TEAM"]
    issue = world.act(issue, "accept", "clerk", SOON + timedelta(hours=2))
    assert state(issue, "urge_reply") == "met"


def test_the_clock_urges_as_a_person_does(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    first, later = moment("2026-04-01T17:31"), moment("2026-04-02T09:00")
    told = urge_now(issue, "handle", first)
    assert told == {
        "urges": 1,
        "supervision": "urged",
        "unanswered_since": first.isoformat(),
        "untold": True,
        "paper": "桂城催〔2026〕000001号",
    }
    issue.refresh_from_db()
    assert (issue.urge_count, issue.supervision, issue.urged_at, issue.untold) == (1, "urged", first, True)
    assert clock(issue, "inform").party == world.departments["XIADONG-TEAM"]
    paper = Paper.objects.get()
    assert (paper.issued_by, paper.department, paper.urges) == (None, world.departments["MUNICIPAL"], 1)
    urge_now(issue, "handle", first)
    assert state(issue, "urge_reply") == "", "what comes at one moment is one urge"
    assert urge_now(issue, "handle", later)["urges"] == 3
    assert clock(issue, "urge_reply").party == world.departments["MUNICIPAL"]
    assert urge_now(issue, "handle", later + timedelta(hours=1))["urges"] == 4
    assert Deadline.objects.of(SUBJECT, issue.pk).filter(kind="urge_reply").count() == 1


def test_what_others_owe_is_not_held_against_whoever_has_to_move(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    for day in (1, 2):
        told = urge_now(issue, "co_reply", moment(f"2026-04-0{day}T09:00"))
        assert "unanswered_since" not in told
    assert state(issue, "urge_reply") == ""


def test_a_promise_is_urged_after_its_matter_has_closed(world: World) -> None:
    issue, fulfil = promised(world)
    row = Urged(fulfil.pk, issue.pk, fulfil.kind, fulfil.party_id, fulfil.due_at)
    told = urged_by_time([row], moment("2026-03-31T17:31"), deadlines.load_calendar())
    assert told == {fulfil.pk: {"paper": "桂城催〔2026〕000001号"}}
    issue.refresh_from_db()
    assert (issue.urge_count, issue.supervision) == (0, "none")


def test_a_batch_of_urges_costs_as_many_statements_as_one(world: World) -> None:
    issues = [world.make_issue("in_progress", category="0402") for _one in range(6)]
    rows = []
    for issue in issues:
        handle = clock(issue, "handle")
        rows.append(Urged(handle.pk, issue.pk, handle.kind, handle.party_id, handle.due_at))
    calendar, counts = deadlines.load_calendar(), []
    for number, some in enumerate((rows[:1], rows, rows)):
        with CaptureQueriesContext(connection) as queries:
            urged_by_time(some, moment("2026-04-01T17:31") + timedelta(hours=number), calendar)
        counts.append(len(queries))
    assert counts[0] == 5
    assert max(counts) == 5
    assert [row.serial for row in Paper.objects.order_by("id")] == list(range(1, 14))


# Notes


def test_days_without_a_note_are_counted_from_each_note(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    first = clock(issue, "progress")
    assert (first.party, first.due_at) == (world.departments["MUNICIPAL"], moment("2026-03-25T17:30"))
    issue = world.act(issue, "progress", "officer", moment("2026-03-20T09:00"), note="已到现场")
    assert clock(issue, "progress").due_at == moment("2026-03-27T17:30")
    issue = world.act(issue, "reply", "officer", moment("2026-03-23T09:00"), outcome="explained", note="已说明")
    assert state(issue, "progress") == "met"
    issue = world.act(issue, "redo", "clerk", moment("2026-03-24T09:00"), reason="仍有积水")
    assert clock(issue, "progress").due_at == moment("2026-03-31T17:30")


def test_a_deferral_stops_the_count_and_a_resumption_goes_on(world: World) -> None:
    issue = world.make_issue("suspended", category="0402")
    assert state(issue, "progress") == "paused"
    issue = world.act(issue, "resume", "officer", moment("2026-04-01T09:00"))
    assert clock(issue, "progress").due_at == moment("2026-04-09T17:30")
    assert Deadline.objects.of(SUBJECT, issue.pk).filter(kind="progress").count() == 1


@pytest.mark.parametrize("action", ["return", "reassign"])
def test_who_gives_it_back_owes_no_note(world: World, action: str) -> None:
    issue = world.make_issue("in_progress", category="0402")
    data: Mapping[str, Any] = {"reason": "not_ours", "basis": "属水务"}
    if action == "reassign":
        data = {"department": "WATER", "reason": "属水务"}
    issue = world.act(issue, action, "officer" if action == "return" else "supervisor", SOON, **data)
    assert state(issue, "progress") == "cancelled"


def test_a_body_outside_is_followed_up_by_the_community_alone(world: World) -> None:
    issue = world.make_issue("accepted", category="0402")
    issue = world.act(issue, "transfer_out", "clerk", SOON, department="POLICE")
    assert (state(issue, "tracking"), state(issue, "progress")) == ("running", "")


# Who must still be told


def test_a_rejected_matter_waits_until_the_reporter_is_told(world: World) -> None:
    issue = world.make_issue("submitted", category="0402", source="web")
    issue = world.act(issue, "reject", "clerk", SOON, reason="court", note="请到法院立案")
    assert (issue.status, issue.untold, state(issue, "inform")) == ("rejected", True, "running")
    assert (issue.due_at, clock(issue, "inform").party) == (None, world.departments["XIADONG-TEAM"])
    issue = world.act(issue, "contact", "clerk", SOON, channel="phone", result="not_reached")
    assert issue.untold
    issue = world.act(issue, "contact", "clerk", SOON, channel="phone", result="reached")
    assert (issue.untold, state(issue, "inform")) == (False, "met")
    with pytest.raises(StateConflict):
        world.act(issue, "contact", "clerk", SOON, channel="phone", result="reached")
    assert_told(issue)


@pytest.mark.parametrize(
    ("given", "reason"), [({"contact_phone": "", "contact_name": ""}, "anonymous"), ({}, "leader")]
)
def test_who_cannot_or_need_not_be_called_is_not_waited_for(world: World, given: dict[str, Any], reason: str) -> None:
    if reason == "leader":
        assert world.leader is not None
        given = {"leader_id": world.leader.pk, "community": "dade", "source": "leader"}
    issue = world.make_issue("submitted", category="0402", **given)
    issue = world.act(
        issue, "reject", "clerk2" if reason == "leader" else "clerk", SOON, reason="court", note="请到法院"
    )
    assert (issue.untold, state(issue, "inform")) == (False, "")


def test_a_granted_extension_is_told_until_the_answer_brings_a_call(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "request_extension", "officer", SOON, days=2, reason="等待配件")
    issue = world.act(issue, "grant_extension", "supervisor", SOON)
    assert issue.untold
    issue = world.act(issue, "reply", "officer", SOON, outcome="explained", note="已说明")
    assert (issue.untold, state(issue, "inform")) == (False, "cancelled")


@pytest.mark.parametrize("action", ["comment", "request_callback", "withdraw"])
def test_any_deed_of_the_reporter_shows_that_it_is_known(world: World, action: str) -> None:
    issue = world.make_issue("suspended", category="0402")
    assert issue.untold
    issue = world.act(issue, action, "resident", SOON, **({"note": "知道了"} if action == "comment" else {}))
    assert not issue.untold
    assert_told(issue)


def test_asking_for_more_is_told_and_silence_is_no_answer(world: World) -> None:
    issue = world.make_issue("need_info", category="0402", source="web", by="clerk")
    assert issue.untold
    after = info_expired(issue_id=issue.pk, at=moment("2026-03-23T17:31"))
    assert after is not None
    assert after.untold


def test_a_merge_by_staff_is_told_and_one_of_the_residents_own_is_not(world: World) -> None:
    master, issue = world.make_issue("submitted"), world.make_issue("submitted")
    issue = world.act(issue, "merge", "clerk", SOON, master=master.number)
    assert issue.untold
    issue = world.act(issue, "unmerge", "clerk", SOON)
    assert (issue.untold, state(issue, "inform")) == (False, "cancelled")
    assert_told(issue)


def test_explaining_and_closing_is_told_and_what_waited_goes_on(world: World) -> None:
    issue = world.make_issue("suspended", category="0402")
    first = clock(issue, "inform")
    issue = world.act(issue, "close_explained", "supervisor", SOON + timedelta(days=2), reason="已说明")
    assert (issue.status, issue.untold) == ("closed", True)
    assert clock(issue, "inform") == first
