"""The rules beside the table, each in one small case: time, requests, co-departments, merging, supervision, records."""

from datetime import datetime, timedelta

import pytest

from commitments.models import Commitment
from common.clock import SHANGHAI
from communities.models import Contact
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Holding, Issue, Participation, Request
from issues.services.elapsing import acknowledge_by_time, info_expired
from issues.services.errors import InvalidFields, NotPermitted, StateConflict
from journal.models import Event, EventText
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(minutes=30)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock(issue: Issue, kind: str) -> Deadline:
    found = Deadline.objects.of(SUBJECT, issue.pk).filter(kind=kind).order_by("-id").first()
    assert found is not None, kind
    return found


def refused_fields(error: pytest.ExceptionInfo[InvalidFields]) -> list[str]:
    return sorted(error.value.fields)


# Information that is missing


def test_waiting_for_information_pauses_and_giving_it_goes_on(world: World) -> None:
    issue = world.make_issue("accepted", category="0402")
    before = clock(issue, "handle").due_at
    issue = world.act(issue, "request_info", "clerk", SOON, note="哪一栋？")
    assert (issue.status, issue.turn, clock(issue, "handle").state) == ("need_info", "reporter", "paused")
    assert clock(issue, "dispatch").state == "cancelled"
    issue = world.act(issue, "give_info", "resident", SOON + timedelta(days=1), note="3栋")
    assert (issue.status, issue.turn) == ("submitted", "community")
    assert clock(issue, "handle").due_at > before
    issue = world.act(issue, "accept", "clerk", SOON + timedelta(days=1, hours=1))
    assert Deadline.objects.of(SUBJECT, issue.pk).filter(kind="handle").count() == 1
    assert clock(issue, "dispatch").state == "running"


def test_information_that_never_came_leaves_four_working_hours(world: World) -> None:
    issue = world.make_issue("need_info", category="0402", source="web", by="clerk")
    late = moment("2026-03-23T17:31")
    after = info_expired(issue_id=issue.pk, at=late)
    assert after is not None
    assert (after.status, after.info_expired) == ("submitted", True)
    assert clock(issue, "accept").due_at >= moment("2026-03-24T14:00")
    assert info_expired(issue_id=issue.pk, at=late) is None
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="give_info")
    assert (event.actor_id, event.actor_role, event.data["expired"]) == (None, "system", True)


# Departments


def test_deemed_acknowledged_is_marked_and_no_clock_stops_unnoticed(world: World) -> None:
    issue = world.make_issue("dispatched", category="0402")
    after = acknowledge_by_time(issue_id=issue.pk, at=moment("2026-03-20T17:31"))
    assert after is not None
    assert (after.status, after.deemed, after.officer_id) == ("in_progress", True, None)
    assert clock(issue, "acknowledge").state == "late"
    after = world.act(after, "progress", "officer", moment("2026-03-23T09:00"), note="已到现场")
    assert not after.deemed


def test_reassigning_leaves_the_old_lead_accountable(world: World) -> None:
    issue = world.make_issue("in_progress")
    with pytest.raises(StateConflict):
        world.act(issue, "reassign", "clerk", SOON, department="WATER", reason="属水务")
    issue = world.act(issue, "reassign", "supervisor", SOON, department="WATER", reason="属水务")
    assert issue.status == "dispatched"
    assert clock(issue, "handle").party_id == world.departments["MUNICIPAL"].pk
    held = Holding.objects.get(issue=issue, until_at__isnull=True)
    assert held.department_id == world.departments["MUNICIPAL"].pk
    world.act(issue, "acknowledge", "officer2", SOON + timedelta(hours=1))
    assert clock(issue, "handle").party_id == world.departments["WATER"].pk
    held.refresh_from_db()
    assert held.until_at == SOON + timedelta(hours=1)


def test_who_held_it_when_the_limit_passed_is_late(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    due = clock(issue, "handle").due_at
    late = due + timedelta(hours=16)
    issue = world.act(issue, "reassign", "supervisor", late, department="WATER", reason="属水务")
    world.act(issue, "acknowledge", "officer2", late + timedelta(minutes=5))
    world.act(issue, "reply", "officer2", late + timedelta(hours=1), outcome="explained", note="已说明")
    rows = Holding.objects.filter(issue=issue).order_by("id").values_list("department__code", "late")
    assert list(rows) == [("MUNICIPAL", True), ("WATER", False)]


def test_extra_days_only_when_less_than_a_third_is_left(world: World) -> None:
    issue = world.make_issue("returned", category="0402")
    issue = world.act(issue, "dispatch", "clerk", SOON, department="WATER")
    issue = world.act(issue, "return", "officer2", SOON, reason="not_ours", basis="非职责")
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "assign_final", "supervisor", SOON, department="WATER", reason="指定", extra_days=2)
    assert refused_fields(refused) == ["extra_days"]
    late = moment("2026-03-31T09:00")
    issue = world.act(issue, "assign_final", "supervisor", late, department="WATER", reason="指定", extra_days=2)
    assert clock(issue, "handle").due_at == moment("2026-04-03T17:30")
    issue = world.act(issue, "acknowledge", "officer2", late)
    with pytest.raises(StateConflict):
        world.act(issue, "return", "officer2", late, reason="not_ours", basis="非职责")


