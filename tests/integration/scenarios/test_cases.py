"""Real cases, told end to end. The dates are those of the working calendar of 2026."""

from datetime import datetime

import pytest

from commitments.models import Commitment
from common.clock import SHANGHAI
from deadlines.models import DutyShift
from issues.models import Holding, Issue, IssueDepartment
from tests.integration.scenarios.conftest import Story

pytestmark = pytest.mark.django_db


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_lane_flooded_on_friday_evening_with_the_duty_roster(story: Story) -> None:
    world = story.world
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=moment("2026-04-03T17:30"),
        ends_at=moment("2026-04-04T08:30"),
        clerk=world.people["clerk2"],
        leader=world.people["deputy"],
        phone="0757-00001000",
    )
    DutyShift.objects.create(
        subdistrict=world.area,
        community=world.communities["xiadong"],
        starts_at=moment("2026-04-03T17:30"),
        ends_at=moment("2026-04-04T08:30"),
        clerk=world.people["clerk"],
        leader=world.people["deputy"],
        phone="0757-00001001",
    )
    story.at("2026-04-03T20:00")
    issue = story.report(description="幸福路口积水到小腿，车进不来，老人出不了门。")
    assert (issue.level, story.clock(issue, "accept").due_at) == ("urgent", moment("2026-04-03T21:00"))
    story.tick()
    assert story.told("clerk", issue) == ["create"]

    story.at("2026-04-03T20:05")
    story.api("clerk", issue, "accept")
    assert story.clock(issue, "first_report").due_at == moment("2026-04-04T20:05")
    assert story.clock(issue, "handle").due_at == moment("2026-04-09T17:30")
    story.console("clerk", issue, "dispatch", department="WATER")
    story.tick()
    assert story.told("officer2", issue) == ["new"]

    story.at("2026-04-03T22:06")
    story.tick()
    assert "urge" in story.told("officer2", issue)
    assert story.fresh(issue).supervision == "urged"
    story.at("2026-04-03T23:06")
    story.tick()
    assert story.told("deputy", issue)[-1] == "duty_leader"

    story.at("2026-04-03T23:20")
    story.console("officer2", issue, "acknowledge")
    assert story.clock(issue, "acknowledge").state == "late"
    story.at("2026-04-03T23:50")
    story.console(
        "officer2", issue, "progress", note="抽水车已到，正在排水。", first_report="true", visible_to_resident="true"
    )
    assert story.clock(issue, "first_report").state == "met"
    assert "抽水车已到" in story.page(issue)

    story.at("2026-04-04T10:00")
    refused = story.try_api("officer2", issue, "reply", outcome="solved", note="积水已退，井口已清。")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["attachments"])
    photo = story.photo("officer2", issue)
    answer = story.api("officer2", issue, "reply", outcome="solved", note="积水已退，井口已清。", attachments=[photo])
    assert (answer["status"], answer["outcome"], answer["time_limit"]) == ("replied", "solved", "overdue")
    assert story.clock(issue, "verify").due_at == moment("2026-04-08T17:30")

    story.at("2026-04-07T09:00")
    story.api("clerk", issue, "verify_pass", check="phone", note="电话核实，路面已无积水。")
    assert story.resident(issue, "record_follow_up", verdict="satisfied", solved="yes")["status"] == "closed"
    assert "您表示已经解决" in story.page(issue)
    assert story.events(issue) == [
        "create", "accept", "dispatch", "acknowledge", "progress", "reply", "verify_pass", "record_follow_up",
    ]  # fmt: skip


