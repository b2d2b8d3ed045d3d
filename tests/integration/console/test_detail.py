"""The page of one issue: who sees what, what it says, and acting on it by form."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.models import Issue
from issues.resident import issue_by_token, resident_view
from journal.models import Event
from tests.integration.console.pages import form_of, html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]


def _url(issue: Issue) -> str:
    return f"/console/issues/{issue.number}/"


def _act(client: Client, issue: Issue, action: str, **data: str) -> object:
    values = {"version": str(Issue.objects.get(pk=issue.pk).version)} | data
    return client.post(f"{_url(issue)}actions/{action}/", values)


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("clerk", 200),
        ("secretary", 200),
        ("officer", 200),
        ("head", 200),
        ("supervisor", 200),
        ("deputy", 200),
        ("director", 200),
        ("admin", 200),
        ("clerk2", 404),
        ("officer2", 404),
        ("outsider", 404),
        ("leader", 403),
    ],
)
def test_the_scope_decides_who_sees_an_issue(world: World, signed_in: Browser, username: str, status: int) -> None:
    issue = world.make_issue("in_progress")
    answer = signed_in(username).get(_url(issue))
    assert answer.status_code == status
    if status == 404:
        assert "未找到该工单，请核对编号" in text_of(answer)
        assert issue.title not in text_of(answer)


@pytest.mark.parametrize("status", ["submitted", "accepted", "dispatched", "in_progress", "replied", "follow_up",
                                    "closed", "rejected", "withdrawn", "returned", "redone", "reopened"])  # fmt: skip
def test_every_status_has_its_sentence(world: World, signed_in: Browser, status: str) -> None:
    sentences = {
        "submitted": "待夏东社区受理，应于 3月18日（周三）11:00 前受理，还剩1小时。",
        "accepted": "待夏东社区派单，",
        "dispatched": "待市政管理办公室签收，",
        "in_progress": "市政管理办公室正在办理，",
        "replied": "市政管理办公室已答复，待夏东社区核查，",
        "follow_up": "市政管理办公室已答复，待夏东社区回访反映人，",
        "closed": "已办结，反映人表示已经解决。",
        "rejected": "不予受理，已告知反映人去处。",
        "withdrawn": "反映人已撤回。",
        "returned": "退单后待夏东社区重新派单，",
        "redone": "市政管理办公室正在重新办理，",
        "reopened": "市政管理办公室正在重新办理，",
    }
    issue = world.make_issue(status)
    shape = signed_in("clerk").get(_url(issue)).context["issue"]
    said = shape.sentence.text + shape.sentence.due
    assert said.startswith(sentences[status].rstrip("。")), said
    if shape.sentence.due:
        assert "还剩" in said


def test_overdue_is_said_and_counted(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", category="0402", at=NOW - timedelta(days=20))
    shape = signed_in("officer").get(_url(issue)).context["issue"]
    assert shape.time_limit == "overdue"
    assert shape.sentence.due == "应于 3月11日（周三）17:30 前答复，超期4天"


def test_four_facts_stay_apart(world: World, signed_in: Browser) -> None:
    replied = signed_in("clerk").get(_url(world.make_issue("replied"))).context["issue"]
    assert [fact["value"] for fact in replied.facts] == ["已解决", "待回访", "待回访"]
    closed = signed_in("clerk").get(_url(world.make_issue("closed"))).context["issue"]
    assert [fact["value"] for fact in closed.facts] == ["已解决", "满意 · 社区回访", "已解决"]
    assert closed.status_label == "已办结"


def test_timeline_tells_the_story_newest_first(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("replied")
    clerk = signed_in("clerk")
    shape = clerk.get(_url(issue)).context["issue"]
    entries = [entry for day in shape.timeline for entry in day.entries]
    assert [entry.title for entry in entries] == ["答复", "签收", "派单", "受理", "登记"]
    assert entries[2].changes == ("单位：市政管理办公室",)
    assert entries[0].actor == "市政管理办公室 · 何志明"
    assert entries[4].actor == "夏东社区 · 陈晓琳"
    assert shape.timeline[0].label == "今天"
    world.act(issue, "comment", "clerk", note="内部提醒一句")
    public = clerk.get(_url(issue) + "?show=public").context["issue"]
    assert all(entry.public for day in public.timeline for entry in day.entries)
    internal = clerk.get(_url(issue) + "?show=internal").context["issue"]
    assert [entry.title for day in internal.timeline for entry in day.entries] == ["留言"]


def test_reporter_is_masked_everywhere(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", contact_address="幸福路8号602房")
    for username in ("clerk", "officer", "supervisor", "deputy"):
        page = html_of(signed_in(username).get(_url(issue)))
        assert "张*三" in page
        assert "199****1234" in page
        for secret in ("张小三", "19900001234", "602房"):
            assert secret not in page, username


def test_confidential_issue_shows_no_identity_to_those_who_handle_it(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", kind="report")
    assert issue.confidential
    for username in ("officer", "head", "deputy"):
        page = html_of(signed_in(username).get(_url(issue)))
        assert "张*三" not in page, username
        assert "199****1234" not in page
        assert "/reveal/" not in page
        assert signed_in(username).post(_url(issue) + "reveal/", {"reason": "要看"}).status_code == 403
    for username in ("clerk", "supervisor"):
        assert "张*三" in html_of(signed_in(username).get(_url(issue))), username
    assert not Event.objects.filter(kind="reveal").exists()


def test_full_name_needs_a_reason_and_is_journalled(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    officer = signed_in("officer")
    refused = officer.post(_url(issue) + "reveal/", {"reason": "  "})
    assert refused.status_code == 400
    assert "请填写查看原因" in text_of(refused)
    assert "张小三" not in html_of(refused)
    shown = officer.post(_url(issue) + "reveal/", {"reason": "上门前联系反映人"})
    assert shown.status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    assert "张小三" in html_of(shown)
    assert "19900001234" in html_of(shown)
    event = Event.objects.get(kind="reveal")
    assert (event.subject_id, event.actor_id, event.visible) == (issue.pk, world.people["officer"].pk, False)
    assert event.texts_plain.get().text == "上门前联系反映人"
    assert Issue.objects.get(pk=issue.pk).version == issue.version
    assert "张小三" not in html_of(officer.get(_url(issue)))
    assert officer.get(_url(issue) + "reveal/").status_code == 405


@pytest.mark.parametrize("username", ["deputy", "director", "admin"])
def test_without_the_right_nobody_reveals(world: World, signed_in: Browser, username: str) -> None:
    issue = world.make_issue("in_progress")
    assert signed_in(username).post(_url(issue) + "reveal/", {"reason": "想看"}).status_code == 403


def test_a_department_that_gave_it_back_may_read_but_not_reveal(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    officer = signed_in("officer")
    assert officer.get(_url(issue)).status_code == 200
    assert officer.post(_url(issue) + "reveal/", {"reason": "想看"}).status_code == 403
    assert officer.get(_url(issue)).context["issue"].primary is None


def test_whole_journey_by_forms(world: World, signed_in: Browser) -> None:
    issue = world.create(category="0402")
    clerk, officer = signed_in("clerk"), signed_in("officer")
    steps: tuple[tuple[Client, str, dict[str, str]], ...] = (
        (clerk, "accept", {}),
        (clerk, "dispatch", {"department": "MUNICIPAL"}),
        (officer, "acknowledge", {}),
        (officer, "reply", {"outcome": "solved", "note": "已督促物业整改。"}),
        (clerk, "verify_pass", {"check": "phone", "note": "电话核实无误。"}),
        (clerk, "record_follow_up", {"verdict": "satisfied", "solved": "yes"}),
    )
    for client, action, typed in steps:
        page = client.get(f"{_url(issue)}?action={action}")
        assert page.context["panel"].code == action, action
        values = form_of(page, f"/actions/{action}/") | typed
        answer = client.post(f"{_url(issue)}actions/{action}/", values)
        assert answer.status_code == 302, text_of(answer)
    assert Issue.objects.get(pk=issue.pk).status == "closed"
    kinds = list(Event.objects.of("issue", issue.pk).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["create", *[action for _client, action, _typed in steps]]


def test_success_leads_on_with_a_message(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("accepted")
    clerk = signed_in("clerk")
    inside = clerk.post(
        f"{_url(issue)}actions/dispatch/",
        {"version": issue.version, "department": "MUNICIPAL", "next": "/console/?selected=桂城-2026-000009"},
    )
    assert inside.headers["Location"].startswith("/console/?selected=")
    assert "已派单至市政管理办公室" in text_of(clerk.get("/console/"))


@pytest.mark.parametrize(
    "target", ["https://evil.example/console/", "//evil.example/console/", "/login/", "javascript:alert(1)", "/\\evil"]
)
def test_next_stays_within_the_console(world: World, signed_in: Browser, target: str) -> None:
    issue = world.create()
    answer = signed_in("clerk").post(f"{_url(issue)}actions/accept/", {"version": issue.version, "next": target})
    assert answer.status_code == 302
    assert "2026-000001" in answer.headers["Location"]


def test_conflict_keeps_what_was_typed_and_says_what_changed(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    world.act(issue, "assign", "head", NOW + timedelta(minutes=32), officer="officer")
    answer = signed_in("officer").post(
        f"{_url(issue)}actions/reply/",
        {"version": issue.version, "outcome": "explained", "note": "已向您说明有关规定。"},
    )
    assert answer.status_code == 409
    assert answer.context["conflict"]["text"] == "工单已于 10:32 指派承办人。"
    again = form_of(answer, "/actions/reply/")
    assert again["note"] == "已向您说明有关规定。"
    assert again["outcome"] == "explained"
    assert again["version"] == str(issue.version + 1)
    assert signed_in("officer").post(f"{_url(issue)}actions/reply/", again).status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == "replied"


def test_wrong_state_is_a_conflict_that_keeps_the_words(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("replied")
    answer = signed_in("officer").post(
        f"{_url(issue)}actions/reply/", {"version": issue.version, "outcome": "solved", "note": "再答一次"}
    )
    assert answer.status_code == 409
    assert "待核查" in answer.context["conflict"]["text"]
    page = html_of(answer)
    assert "再答一次" in page
    form = page[page.index('<form class="card panel"') :]
    form = form[: form.index("</form>")]
    assert 'type="button" aria-disabled="true" aria-describedby="panel-refused"' in " ".join(form.split())
    assert "工单当前为“待核查”</span>" in form
    assert "ctrl-enter" not in form
    assert "按最新状态继续" not in page


def test_panel_that_can_be_sent_has_a_button(world: World, signed_in: Browser) -> None:
    page = html_of(signed_in("officer").get(f"{_url(world.make_issue('in_progress'))}?action=reply"))
    assert 'data-key="ctrl-enter"' in page
    assert "panel-refused" not in page


@pytest.mark.parametrize("outcome", ["solved", "partly", "explained", "unfounded"])
def test_preview_of_a_reply_has_the_words_of_the_residents_page(world: World, signed_in: Browser, outcome: str) -> None:
    issue = world.make_issue("in_progress")
    panel = signed_in("officer").get(f"{_url(issue)}?action=reply").context["panel"]
    titles = {title.value: title.label for title in panel.preview_titles}
    assert panel.preview_title == "市政管理办公室已答复。您觉得解决了吗？"
    assert panel.preview_foot == "市政管理办公室 · 3月18日 · 0757-00001228"
    world.act(issue, "reply", "officer", NOW + timedelta(hours=1), outcome=outcome, note="已到现场。")
    fresh = issue_by_token(issue.token)
    assert fresh is not None
    assert titles[outcome] == "".join(resident_view(fresh, NOW).sentence)


def test_preview_follows_the_outcome_that_was_posted(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    answer = _act(signed_in("officer"), issue, "reply", outcome="solved", note="")
    assert isinstance(answer, HttpResponse)
    assert re.search(r'<b\s+id="preview-title">社区说已处理完。您觉得解决了吗？</b\s*>', html_of(answer))


def test_preview_of_a_refusal_comes_from_the_community(world: World, signed_in: Browser) -> None:
    world.communities["xiadong"].phone = "0757-00000001"
    world.communities["xiadong"].save()
    panel = signed_in("clerk").get(f"{_url(world.create())}?action=reject").context["panel"]
    assert panel.preview_title == "这件事社区不能受理，请看下面的原因和去处。"
    assert panel.preview_foot == "夏东社区 · 3月18日 · 0757-00000001"
    assert panel.preview_titles == ()


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "1.0", "１"])
def test_a_version_that_is_none_counts_as_stale(world: World, signed_in: Browser, version: str) -> None:
    issue = world.create()
    answer = signed_in("clerk").post(f"{_url(issue)}actions/accept/", {"version": version})
    assert answer.status_code == 409


def test_missing_fields_are_named_and_everything_stays(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("dispatched")
    answer = signed_in("officer").post(
        f"{_url(issue)}actions/return/", {"version": issue.version, "basis": "", "note": "我的备注", "reason": "nope"}
    )
    assert answer.status_code == 400
    assert answer.context["error_title"] == "还有 2 项需要填写"
    assert {item.field_id for item in answer.context["errors"]} == {"id_reason", "id_basis"}
    assert "我的备注" in html_of(answer)
    assert Issue.objects.get(pk=issue.pk).status == "dispatched"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("accept", {"category": "99999999999999999999"}),
        ("accept", {"category": "\x00"}),
        ("accept", {"level": "highest"}),
        ("accept", {"category": "other"}),
        ("dispatch", {"department": "POLICE"}),
        ("dispatch", {"department": "DADE-TEAM"}),
        ("dispatch", {"department": "9" * 500}),
        ("dispatch", {"department": "no\x00such"}),
        ("reject", {"reason": "because", "note": "去别处"}),
        ("reject", {"reason": "petition", "note": "长" * 2001}),
    ],
)
def test_hostile_fields_answer_400_and_change_nothing(
    world: World, signed_in: Browser, action: str, data: dict[str, str]
) -> None:
    issue = world.make_issue("accepted" if action == "dispatch" else "submitted")
    answer = signed_in("clerk").post(f"{_url(issue)}actions/{action}/", {"version": issue.version} | data)
    assert answer.status_code == 400, answer.status_code
    assert Issue.objects.get(pk=issue.pk).version == issue.version


@pytest.mark.parametrize(
    ("username", "action", "status"),
    [
        ("clerk", "reply", 403),
        ("officer", "accept", 403),
        ("deputy", "reply", 403),
        ("admin", "urge", 403),
        ("clerk2", "urge", 404),
        ("outsider", "urge", 404),
        ("leader", "urge", 403),
        ("clerk", "explode", 404),
        ("officer", "merge", 403),
    ],
)
def test_without_the_part_no_action(world: World, signed_in: Browser, username: str, action: str, status: int) -> None:
    issue = world.make_issue("in_progress")
    answer = signed_in(username).post(f"{_url(issue)}actions/{action}/", {"version": issue.version})
    assert answer.status_code == status
    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_reading_changes_nothing(world: World, signed_in: Browser) -> None:
    issue = world.create()
    clerk = signed_in("clerk")
    for url in (_url(issue), f"{_url(issue)}?action=accept", f"{_url(issue)}?pane=1"):
        assert clerk.get(url).status_code == 200
        assert clerk.head(url).status_code == 200
    opened = clerk.get(f"{_url(issue)}actions/accept/")
    assert (opened.status_code, unquote(opened["Location"])) == (302, unquote(f"{_url(issue)}?action=accept"))
    assert Issue.objects.get(pk=issue.pk).version == issue.version
    assert Event.objects.of("issue", issue.pk).count() == 1


def test_forms_are_safe_from_other_sites(world: World) -> None:
    issue = world.create()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"{_url(issue)}actions/accept/", {"version": issue.version})
    assert answer.status_code == 403
    assert "页面已过期" in text_of(answer)


def test_panels_offer_what_belongs_to_this_sub_district(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("accepted")
    panel = signed_in("clerk").get(f"{_url(issue)}?action=dispatch").context["panel"]
    departments = [choice.value for choice in panel.fields[0].choices]
    assert departments == ["MUNICIPAL", "WATER", "GOVERN", "XIADONG-TEAM"]
    world.act(issue, "dispatch", department="MUNICIPAL")
    panel = signed_in("head").get(f"{_url(issue)}?action=assign").context["panel"]
    assert {choice.value for choice in panel.fields[0].choices} == {"officer", "head"}
    accept = signed_in("clerk").get(f"{_url(world.create())}?action=accept").context["panel"]
    category = next(field for field in accept.fields if field.name == "category")
    assert category.value == "0301"
    assert [choice.value for choice in category.choices] == ["0101", "0202", "0301", "0303", "0402"]
    assert "lmjsynl" in category.choices[2].keys


def test_accepting_by_form_keeps_the_level_of_the_category(world: World, signed_in: Browser) -> None:
    issue = world.create()
    clerk = signed_in("clerk")
    values = form_of(clerk.get(f"{_url(issue)}?action=accept"), "/actions/accept/")
    clerk.post(f"{_url(issue)}actions/accept/", values)
    fresh = Issue.objects.get(pk=issue.pk)
    assert (fresh.status, fresh.level, fresh.level_set) == ("accepted", "urgent", False)


def test_refused_actions_stay_with_their_reason(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("submitted")
    actions = {action.code: action for action in signed_in("clerk").get(_url(issue)).context["issue"].actions}
    assert actions["accept"].allowed
    assert actions["accept"].primary
    assert not actions["answer_now"].allowed
    assert actions["answer_now"].reason == "只有咨询可以由社区即时办结"
    assert "只有咨询可以由社区即时办结" in text_of(signed_in("clerk").get(_url(issue)))
    assert "unmerge" not in actions or not actions["unmerge"].allowed


def test_following_and_unfollowing(world: World, signed_in: Browser) -> None:
    issue = world.create()
    clerk = signed_in("clerk")
    assert clerk.post(f"{_url(issue)}watch/", {"on": "1"}).status_code == 302
    assert clerk.get(_url(issue)).context["issue"].watching
    assert clerk.post(f"{_url(issue)}watch/", {"on": "0"}).status_code == 302
    assert not clerk.get(_url(issue)).context["issue"].watching
    assert signed_in("clerk2").post(f"{_url(issue)}watch/", {"on": "1"}).status_code == 404
    assert clerk.get(f"{_url(issue)}watch/").status_code == 405


@pytest.mark.parametrize("number", ["nope", "%00", "桂城-2026-999999", "9" * 300, "%ED%A0%80", "..%2f..%2fetc"])
def test_unknown_numbers_are_not_found(signed_in: Browser, number: str) -> None:
    answer = signed_in("clerk").get(f"/console/issues/{number}/")
    assert answer.status_code == 404


@pytest.mark.parametrize("username", ["clerk", "officer", "supervisor"])
@pytest.mark.parametrize("status", ["submitted", "replied", "reopened"])
def test_page_costs_at_most_thirteen_statements(world: World, signed_in: Browser, username: str, status: str) -> None:
    issue = world.make_issue(status)
    client = signed_in(username)
    client.get(_url(issue))
    with CaptureQueriesContext(connection) as captured:
        client.get(_url(issue))
    # the last of them notes that what this person was told of the matter lies before them
    assert len(statements(captured)) <= 13


def test_pane_is_the_same_issue_without_the_frame(world: World, signed_in: Browser) -> None:
    issue = world.create()
    page = html_of(signed_in("clerk").get(f"{_url(issue)}?pane=1"))
    assert "<html" not in page
    assert issue.title in page


def test_english_page_speaks_english(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    answer = signed_in("officer").get(_url(issue), headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "Municipal Management Office" in text_of(answer)