def test_the_lead_waits_for_co_departments_until_a_day_after_their_miss(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    due = clock(issue, "co_reply").due_at
    assert due == moment("2026-03-31T17:30")
    with pytest.raises(StateConflict):
        world.act(issue, "reply", "officer", due + timedelta(minutes=1), outcome="explained", note="说明")
    after = world.act(issue, "reply", "officer", moment("2026-04-01T17:30"), outcome="explained", note="说明")
    assert after.status == "replied"
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="reply")
    assert event.data["co_missing"] == [world.departments["WATER"].pk]


def test_a_co_department_sees_and_answers_and_others_do_not(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    assert not Issue.objects.visible_to(world.actor("officer2").access).exists()
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    assert Issue.objects.visible_to(world.actor("officer2").access).get() == issue
    assert Issue.objects.awaiting(world.actor("officer2").access).get() == issue
    issue = world.act(issue, "co_reply", "officer2", SOON, note="管网正常")
    assert not Issue.objects.awaiting(world.actor("officer2").access).exists()
    with pytest.raises(StateConflict):
        world.act(issue, "co_reply", "officer2", SOON, note="再答")
    with pytest.raises(NotPermitted):
        world.act(issue, "reply", "officer2", SOON, outcome="explained", note="越权")


def test_a_co_department_that_answered_can_be_asked_again(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    with pytest.raises(InvalidFields):
        world.act(issue, "add_department", "officer", SOON, department="WATER")
    issue = world.act(issue, "co_reply", "officer2", SOON, note="管网正常")
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    assert issue.co_waiting_ids == issue.co_department_ids == [world.departments["WATER"].pk]


# Time asked for and given


def test_an_extension_moves_handle_and_co_departments_once(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", SOON, department="WATER")
    before = {kind: clock(issue, kind).due_at for kind in ("handle", "co_reply")}
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "request_extension", "officer", SOON, days=11, reason="等配件")
    assert refused_fields(refused) == ["days"]
    issue = world.act(issue, "request_extension", "officer", SOON, days=3, reason="等配件")
    assert Issue.objects.awaiting(world.actor("supervisor").access).filter(pk=issue.pk).exists()
    assert {kind: clock(issue, kind).due_at for kind in before} == before, "undecided never extends"
    assert clock(issue, "extension_decision").due_at == moment("2026-03-18T16:30")
    issue = world.act(issue, "grant_extension", "supervisor", SOON)
    assert clock(issue, "handle").due_at == moment("2026-04-07T17:30")
    assert clock(issue, "co_reply").due_at == moment("2026-04-03T17:30")
    with pytest.raises(StateConflict):
        world.act(issue, "request_extension", "officer", SOON, days=1, reason="再延")


def test_an_extension_is_asked_for_before_the_limit_and_lapses_with_the_reply(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    due = clock(issue, "handle").due_at
    with pytest.raises(StateConflict):
        world.act(issue, "request_extension", "officer", due + timedelta(seconds=1), days=1, reason="晚了")
    issue = world.act(issue, "request_extension", "officer", SOON, days=1, reason="等配件")
    issue = world.act(issue, "reply", "officer", SOON + timedelta(hours=1), outcome="explained", note="说明")
    assert (issue.asks, issue.asks_supervisor) == ([], False)
    assert Request.objects.get(issue=issue).state == "lapsed"
    assert clock(issue, "extension_decision").state == "cancelled"


def test_critical_matters_are_not_extended(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", level="critical")
    with pytest.raises(StateConflict):
        world.act(issue, "request_extension", "officer", SOON, days=1, reason="等")


def test_a_deferral_keeps_the_working_days_that_were_left(world: World) -> None:
    issue = world.make_issue("suspended", category="0402")
    assert (issue.time_limit(SOON), clock(issue, "handle").remaining) == ("suspended", 10)
    issue = world.act(issue, "resume", "officer", moment("2026-04-20T10:00"))
    assert clock(issue, "handle").due_at == moment("2026-05-07T17:30")
    assert issue.suspended_at is None


def test_a_long_deferral_is_the_directors(world: World) -> None:
    issue = world.make_issue("in_progress")
    ask = {"reason": "funding", "until": "2026-10-01", "interim_answer": "资金申请中"}
    issue = world.act(issue, "request_suspension", "officer", SOON, **ask)
    assert Issue.objects.awaiting(world.actor("director").access).filter(pk=issue.pk).exists()
    for person in ("supervisor", "deputy"):
        with pytest.raises(StateConflict):
            world.act(issue, "grant_suspension", person, SOON)
    assert world.act(issue, "grant_suspension", "director", SOON).status == "suspended"


def test_a_matter_deferred_after_its_answer_resumes_with_a_redos_clock(world: World) -> None:
    issue = world.make_issue("follow_up", category="0402")
    issue = world.act(issue, "record_follow_up", "clerk", SOON, verdict="dissatisfied", solved="no", reason="没修")
    ask = {"reason": "approval", "until": "2026-04-20", "interim_answer": "待区里批复"}
    issue = world.act(issue, "request_suspension", "officer", SOON, **ask)
    issue = world.act(issue, "grant_suspension", "supervisor", SOON)
    assert clock(issue, "follow_up").state != "running"
    issue = world.act(issue, "resume", "officer", moment("2026-04-20T10:00"))
    assert clock(issue, "handle").rule == "redo:kind:complaint"
    assert Holding.objects.filter(issue=issue, until_at__isnull=True).count() == 1


# The reply and its proof


def test_solved_wants_a_photo_taken_after_the_dispatch(world: World) -> None:
    issue = world.make_issue("in_progress")
    from tests.support.photos import photo

    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "reply", "officer", SOON, outcome="solved", note="好了", attachments=[])
    assert refused_fields(refused) == ["attachments"]
    old = photo(world, issue, NOW + timedelta(minutes=10), taken_at=NOW - timedelta(days=3))
    with pytest.raises(InvalidFields):
        world.act(issue, "reply", "officer", SOON, outcome="solved", note="好了", attachments=[old.pk])
    stranger = photo(world, world.make_issue("in_progress"), NOW + timedelta(minutes=10))
    with pytest.raises(InvalidFields):
        world.act(issue, "reply", "officer", SOON, outcome="solved", note="好了", attachments=[stranger.pk])
    new = photo(world, issue, NOW + timedelta(minutes=10))
    after = world.act(issue, "reply", "officer", SOON, outcome="solved", note="好了", attachments=[new.pk])
    assert after.outcome == "solved"
    assert Event.objects.of(SUBJECT, issue.pk).get(kind="reply").data["attachments"] == [new.pk]


def test_nobody_shows_what_others_sent(world: World) -> None:
    from tests.support.photos import photo

    issue = world.make_issue("in_progress", category="0402")
    internal, own = photo(world, issue, SOON), photo(world, issue, SOON, by=None)
    for who, theirs, foreign in (("resident", own, internal), ("officer", internal, own)):
        with pytest.raises(InvalidFields) as refused:
            world.act(issue, "comment", who, SOON, note="看", attachments=[foreign.pk])
        assert refused_fields(refused) == ["attachments"]
        world.act(issue, "comment", who, SOON, note="看", attachments=[theirs.pk])


def test_not_now_has_a_review_date_and_the_supervisor(world: World) -> None:
    issue = world.make_issue("in_progress")
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "reply", "officer", SOON, outcome="not_now", note="暂无场地")
    assert refused_fields(refused) == ["review_on"]
    issue = world.act(issue, "reply", "officer", SOON, outcome="not_now", note="暂无场地", review_on="2026-09-30")
    assert issue.turn == "supervisor"
    with pytest.raises(StateConflict):
        world.act(issue, "verify_pass", "clerk", SOON, check="phone", note="已告知")
    world.act(issue, "verify_pass", "supervisor", SOON, check="phone", note="已告知")
    promise = Commitment.objects.of(SUBJECT, issue.pk).get()
    assert (str(promise.review_on), promise.due_on) == ("2026-09-30", None)


def test_a_redo_takes_the_promise_back(world: World) -> None:
    issue = world.make_issue("in_progress")
    issue = world.act(issue, "reply", "officer", SOON, outcome="planned", note="列入计划", due_on="2026-12-31")
    world.act(issue, "redo", "resident", SOON, reason="不能等", solved="no", verdict="dissatisfied")
    assert Commitment.objects.of(SUBJECT, issue.pk).get().state == "withdrawn"


def test_every_fifth_own_matter_is_verified_by_the_supervisor(world: World) -> None:
    sampled = []
    for _number in range(5):
        issue = world.make_issue("in_progress", department="XIADONG-TEAM", officer="secretary", category="0402")
        issue = world.act(issue, "reply", "secretary", SOON, outcome="explained", note="已说明")
        sampled.append(issue.turn == "supervisor")
        if issue.turn == "supervisor":
            with pytest.raises(StateConflict):
                world.act(issue, "verify_pass", "clerk", SOON, check="phone", note="好")
            world.act(issue, "verify_pass", "supervisor", SOON, check="phone", note="好")
        else:
            world.act(issue, "verify_pass", "clerk", SOON, check="phone", note="好")
    assert sampled.count(True) == 1


# Merging


def test_the_master_takes_the_earlier_due_time(world: World) -> None:
    older = world.make_issue("in_progress", category="0402", kind="complaint")
    newer = world.make_issue("accepted", category="0402", kind="help", at=NOW)
    earlier = clock(newer, "handle").due_at
    assert earlier < clock(older, "handle").due_at
    world.act(newer, "merge", "clerk", SOON, master=older.number)
    assert clock(older, "handle").due_at == earlier
    older.refresh_from_db()
    assert (older.joined_count, older.version) == (1, Event.objects.of(SUBJECT, older.pk).count())
    assert set(Deadline.objects.of(SUBJECT, newer.pk).open().values_list("kind", flat=True)) == {"inform"}


def test_taking_a_merge_back_lets_the_clocks_run_as_if_it_had_not_been(world: World) -> None:
    master, issue = world.make_issue("in_progress"), world.make_issue("dispatched")
    before = {row.kind: row.due_at for row in Deadline.objects.of(SUBJECT, issue.pk).open()}
    issue = world.act(issue, "merge", "clerk", SOON, master=master.number)
    issue = world.act(issue, "unmerge", "clerk", SOON + timedelta(hours=2))
    assert (issue.status, issue.turn, issue.master_id, issue.closed_at) == ("dispatched", "department", None, None)
    assert {row.kind: row.due_at for row in Deadline.objects.of(SUBJECT, issue.pk).open()} == before
    master.refresh_from_db()
    assert (master.persons, master.joined_count) == (1, 0)
    issue = world.act(issue, "merge", "clerk", SOON + timedelta(hours=3), master=master.number)
    with pytest.raises(StateConflict):
        world.act(issue, "unmerge", "clerk", NOW + timedelta(days=1))


def _number(world: World, issue: Issue, case: str) -> str:
    match case:
        case "itself":
            return issue.number
        case "ended":
            return world.make_issue("closed").number
        case "merged":
            return world.make_issue("merged").number
        case "elsewhere":
            area = world.other_area.pk
            return world.create(by="outsider", subdistrict_id=area, community="pingdi", category="other").number
    return "桂城-2026-900000"


@pytest.mark.parametrize("case", ["itself", "ended", "merged", "unknown", "elsewhere"])
def test_masters_that_cannot_be(world: World, case: str) -> None:
    issue = world.make_issue("submitted")
    number = _number(world, issue, case)
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "merge", "clerk", SOON, master=number)
    assert refused_fields(refused) == ["master"]


def test_joining_a_matter_that_joins_another_leads_to_the_last(world: World) -> None:
    first, second, third = (world.make_issue("submitted") for _number in range(3))
    world.act(first, "merge", "clerk", SOON, master=second.number)
    world.act(second, "merge", "clerk", SOON, master=third.number)
    third.refresh_from_db()
    assert (third.persons, third.joined_count) == (1, 2)
    assert set(Issue.objects.filter(master=third)) == {first, second}


# Supervision


def test_drafts_wait_for_the_right_signature(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "supervise", "supervisor", SOON, kind="red_card", note="严重超期")
    assert refused_fields(refused) == ["kind"]
    late = clock(issue, "handle").due_at + timedelta(days=14)
    for kind in ("order", "red_card"):
        issue = world.act(issue, "supervise", "supervisor", late, kind=kind, note="请书面说明")
    assert Issue.objects.awaiting(world.actor("deputy").access).filter(pk=issue.pk).exists()
    with pytest.raises(InvalidFields):
        world.act(issue, "sign", "deputy", late, kind="red_card")
    issue = world.act(issue, "sign", "deputy", late)
    assert issue.supervision == "supervised"
    assert clock(issue, "supervision_reply").state == "running"
    with pytest.raises(StateConflict):
        world.act(issue, "sign", "deputy", late)
    issue = world.act(issue, "sign", "director", late)
    assert (issue.supervision, issue.asks) == ("red_card", [])
    issue = world.act(issue, "progress", "officer", late, note="书面说明如下", supervision_reply=True)
    assert clock(issue, "supervision_reply").state == "met"
    issue = world.act(issue, "lift", "director", late, note="已整改")
    assert issue.supervision == "none"


def test_exclusion_needs_two_people(world: World) -> None:
    issue = world.make_issue("closed")
    issue = world.act(issue, "request_exclusion", "supervisor", SOON, reason="测试单")
    with pytest.raises(NotPermitted):
        world.act(issue, "grant_exclusion", "supervisor", SOON, reason="同意")
    issue = world.act(issue, "grant_exclusion", "deputy", SOON, reason="情况属实")
    assert issue.excluded_by == world.people["deputy"]


def test_copies_go_to_those_who_may_see_it(world: World) -> None:
    issue = world.make_issue("in_progress")
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "cc", "clerk", SOON, users=["secretary", "officer2", "outsider"])
    assert refused_fields(refused) == ["users"]
    assert "officer2、outsider" in str(refused.value.fields["users"])
    world.act(issue, "cc", "clerk", SOON, users=["secretary"], departments=["WATER"])
    assert Participation.objects.get(issue=issue, copied_at__isnull=False).user == world.people["secretary"]
    assert Issue.objects.visible_to(world.actor("officer2").access).get() == issue
    with pytest.raises(InvalidFields):
        world.act(issue, "cc", "clerk", SOON)


