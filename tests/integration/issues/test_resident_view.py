"""What a resident reads: the truth of now, honest dates, steps that know when work began anew."""

from datetime import timedelta

import pytest
from django.test import Client

from issues.enums import Proof
from issues.models import Issue
from issues.resident import ResidentView, Step, issue_by_token, resident_view
from tests.support.cast import NOW, World

LATER = NOW + timedelta(days=1)


def view(issue: Issue, days: float = 0) -> ResidentView:
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    return resident_view(loaded, NOW + timedelta(days=days), proof=Proof.WHOLE)


def step(seen: ResidentView, code: str) -> Step:
    return next(step for step in seen.steps if step.code == code)


def test_a_promise_is_expected_before_its_day_and_late_after(world: World) -> None:
    issue = world.make_issue("in_progress")
    before, after = view(issue), view(issue, days=60)
    assert step(before, "answered").expected
    assert not step(before, "answered").late
    assert step(after, "answered").late
    assert "已经超期" in "".join(after.sentence)


def test_an_objection_is_never_called_solved_and_dates_the_work_anew(world: World) -> None:
    issue = world.make_issue("replied")
    issue = world.act(issue, "redo", "resident", LATER, reason="晚上又积水了", solved="no", verdict="dissatisfied")
    seen = view(issue, days=1)
    assert "".join(seen.sentence).startswith("您表示没有解决，已退回重办（第1次），新期限")
    assert step(seen, "in_hand").at == LATER
    assert step(seen, "in_hand").note == ""
    assert seen.objection is not None
    assert seen.objection.text == "晚上又积水了"


def test_a_reopened_matter_says_so_and_gives_a_new_date(world: World) -> None:
    issue = world.make_issue("closed")
    issue = world.act(issue, "reopen", "resident", LATER, reason="路灯又不亮了")
    seen = view(issue, days=1)
    assert "".join(seen.sentence).startswith("已重新办理，由")
    assert "新期限" in "".join(seen.sentence)
    assert step(seen, "in_hand").label == "办理中（重新办理）"
    assert step(seen, "in_hand").at == LATER


@pytest.mark.parametrize("status", ["rejected", "withdrawn"])
def test_an_ended_matter_has_no_steps(world: World, status: str) -> None:
    assert view(world.make_issue(status)).steps == ()


def test_what_cannot_be_a_tail_is_no_try(world: World, client: Client) -> None:
    issue = world.make_issue("replied")
    address = f"/t/{issue.token}/verdict/"
    answers = [
        client.post(address, {"solved": "yes", "verdict": "satisfied", "phone_tail": tail})
        for tail in ("", "12", "abcd", "1234", "123456") * 3
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert {tuple(answer.context["form"].errors["phone_tail"]) for answer in answers} == {
        ("请填写反映时留的完整手机号",)
    }
    wrong = client.post(address, {"solved": "yes", "verdict": "satisfied", "phone_tail": "19900009998"})
    assert "还可以试 4 次" in wrong.content.decode()
