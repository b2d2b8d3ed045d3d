"""One matter: a date in every state, what comes of a call, verdicts that may change, links that end, what is kept."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from deadlines.models import Deadline
from issues.enums import Proof
from issues.models import Issue
from issues.resident import ResidentView, issue_by_token, resident_view
from journal.models import Event
from reminders.services.sweep import sweep
from tests.integration.phone.pages import page, send
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seen(issue: Issue, at: datetime = NOW, proof: Proof = Proof.WHOLE) -> ResidentView:
    loaded = issue_by_token(issue.token, at)
    assert loaded is not None
    return resident_view(loaded, at, proof=proof)


def said(issue: Issue, at: datetime = NOW) -> str:
    view = seen(issue, at)
    return "".join(view.sentence) + view.below


def project(world: World, status: str) -> Issue:
    issue = world.create(category="0402", level="project")
    if status == "submitted":
        return issue
    issue = world.act(issue, "accept", "clerk", NOW)
    if status == "accepted":
        return issue
    issue = world.act(issue, "dispatch", "clerk", NOW, department="MUNICIPAL")
    if status == "returned":
        return world.act(issue, "return", "officer", NOW + HOUR, reason="not_ours", basis="职责清单 3.2")
    return world.act(issue, "acknowledge", "officer", NOW)


def closed(world: World, *, outcome: str = "explained", **promise: str) -> Issue:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "reply", "officer", NOW, outcome=outcome, note="现场看过，答复如下。", **promise)
    issue = world.act(issue, "verify_pass", "clerk", NOW, check="phone", note="电话核实")
    return world.act(issue, "record_follow_up", "resident", NOW, verdict="satisfied", solved="yes")


# A date in every state


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("submitted", "3月19日（星期四）前告诉您怎么办"),
        ("accepted", "按阶段推进，4月17日（星期五）前告诉您进展"),
        ("returned", "按阶段推进，4月17日（星期五）前告诉您进展"),
        ("in_progress", "按阶段推进，4月17日（星期五）前告诉您进展"),
    ],
)
def test_a_project_says_until_when_news_come(world: World, status: str, words: str) -> None:
    assert words in said(project(world, status))


def test_the_months_note_of_a_project_is_one_that_the_reporter_reads(world: World) -> None:
    issue = project(world, "in_progress")
    note = Deadline.objects.get(subject_id=issue.pk, kind="note", state="running")
    world.act(issue, "progress", "officer", NOW + DAY, note="内部：等设计院")
    assert Deadline.objects.get(subject_id=issue.pk, kind="note", state="running") == note
    world.act(issue, "progress", "officer", NOW + DAY, note="设计图已出", visible_to_resident=True)
    assert Deadline.objects.get(subject_id=issue.pk, kind="note", state="running") != note
    late = said(issue, NOW + 60 * DAY)
    assert "告诉您进展，已经晚了" in late


def test_a_missed_date_says_when_it_is_explained_and_the_community_owes_the_call(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    due = Deadline.objects.get(subject_id=issue.pk, kind="handle").due_at
    sweep(at=due + timedelta(minutes=1))
    issue = Issue.objects.get(pk=issue.pk)
    owed = Deadline.objects.get(subject_id=issue.pk, kind="inform", state="running")
    assert issue.untold
    assert owed.party == world.departments["XIADONG-TEAM"]
    assert Event.objects.of("issue", issue.pk).of_kinds(["remind"]).filter(data__untold=True).count() == 1
    words = said(issue, due + HOUR)
    assert "已经超期" in words
    assert "前联系您，说明原因" in words
    issue = world.act(issue, "contact", "clerk", due + HOUR, channel="phone", result="reached", note="等配件")
    assert not issue.untold
    assert "前还没有结果的，提请街道领导督办" in said(issue, due + 2 * HOUR)


def test_whom_nobody_can_call_is_told_what_comes_next(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402", contact_phone="", contact_name="张小三")
    due = Deadline.objects.get(subject_id=issue.pk, kind="handle").due_at
    sweep(at=due + timedelta(minutes=1))
    assert not Issue.objects.get(pk=issue.pk).untold
    assert "前还没有结果的，提请街道领导督办" in said(issue, due + HOUR)


@pytest.mark.parametrize(
    ("status", "late", "words"),
    [
        ("submitted", 5, "前先联系您，已经晚了"),
        ("suspended", 60, "还没有结果"),
        ("rated", 0, "社区在 3月20日（星期五）前核查"),
        ("rated", 9, "前核查，已经晚了"),
    ],
)
def test_other_dates_and_those_that_passed(world: World, status: str, late: int, words: str) -> None:
    ready = {"rated": "replied"}.get(status, status)
    issue = world.create(source="web") if ready == "submitted" else world.make_issue(ready, category="0402")
    if status == "rated":
        world.act(issue, "record_follow_up", "resident", NOW, verdict="satisfied", solved="yes")
    assert words in said(issue, NOW + late * DAY)


def test_a_call_back_shows_each_try_and_its_result(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", category="0402")
    world.act(issue, "request_callback", "resident", NOW)
    world.act(issue, "contact", "clerk", NOW + HOUR, channel="phone", result="not_reached")
    waiting = seen(issue, NOW + 2 * HOUR).callback
    assert waiting is not None
    assert waiting.waits
    assert "打过，没有打通" in waiting.text
    world.act(issue, "contact", "clerk", NOW + 3 * HOUR, channel="phone", result="reached")
    done = seen(issue, NOW + 4 * HOUR).callback
    assert done is not None
    assert not done.waits
    assert "已经打通" in done.text
    html = page(client, issue)
    assert done.text in html
    assert f"/t/{issue.token}/request_callback/" in html


# What was said may be said differently


def test_the_own_verdict_is_changed_for_fifteen_days_after_closing(world: World, client: Client) -> None:
    issue = closed(world)
    html = page(client, issue)
    assert "点错了，改评价" in html
    assert f"/t/{issue.token}/reopen/" in html
    asked = client.get(f"/t/{issue.token}/verdict/").content.decode()
    assert asked.index("您觉得解决了吗？") < asked.index('for="solved-yes"')
    assert send(client, issue, "verdict", solved="partly", verdict="fairly").status_code == 302
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.status, issue.solved, issue.verdict, issue.verdict_via) == ("closed", "partly", "fairly", "web")
    assert send(client, issue, "verdict", solved="no", reason="又坏了").status_code == 302
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.status, issue.solved, issue.verdict) == ("in_progress", "", "")
    assert not seen(closed(world), NOW + 16 * DAY).can_correct


def test_what_was_answered_at_once_is_rated_changed_and_reopened_like_any_answer(world: World, client: Client) -> None:
    issue = world.create(kind="enquiry", category="0402", source="web")
    world.act(issue, "answer_now", "clerk", NOW, note="周一带身份证来。")
    page(client, issue)
    send(client, issue, "verdict", solved="yes", verdict="satisfied")
    assert "点错了，改评价" in page(client, issue)
    assert send(client, issue, "verdict", solved="no", reason="窗口不受理").status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == "accepted"
    assert "已重新受理" in said(issue)


def test_what_a_call_settled_is_not_changed_on_the_page(world: World, client: Client) -> None:
    issue = closed(world)
    Issue.objects.filter(pk=issue.pk).update(verdict_check="confirmed")
    assert "点错了" not in page(client, issue)


def test_confirming_keeps_the_promise_in_the_first_sentence(world: World, client: Client) -> None:
    issue = closed(world, outcome="planned", due_on="2026-03-31")
    assert said(issue).startswith("已列入计划，承诺 3月31日前完成。")
    assert "您表示已经解决" in said(issue)


@pytest.mark.parametrize("elder", ["", "22"])
@pytest.mark.parametrize(("outcome", "on"), [("planned", "due_on"), ("not_now", "review_on"), ("explained", "")])
def test_the_question_stands_above_its_buttons(world: World, client: Client, outcome: str, on: str, elder: str) -> None:
    issue = world.make_issue("in_progress", category="0402")
    dates = {on: "2026-06-30"} if on else {}
    world.act(issue, "reply", "officer", NOW, outcome=outcome, note="现场看过，要等资金。", **dates)
    client.cookies["elder"] = elder
    html = page(client, issue)
    before = html[: html.index('for="solved-yes"')]
    assert before.count("您觉得解决了吗") == 2, "once to be read, once for the group of buttons"
    assert ("要等资金" in before) is bool(elder)


# Actions that are over


@pytest.mark.parametrize(
    ("status", "action", "words"),
    [
        ("replied", "withdraw", "已经答复，现在不能“撤回诉求”了"),
        ("in_progress", "verdict", "这件事还没有答复，现在不能“评价”了"),
        ("redone", "verdict", "已经重新办理，还没有新的答复"),
        ("in_progress", "give_info", "社区已经接着办理，没有在等补充"),
        ("withdrawn", "withdraw", "这件诉求已经撤回"),
        ("rejected", "request_callback", "这件事社区没有受理"),
    ],
)
def test_a_page_that_is_over_says_what_happened(
    world: World, client: Client, status: str, action: str, words: str
) -> None:
    issue = world.make_issue(status, category="0402")
    client.post("/track/", {"number": issue.number, "phone_tail": PHONE})
    assert words in client.get(f"/t/{issue.token}/{action}/").content.decode()


# Links that end, and numbers that were typed otherwise


def test_a_link_ends_after_a_year_and_the_whole_number_opens_it_again(world: World, client: Client) -> None:
    old = world.make_issue("closed", at=NOW - 367 * DAY)
    expired = client.get(f"/t/{old.token}/")
    assert expired.status_code == 404
    assert "完整手机号" in expired.content.decode()
    number = old.number
    tail = client.post("/track/", {"number": number, "phone_tail": PHONE[-4:]}, follow=True)
    assert tail.status_code == 404
    whole = client.post("/track/", {"number": number, "phone_tail": PHONE}, follow=True)
    assert whole.status_code == 200
    assert number in whole.content.decode()
    assert Client().get(f"/t/{old.token}/").status_code == 404


@pytest.mark.parametrize("typed", ["567", "abcd", "12 34 5"])
def test_what_can_be_no_end_of_a_number_burns_no_try(world: World, client: Client, typed: str) -> None:
    issue = world.create()
    for _try in range(7):
        answer = client.post("/track/", {"number": issue.number, "phone_tail": typed})
        assert "请填写手机后四位" in answer.content.decode()
        client.post(f"/t/{issue.token}/prove/", {"phone_tail": typed})
    assert client.post("/track/", {"number": issue.number, "phone_tail": PHONE[-4:]}).status_code == 302


def test_who_used_up_the_ends_is_asked_for_the_whole_number(world: World) -> None:
    issue = world.create()
    for _try in range(5):
        Client().post("/track/", {"number": issue.number, "phone_tail": "0000"})
    tail = {"number": issue.number, "phone_tail": PHONE[-4:]}
    for answer in (Client().post("/track/", tail), Client().post(f"/t/{issue.token}/prove/", tail)):
        assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
        assert "请填完整手机号，现在就能查看" in answer.content.decode()
    assert Client().post("/track/", {**tail, "phone_tail": PHONE}).status_code == 302


@pytest.mark.parametrize("typed", ["No.{n}", "编号{n}", "编号：{n}号", "ＮＯ．{n}"])
def test_words_around_a_number_are_not_the_number(world: World, client: Client, typed: str) -> None:
    issue = world.create()
    number = typed.format(n=int(issue.number[-6:]))
    answer = client.post("/track/", {"number": number, "phone_tail": PHONE[-4:]})
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{issue.token}/")


# What one takes along


def test_the_receipt_says_what_the_link_says(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", category="0402", description="我家三楼漏水")
    page(client, issue)
    html = client.get(f"/t/{issue.token}/receipt/").content.decode()
    for words in (issue.number, "data:image/svg+xml", "物业服务不力 · 夏东社区", "市政管理办公室正在办理"):
        assert words in html
    assert "三楼" not in html


def dates(client: Client, issue: Issue) -> str:
    answer = client.get(f"/t/{issue.token}/calendar.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return answer.content.decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    ("make", "days"),
    [
        (lambda w: w.make_issue("in_progress", category="0402"), ["20260401"]),
        (lambda w: project(w, "in_progress"), ["20260417"]),
        (lambda w: w.make_issue("suspended"), ["20260420"]),
        (lambda w: closed(w, outcome="planned", due_on="2026-03-31"), ["20260331"]),
        (lambda w: w.make_issue("withdrawn"), []),
    ],
    ids=["answer", "project", "review", "promise", "none"],
)
def test_a_calendar_follows_the_dates(
    world: World, client: Client, make: Callable[[World], Issue], days: list[str]
) -> None:
    text = dates(client, make(world))
    found = [line.partition(":")[2] for line in text.splitlines() if line.startswith("DTSTART")]
    assert found == days


def test_a_calendar_has_a_call_and_no_words(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", category="0402", description="我家三楼漏水")
    world.act(issue, "request_callback", "resident", NOW, note="找张小三")
    text = dates(client, issue)
    assert f"UID:{issue.number}-callback@" in text
    for hidden in ("三楼", "张小三", PHONE[-4:]):
        assert hidden not in text