# Records


def test_an_edit_keeps_every_old_value_and_recounts_by_the_rule(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", kind="complaint")
    old_contact = issue.contact_id
    issue = world.act(
        issue, "edit", "clerk", SOON, title="改后标题", kind="help", category="0202", contact_phone="19900009999"
    )
    assert (issue.title, issue.kind, issue.category_id) == ("改后标题", "help", world.categories["0202"].pk)
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="edit")
    assert event.data["changed"]["kind"] == ["complaint", "help"]
    texts = dict(EventText.objects.filter(event=event).values_list("key", "text"))
    assert texts["new.title"] == "改后标题"
    assert texts["old.title"]
    assert texts["new.contact"] == "张*三 199********"
    assert "19900009999" not in str(texts)
    assert old_contact is not None
    assert Contact.objects.get(pk=old_contact).phone == "19900001234"
    assert clock(issue, "handle").due_at == moment("2026-03-25T17:30")
    assert "改后标题" in str(Issue.objects.matching("改后标题").get().title)


def test_an_urgent_level_set_later_starts_the_first_report(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "edit", "supervisor", SOON, level="urgent")
    assert issue.accepted_at is not None
    assert clock(issue, "first_report").due_at == issue.accepted_at + timedelta(hours=24)
    assert clock(issue, "handle").due_at == moment("2026-03-23T17:30")