def test_a_property_complaint_returned_twice_and_finally_assigned(story: Story) -> None:
    issue = story.create(
        "clerk", category="0402", kind="complaint", description="物业停电梯不通知", contact_phone="19900001234"
    )
    story.api("clerk", issue, "accept")
    due = story.clock(issue, "handle").due_at
    assert due == moment("2026-04-01T17:30")
    story.console("clerk", issue, "dispatch", department="MUNICIPAL")
    story.at("2026-03-19T09:00")
    story.api("officer", issue, "return", reason="not_ours", basis="物业属住建职责", suggested_department="WATER")
    story.at("2026-03-19T10:00")
    story.console("clerk", issue, "dispatch", department="WATER")
    assert story.clock(issue, "handle").party_id == story.world.departments["MUNICIPAL"].pk
    story.at("2026-03-20T09:00")
    story.api("officer2", issue, "return", reason="not_ours", basis="与供排水无关")
    assert story.fresh(issue).turn == "supervisor"
    assert story.clock(issue, "return_decision").due_at == moment("2026-03-23T17:30")
    assert story.try_api("clerk", issue, "dispatch", department="MUNICIPAL").status_code == 409
    story.at("2026-03-23T10:00")
    wrong = story.try_api("supervisor", issue, "assign_final", department="MUNICIPAL", reason="首接负责", extra_days=2)
    assert list(wrong.json()["fields"]) == ["extra_days"]
    story.console("supervisor", issue, "assign_final", department="MUNICIPAL", reason="首接负责")
    story.at("2026-03-23T11:00")
    story.api("officer", issue, "acknowledge")
    denied = story.try_api("officer", issue, "return", reason="not_ours", basis="仍非职责")
    assert (denied.status_code, denied.json()["code"]) == (409, "state_conflict")
    assert story.clock(issue, "handle").due_at == due
    held = list(Holding.objects.filter(issue=issue).order_by("id"))
    assert [(row.department.code, row.since_at, row.until_at, row.late) for row in held] == [
        ("MUNICIPAL", moment("2026-03-18T10:00"), moment("2026-03-23T11:00"), False),
        ("MUNICIPAL", moment("2026-03-23T11:00"), None, False),
    ]
    story.at("2026-04-02T09:00")
    story.api("officer", issue, "reply", outcome="explained", note="已约谈物业公司并公示。")
    assert Holding.objects.get(pk=held[1].pk).late


def test_a_lift_objection_with_a_silent_co_department_and_a_suspension_renewed_twice(story: Story) -> None:
    issue = story.create(
        "clerk", category="0501", kind="complaint", description="低层业主反对加装电梯", contact_phone="19900001234"
    )
    story.console("clerk", issue, "accept")
    story.console("clerk", issue, "dispatch", department="MUNICIPAL")
    story.console("officer", issue, "acknowledge")
    handle = story.clock(issue, "handle")
    assert handle.due_at == moment("2026-04-01T17:30")
    story.api("officer", issue, "add_department", department="WATER")
    story.api("supervisor", issue, "add_department", department="XIADONG-TEAM")
    assert story.clock(issue, "co_reply").due_at == moment("2026-03-31T17:30")
    assert story.try_api("officer", issue, "reply", outcome="explained", note="…").status_code == 409
    story.console("officer2", issue, "co_reply", note="管线可迁改。")
    assert IssueDepartment.objects.get(issue=issue, department__code="WATER").answered_at == story.now

    story.at("2026-03-25T10:00")
    ask = {"reason": "publicity", "until": "2026-04-24", "interim_answer": "方案公示中，公示结束后再办。"}
    story.console("officer", issue, "request_suspension", **ask)
    own = story.try_api("officer", issue, "grant_suspension")
    assert own.status_code == 403
    story.api("head", issue, "endorse")
    story.console("supervisor", issue, "grant_suspension")
    assert story.fresh(issue).status == "suspended"
    paused = story.clock(issue, "handle")
    assert (paused.state, paused.remaining) == ("paused", 5)
    assert "方案公示中" in story.page(issue)
    assert story.clock(issue, "suspension_review").due_at == moment("2026-04-24T17:30")

    for day, until in (("2026-04-24T09:00", "2026-05-22"), ("2026-05-22T09:00", "2026-06-19")):
        story.at(day)
        story.api("officer", issue, "request_suspension", **(ask | {"until": until}))
        story.api("supervisor", issue, "grant_suspension")
    assert story.fresh(issue).suspension_count == 3
    story.at("2026-06-19T09:00")
    story.api("officer", issue, "request_suspension", **(ask | {"until": "2026-07-17"}))
    assert story.try_api("supervisor", issue, "grant_suspension").status_code == 409
    story.api("director", issue, "refuse_suspension", reason="已多次挂账，请协调")
    story.console("officer", issue, "resume")
    assert story.clock(issue, "handle").due_at == moment("2026-06-26T17:30")

    silent = story.clock(issue, "co_reply")
    assert silent.party_id == story.world.departments["XIADONG-TEAM"].pk
    story.at("2026-06-26T16:00")
    assert story.try_api("officer", issue, "reply", outcome="explained", note="…").status_code == 409
    story.at("2026-06-29T09:00")
    answer = story.api("officer", issue, "reply", outcome="partly", note="已组织协商，补偿方案另行公示。")
    assert answer["status"] == "replied"
    missing = story.events(issue).index("reply")
    assert missing > 0


