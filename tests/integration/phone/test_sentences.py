"""The first sentence over statuses and facts: what is true now, and nothing that nobody said."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from issues.enums import Proof
from issues.models import Issue
from issues.resident import ResidentView, issue_by_token, resident_view
from issues.services.elapsing import acknowledge_by_time, info_expired
from tests.support.cast import NOW, World

HOUR = timedelta(hours=1)


def seen(issue: Issue, at: datetime = NOW) -> ResidentView:
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    return resident_view(loaded, at, proof=Proof.WHOLE, files=True)


def said(issue: Issue, at: datetime = NOW) -> str:
    return "".join(seen(issue, at).sentence)


def replied(world: World, outcome: str, **data: str) -> Issue:
    issue = world.make_issue("in_progress", category="0402")
    return world.act(issue, "reply", "officer", NOW + HOUR, outcome=outcome, note="现场看过，答复如下。", **data)


def closed(world: World, outcome: str, solved: str, verdict: str, **data: str) -> Issue:
    issue = replied(world, outcome, **data)
    issue = world.act(issue, "verify_pass", "clerk", NOW + 2 * HOUR, check="phone", note="电话核实")
    return world.act(issue, "record_follow_up", "clerk", NOW + 3 * HOUR, verdict=verdict, solved=solved)


def expired(world: World) -> Issue:
    issue = world.make_issue("need_info")
    info_expired(issue_id=issue.pk, at=NOW + timedelta(days=6))
    return issue


def deemed(world: World) -> Issue:
    issue = world.make_issue("dispatched")
    acknowledge_by_time(issue_id=issue.pk, at=NOW + timedelta(days=2))
    return issue


def outside(world: World) -> Issue:
    return world.act(world.make_issue("accepted"), "transfer_out", "clerk", NOW + HOUR, department="POLICE")


def objected(world: World) -> Issue:
    return world.act(
        world.make_issue("replied"),
        "redo",
        "resident",
        NOW + HOUR,
        reason="又积水了",
        solved="no",
        verdict="dissatisfied",
    )


SENTENCES: list[tuple[str, Callable[[World], Issue], str]] = [
    ("submitted", lambda w: w.make_issue("submitted"), "夏东社区已收到，预计"),
    ("need_info", lambda w: w.make_issue("need_info"), "夏东社区需要您补充情况，请在 3月23日（星期一）前告诉我们。"),
    ("expired", expired, "没有等到您的补充，夏东社区按现有情况接着办，预计"),
    ("accepted", lambda w: w.make_issue("accepted"), "夏东社区已受理，最迟"),
    ("returned", lambda w: w.make_issue("returned"), "正在重新确定由哪个单位办理，最迟"),
    ("dispatched", lambda w: w.make_issue("dispatched"), "已交市政管理办公室办理，最迟"),
    ("deemed", deemed, "已交市政管理办公室办理，"),
    ("in_progress", lambda w: w.make_issue("in_progress"), "市政管理办公室正在办理，最迟"),
    ("outside", outside, "已转交派出所办理，夏东社区负责跟进，最迟"),
    ("suspended", lambda w: w.make_issue("suspended"), "目前还不能解决，4月20日前复查后告诉您。"),
    ("replied", lambda w: w.make_issue("replied"), "社区说已处理完。您觉得解决了吗？"),
    ("explained", lambda w: replied(w, "explained"), "市政管理办公室已答复。您觉得解决了吗？"),
    ("planned", lambda w: replied(w, "planned", due_on="2026-03-31"), "已列入计划，承诺 3月31日前完成。"),
    ("not_now", lambda w: replied(w, "not_now", review_on="2026-06-30"), "目前还不能解决，6月30日前复查后告诉您。"),
    ("redone", lambda w: w.make_issue("redone"), "社区核查后没有通过，已退回重办（第1次），新期限"),
    ("objected", objected, "您表示没有解决，已退回重办（第1次），新期限"),
    ("reopened", lambda w: w.make_issue("reopened"), "已重新办理，由市政管理办公室承办，新期限"),
    ("solved", lambda w: closed(w, "solved", "yes", "satisfied"), "您表示已经解决。谢谢您。"),
    ("partly", lambda w: closed(w, "explained", "partly", "fairly"), "您表示部分解决。"),
    (
        "planned, closed",
        lambda w: closed(w, "planned", "partly", "fairly", due_on="2026-03-31"),
        "已列入计划，承诺 3月31日前完成。",
    ),
    ("rejected", lambda w: w.make_issue("rejected"), "这件事社区不能受理，"),
    ("withdrawn", lambda w: w.make_issue("withdrawn"), "您已撤回这件诉求。"),
    ("merged", lambda w: w.make_issue("merged"), "市政管理办公室正在办理，最迟"),
]


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(("make", "words"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES])
def test_the_first_sentence(world: World, make: Callable[[World], Issue], words: str) -> None:
    assert said(make(world)).startswith(words)


@pytest.mark.parametrize("outcome", ["solved", "explained"])
def test_closed_is_not_called_solved_where_nobody_said_so(world: World, outcome: str) -> None:
    issue = replied(world, outcome)
    issue = world.act(issue, "verify_pass", "clerk", NOW + 2 * HOUR, check="phone", note="电话核实")
    for tries in (0, 1, 21):
        issue = world.act(issue, "record_follow_up", "clerk", NOW + (3 + tries) * HOUR, verdict="unreachable")
    assert issue.status == "closed"
    assert "解决" not in said(issue, NOW + timedelta(days=2))


@pytest.mark.parametrize("state", ["fulfilled", "late"])
def test_the_page_follows_a_promise_after_closing(world: World, state: str) -> None:
    from commitments import services as commitments
    from commitments.models import Commitment

    issue = closed(world, "planned", "partly", "fairly", due_on="2026-03-31", commitment="更换路灯电缆")
    after = datetime.fromisoformat("2026-04-05T10:00:00+08:00")
    if state == "fulfilled":
        kept = Commitment.objects.get(subject_id=issue.pk)
        commitments.report_done(
            commitment_id=kept.pk, by_id=world.people["officer"].pk, at=after, evidence="已换新电缆"
        )
        assert "已经完成" in said(issue, after)
        return
    view = seen(issue, after)
    assert "已逾期 5 天" in "".join(view.sentence)
    assert view.promise is not None
    assert (view.promise.text, view.promise.days_late) == ("更换路灯电缆", 5)


def test_a_promise_that_was_taken_back_is_not_told(world: World) -> None:
    issue = replied(world, "planned", due_on="2026-03-31")
    issue = world.act(issue, "redo", "resident", NOW + 2 * HOUR, reason="等不了", solved="no", verdict="dissatisfied")
    view = seen(issue)
    assert view.promise is None
    assert "计划" not in "".join(view.sentence)


@pytest.mark.usefixtures("frozen")
def test_a_granted_extension_shows_both_dates_and_only_what_residents_may_read(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "request_extension", "officer", NOW + HOUR, days=5, reason="配件商赖账")
    assert seen(issue).was_promised_at is None
    issue = world.act(issue, "grant_extension", "supervisor", NOW + HOUR)
    view = seen(issue)
    answered = next(step for step in view.steps if step.code == "answered")
    assert view.was_promised_at is not None
    assert view.promised_at is not None
    assert view.was_promised_at < view.promised_at
    assert answered.why_moved == "经街道同意延期5个工作日"
    assert "赖账" not in str(view)


def test_a_deferral_tells_why_and_when(world: World) -> None:
    issue = world.make_issue("suspended")
    view = seen(issue)
    assert view.why_paused == "要等资金安排。"
    assert [(answer.kind, answer.text) for answer in view.answers] == [("grant_suspension", "资金已报")]
    assert view.step == 3
    assert next(step for step in view.steps if step.code == "in_hand").review_at is not None
    assert "还没有结果" in said(issue, NOW + timedelta(days=60))


def test_co_departments_are_named_and_silence_is_told_without_blame(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", NOW + HOUR, department="WATER")
    assert [(one.name, one.waiting) for one in seen(issue).organisations] == [("水务管理办公室", True)]
    late = NOW + timedelta(days=40)
    issue = world.act(issue, "reply", "officer", late, outcome="explained", note="已向业主说明。")
    view = seen(issue, late)
    assert view.answers[0].missing == ("水务管理办公室",)
    assert not any(one.waiting for one in view.organisations)


def test_nothing_deemed_is_shown_as_such(world: World) -> None:
    view = str(seen(deemed(world), NOW + timedelta(days=2)))
    assert "视为" not in view
    assert "正在办理" not in view


def test_after_fifteen_days_no_reopening_is_offered(world: World) -> None:
    issue = closed(world, "explained", "partly", "fairly")
    early, late = seen(issue, NOW + timedelta(days=3)), seen(issue, NOW + timedelta(days=30))
    assert early.can_reopen
    assert "可以要求重新办理" in early.below
    assert not late.can_reopen
    assert late.raise_again
    assert late.below == "没有解决的，可以再次反映。"