def test_another_community_takes_over_with_its_clocks(world: World) -> None:
    issue = world.make_issue("submitted", source="web")
    issue = world.act(issue, "edit", "supervisor", SOON, community="大德社区")
    assert issue.community == world.communities["dade"]
    assert clock(issue, "accept").party_id == world.departments["DADE-TEAM"].pk
    with pytest.raises(NotPermitted):
        world.act(issue, "accept", "clerk", SOON)
    world.act(issue, "accept", "clerk2", SOON)


def test_an_edit_that_changes_nothing_is_refused(world: World) -> None:
    issue = world.make_issue("submitted")
    with pytest.raises(InvalidFields):
        world.act(issue, "edit", "clerk", SOON, title=issue.title)


def test_publishing_without_words_names_nobody(world: World) -> None:
    issue = world.make_issue("in_progress", neighbourhood_id=world.neighbourhoods["xingfu"].pk)
    issue = world.act(issue, "publish", "clerk", SOON)
    assert (issue.public_title, issue.public_text) == ("幸福路 · 路面积水与内涝", "")
    issue = world.act(issue, "unpublish", "clerk", SOON)
    text = "张小三（19900001234）反映积水，已安排抽排。身份证440605198001011234。"
    issue = world.act(issue, "publish", "clerk", SOON, title="幸福路积水", text=text)
    assert "张小三" not in issue.public_text
    assert "19900001234" not in issue.public_text
    assert "440605198001011234" not in issue.public_text


def test_a_confidential_matter_is_never_published(world: World) -> None:
    issue = world.make_issue("in_progress", kind="report")
    assert issue.confidential
    with pytest.raises(StateConflict):
        world.act(issue, "publish", "clerk", SOON)
