"""Deputies' proposals: handed over with clocks, answered by grade, heard, answered again, told of a promise kept."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commitments.models import Commitment
from commitments.services.acting import act
from communities.access import access_of
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from journal.models import Event
from proposals.enums import PROPOSAL, Opinion, ProposalState
from proposals.models import DeputyOpinion, Proposal, ProposalAnswer
from proposals.services import answering, changing, hearing, registering
from proposals.services.answering import NewAnswer
from proposals.services.errors import NotAtThatStep, ProposalChanged
from proposals.services.registering import Deputy
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.proposals.hall import LEAD, answered, clocks, heard, registered, step
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db


def test_a_proposal_is_handed_over_with_its_clocks(world: World) -> None:
    row = registered(world)
    assert clocks(row) == {
        "proposal": ("running", "MUNICIPAL", "06-16 17:30"),
        "proposal_part": ("running", "WATER", "04-17 17:30"),
    }
    assert row.due_at == Deadline.objects.get(kind="proposal").due_at
    fan_out(at=NOW)
    told = Notification.objects.filter(kind="proposal_registered").values_list("user__username", flat=True)
    assert {"head", "officer2"} <= set(told)
    with pytest.raises(NotPermitted):
        registered(world, "clerk", number="16")
    for more, field in (
        ({}, "number"), ({"number": " "}, "number"), ({"number": "16", "lead": "NOBODY"}, "lead"),
        ({"number": "16", "parts": [LEAD]}, "parts"), ({"number": "16", "deputies": []}, "deputies"),
        ({"number": "16", "received_on": NOW.date() + timedelta(days=1)}, "received_on"),
    ):  # fmt: skip
        with pytest.raises(InvalidFields) as refused:
            registered(world, **more)
        assert set(refused.value.fields) == {field}


def test_what_stands_in_a_line_of_a_reply_has_no_breaks_and_is_not_turned_around(world: World) -> None:
    turned = "\u202e"
    row = registered(world, title=f"加快\n幸福路{turned}改造", deputies=[Deputy(f"陈{turned}大文\u2028", "平东\t小组")])
    deputy = row.deputies.get()
    assert (row.title, deputy.name, deputy.delegation) == ("加快 幸福路改造", "陈大文", "平东 小组")


def test_parts_are_waited_for_until_they_are_overdue_or_waived(world: World) -> None:
    row = registered(world, parts=["WATER", "POLICE"])
    plain = NewAnswer("A", "已改造完成。")
    with pytest.raises(NotAtThatStep):
        step(world, answering.answer, row, given=plain)
    with pytest.raises(NotPermitted):
        step(world, answering.give_part, row, "head", department="WATER", note="代写")
    step(world, answering.give_part, row, "officer2", department="WATER", note="管网可以同步改造")
    with pytest.raises(NotAtThatStep):
        step(world, answering.give_part, row, "officer2", department="WATER", note="再写")
    with pytest.raises(InvalidFields):
        step(world, registering.waive_part, row, "supervisor", department="POLICE", reason="")
    late = NOW + timedelta(days=31)
    assert sweep(at=late).fired["proposal_late"] == 1
    step(world, answering.answer, row, given=plain, at=late)
    states = list(Deadline.objects.of(PROPOSAL, row.pk).order_by("pk").values_list("kind", "state"))
    assert states == [("proposal", "met"), ("proposal_part", "met"), ("proposal_part", "late")]


def test_more_time_is_given_by_another_person_once_and_not_beyond_the_longest(world: World) -> None:
    row = registered(world, parts=[])
    for on in (date(2026, 6, 16), date(2026, 9, 15), None):
        with pytest.raises(InvalidFields):
            step(world, registering.ask_time, row, on=on, reason="要等设计")
    step(world, registering.ask_time, row, on=date(2026, 9, 14), reason="要等设计")
    with pytest.raises(NotPermitted):
        step(world, registering.decide_time, row, granted=True)
    assert clocks(row)["proposal"][0] == "running", "undecided it changes nothing"
    step(world, registering.decide_time, row, "supervisor", granted=False, reason="按期答复")
    step(world, registering.ask_time, row, on=date(2026, 8, 31), reason="要等设计")
    late = Deadline.objects.get(kind="proposal").due_at + timedelta(minutes=1)
    row.refresh_from_db()
    office, version = world.actor("supervisor"), row.version
    with pytest.raises(NotAtThatStep):
        registering.decide_time(proposal_id=row.pk, version=version, by=office, granted=True, at=late)
    step(world, registering.decide_time, row, "supervisor", granted=True)
    assert (clocks(row)["proposal"][0], clocks(row)["proposal_long"]) == (
        "cancelled",
        ("running", "MUNICIPAL", "08-31 17:30"),
    )
    with pytest.raises(NotAtThatStep):
        step(world, registering.ask_time, row, on=date(2026, 9, 14), reason="还要等")
    row.refresh_from_db()
    assert (row.extended_on, row.due_at) == (date(2026, 8, 31), Deadline.objects.get(kind="proposal_long").due_at)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (NewAnswer("E", "好"), "grade"),
        (NewAnswer("A", " "), "answer"),
        (NewAnswer("C", "暂时不行"), "why"),
        (NewAnswer("B", "列入计划", due_on=date(2026, 12, 31)), "promise"),
        (NewAnswer("B", "列入计划", promise="年底改造完"), "due_on"),
        (NewAnswer("B", "列入计划", promise="年底改造完", due_on=date(2026, 3, 1)), "due_on"),
    ],
)
def test_what_an_answer_wants(world: World, given: NewAnswer, field: str) -> None:
    row = registered(world, parts=[])
    with pytest.raises(InvalidFields) as refused:
        step(world, answering.answer, row, given=given)
    assert set(refused.value.fields) == {field}
    assert not ProposalAnswer.objects.exists()
    assert not Commitment.objects.exists()


def test_who_is_not_satisfied_is_answered_again_and_with_the_last_opinion_it_is_closed(world: World) -> None:
    row = registered(world)
    answered(world, row, "D")
    with pytest.raises(InvalidFields):
        heard(world, row, 0, Opinion.DISSATISFIED)
    heard(world, row, 0, Opinion.DISSATISFIED, reason="没有说什么时候改造")
    row.refresh_from_db()
    assert (row.state, row.round, clocks(row)["proposal_again"]) == (
        *("handling", 2),
        ("running", "MUNICIPAL", "04-17 17:30"),
    )
    heard(world, row, 1, Opinion.SATISFIED)
    with pytest.raises(NotAtThatStep):
        heard(world, row, 1, Opinion.FAIRLY)
    again = answered(world, row, "C", why="资金未落实")
    assert (again.round, again.reason) == (2, "资金未落实")
    heard(world, row, 0, Opinion.FAIRLY)
    row.refresh_from_db()
    assert row.state == ProposalState.ANSWERED
    heard(world, row, 1, Opinion.SATISFIED)
    row.refresh_from_db()
    assert (row.state, DeputyOpinion.objects.count()) == ("closed", 4)
    with pytest.raises(IssueError):
        step(world, answering.answer, row, given=NewAnswer("A", "又答"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalAnswer.objects.filter(pk=again.pk).update(grade="B")


def test_what_a_b_promises_is_a_commitment_and_told_again_once_it_was_kept(world: World) -> None:
    row = registered(world)
    made = answered(world, row, "B", promise="年底前完成改造", due_on=date(2026, 12, 31))
    promised = Commitment.objects.get()
    assert (promised.owner.code, promised.source_kind, promised.source_id) == (LEAD, PROPOSAL, row.pk)
    assert [one.department.code for one in promised.co_owners.select_related("department")] == ["WATER"]
    for place in (0, 1):
        heard(world, row, place, Opinion.SATISFIED)
    with pytest.raises(NotAtThatStep):
        step(world, answering.report_kept, row, round_=1, words="已改造完")
    head, office = world.actor("head"), world.actor("supervisor")
    done = NOW + timedelta(days=200)
    kept = act(commitment_id=promised.pk, action="report_done", by=head, at=done, data={"note": "完工"}, version=1)
    kept = act(commitment_id=kept.pk, action="confirm", by=office, at=done, data={}, version=kept.version)
    assert clocks(row)["proposal_report"][:2] == ("running", LEAD)
    assert Proposal.objects.to_report().get() == row
    reason = {"reason": "没有完工"}
    kept = act(commitment_id=kept.pk, action="reopen", by=office, at=done, data=reason, version=kept.version)
    assert (clocks(row)["proposal_report"][0], Proposal.objects.to_report().exists()) == ("cancelled", False)
    kept = act(
        commitment_id=kept.pk, action="report_done", by=head, at=done, data={"note": "完工"}, version=kept.version
    )
    act(commitment_id=kept.pk, action="confirm", by=office, at=done, data={}, version=kept.version)
    fan_out(at=done)
    told = Notification.objects.filter(kind="proposal_promise_kept").values_list("user__username", flat=True)
    assert "head" in told
    assert sweep(at=done + timedelta(days=30)).fired["proposal_late"] == 1, "though the proposal is closed"
    step(world, answering.report_kept, row, round_=1, words="已改造完，不再积水", at=done)
    made.refresh_from_db()
    assert (made.kept, Proposal.objects.to_report().exists()) == ("已改造完，不再积水", False)
    events = Event.objects.of(PROPOSAL, row.pk).order_by("-seq").values_list("kind", flat=True)
    assert events[0] == "proposal_reported_again"


def test_two_promises_kept_are_both_told_of_before_the_clock_stops(world: World) -> None:
    row = registered(world, parts=[])
    head, office = world.actor("head"), world.actor("supervisor")
    for words in ("年底前改造完", "明年做好绿化"):
        answered(world, row, "B", promise=words, due_on=date(2026, 12, 31))
        if row.answers.count() == 1:
            heard(world, row, 0, Opinion.DISSATISFIED, reason="绿化呢")
    for promised in Commitment.objects.order_by("pk"):
        done = act(commitment_id=promised.pk, action="report_done", by=head, at=NOW, data={"note": "完工"}, version=1)
        act(commitment_id=promised.pk, action="confirm", by=office, at=NOW, data={}, version=done.version)
    for round_, state in ((2, "running"), (1, "met")):
        step(world, answering.report_kept, row, round_=round_, words="已完成")
        assert clocks(row)["proposal_report"][0] == state


def test_who_sees_and_who_does_what(world: World) -> None:
    row = registered(world)
    sees = {
        who: Proposal.objects.visible_to(access_of(world.user(who))).exists()
        for who in ("supervisor", "deputy", "head", "officer", "officer2", "clerk", "leader", "outsider")
    }
    assert {who for who, seen in sees.items() if seen} == {"supervisor", "deputy", "head", "officer", "officer2"}
    step(world, answering.give_part, row, "officer2", department="WATER", note="可以同步改造")
    with pytest.raises(NotPermitted):
        step(world, answering.answer, row, "officer2", given=NewAnswer("A", "好"))
    with pytest.raises(NotPermitted):
        step(world, registering.add_part, row, "head", department="POLICE")
    with pytest.raises(ProposalChanged):
        step(world, answering.answer, row, given=NewAnswer("A", "好"), version=1)
    answered(world, row)
    with pytest.raises(NotPermitted):
        step(world, hearing.record_opinion, row, "head", deputy_id=row.deputies.all()[0].pk, opinion="satisfied")


def test_a_slip_of_the_pen_is_put_right_and_what_stood_there_stays(world: World) -> None:
    row, other = registered(world), registered(world, number="桂城〔2026〕16号", title="另一件")
    given = {"number": "桂城〔2026〕51号", "title": row.title, "words": "幸福路积水多年。"}
    with pytest.raises(NotPermitted):
        step(world, changing.correct, row, "head", **given)
    with pytest.raises(InvalidFields) as refused:
        step(world, changing.correct, row, "supervisor", **(given | {"number": other.number}))
    assert set(refused.value.fields) == {"number"}
    step(world, changing.correct, row, "supervisor", **given)
    row.refresh_from_db()
    assert (row.number, row.words) == (given["number"], given["words"])
    event = Event.objects.get(subject_kind=PROPOSAL, subject_id=row.pk, kind="proposal_corrected")
    assert (event.text("before_number"), event.text("before_title")) == ("桂城〔2026〕15号", "")
    assert "尽快改造" in event.text("before_words")
    step(world, changing.correct, row, "supervisor", **given)
    assert Event.objects.filter(subject_id=row.pk, kind="proposal_corrected").count() == 1


def test_another_lead_owes_the_answer_by_the_same_day(world: World) -> None:
    row = registered(world, parts=["POLICE"])
    step(world, registering.ask_time, row, on=date(2026, 7, 20), reason="等方案")
    for lead in (LEAD, "POLICE", "NOBODY"):
        with pytest.raises(InvalidFields):
            step(world, changing.hand_over, row, "supervisor", lead=lead, reason="职责不符")
    step(world, changing.hand_over, row, "supervisor", lead="WATER", reason="职责不符")
    row.refresh_from_db()
    assert (row.lead.code, row.asked_at) == ("WATER", None)
    assert clocks(row)["proposal"] == ("running", "WATER", "06-16 17:30")
    with pytest.raises(NotPermitted):
        step(world, answering.answer, row, "head", given=NewAnswer("A", "已改造。"))
    fan_out(at=NOW)
    told = Notification.objects.filter(kind="proposal_handed_over").values_list("user__username", flat=True)
    assert set(told) == {"officer2"}


def test_what_the_deputies_take_back_owes_nobody_anything(world: World) -> None:
    row = registered(world)
    step(world, changing.withdraw, row, "supervisor", reason="已另行解决")
    row.refresh_from_db()
    assert (row.state, row.due_at, row.has_ended) == (ProposalState.RECALLED, None, True)
    assert {state for state, _party, _due in clocks(row).values()} == {"cancelled"}
    for service, given in (
        (changing.correct, {"number": "1", "title": "2", "words": "3"}),
        (changing.hand_over, {"lead": "POLICE", "reason": "x"}),
        (changing.withdraw, {"reason": "x"}),
    ):
        with pytest.raises(NotAtThatStep):
            step(world, service, row, "supervisor", **given)
    fan_out(at=NOW)
    told = Notification.objects.filter(kind="proposal_withdrawn").values_list("user__username", flat=True)
    assert "head" in set(told)
    late = registered(world, number="17")
    answered(world, late)
    with pytest.raises(NotAtThatStep):
        step(world, changing.withdraw, late, "supervisor", reason="太晚")


@pytest.mark.parametrize("other", [{"parts": ["POLICE"]}, {"parts": []}, {"deputies": [Deputy("李小明")]}])
def test_a_form_sent_again_with_other_handlers_or_deputies_is_no_repeat(world: World, other: dict[str, Any]) -> None:
    row = registered(world, key="abcdefgh")
    assert registered(world, key="abcdefgh").pk == row.pk
    with pytest.raises(InvalidFields) as refused:
        registered(world, key="abcdefgh", **other)
    assert set(refused.value.fields) == {"key"}