def test_twelve_residents_join_one_matter_and_one_of_them_is_dissatisfied(story: Story) -> None:
    def report(n: int) -> Issue:
        return story.create(
            "clerk", category="0601", kind="complaint", description=f"充电棚不够用，飞线充电 {n}",
            contact_phone=f"199000010{n:02d}", contact_name=f"住户{n}",
        )  # fmt: skip

    master = report(0)
    story.api("clerk", master, "accept")
    story.api("clerk", master, "dispatch", department="MUNICIPAL")
    story.api("officer", master, "acknowledge")
    joined = []
    for n in range(1, 12):
        story.at(f"2026-03-{18 + n // 4:02d}T11:{n:02d}")
        joined.append(report(n))
        (story.console if n % 2 else story.api)("clerk", joined[-1], "merge", master=master.number)
    story.tick()
    fresh = story.fresh(master)
    assert (fresh.persons, fresh.collective_at is not None) == (12, True)
    assert "join" in story.told("supervisor", master)
    assert len({row.number for row in joined}) == len({row.token for row in joined}) == 11
    page = story.page(joined[3])
    assert joined[3].number in page
    assert "住户0" not in page
    assert "住户5" not in page

    story.at("2026-03-24T10:00")
    photo = story.photo("officer", master)
    story.api("officer", master, "reply", outcome="solved", note="已新建充电棚两处。", attachments=[photo])
    story.api("clerk", master, "verify_pass", check="phone", note="已核实。")
    story.api("clerk", master, "record_follow_up", verdict="satisfied", solved="yes")
    assert story.fresh(master).status == "follow_up"
    story.resident(joined[0], "record_follow_up", "19900001001", verdict="satisfied", solved="yes")
    story.resident(
        joined[1], "record_follow_up", "19900001002", verdict="dissatisfied", solved="no", reason="我们这栋没有"
    )
    assert story.fresh(master).turn == "supervisor"
    story.tick()
    assert "joiner_verdict" in story.told("supervisor", master)
    for row in joined[2:5]:
        story.api("clerk", row, "record_follow_up", verdict="fairly", solved="yes")
    assert story.fresh(master).status == "follow_up"

    story.api("supervisor", master, "redo", reason="3栋没有充电棚")
    assert story.fresh(joined[1]).verdict == ""
    story.at("2026-03-26T10:00")
    photo = story.photo("officer", master)
    story.api("officer", master, "reply", outcome="solved", note="3栋已补建。", attachments=[photo])
    story.api("clerk", master, "verify_pass", check="phone", note="已核实。")
    story.api("clerk", master, "record_follow_up", verdict="satisfied", solved="yes")
    for row in joined[5:9]:
        story.api("clerk", row, "record_follow_up", verdict="satisfied", solved="yes")
    assert story.fresh(master).status == "follow_up", "everyone who objected is called"
    story.api("clerk", joined[1], "record_follow_up", verdict="satisfied", solved="yes")
    closed = story.fresh(master)
    assert (closed.status, closed.solved) == ("closed", "yes")
    assert not Issue.objects.filter(pk=master.pk, due_at__isnull=False).exists()


def test_an_elderly_residents_matter_was_replied_but_not_solved(story: Story) -> None:
    issue = story.create(
        "clerk", category="0202", kind="help", source="counter", description="楼下大树遮光，老人家里白天要开灯",
        contact_name="陈婆婆", contact_phone="19900001234",
    )  # fmt: skip
    story.console("clerk", issue, "accept")
    story.console("clerk", issue, "dispatch", department="MUNICIPAL")
    story.console("officer", issue, "acknowledge")
    story.at("2026-03-20T10:00")
    photo = story.photo("officer", issue)
    story.api("officer", issue, "reply", outcome="solved", note="已修剪。", attachments=[photo])
    story.at("2026-03-20T15:00")
    story.resident(issue, "redo", reason="只剪了一点，还是黑", verdict="dissatisfied", solved="no")
    fresh = story.fresh(issue)
    assert (fresh.status, fresh.redo_count, fresh.solved) == ("in_progress", 1, "no")
    assert story.clock(issue, "handle").due_at == moment("2026-03-24T17:30")
    page = story.page(issue)
    assert "您表示没有解决" in page
    assert "已办结" not in page
    story.at("2026-03-24T10:00")
    planned = story.try_api("officer", issue, "reply", outcome="planned", note="列入四月修剪计划")
    assert list(planned.json()["fields"]) == ["due_on"]
    story.api("officer", issue, "reply", outcome="planned", note="列入四月修剪计划", due_on="2026-04-30")
    promise = Commitment.objects.of("issue", issue.pk).get()
    assert (promise.owner.code, str(promise.due_on), promise.state) == ("MUNICIPAL", "2026-04-30", "open")
    assert "4月30日" in story.page(issue)
    story.api("clerk", issue, "verify_pass", check="phone", note="已告知。")
    story.api("clerk", issue, "record_follow_up", verdict="dissatisfied", solved="no", reason="要等太久")
    assert story.fresh(issue).status == "follow_up"
    story.console("supervisor", issue, "close_explained", reason="已上门说明，四月底前完成，逾期继续催办。")
    page = story.page(issue)
    assert "您表示没有解决" in page
    promise.refresh_from_db()
    assert promise.state == "open", "closed is not solved: the promise lives on"
    story.at("2026-05-01T10:00")
    story.tick()
    assert "urge" in story.told("officer", issue)


