"""The supervision desk: who reads it, what stands on it, what it costs, and urging from it one by one and in bulk."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.clock import SHANGHAI
from communities.models import Membership
from issues.models import Issue
from issues.services.actions import act
from issues.services.bulk import MOST
from papers.models import Draft
from reminders.models import OutboxMessage
from reminders.services.fan_out import fan_out
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
URL = "/console/supervision/"
ACT = "/console/supervision/act/"
LONG_AGO = NOW - timedelta(days=20)


OTHERS = 8
"""The statements of other domains, which put their own on the desk: errands, commitments, meetings, proposals,
questions, requests on data, incidents, holds.
"""


def late(world: World, status: str = "in_progress", **given: Any) -> Issue:
    """An issue of three weeks ago that somebody still owes something on."""
    return world.make_issue(status, at=LONG_AGO, **given)


def value(issue: Issue) -> str:
    fresh = Issue.objects.get(pk=issue.pk)
    return f"{fresh.pk}.{fresh.version}"


def numbers(answer: Any) -> list[str]:
    return [row.number for row in answer.context["rows"]]


@pytest.mark.parametrize("username", ["supervisor", "deputy", "director"])
def test_who_supervises_reads_it(world: World, signed_in: Browser, username: str) -> None:
    issue = late(world)
    answer = signed_in(username).get(URL)
    assert answer.status_code == 200
    assert numbers(answer) == [issue.number]
    assert "督办台" in text_of(answer)


@pytest.mark.parametrize("username", ["clerk", "secretary", "officer", "head", "admin", "outsider", "leader"])
def test_nobody_else_does(world: World, signed_in: Browser, username: str) -> None:
    issue = late(world)
    client = signed_in(username)
    for path in (URL, "/console/supervision/result/", f"/console/supervision/{issue.number}/told/"):
        assert client.get(path).status_code == 403, path
    assert client.post(ACT, {"one": f"urge:{value(issue)}"}).status_code == 403
    assert Issue.objects.get(pk=issue.pk).urge_count == 0


def test_another_sub_districts_matters_stay_out_of_sight(world: World, signed_in: Browser) -> None:
    mine = late(world)
    other = world.create(by="outsider", at=LONG_AGO, community="pingdi", category="other")
    assert numbers(signed_in("supervisor").get(URL)) == [mine.number]
    assert signed_in("supervisor").get(f"/console/supervision/{other.number}/told/").status_code == 404
    signed_in("supervisor").post(ACT, {"one": f"urge:{value(other)}"})
    page = signed_in("supervisor").get("/console/supervision/result/")
    assert page.status_code == 302
    assert Issue.objects.get(pk=other.pk).urge_count == 0


def test_a_row_says_where_it_sits_since_when_and_what_was_done(world: World, signed_in: Browser) -> None:
    issue = late(world, category="0402", kind="complaint")
    world.act(issue, "assign", "head", LONG_AGO + timedelta(minutes=9), officer="officer")
    world.act(issue, "urge", "supervisor", NOW - timedelta(hours=1))
    fan_out(at=NOW)
    (row,) = signed_in("supervisor").get(URL).context["rows"]
    assert (row.holder, row.person, row.unassigned) == ("市政办", "何志明", False)
    assert row.held.startswith("已持有")
    assert row.due is not None
    assert row.due.relative.startswith("超期")
    assert (row.done.text, row.done.more) == ("催办", "吴敏")
    assert row.told.text == "催办"
    assert [seal.label for seal in row.seals] == ["催"]


def test_an_unassigned_matter_says_so_and_a_communitys_names_the_community(world: World, signed_in: Browser) -> None:
    late(world, "submitted")
    world.make_issue("dispatched", at=LONG_AGO)
    rows = signed_in("supervisor").get(URL).context["rows"]
    found = {(row.holder, row.person, row.unassigned) for row in rows}
    assert found == {("夏东社区", "社区工作人员", False), ("市政办", "未指派", True)}


def test_the_lists(world: World, signed_in: Browser) -> None:
    red = late(world, category="0402")
    waiting = world.make_issue("in_progress", category="0402")
    world.act(waiting, "request_extension", "officer", NOW, days=3, reason="等待配件")
    dispatched = world.make_issue("dispatched", category="0402")
    world.act(red, "supervise", "supervisor", NOW, kind="order", note="请书面回复")
    client = signed_in("supervisor")
    assert numbers(client.get(URL)) == [red.number]
    assert numbers(client.get(URL, {"view": "waiting"})) == [waiting.number]
    assert numbers(client.get(URL, {"view": "unsigned"})) == [red.number]
    assert dispatched.number in numbers(client.get(URL, {"view": "unacknowledged"}))
    asked = client.get(URL, {"view": "waiting"}).context["rows"][0].asked
    assert asked[0].text == "申请延期"
    assert asked[0].more.startswith("刚提交 · 还剩")
    (draft,) = client.get(URL).context["drafts"]
    assert (draft["number"], draft["signer"], draft["waited"]) == ("2026-000001", "分管领导", "刚提交")


def test_two_returns_wait_for_the_supervisor(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    world.act(issue, "dispatch", "clerk", NOW + timedelta(minutes=5), department="WATER")
    world.act(issue, "return", "officer2", NOW + timedelta(minutes=6), reason="not_ours", basis="不属水务")
    (row,) = signed_in("supervisor").get(URL, {"view": "waiting"}).context["rows"]
    assert row.holder == "街道社会治理办"
    assert row.asked[0].text == "退单待裁定"
    assert row.links[0].url.endswith("?action=assign_final")


def test_filters(world: World, signed_in: Browser) -> None:
    handled = late(world, category="0402")
    new = world.create(at=LONG_AGO, category="0402", community="dade", by="clerk2", level="critical")
    recent = world.make_issue("dispatched", at=NOW - timedelta(days=2), category="0402")
    client = signed_in("supervisor")
    assert numbers(client.get(URL)) == [new.number, handled.number, recent.number]
    dade = str(world.communities["dade"].pk)
    for query, expected in (
        ({"organisation": "MUNICIPAL"}, [handled, recent]),
        ({"organisation": "DADE-TEAM"}, [new]),
        ({"community": dade}, [new]),
        ({"level": "critical"}, [new]),
        ({"clock": "acknowledge"}, [recent]),
        ({"longer": "3"}, [new, handled]),
        ({"organisation": "WATER"}, []),
    ):
        assert numbers(client.get(URL, query)) == [issue.number for issue in expected], query
    assert client.get(URL, {"organisation": "WATER"}).context["empty"].title == "没有符合条件的工单"


@pytest.mark.parametrize(
    "query", ["view=all", "organisation=x", "community=999999", "longer=2", "cursor=%00", "cursor=bm9wZQ"]
)
def test_hostile_parameters_are_refused(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("supervisor").get(f"{URL}?{query}").status_code == 400


def test_organisations_are_ranked_by_what_is_red_now(world: World, signed_in: Browser) -> None:
    for _number in range(2):
        late(world)
    late(world, "submitted")
    ranked = signed_in("supervisor").get(URL).context["ranked"]
    assert [(item["name"], item["red"]) for item in ranked] == [("市政管理办公室", "2"), ("夏东社区（自办）", "1")]
    assert ranked[0]["url"] == "/console/departments/MUNICIPAL/"


def test_an_empty_desk_says_so(world: World, signed_in: Browser) -> None:
    for view in ("overdue", "due_soon", "unacknowledged", "waiting", "unsigned"):
        answer = signed_in("supervisor").get(URL, {"view": view})
        assert answer.context["empty"].title.startswith("没有"), view


def test_what_was_promised_a_page_needs_the_same_for_1_5_and_25_rows(world: World, signed_in: Browser) -> None:
    client = signed_in("supervisor")
    client.get(URL)
    found: dict[str, list[int]] = {}
    for wanted in (1, 5, 25):
        while Issue.objects.count() < wanted:
            late(world, "dispatched")
        fan_out(at=NOW)
        for view in ("overdue", "unacknowledged"):
            with CaptureQueriesContext(connection) as captured:
                assert len(client.get(URL, {"view": view}).context["rows"]) == wanted
            found.setdefault(view, []).append(len(statements(captured)))
    for view, costs in found.items():
        assert len(set(costs)) == 1, (view, costs)
        assert costs[0] <= 15 + OTHERS, (view, costs)


def test_pages_follow_each_other(world: World, signed_in: Browser) -> None:
    made = [world.create(at=LONG_AGO + timedelta(minutes=n), category="0402").number for n in range(27)]
    client = signed_in("supervisor")
    first = client.get(URL)
    second = client.get(first.context["pager"].next_url)
    assert numbers(first) + numbers(second) == made
    assert first.context["total_text"].startswith("27 件")


# Urging and drafting


def test_one_click_urges(world: World, signed_in: Browser) -> None:
    issue = late(world)
    client = signed_in("deputy")
    answer = client.post(ACT, {"one": f"urge:{value(issue)}", "next": f"{URL}?view=overdue"})
    assert answer.headers["Location"] == f"{URL}?view=overdue"
    assert "已催办 1 件" in text_of(client.get(URL))
    fresh = Issue.objects.get(pk=issue.pk)
    assert (fresh.urge_count, fresh.supervision) == (1, "urged")


def test_one_click_drafts_an_order_that_says_why(world: World, signed_in: Browser) -> None:
    issue = late(world, category="0402")
    signed_in("supervisor").post(ACT, {"one": f"supervise:{value(issue)}"})
    draft = Draft.objects.get(subject_id=issue.pk, kind="order")
    assert "已超期" in draft.text
    assert "书面回复" in draft.text
    assert Issue.objects.get(pk=issue.pk).supervision == "none"


def test_many_are_urged_each_on_its_own(world: World, signed_in: Browser) -> None:
    issues = [late(world) for _number in range(3)]
    client = signed_in("supervisor")
    values = [value(issue) for issue in issues]
    client.post(ACT, {"action": "urge", "issue": values, "note": "今日内反馈"})
    assert list(Issue.objects.order_by("pk").values_list("urge_count", flat=True)) == [1, 1, 1]
    assert "已催办 3 件" in text_of(client.get(URL))


def test_refusals_are_collected_with_their_reasons(world: World, signed_in: Browser) -> None:
    fine, stale, drafted, closed = (late(world, category="0402") for _number in range(4))
    values = [value(issue) for issue in (fine, stale, drafted)]
    world.act(stale, "progress", "officer", NOW, note="已到现场")
    world.act(drafted, "supervise", "supervisor", NOW, kind="order", note="请书面回复")
    Issue.objects.filter(pk=closed.pk).update(status="closed", closed_at=NOW)
    client = signed_in("supervisor")
    values[2] = value(drafted)
    answer = client.post(
        ACT,
        {
            "action": "supervise",
            "kind": "order",
            "note": "限期办结",
            "issue": [*values, value(closed), "999999.1", "x"],
        },
    )
    assert answer.headers["Location"] == "/console/supervision/result/"
    page = text_of(client.get("/console/supervision/result/"))
    assert "已拟督办单 1 件" in page
    assert "4 件未能处理" in page
    for reason in ("工单已有变化", "已有一份待签发的督办单", "工单已结束", "未找到该工单"):
        assert reason in page, reason
    assert Draft.objects.get(subject_id=fine.pk).text == "限期办结"
    assert not Draft.objects.filter(subject_id=stale.pk).exists()


def test_cards_are_refused_where_no_handling_limit_was_missed(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", category="0402")
    client = signed_in("supervisor")
    client.post(ACT, {"action": "supervise", "kind": "yellow_card", "note": "x", "issue": value(issue)})
    assert "办理时限未超期" in text_of(client.get("/console/supervision/result/"))


def test_a_deputy_drafts_nothing(world: World, signed_in: Browser) -> None:
    issue = late(world)
    client = signed_in("deputy")
    client.post(ACT, {"one": f"supervise:{value(issue)}"})
    assert "您没有权限进行此操作" in text_of(client.get("/console/supervision/result/"))
    assert "批量拟文" not in text_of(client.get(URL))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"action": "urge"}, "请先勾选工单"),
        ({"action": "close", "issue": "1.1"}, "请选择催办或拟督办"),
        ({}, "请选择催办或拟督办"),
        ({"action": "urge", "issue": [f"{n}.1" for n in range(1, MOST + 2)]}, "一次最多处理 100 件"),
        ({"one": "urge:'; drop table"}, "请先勾选工单"),
        ({"one": "close:1.1"}, "请选择催办或拟督办"),
        ({"action": "urge", "issue": "1.1", "next": "https://example.org/"}, ""),
    ],
)
def test_odd_forms_say_what_is_wanted(world: World, signed_in: Browser, sent: dict[str, Any], said: str) -> None:
    client = signed_in("supervisor")
    answer = client.post(ACT, sent)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/console/supervision/")
    assert said in text_of(client.get(URL))


def test_a_failure_of_one_does_not_undo_the_others(
    world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError
    from psycopg2.errors import LockNotAvailable

    from issues.services import bulk

    first, second = late(world), late(world)

    def locked(*, issue_id: int, **given: Any) -> Issue:
        if issue_id == first.pk:
            raise OperationalError from LockNotAvailable("canceling statement due to lock timeout")
        return act(issue_id=issue_id, **given)

    monkeypatch.setattr(bulk, "act", locked)
    client = signed_in("supervisor")
    client.post(ACT, {"action": "urge", "issue": [value(first), value(second)]})
    assert "工单正由他人处理" in text_of(client.get("/console/supervision/result/"))
    assert Issue.objects.get(pk=second.pk).urge_count == 1


# Who was told


def test_a_rows_reminders_name_each_person_and_each_channel(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("dispatched", at=LONG_AGO)
    fan_out(at=NOW)
    OutboxMessage.objects.filter(recipient__username="officer").update(state="dead", attempts=5, error="refused: 550")
    client = signed_in("supervisor")
    partial = client.get(f"/console/supervision/{issue.number}/told/", headers={"HX-Request": "true"})
    assert "<html" not in html_of(partial)
    text = text_of(partial)
    assert "何志明" in text
    assert "未读" in text
    assert "接下来" in text
    whole = client.get(f"/console/supervision/{issue.number}/told/")
    assert "<html" in html_of(whole)


def test_the_desk_is_linked_from_the_rail_for_who_reads_it(world: World, signed_in: Browser) -> None:
    assert URL in html_of(signed_in("director").get("/console/"))
    assert URL not in html_of(signed_in("clerk").get("/console/"))


def test_how_long_counts_working_days(world: World, signed_in: Browser) -> None:
    friday = datetime(2026, 3, 13, 17, 30, tzinfo=SHANGHAI)
    issue = world.make_issue("in_progress", category="0402", kind="help", at=friday - timedelta(days=7, hours=2))
    with time_machine.travel(friday + timedelta(days=3, hours=1), tick=False):
        client = signed_in("supervisor")
        shown = numbers(client.get(URL))
        assert (issue.number in numbers(client.get(URL, {"longer": "1"}))) == (issue.number in shown)
        assert numbers(client.get(URL, {"longer": "5"})) == []


def test_a_supervisor_who_left_reads_it_no_more(world: World, signed_in: Browser) -> None:
    Membership.objects.filter(user=world.people["supervisor"]).update(ended_at=NOW)
    assert signed_in("supervisor").get(URL).status_code == 403
