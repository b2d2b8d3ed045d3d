"""Every edge of the workflow once on the database: what the row, the clocks and the journal say afterwards."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from commitments import services as commitments
from communities.actors import Actor
from deadlines.models import Deadline
from issues import workflow
from issues.clock_specs import SIDE
from issues.enums import ENDED, SUBJECT, Status
from issues.models import Issue
from issues.policies import parties
from issues.reading.asked import asked_on
from issues.replay.rules import differences
from issues.services.actions import act
from issues.services.errors import InvalidFields, NotPermitted, StateConflict, UnknownAction, VersionConflict
from issues.services.offers import allowed_offers, offers
from issues.workflow import Party
from journal.models import Event
from journal.verification import verify
from reminders.enums import Channel
from reminders.reference import forget_gateways
from tests.support.cast import NOW, World, in_status
from tests.support.outbox import channel
from tests.support.sampling import sampled
from tests.support.standing import begins

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=30)

FIELDS: dict[str, dict[str, Any]] = {
    "contact": {"channel": "phone", "result": "reached"},
    "accept": {"category": "0301"},
    "request_info": {"note": "请说明具体位置"},
    "give_info": {"note": "在幸福路口公交站旁"},
    "reject": {"reason": "petition", "note": "请到信访窗口反映"},
    "answer_now": {"note": "凭身份证到服务中心办理"},
    "dispatch": {"department": "MUNICIPAL"},
    "transfer_out": {"department": "POLICE"},
    "acknowledge": {},
    "assign": {"officer": "officer"},
    "return": {"reason": "not_ours", "basis": "内涝由水务部门负责", "suggested_department": "WATER"},
    "assign_final": {"department": "WATER", "reason": "内涝由水务办牵头"},
    "reassign": {"department": "WATER", "reason": "属水务办职责"},
    "add_department": {"department": "GOVERN"},
    "waive_department": {"department": "WATER", "reason": "无需协办"},
    "co_reply": {"note": "管网已检查"},
    "progress": {"note": "已到现场", "first_report": True, "visible_to_resident": True},
    "request_extension": {"days": 2, "reason": "等待配件"},
    "grant_extension": {},
    "refuse_extension": {"reason": "可先作临时处理"},
    "request_suspension": {"reason": "funding", "until": "2026-05-08", "interim_answer": "资金已报区里审批"},
    "grant_suspension": {},
    "refuse_suspension": {"reason": "不符合挂账条件"},
    "endorse": {},
    "resume": {},
    "reply": {"outcome": "explained", "note": "已疏通"},
    "verify_pass": {"check": "phone", "note": "电话核实"},
    "redo": {"reason": "仍有积水"},
    "record_follow_up": {"verdict": "satisfied", "solved": "yes"},
    "close_explained": {"reason": "已向居民说明"},
    "reopen": {"reason": "又积水了"},
    "withdraw": {},
    "merge": {"master": "桂城-2026-999999"},
    "unmerge": {},
    "urge": {"note": "请尽快"},
    "request_callback": {},
    "set_messages": {"messages": "off"},
    "supervise": {"kind": "order", "note": "请于两个工作日内书面回复"},
    "sign": {},
    "refuse_sign": {"note": "先催办"},
    "lift": {"note": "已回复"},
    "instruct": {"note": "请市政办本周内办结"},
    "cc": {"departments": ["GOVERN"]},
    "comment": {"note": "补充一点"},
    "fulfil": {"note": "已按期完成"},
    "move_promise": {"reason": "雨季延后", "due_on": "2026-09-30"},
    "edit": {"address": "幸福路口公交站"},
    "publish": {},
    "unpublish": {},
    "request_exclusion": {"reason": "测试工单"},
    "grant_exclusion": {"reason": "情况属实"},
    "refuse_exclusion": {"reason": "应计入统计"},
    "request_disclosure": {"reason": "反映人同意公开"},
    "grant_disclosure": {"reason": "反映人书面同意"},
    "refuse_disclosure": {"reason": "反映人没有同意"},
}
WHO = {
    Party.COMMUNITY: "clerk",
    Party.LEAD: "officer",
    Party.LEAD_HEAD: "head",
    Party.CO: "officer2",
    Party.SUPERVISOR: "supervisor",
    Party.REPORTER: "resident",
    Party.DIRECTION: "director",
}
PROMISES = ("fulfil", "move_promise")
DOCUMENTS = ("supervise", "sign", "refuse_sign", "lift")
REACHABLE = tuple(Status.values)


ANSWERED = ("replied", "follow_up", "closed")


def promise(world: World, issue: Issue, due_on: date | None) -> None:
    """A promise made on it; without a date one that is overdue."""
    commitments.make(
        subdistrict_id=issue.subdistrict_id,
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        text="九月底前修好",
        owner_id=issue.lead_department_id or world.departments["MUNICIPAL"].pk,
        by_id=world.people["officer"].pk,
        at=NOW if due_on else NOW - timedelta(days=40),
        due_on=due_on or (NOW - timedelta(days=1)).date(),
    )
    Issue.objects.filter(pk=issue.pk).update(promised=True)


def matter_for(action: str) -> dict[str, Any]:
    """What a matter must be from the start for the rules to let this action pass."""
    if action == "answer_now":
        return {"kind": "enquiry"}
    return {"confidential": True} if action.endswith("_disclosure") else {}


def prepare(world: World, issue: Issue, action: str, party: Party) -> Issue:
    """What must have happened before the rules let this action pass: a request, a draft, a co-department, a master."""
    status = issue.status
    deferral = FIELDS["request_suspension"]
    if party is Party.DIRECTION:
        deferral = deferral | {"until": "2026-12-31"}
    needed: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
        "grant_extension": [("request_extension", "officer", FIELDS["request_extension"])],
        "refuse_extension": [("request_extension", "officer", FIELDS["request_extension"])],
        "grant_suspension": [("request_suspension", "officer", deferral)],
        "refuse_suspension": [("request_suspension", "officer", deferral)],
        "endorse": [("request_suspension", "officer", deferral)],
        "sign": [("supervise", "supervisor", FIELDS["supervise"])],
        "refuse_sign": [("supervise", "supervisor", FIELDS["supervise"])],
        "lift": [("supervise", "supervisor", FIELDS["supervise"]), ("sign", "deputy", {})],
        "unpublish": [("publish", "clerk", {})],
        "refuse_exclusion": [("request_exclusion", "supervisor", FIELDS["request_exclusion"])],
        "grant_exclusion": [("request_exclusion", "supervisor", FIELDS["request_exclusion"])],
        "refuse_disclosure": [("request_disclosure", "clerk", FIELDS["request_disclosure"])],
        "grant_disclosure": [("request_disclosure", "clerk", FIELDS["request_disclosure"])],
        "co_reply": [("add_department", "officer", {"department": "WATER"})],
        "waive_department": [("add_department", "officer", {"department": "WATER"})],
    }
    if action == "set_messages":
        channel(world, Channel.SMS)
        forget_gateways()
    before = needed.get(action, [])
    ended = status in ENDED
    if action == "progress" and status == "in_progress":
        before = [("add_department", "officer", {"department": "WATER"})]
    elif action == "progress" and status in ANSWERED:
        before = [*needed["lift"]]
    if (action in PROMISES and issue.lead_department_id is not None) or (ended and action in DOCUMENTS):
        promise(world, issue, date(2026, 9, 1) if action in PROMISES else None)
    elif ended and before == needed["lift"] and issue.lead_department_id is not None:
        promise(world, issue, None)
    if action == "contact" and ended:
        Issue.objects.filter(pk=issue.pk).update(untold=True)
    if action == "record_follow_up" and party is Party.SUPERVISOR:
        said = {"verdict": "satisfied", "solved": "yes", "verdict_via": "web", "verdict_check": "due"}
        Issue.objects.filter(pk=issue.pk).update(**said)
    elif action == "record_follow_up" and status == "closed":
        asked = world.create(kind="enquiry", category="0202")
        return world.act(asked, "answer_now", "clerk", NOW + timedelta(minutes=20), note="凭身份证办理")
    if action == "record_follow_up" and issue.master is not None:
        world.act(issue.master, "reply", "officer", NOW + timedelta(minutes=20), **FIELDS["reply"])
        return Issue.objects.get(pk=issue.pk)
    for step, by, data in before:
        issue = world.act(issue, step, by, NOW + timedelta(minutes=20), **data)
    if action == "assign_final":
        for department, by in (("MUNICIPAL", "officer"), ("WATER", "officer2")):
            issue = world.act(issue, "dispatch", "supervisor", NOW + timedelta(minutes=20), department=department)
            issue = world.act(issue, "return", by, NOW + timedelta(minutes=20), **FIELDS["return"])
    return issue


def fields_for(world: World, action: str) -> dict[str, Any]:
    """The fields of an action; a merge names a master that is open."""
    if action == "merge":
        return {"master": world.create().number}
    return FIELDS[action]


EDGES = sampled(
    (
        ((row.action, workflow.rows_of(row.action).index(row)), status, party)
        for status in REACHABLE
        for row in sorted(workflow.TABLE, key=lambda row: str(matter_for(row.action)))
        for party in WHO
        if Status(status) in row.sources and party in row.who
    ),
    one_in=3,
)
"""An action and which of its rows, a status, a party. Those that begin alike follow each other."""


def reporter_or(world: World, issue: Issue, party: Party) -> Actor:
    return Actor.reporter(issue) if party is Party.REPORTER else world.actor(WHO[party])


@pytest.mark.parametrize(
    ("action", "status", "party"),
    [
        pytest.param(action, status, party, marks=begins(in_status, status, **matter_for(action)))
        for (action, _nth), status, party in EDGES
    ],
)
def test_allowed_edge(world: World, begun: Issue, action: str, status: str, party: Party) -> None:
    issue = prepare(world, begun, action, party)
    actor = reporter_or(world, issue, party)
    data = fields_for(world, action)
    if party not in parties(actor, issue):
        assert party in (Party.LEAD, Party.LEAD_HEAD, Party.CO), "these exist only once somebody leads or co-handles"
        assert (action, status, party) != ("co_reply", "in_progress", Party.CO)
        with pytest.raises(NotPermitted):
            act(issue_id=issue.pk, action=action, by=actor, at=LATER, data=data, version=issue.version)
        return
    row = workflow.find(action, status, {party})
    assert row is not None
    without_promise = action in PROMISES and issue.lead_department_id is None
    if without_promise or (action, status, party) == ("reassign", "in_progress", Party.COMMUNITY):
        with pytest.raises(StateConflict):
            act(issue_id=issue.pk, action=action, by=actor, at=LATER, data=data, version=issue.version)
        return
    after = act(issue_id=issue.pk, action=action, by=actor, at=LATER, data=data, version=issue.version)
    stored = Issue.objects.get(pk=issue.pk)
    assert stored.status == after.status
    assert stored.status in ([target.value for target in row.targets] or [status])
    assert stored.version == issue.version + 1
    events = Event.objects.of(SUBJECT, issue.pk).filter(kind=action, at=LATER)
    assert [(event.actor_role, event.data["version"]) for event in events] == [(actor.role, stored.version)]
    running = list(Deadline.objects.of(SUBJECT, issue.pk).filter(state="running").exclude(kind__in=SIDE))
    if not stored.is_open:
        assert {clock.kind for clock in running} <= {"supervision_reply"}
        running = []
    assert stored.due_at == min((clock.due_at for clock in running), default=None)
    assert bool(running) == stored.is_open
    assert set(stored.asks) == {asked.kind for asked in asked_on([issue.pk]).get(issue.pk, ())}
    assert stored.untold == Deadline.objects.of(SUBJECT, issue.pk).open().filter(kind="inform").exists()
    told = differences(Event.objects.of(SUBJECT, issue.pk).order_by("seq"), stored)
    assert set(told) <= {"promised"}, "only the promise that was put there without an event"
    assert verify().broken is None


@pytest.mark.parametrize("status", REACHABLE)
def test_every_other_edge_is_refused_and_leaves_no_trace(world: World, status: str) -> None:
    issue = world.make_issue(status)
    before = Issue.objects.filter(pk=issue.pk).values().get()
    events = Event.objects.count()
    actors = {party: reporter_or(world, issue, party) for party in WHO}
    whole = {party: parties(actor, issue) | {party} for party, actor in actors.items()}
    for action, party in sampled(product(FIELDS, WHO), 3, status):
        if workflow.find(action, status, whole[party]) is not None:
            continue
        data, by = FIELDS[action], actors[party]
        with pytest.raises((NotPermitted, StateConflict)):
            act(issue_id=issue.pk, action=action, by=by, at=LATER, data=data, version=issue.version)
    assert Issue.objects.filter(pk=issue.pk).values().get() == before
    assert Event.objects.count() == events


@pytest.mark.parametrize("action", sorted(FIELDS))
@begins(in_status, "in_progress")
def test_a_stranger_may_do_nothing(world: World, begun: Issue, action: str) -> None:
    issue = begun
    with pytest.raises(NotPermitted):
        act(
            issue_id=issue.pk,
            action=action,
            by=world.actor("outsider"),
            at=LATER,
            data=FIELDS[action],
            version=issue.version,
        )


def test_actions_outside_the_table_are_unknown(world: World) -> None:
    issue = world.make_issue("in_progress")
    for action in ("create", "delete", "explode"):
        with pytest.raises(UnknownAction):
            act(
                issue_id=issue.pk, action=action, by=world.actor("supervisor"), at=LATER, data={}, version=issue.version
            )


def test_the_order_of_refusals(world: World) -> None:
    issue = world.make_issue("in_progress")
    stale = issue.version - 1
    with pytest.raises(NotPermitted):
        act(issue_id=issue.pk, action="reply", by=world.actor("clerk"), at=LATER, data={}, version=stale)
    with pytest.raises(VersionConflict):
        act(issue_id=issue.pk, action="acknowledge", by=world.actor("officer"), at=LATER, data={}, version=stale)
    with pytest.raises(StateConflict):
        act(
            issue_id=issue.pk, action="acknowledge", by=world.actor("officer"), at=LATER, data={}, version=issue.version
        )
    with pytest.raises(InvalidFields) as refused:
        act(issue_id=issue.pk, action="reply", by=world.actor("officer"), at=LATER, data={}, version=issue.version)
    assert set(refused.value.fields) == {"outcome", "note"}


STAFF = ("clerk", "officer", "head", "supervisor", "deputy", "leader", "outsider", "admin")


@pytest.mark.parametrize(
    ("status", "person"),
    [
        pytest.param(status, person, marks=begins(in_status, status))
        for status, person in sampled(product(REACHABLE, STAFF), 3)
    ],
)
def test_offers_are_what_act_accepts(world: World, begun: Issue, status: str, person: str) -> None:
    issue = begun
    actor = world.actor(person)
    offered = {offer.action for offer in allowed_offers(issue, actor, LATER)}
    for action, fields in FIELDS.items():
        try:
            with transaction.atomic():
                act(issue_id=issue.pk, action=action, by=actor, at=LATER, data=fields, version=issue.version)
                transaction.set_rollback(True)
            accepted = True
        except InvalidFields:
            accepted = True
        except (NotPermitted, StateConflict):
            accepted = False
        assert accepted == (action in offered), action
    assert all(offer.reason for offer in offers(issue, actor, LATER) if not offer.allowed)


def test_the_second_return_goes_to_the_supervisor(world: World) -> None:
    issue = world.make_issue("returned")
    assert (issue.turn, issue.return_count) == ("community", 1)
    world.act(issue, "dispatch", "clerk", LATER, department="WATER")
    issue = world.act(issue, "return", "officer2", LATER, reason="not_ours", basis="属市政职责")
    assert (issue.turn, issue.return_count) == ("supervisor", 2)
    assert Deadline.objects.of(SUBJECT, issue.pk).open().filter(kind="return_decision").exists()
    with pytest.raises(StateConflict):
        world.act(issue, "dispatch", "clerk", LATER, department="MUNICIPAL")
    assert world.act(issue, "dispatch", "supervisor", LATER, department="MUNICIPAL").status == "dispatched"


def test_the_handling_clock_starts_once_and_a_return_does_not_restart_it(world: World) -> None:
    issue = world.make_issue("in_progress")
    first = Deadline.objects.get(subject_kind=SUBJECT, subject_id=issue.pk, kind="handle")
    issue = world.act(issue, "return", "officer", LATER, reason="not_ours", basis="属水务")
    world.act(issue, "dispatch", "clerk", LATER + timedelta(hours=3), department="WATER")
    world.act(issue, "acknowledge", "officer2", LATER + timedelta(hours=4))
    again = Deadline.objects.get(subject_kind=SUBJECT, subject_id=issue.pk, kind="handle")
    assert (again.pk, again.started_at, again.due_at) == (first.pk, first.started_at, first.due_at)
    assert again.party_id == world.departments["WATER"].pk


def test_a_returner_stays_accountable_until_the_next_acknowledges(world: World) -> None:
    issue = world.make_issue("returned")
    world.act(issue, "dispatch", "clerk", LATER, department="WATER")
    held = Deadline.objects.get(subject_kind=SUBJECT, subject_id=issue.pk, kind="handle")
    assert held.party_id == world.departments["MUNICIPAL"].pk
    world.act(issue, "acknowledge", "officer2", LATER)
    held.refresh_from_db()
    assert held.party_id == world.departments["WATER"].pk


def test_objecting_brings_it_back_with_a_third_of_the_time(world: World) -> None:
    issue = world.make_issue("replied", category="0402")
    issue = world.act(issue, "redo", "resident", LATER, reason="没有解决", solved="no", verdict="dissatisfied")
    assert (issue.status, issue.verdict, issue.solved, issue.redo_count) == ("in_progress", "dissatisfied", "no", 1)
    clock = Deadline.objects.of(SUBJECT, issue.pk).open().get(kind="handle")
    assert (clock.limit, clock.rule) == ("4wd", "redo:kind:complaint")


@pytest.mark.parametrize(
    ("verdict", "solved", "closes"),
    [
        ("satisfied", "yes", True),
        ("fairly", "partly", True),
        ("satisfied", "no", False),
        ("dissatisfied", "yes", False),
        ("dissatisfied", "no", False),
    ],
)
def test_closed_is_not_solved(world: World, verdict: str, solved: str, closes: bool) -> None:
    issue = world.make_issue("follow_up")
    issue = world.act(issue, "record_follow_up", "clerk", LATER, verdict=verdict, solved=solved, reason="仍积水")
    assert (issue.status == "closed") == closes
    assert (issue.verdict, issue.solved) == (verdict, solved)


def test_unreachable_closes_after_three_tries_on_two_days_in_both_halves(world: World) -> None:
    issue = world.make_issue("follow_up")
    for moment in (NOW + timedelta(hours=1), NOW + timedelta(hours=1, minutes=20), NOW + timedelta(hours=5)):
        issue = world.act(issue, "record_follow_up", "clerk", moment, verdict="unreachable")
        assert issue.status == "follow_up"
    issue = world.act(issue, "record_follow_up", "clerk", NOW + timedelta(days=1), verdict="unreachable")
    assert (issue.status, issue.verdict, issue.call_attempts) == ("closed", "unreachable", 4)


def test_an_anonymous_matter_closes_when_verified(world: World) -> None:
    issue = world.make_issue("replied", contact_phone="", contact_name="")
    issue = world.act(issue, "verify_pass", "clerk", LATER, check="site", note="现场已无积水")
    assert (issue.status, issue.verdict) == ("closed", "no_reporter")


def test_the_handler_does_not_verify_own_work(world: World) -> None:
    issue = world.make_issue("accepted")
    for minutes, (action, data) in enumerate(
        (
            ("dispatch", {"department": "XIADONG-TEAM"}),
            ("acknowledge", {}),
            ("reply", {"outcome": "solved", "note": "社区已清理"}),
        )
    ):
        issue = world.act(issue, action, "clerk", NOW + timedelta(minutes=20 + minutes), **data)
    with pytest.raises(StateConflict):
        world.act(issue, "verify_pass", "clerk", LATER, check="phone", note="好")
    assert world.act(issue, "verify_pass", "secretary", LATER, check="phone", note="好").status == "follow_up"


def test_reopening_ends_after_fifteen_days(world: World) -> None:
    issue = world.make_issue("closed")
    assert issue.closed_at is not None
    with pytest.raises(StateConflict):
        world.act(issue, "reopen", "clerk", issue.closed_at + timedelta(days=15, minutes=1), reason="又")
    issue = world.act(issue, "reopen", "resident", issue.closed_at + timedelta(days=15), reason="又")
    assert (issue.status, issue.reopen_count, issue.closed_at) == ("in_progress", 1, None)


def test_praise_has_no_clocks(world: World) -> None:
    issue = world.make_issue("dispatched", kind="praise")
    assert not Deadline.objects.of(SUBJECT, issue.pk).exists()
    assert issue.due_at is None


@pytest.mark.parametrize("by", ["resident", "supervisor"])
def test_what_was_answered_at_once_is_taken_up_anew(world: World, by: str) -> None:
    issue = world.create(kind="enquiry", category="0202")
    issue = world.act(issue, "answer_now", "clerk", LATER, note="凭身份证办理", verdict="satisfied", solved="yes")
    at = LATER + timedelta(days=2)
    issue = world.act(issue, "reopen", by, at, reason="窗口不受理")
    assert (issue.status, issue.turn, issue.verdict, issue.reopen_count) == ("accepted", "community", "", 1)
    running = {row.kind: row for row in Deadline.objects.of("issue", issue.pk) if row.is_running}
    assert {"dispatch", "handle"} <= running.keys()
    assert running["handle"].due_at == running["handle"].original_due_at
    assert not running["handle"].rule.startswith("redo:")
    at += timedelta(minutes=5)
    for action, who, data in (
        ("dispatch", "secretary", {"department": "MUNICIPAL"}),
        ("acknowledge", "officer", {}),
        ("reply", "officer", {"outcome": "explained", "note": "已与窗口核对"}),
    ):
        issue = world.act(issue, action, who, at, **data)
    with pytest.raises(StateConflict):
        world.act(issue, "verify_pass", "clerk", at, check="phone", note="核实")
    assert world.act(issue, "verify_pass", "secretary", at, check="phone", note="核实").status == "follow_up"
