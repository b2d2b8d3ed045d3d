"""What the page of one case tells: departments, time held, requests, promises, joined issues, marks, every event."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues import workflow
from issues.models import Issue
from issues.services.elapsing import acknowledge_by_time
from issues.telling import TELLINGS
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, World
from tests.support.photos import photo

Browser = Callable[[str], Client]
EARLIER = NOW - timedelta(hours=2)
UNTIL = "2026-05-08"


def _url(issue: Issue) -> str:
    return f"/console/issues/{issue.number}/"


def _after(minutes: int) -> Any:
    return EARLIER + timedelta(minutes=minutes)


def _shape(signed_in: Browser, by: str, issue: Issue) -> Any:
    return signed_in(by).get(_url(issue)).context["issue"]


def _steps(client: Client) -> list[str]:
    """The next steps in the person's to-do list."""
    groups = client.get("/console/?layout=list").context["groups"]
    return [row.next_step for group in groups for row in group.rows]


def _sentence(signed_in: Browser, by: str, issue: Issue) -> str:
    sentence = _shape(signed_in, by, issue).sentence
    return str(sentence.text) + str(sentence.due)


def test_every_event_of_the_table_has_a_title() -> None:
    assert set(workflow.ACTIONS) | {"create", "join", "leave", "joiner_verdict", "reveal"} <= set(TELLINGS)


def test_co_departments_have_their_own_state_and_deadline(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER, category="0402")
    world.act(issue, "add_department", "officer", _after(10), department="WATER")
    assert "待水务管理办公室协办答复" in _sentence(signed_in, "officer", issue)
    lead, co = _shape(signed_in, "officer", issue).departments
    assert (lead.name, lead.role_label, co.name, co.role_label) == ("市政管理办公室", "主办", "水务管理办公室", "协办")
    assert "待反馈" in co.state_text
    assert "前协办答复" in co.due_text
    assert co.due.at < lead.due.at
    assert _shape(signed_in, "officer2", issue).primary.code == "co_reply"
    world.act(issue, "co_reply", "officer2", _after(20), note="已查看，管网正常。")
    answered = _shape(signed_in, "officer", issue)
    assert "已反馈" in answered.departments[1].state_text
    entry = answered.timeline[0].entries[0]
    assert (entry.title, entry.actor) == ("协办答复", "水务管理办公室 · 梁永康")


def test_a_silent_co_department_is_named(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(days=16), category="0402")
    world.act(issue, "add_department", "officer", NOW - timedelta(days=15), department="WATER")
    page = text_of(signed_in("supervisor").get(_url(issue)))
    assert "协办未反馈" in page
    world.act(issue, "reply", "officer", NOW - timedelta(minutes=5), outcome="explained", note="已说明。")
    assert _shape(signed_in, "clerk", issue).co_missing == "协办未反馈：水务管理办公室"