def test_a_hotline_work_order_with_an_earlier_external_due_time(story: Story) -> None:
    issue = story.create(
        "clerk", category="0402", kind="complaint", source="hotline_12345", description="12345转来：物业乱收费",
        external_number="FS12345-0099", external_due_at="2026-03-24T12:00:00+08:00", contact_phone="19900001234",
    )  # fmt: skip
    assert issue.external_number == "FS12345-0099"
    story.console("clerk", issue, "accept")
    handle = story.clock(issue, "handle")
    assert (handle.due_at, handle.rule) == (moment("2026-03-24T12:00"), "external:kind:complaint")
    story.console("clerk", issue, "dispatch", department="MUNICIPAL")
    story.at("2026-03-19T14:01")
    story.tick()
    assert story.fresh(issue).status == "dispatched"
    story.at("2026-03-20T17:31")
    story.tick()
    fresh = story.fresh(issue)
    assert (fresh.status, fresh.deemed) == ("in_progress", True), "视为签收 after twice the time"
    story.at("2026-03-24T12:01")
    story.tick()
    assert story.fresh(issue).time_limit(story.now) == "overdue"


def test_a_one_minute_enquiry_is_answered_at_once(story: Story) -> None:
    issue = story.create(
        "clerk", category="0402", kind="enquiry", source="phone", description="办居住证要什么材料",
        contact_phone="19900001234",
    )  # fmt: skip
    story.console(
        "clerk", issue, "answer_now", note="凭身份证和租赁合同到服务中心办理。", verdict="satisfied", solved="yes"
    )
    fresh = story.fresh(issue)
    assert (fresh.status, fresh.outcome, fresh.verdict, fresh.solved) == ("closed", "explained", "satisfied", "yes")
    assert story.events(issue) == ["create", "answer_now"]
    assert "凭身份证和租赁合同" in story.page(issue)


def test_a_matter_for_the_power_company_is_followed_up_by_the_clerk(story: Story) -> None:
    issue = story.create("clerk", category="0402", kind="help", description="配电房异响", contact_phone="19900001234")
    story.api("clerk", issue, "accept")
    assert story.try_api("clerk", issue, "dispatch", department="POLICE").status_code == 400
    story.console("clerk", issue, "transfer_out", department="POLICE")
    fresh = story.fresh(issue)
    assert (fresh.status, fresh.turn) == ("in_progress", "community")
    assert story.clock(issue, "tracking").due_at == moment("2026-03-25T17:30")
    story.at("2026-03-20T10:00")
    story.console("clerk", issue, "progress", note="对方已受理，编号 88。", visible_to_resident="true")
    assert story.clock(issue, "tracking").due_at == moment("2026-03-27T17:30")
    story.api("clerk", issue, "reply", outcome="explained", note="对方答复：设备已更换。")
    assert story.try_api("clerk", issue, "verify_pass", check="phone", note="好").status_code == 409
    story.api("secretary", issue, "verify_pass", check="phone", note="已核实")


def test_more_information_is_asked_for_and_given_too_late(story: Story) -> None:
    issue = story.report(category="0402", description="有噪音")
    respond = story.clock(issue, "respond")
    story.at("2026-03-18T16:00")
    story.console("clerk", issue, "request_info", note="请说明是哪一栋、什么时候")
    assert story.clock(issue, "respond").state == "paused"
    assert "请说明是哪一栋" in story.page(issue)
    story.at("2026-03-23T17:31")
    story.tick()
    fresh = story.fresh(issue)
    assert (fresh.status, fresh.info_expired) == ("submitted", True)
    assert story.clock(issue, "accept").due_at >= moment("2026-03-24T13:00")
    assert respond.original_due_at == moment("2026-03-19T17:30")
