"""Every action of the table has a panel in the console, generated from the table: it opens, and its form is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import Role
from communities.models import Leader, Membership
from console.issues.action_rows import GROUPS
from files.models import StoredFile
from issues import workflow
from issues.enums import Status
from issues.fields import Choice, field_of
from issues.models import Issue
from journal.models import Event
from reminders.enums import Channel
from reminders.reference import forget_gateways
from tests.integration.console.pages import form_of, html_of, text_of
from tests.support.cast import NOW, World
from tests.support.hostile_files import jpeg
from tests.support.outbox import channel

Browser = Callable[[str], Client]
EARLIER = NOW - timedelta(hours=1)
TOMORROW = (NOW + timedelta(days=20)).date().isoformat()
LATER = (NOW + timedelta(days=60)).date().isoformat()


@dataclass(frozen=True)
class Case:
    """Who opens the panel of an issue walked where, and what is typed into it."""

    status: str
    by: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)


_ASKED_DAYS = (("request_extension", "officer", {"days": "2", "reason": "等配件"}),)
_DEFERRAL = {"reason": "funding", "until": TOMORROW, "interim_answer": "资金已报，批复后办理。"}
_ASKED_DEFERRAL = (("request_suspension", "officer", _DEFERRAL),)
_DRAFT = (("supervise", "supervisor", {"kind": "order", "note": "请三日内办结。"}),)
_ASKED_DISCLOSURE = (("request_disclosure", "clerk", {"reason": "反映人同意公开"}),)
_ASKED_EXCLUSION = (("request_exclusion", "supervisor", {"reason": "重复登记"}),)
_CO = (("add_department", "officer", {"department": "WATER"}),)
_PLANNED = (("reply", "officer", {"outcome": "planned", "due_on": TOMORROW, "note": "列入计划。"}),)
_TWICE = (
    ("dispatch", "clerk", {"department": "WATER"}),
    ("return", "officer2", {"reason": "not_ours", "basis": "路面不属水务"}),
)
CASES: dict[str, Case] = {
    "contact": Case("submitted", "clerk", {"channel": "phone", "result": "reached", "note": "已致电"}),
    "accept": Case("submitted", "clerk"),
    "request_info": Case("submitted", "clerk", {"note": "请告诉我们门牌号。"}),
    "give_info": Case("need_info", "clerk", {"note": "在8号门口。"}),
    "reject": Case("submitted", "clerk", {"reason": "petition", "note": "请到信访窗口。"}),
    "answer_now": Case("submitted", "clerk", {"note": "周一至周五办理。"}, given={"kind": "enquiry"}),
    "dispatch": Case("accepted", "clerk", {"department": "MUNICIPAL"}),
    "transfer_out": Case("accepted", "clerk", {"department": "POLICE"}),
    "acknowledge": Case("dispatched", "officer"),
    "assign": Case("dispatched", "head", {"officer": "officer"}),
    "return": Case("dispatched", "officer", {"reason": "not_ours", "basis": "按职责由水务办负责"}),
    "assign_final": Case("returned", "supervisor", {"department": "WATER", "reason": "按权责清单"}, _TWICE),
    "reassign": Case("in_progress", "supervisor", {"department": "WATER", "reason": "职责调整"}),
    "add_department": Case("in_progress", "officer", {"department": "WATER"}),
    "waive_department": Case("in_progress", "supervisor", {"reason": "不再需要"}, _CO),
    "co_reply": Case("in_progress", "officer2", {"note": "已清淤。"}, _CO),
    "progress": Case("in_progress", "officer", {"note": "已到现场。", "first_report": "true"}),
    "request_extension": Case("in_progress", "officer", {"days": "2", "reason": "等配件"}),
    "grant_extension": Case("in_progress", "supervisor", {}, _ASKED_DAYS),
    "refuse_extension": Case("in_progress", "supervisor", {"reason": "可以按期"}, _ASKED_DAYS),
    "request_suspension": Case("in_progress", "officer", _DEFERRAL),
    "grant_suspension": Case("in_progress", "supervisor", {}, _ASKED_DEFERRAL),
    "refuse_suspension": Case("in_progress", "supervisor", {"reason": "无须等待"}, _ASKED_DEFERRAL),
    "endorse": Case("in_progress", "head", {}, _ASKED_DAYS),
    "resume": Case("suspended", "officer"),
    "reply": Case("in_progress", "officer", {"outcome": "planned", "due_on": TOMORROW, "note": "列入明年计划。"}),
    "verify_pass": Case("replied", "clerk", {"check": "phone", "note": "已致电核实。"}),
    "redo": Case("replied", "clerk", {"reason": "仍有积水"}),
    "record_follow_up": Case("follow_up", "clerk", {"verdict": "satisfied", "solved": "yes"}),
    "close_explained": Case("follow_up", "supervisor", {"reason": "已向反映人说明"}),
    "reopen": Case("closed", "clerk", {"reason": "又积水"}),
    "withdraw": Case("submitted", "leader", given={"community": "dade"}),
    "merge": Case("submitted", "clerk"),
    "unmerge": Case("merged", "clerk"),
    "urge": Case("in_progress", "clerk", {"note": "请抓紧。"}),
    "request_callback": Case("submitted", "leader", given={"community": "dade"}),
    "set_messages": Case("submitted", "clerk", {"messages": "off"}),
    "supervise": Case("in_progress", "supervisor", {"note": "请三日内办结。"}),
    "sign": Case("in_progress", "deputy", {}, _DRAFT),
    "refuse_sign": Case("in_progress", "deputy", {"note": "再看三天"}, _DRAFT),
    "lift": Case("in_progress", "deputy", {"note": "已办好"}, (*_DRAFT, ("sign", "deputy", {}))),
    "instruct": Case("in_progress", "deputy", {"note": "请市政办今天到场。"}),
    "cc": Case("in_progress", "clerk", {"departments": ["WATER"], "users": ["supervisor", "officer"]}),
    "comment": Case("closed", "clerk", {"note": "留个言"}),
    "edit": Case("in_progress", "clerk", {"title": "幸福路口内涝", "external_number": "12345-1", "note": "笔误"}),
    "publish": Case("in_progress", "clerk"),
    "unpublish": Case("in_progress", "clerk", {}, (("publish", "clerk", {}),)),
    "fulfil": Case("in_progress", "officer", {"note": "已改造完。"}, _PLANNED),
    "move_promise": Case("in_progress", "supervisor", {"reason": "材料推迟", "due_on": LATER}, _PLANNED),
    "request_exclusion": Case("closed", "supervisor", {"reason": "重复登记"}),
    "grant_exclusion": Case("closed", "deputy", {"reason": "属实"}, _ASKED_EXCLUSION),
    "request_disclosure": Case("in_progress", "clerk", {"reason": "反映人同意公开"}, given={"confidential": True}),
    "grant_disclosure": Case(
        "in_progress", "supervisor", {"reason": "书面同意"}, _ASKED_DISCLOSURE, {"confidential": True}
    ),
    "refuse_disclosure": Case(
        "in_progress", "supervisor", {"reason": "没有同意"}, _ASKED_DISCLOSURE, {"confidential": True}
    ),
    "refuse_exclusion": Case("closed", "deputy", {"reason": "不属实"}, _ASKED_EXCLUSION),
}


def _url(issue: Issue) -> str:
    return f"/console/issues/{issue.number}/"


def _prepared(world: World, action: str) -> Issue:
    case = CASES[action]
    if action == "set_messages":
        channel(world, Channel.SMS)
        forget_gateways()
    if case.by == "leader":
        _leader_at_a_desk(world)
    given = dict(case.given)
    if case.by == "leader" and world.leader is not None:
        given["leader_id"] = world.leader.pk
    issue = world.make_issue(case.status, at=EARLIER, **given)
    for place, (action, by, data) in enumerate(case.before):
        world.act(issue, action, by, EARLIER + timedelta(minutes=20 + place), **data)
    return Issue.objects.get(pk=issue.pk)


def _leader_at_a_desk(world: World) -> None:
    """A leader who is also a clerk: the only reporter with a console."""
    Membership.objects.create(
        user=world.people["leader"],
        role=Role.CLERK.value,
        subdistrict=world.area,
        community=world.communities["dade"],
        started_at=NOW - timedelta(days=10),
    )
    assert Leader.objects.filter(user=world.people["leader"]).exists()


def test_every_action_has_its_case() -> None:
    assert set(CASES) == set(workflow.ACTIONS)


def test_every_action_stands_in_one_group_of_the_menu() -> None:
    grouped = [row.action for _label, rows in GROUPS for row in rows]
    assert sorted(grouped) == sorted(workflow.ACTIONS)


@pytest.mark.parametrize("action", sorted(CASES))
def test_the_panel_opens_and_its_form_is_taken(world: World, signed_in: Browser, action: str) -> None:
    case, issue = CASES[action], _prepared(world, action)
    other = world.make_issue("in_progress", at=EARLIER) if action == "merge" else None
    client = signed_in(case.by)
    page = client.get(f"{_url(issue)}?action={action}")
    panel = page.context["panel"]
    assert panel is not None, action
    assert panel.code == action
    for item in panel.fields:
        assert item.label, item.name
        kind = field_of(action, item.name) if item.name != "place" else None
        if isinstance(kind, Choice):
            known = {choice.value for choice in item.choices} - {""} <= set(kind.choices.values)
            assert known, "each choice of a closed field is one that the service knows"
    explained = panel.note or action in ("progress", "comment", "instruct", "request_callback")
    assert explained, "each panel says what happens next"
    values: dict[str, Any] = {**form_of(page, f"/actions/{action}/"), **case.typed}
    if other is not None:
        values["master"] = other.number
    answer = client.post(f"{_url(issue)}actions/{action}/", values)
    assert answer.status_code == 302, text_of(answer)
    last = Event.objects.of("issue", issue.pk).order_by("-seq").first()
    assert last is not None
    assert last.kind == action


def test_departments_fit_the_action(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("accepted", at=EARLIER)

    def offered(action: str, by: str, name: str = "department") -> list[str]:
        panel = signed_in(by).get(f"{_url(issue)}?action={action}").context["panel"]
        return [choice.value for item in panel.fields if item.name == name for choice in item.choices]

    assert offered("transfer_out", "clerk") == ["POLICE"]
    assert offered("dispatch", "clerk") == ["MUNICIPAL", "WATER", "GOVERN", "XIADONG-TEAM"]
    world.act(issue, "dispatch", department="MUNICIPAL", at=EARLIER + timedelta(minutes=5))
    assert "POLICE" in offered("return", "officer", "suggested_department")
    world.act(issue, "acknowledge", "officer", EARLIER + timedelta(minutes=6))
    assert offered("reassign", "supervisor") == ["WATER", "GOVERN", "XIADONG-TEAM"]
    world.act(issue, "add_department", "officer", EARLIER + timedelta(minutes=7), department="WATER")
    assert offered("add_department", "officer") == ["GOVERN", "XIADONG-TEAM"]
    assert offered("waive_department", "supervisor") == ["WATER"]


def test_only_drafts_that_can_be_meant_are_offered(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)

    def kinds(action: str, by: str) -> list[str]:
        panel = signed_in(by).get(f"{_url(issue)}?action={action}").context["panel"]
        return [choice.value for item in panel.fields if item.name == "kind" for choice in item.choices]

    assert kinds("supervise", "supervisor") == ["order"]
    late = world.make_issue("in_progress", at=NOW - timedelta(days=20))
    issue = late
    assert kinds("supervise", "supervisor") == ["order", "yellow_card", "red_card"]
    world.act(late, "supervise", "supervisor", NOW, kind="order", note="请办结")
    world.act(late, "supervise", "supervisor", NOW, kind="red_card", note="通报")
    assert kinds("sign", "deputy") == []
    assert kinds("sign", "director") == ["order", "red_card"]
    assert "请办结" in text_of(signed_in("deputy").get(f"{_url(late)}?action=sign"))


# Files


def _photo(name: str = "处理后.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(taken="2026:03:18 09:55:00"), "image/jpeg")


def test_files_come_with_the_form(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    answer = signed_in("officer").post(
        f"{_url(issue)}actions/reply/",
        {"version": issue.version, "outcome": "solved", "note": "已疏通。", "files": [_photo(), _photo("二.jpg")]},
    )
    assert answer.status_code == 302, text_of(answer)
    files = list(StoredFile.objects.of("issue", issue.pk).in_order())
    assert [file.name for file in files] == ["处理后.jpg", "二.jpg"]
    event = Event.objects.of("issue", issue.pk).of_kinds(["reply"]).get()
    assert event.value("attachments") == [file.pk for file in files]


def test_files_are_kept_when_a_field_is_missing(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    officer = signed_in("officer")
    refused = officer.post(
        f"{_url(issue)}actions/reply/", {"version": issue.version, "outcome": "", "note": "已疏通。", "files": _photo()}
    )
    assert refused.status_code == 400
    again = form_of(refused, "/actions/reply/")
    kept = StoredFile.objects.of("issue", issue.pk).get()
    assert again["attachments"] == str(kept.pk)
    assert again["note"] == "已疏通。"
    assert officer.post(f"{_url(issue)}actions/reply/", again | {"outcome": "solved"}).status_code == 302
    assert Event.objects.of("issue", issue.pk).of_kinds(["reply"]).get().value("attachments") == [kept.pk]


def test_the_loser_of_two_keeps_words_and_files(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    world.act(issue, "assign", "head", EARLIER + timedelta(minutes=32), officer="officer")
    officer = signed_in("officer")
    sent = {"version": issue.version, "outcome": "solved", "note": "已疏通。", "files": _photo()}
    lost = officer.post(f"{_url(issue)}actions/reply/", sent)
    assert lost.status_code == 409
    assert lost.context["conflict"]["text"] == "工单已于 09:32 指派承办人。"
    again = form_of(lost, "/actions/reply/")
    assert again["note"] == "已疏通。"
    assert again["attachments"] == str(StoredFile.objects.of("issue", issue.pk).get().pk)
    assert officer.post(f"{_url(issue)}actions/reply/", again).status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == Status.REPLIED


def test_who_lost_the_part_sees_what_changed_and_the_own_words(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    world.act(issue, "return", "head", EARLIER + timedelta(minutes=30), reason="not_ours", basis="水务职责")
    lost = signed_in("officer").post(
        f"{_url(issue)}actions/reply/", {"version": issue.version, "outcome": "explained", "note": "已写好的答复。"}
    )
    assert lost.status_code == 409
    assert "已写好的答复。" in html_of(lost)
    assert "工单已于 09:30 退单。" in text_of(lost)
    never = signed_in("clerk").post(f"{_url(issue)}actions/sign/", {"version": Issue.objects.get(pk=issue.pk).version})
    assert never.status_code == 403


def test_a_refused_file_is_named_and_the_good_one_kept(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    bad = SimpleUploadedFile("坏.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    answer = signed_in("officer").post(
        f"{_url(issue)}actions/progress/", {"version": issue.version, "note": "到场", "files": [_photo(), bad]}
    )
    assert answer.status_code == 400
    assert "坏.jpg" in text_of(answer)
    assert form_of(answer, "/actions/progress/")["note"] == "到场"
    assert StoredFile.objects.of("issue", issue.pk).count() == 1
    assert not Event.objects.of("issue", issue.pk).of_kinds(["progress"]).exists()


def test_nobody_passes_on_what_somebody_else_uploaded(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("replied", at=EARLIER)
    photo = StoredFile.objects.of("issue", issue.pk).get()
    answer = signed_in("clerk").post(
        f"{_url(issue)}actions/verify_pass/",
        {"version": issue.version, "check": "site", "note": "到场核实", "attachments": str(photo.pk)},
    )
    assert answer.status_code == 400
    assert "现场核实须附照片" in text_of(answer)


# Editing


def test_editing_sends_only_what_was_changed(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER, occurred_at=EARLIER + timedelta(seconds=31))
    clerk = signed_in("clerk")
    form = form_of(clerk.get(f"{_url(issue)}?action=edit"), "/actions/edit/")
    assert form["title"] == issue.title
    assert form["contact_phone"] == ""
    unchanged = clerk.post(f"{_url(issue)}actions/edit/", form)
    assert unchanged.status_code == 400
    assert "没有需要更正的内容" in text_of(unchanged)
    place = world.neighbourhoods["xiadongcun"]
    done = clerk.post(f"{_url(issue)}actions/edit/", form | {"place": f"n{place.pk}", "confidential": "true"})
    assert done.status_code == 302, text_of(done)
    event = Event.objects.of("issue", issue.pk).of_kinds(["edit"]).get()
    assert set(event.value("changed")) == {"neighbourhood", "confidential"}


def test_a_correction_in_between_is_not_undone(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER)
    clerk = signed_in("clerk")
    form = form_of(clerk.get(f"{_url(issue)}?action=edit"), "/actions/edit/")
    world.act(issue, "edit", "secretary", EARLIER + timedelta(minutes=40), title="别人改的标题")
    lost = clerk.post(f"{_url(issue)}actions/edit/", form | {"address": "幸福路8号"})
    assert lost.status_code == 409
    again = form_of(lost, "/actions/edit/")
    assert (again["title"], again["address"]) == ("别人改的标题", "幸福路8号")
    assert clerk.post(f"{_url(issue)}actions/edit/", again).status_code == 302
    fresh = Issue.objects.get(pk=issue.pk)
    assert (fresh.title, fresh.address) == ("别人改的标题", "幸福路8号")


def test_publishing_shows_what_was_scrubbed(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=EARLIER, description="张小三反映积水，电话19900001234。")
    panel = signed_in("clerk").get(f"{_url(issue)}?action=publish").context["panel"]
    values = {item.name: item.value for item in panel.fields}
    assert "张小三" not in values["text"]
    assert "19900001234" not in values["text"]
    assert "排水" in values["title"] or "积水" in values["title"]


@pytest.mark.parametrize("typed", ["1", "2026-1", "桂城-2026-000001", "２０２６－１"])
def test_a_master_is_found_by_any_form_of_its_number(world: World, signed_in: Browser, typed: str) -> None:
    master = world.make_issue("in_progress", at=EARLIER)
    issue = world.create(at=EARLIER)
    answer = signed_in("clerk").post(
        f"{_url(issue)}actions/merge/", {"version": issue.version, "master": "", "master_number": typed}
    )
    assert answer.status_code == 302, text_of(answer)
    assert Issue.objects.get(pk=issue.pk).master_id == master.pk