def test_time_held_by_each_department_is_told(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned", at=NOW - timedelta(days=1))
    world.act(issue, "dispatch", at=NOW - timedelta(hours=20), department="WATER")
    world.act(issue, "acknowledge", "officer2", NOW - timedelta(hours=1))
    water, municipal = _shape(signed_in, "supervisor", issue).departments
    assert (water.name, municipal.role_label) == ("水务管理办公室", "曾承办")
    assert water.held[0].until_at is None
    assert municipal.held[0].until_at == NOW - timedelta(hours=1)
    assert municipal.held[0].span
    assert "负责" in text_of(signed_in("supervisor").get(_url(issue)))


def test_what_is_asked_is_shown_to_who_decides(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER, category="0402")
    world.act(issue, "request_extension", "officer", _after(10), days=2, reason="等配件到货")
    world.act(issue, "endorse", "head", _after(20), note="同意")
    shape = _shape(signed_in, "supervisor", issue)
    (asked,) = shape.asked
    assert [action.code for action in asked.actions] == ["grant_extension", "refuse_extension"]
    facts = {fact["label"]: fact["value"] for fact in asked.facts}
    assert facts["延长"] == "2个工作日"
    assert "何志明" in facts["提出"]
    assert "周建华" in facts["部门意见"]
    assert asked.text == "等配件到货"
    assert shape.primary.url.endswith("#asked")
    assert "延期申请待审批" in _sentence(signed_in, "officer", issue)
    assert _shape(signed_in, "officer", issue).asked[0].actions == ()


def test_a_long_deferral_waits_for_the_director(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    asked = {"reason": "funding", "until": "2027-03-01", "interim_answer": "资金已报。"}
    world.act(issue, "request_suspension", "officer", _after(10), **asked)
    refused = _shape(signed_in, "supervisor", issue).asked[0]
    assert refused.actions == ()
    assert "街道主要领导" in refused.refused
    codes = [action.code for action in _shape(signed_in, "director", issue).asked[0].actions]
    assert codes == ["grant_suspension", "refuse_suspension"]
    world.act(issue, "grant_suspension", "director", _after(20))
    assert _sentence(signed_in, "officer", issue).startswith("市政管理办公室已挂账（资金计划），2027年3月1日")


def test_promises_stand_with_the_answer(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    planned = {"outcome": "planned", "due_on": UNTIL, "note": "列入改造计划。", "commitment": "五月前改造完"}
    world.act(issue, "reply", "officer", _after(10), **planned)
    (promise,) = _shape(signed_in, "clerk", issue).promised
    assert (promise.text, promise.owner, promise.state) == ("五月前改造完", "市政管理办公室", "open")
    assert promise.date_text == "承诺 5月8日（周五） 前完成"


def _joined(world: World, master: Issue, number: int) -> list[Issue]:
    found = []
    for place in range(number):
        joiner = world.create(at=EARLIER, contact_name=f"李{place}三", contact_phone=f"1990000{place:04d}")
        world.act(joiner, "merge", "clerk", _after(10 + place), master=master.number)
        found.append(Issue.objects.get(pk=joiner.pk))
    return found


def test_joined_issues_are_listed_masked_with_their_own_verdict(world: World, signed_in: Browser) -> None:
    master = world.make_issue("replied", at=EARLIER)
    first, *_others = _joined(world, master, 4)
    world.act(first, "record_follow_up", "clerk", _after(30), verdict="dissatisfied", solved="no", reason="还有积水")
    shape = _shape(signed_in, "clerk", master)
    assert shape.related.text == "共5人反映"
    assert [mark["label"] for mark in shape.marks] == ["群体性诉求"]
    by_number = {item.number: item for item in shape.related.items}
    assert by_number[first.number].verdict == "不满意 · 没有解决"
    assert by_number[first.number].reporter == "李*三 199****0000"
    page = html_of(signed_in("officer").get(_url(master)))
    assert "李0三" not in page
    banner = _shape(signed_in, "clerk", first).related.banner
    assert master.number in banner["text"]
    assert _sentence(signed_in, "clerk", first) == f"已并入 {master.number}，随主件办理。"


def test_after_an_objection_the_supervisor_has_both_ways(world: World, signed_in: Browser) -> None:
    master = world.make_issue("follow_up", at=EARLIER)
    joiner = world.create(at=EARLIER, contact_phone="19900004321")
    world.act(joiner, "merge", "clerk", _after(10), master=master.number)
    world.act(joiner, "record_follow_up", "clerk", _after(30), verdict="dissatisfied", solved="no", reason="还有积水")
    (asked,) = _shape(signed_in, "supervisor", master).asked
    assert [action.code for action in asked.actions] == ["redo", "close_explained"]
    assert _steps(signed_in("supervisor")) == ["待您裁定"]


def test_a_confidential_joiner_is_named_to_who_sees_it_and_may_know(world: World, signed_in: Browser) -> None:
    """The department sees how many there are; the same number adds one, so that it does not say who reported both."""
    master = world.make_issue("in_progress", at=EARLIER)
    joiner = world.create(at=EARLIER, kind="report", contact_name="密密人")
    world.act(joiner, "merge", "clerk", _after(10), master=master.number)
    for who in ("officer", "head"):
        related = _shape(signed_in, who, master).related
        assert (related.text, related.items) == ("共2人反映", ())
        assert joiner.number not in html_of(signed_in(who).get(_url(master)))
        assert "共2人反映" in html_of(signed_in(who).get(_url(master)))
    assert _shape(signed_in, "deputy", master).related.items[0].reporter == "保密"
    for who in ("clerk", "supervisor"):
        assert "密*人" in _shape(signed_in, who, master).related.items[0].reporter


def test_a_master_is_told_to_who_sees_it(world: World, signed_in: Browser) -> None:
    """A department that once held what was joined sees no word of a master of others."""
    joiner = world.make_issue("in_progress", at=EARLIER)
    master = world.make_issue(
        "in_progress", at=EARLIER, department="WATER", officer="officer2", description="主渠堵塞，无人清理"
    )
    world.act(joiner, "merge", "clerk", _after(20), master=master.number)
    for who, told in (("officer", False), ("clerk", True)):
        page = html_of(signed_in(who).get(_url(joiner)))
        assert (master.number in page, "主渠堵塞" in page) == (told, told), who


def test_outside_bodies_are_followed_up_by_the_community(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("accepted", at=EARLIER)
    world.act(issue, "transfer_out", "clerk", _after(10), department="POLICE")
    assert _sentence(signed_in, "clerk", issue).startswith("已转交派出所办理，由夏东社区跟踪")
    shape = _shape(signed_in, "clerk", issue)
    assert shape.departments[0].role_label == "主办（外单位）"
    assert shape.primary.code == "reply"
    assert _steps(signed_in("clerk")) == ["待您跟踪"]


def test_time_itself_is_the_system(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("dispatched", at=NOW - timedelta(days=5), category="0402")
    acknowledge_by_time(issue_id=issue.pk, at=NOW - timedelta(hours=1))
    shape = _shape(signed_in, "supervisor", issue)
    entry = shape.timeline[0].entries[0]
    assert (entry.title, entry.actor) == ("视为签收", "系统")
    assert "超过签收时限两倍，视为签收" in entry.changes
    assert [mark["label"] for mark in shape.marks] == ["视为签收"]
    listed = signed_in("supervisor").get("/console/issues/?status=not_taken").context["rows"]
    assert [row.number for row in listed] == [issue.number]


def test_a_correction_shows_old_and_new(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    place = world.neighbourhoods["xingfu"]
    world.act(
        issue, "edit", "clerk", _after(10), title="新的标题", category="0402", neighbourhood=str(place.pk),
        contact_phone="19900008888", confidential="true",
    )  # fmt: skip
    entry = _shape(signed_in, "clerk", issue).timeline[0].entries[0]
    assert entry.title == "更正"
    assert f"标题：{issue.title} → 新的标题" in entry.changes
    assert "类别：路面积水与内涝 → 物业服务不力" in entry.changes
    assert "位置：（空） → 幸福路" in entry.changes
    assert "反映人：张*三 199******** → 张*三 199********" in entry.changes
    assert "保密：否 → 是" in entry.changes
    hidden = _shape(signed_in, "officer", issue).timeline[0].entries[0]
    assert "反映人：已更正" in hidden.changes


def test_instructions_stand_first(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    world.act(issue, "instruct", "deputy", _after(10), note="请市政办今天到场。")
    shape = _shape(signed_in, "officer", issue)
    assert [said.text for said in shape.instructions] == ["请市政办今天到场。"]
    assert "分管领导 · 郑国栋" in shape.instructions[0].actor


def test_photos_stand_where_they_were_sent(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    before = photo(world, issue, _after(10), name="居民拍.jpg", by=None)
    world.act(issue, "comment", "resident", _after(11), note="补一张照片", attachments=[before.pk])
    photo(world, issue, _after(12), name="没有用上.jpg")
    after = photo(world, issue, _after(20), name="办理后.jpg")
    world.act(issue, "reply", "officer", _after(21), outcome="solved", note="已疏通。", attachments=[after.pk])
    shape = _shape(signed_in, "clerk", issue)
    assert [shown["name"] for shown in shape.reported.photos] == ["居民拍.jpg"]
    assert [shown["name"] for shown in shape.reply.photos] == ["办理后.jpg"]
    assert [(pair["before"]["name"], pair["after"]["name"]) for pair in shape.pairs] == [("居民拍.jpg", "办理后.jpg")]
    page = html_of(signed_in("clerk").get(_url(issue)))
    assert f"/files/{after.public_id}/small/" in page
    assert "没有用上.jpg" not in page


def test_unsigned_documents_are_dashed_seals(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    world.act(issue, "supervise", "supervisor", _after(10), kind="order", note="请办结")
    seal = _shape(signed_in, "officer", issue).seals[0]
    assert (seal.label, seal.draft) == ("督办待签", True)
    assert _steps(signed_in("deputy")) == ["待您签发"]


def test_copies_and_deferred_matters_have_their_tabs(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("suspended", at=EARLIER)
    world.act(issue, "cc", "clerk", _after(40), users=["supervisor"], note="请关注")
    copied = signed_in("supervisor").get("/console/?tab=copied&layout=list")
    assert issue.title in text_of(copied)
    assert issue.title in text_of(signed_in("officer").get("/console/?tab=suspended&layout=list"))
    assert "还没有抄送给您的工单" in text_of(signed_in("clerk2").get("/console/?tab=copied&layout=list"))


# Statements


def _cost(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(statements(captured))


def _everything(world: World, joiners: int) -> Issue:
    """A matter with all that a page can show."""
    first = world.make_issue("closed", at=EARLIER - timedelta(days=1))
    issue = world.make_issue("in_progress", at=EARLIER, repeat_of_id=first.pk)
    _joined(world, issue, joiners)
    steps: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        ("add_department", "officer", {"department": "WATER"}),
        ("reply", "officer", {}),
        ("instruct", "deputy", {"note": "抓紧"}),
        ("urge", "clerk", {"note": "催"}),
        ("edit", "clerk", {"category": "0402", "note": "改"}),
        ("edit", "clerk", {"category": "0301", "neighbourhood": str(world.neighbourhoods["xingfu"].pk)}),
        ("cc", "clerk", {"departments": ["GOVERN"], "users": ["supervisor"]}),
        ("publish", "clerk", {}),
        ("supervise", "supervisor", {"kind": "order", "note": "请办结"}),
        ("request_extension", "officer", {"days": 1, "reason": "等料"}),
    )
    for place, (action, by, data) in enumerate(steps):
        if action != "reply":
            world.act(issue, action, by, _after(60 + place), **data)
    for place in range(joiners):
        photo(world, issue, _after(80 + place), name=f"{place}.jpg")
    return Issue.objects.get(pk=issue.pk)


@pytest.mark.long
@pytest.mark.parametrize("username", ["clerk", "officer", "supervisor", "deputy"])
def test_the_page_needs_at_most_fifteen_with_everything_in_it(world: World, signed_in: Browser, username: str) -> None:
    """One of them marks as read what this person was told. One more for who is told of a stopped schedule."""
    client = signed_in(username)
    few, many = (_cost(client, _url(_everything(world, number))) for number in (1, 6))
    assert few == many
    watches_the_schedule = username == "supervisor"
    assert many <= 15 + watches_the_schedule
