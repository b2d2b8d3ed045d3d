"""The leader's pages: photos in the stairwell, what is asked of the leader, what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from files.models import StoredFile
from issues.models import Issue
from journal.models import Event
from tests.integration.phone.pages import jpeg, page, send
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World
from tests.support.photos import photo

pytestmark = pytest.mark.usefixtures("frozen")
HOUR = timedelta(hours=1)
Browser = Callable[[str], Client]


def reported(world: World, status: str = "submitted", **given: Any) -> Issue:
    assert world.leader is not None
    own: dict[str, Any] = {
        "community": "dade",
        "source": "leader",
        "leader_id": world.leader.pk,
        "contact_name": "陈姨",
    }
    own |= {"contact_name": "陈姨", "contact_phone": "19900005678", "category": "0402", "at": NOW - HOUR}
    return world.make_issue(status, **{**own, **given})


def test_reporting_with_a_photo(world: World, signed_in: Browser) -> None:
    leader = signed_in("leader")
    form = leader.get("/leader/report/").content.decode()
    assert 'capture="environment"' in form
    data = {"description": "二单元门口地砖松了", "idempotency_key": "form-12345678"}
    assert leader.post("/leader/report/", {**data, "photos": jpeg()}).status_code == 302
    issue = Issue.objects.get()
    file = StoredFile.objects.get()
    assert (file.owner_id, file.uploaded_by_id) == (issue.pk, world.people["leader"].pk)
    assert (issue.building_id, issue.leader_id) == (world.buildings["bihu3"].pk, world.leader.pk if world.leader else 0)


def test_a_photo_survives_a_missing_sentence(world: World, signed_in: Browser) -> None:
    leader = signed_in("leader")
    wrong = leader.post("/leader/report/", {"description": "", "photos": jpeg(), "idempotency_key": "form-12345678"})
    assert wrong.status_code == 400
    waiting = StoredFile.objects.get()
    assert f'value="{waiting.public_id}"' in wrong.content.decode()
    data = {"description": "地砖松了", "uploads": waiting.public_id, "idempotency_key": "form-12345678"}
    assert leader.post("/leader/report/", data).status_code == 302
    assert StoredFile.objects.get().owner_id == Issue.objects.get().pk


def test_more_information_is_given_without_a_tail(world: World, signed_in: Browser) -> None:
    issue, leader = reported(world, "need_info"), signed_in("leader")
    home = leader.get("/leader/").content.decode()
    assert f"/t/{issue.token}/give_info/" in home
    assert "等您补充" in home
    assert send(leader, issue, "give_info", note="在天台东侧").status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == "submitted"
    event = Event.objects.filter(subject_id=issue.pk, kind="give_info").get()
    assert (event.actor_id, event.actor_role) == (world.people["leader"].pk, "leader")


def test_a_verdict_before_the_check_does_not_close(world: World, signed_in: Browser) -> None:
    issue, leader = reported(world, "replied"), signed_in("leader")
    assert "等您确认" in leader.get("/leader/").content.decode()
    assert send(leader, issue, "verdict", solved="yes", verdict="satisfied").status_code == 302
    told = Issue.objects.get(pk=issue.pk)
    assert (told.status, told.verdict, told.solved) == ("replied", "satisfied", "yes")


def test_an_objection_brings_it_back(world: World, signed_in: Browser) -> None:
    issue, leader = reported(world, "replied"), signed_in("leader")
    assert send(leader, issue, "verdict", solved="no", reason="还松着", photos=jpeg()).status_code == 302
    assert Issue.objects.get(pk=issue.pk).redo_count == 1
    assert "还松着" in page(leader, issue, "")


def test_withdrawing(world: World, signed_in: Browser) -> None:
    issue = reported(world)
    assert send(signed_in("leader"), issue, "withdraw").status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == "withdrawn"


def test_a_secret_link_gives_a_leader_no_rights_over_another_matter(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", community="dade")
    answer = send(signed_in("leader"), issue, "comment", note="我来说一句")
    assert answer.status_code == 400
    assert "请填写反映时留的完整手机号" in answer.content.decode()


def test_confidential_matters_of_others_are_not_listed(world: World, signed_in: Browser) -> None:
    world.make_issue("in_progress", community="dade", kind="report", contact_name="举报人甲", description="三楼群租")
    html = signed_in("leader").get("/leader/").content.decode()
    assert "三楼群租" not in html
    assert "举报人甲" not in html


def test_the_home_needs_the_same_for_one_and_many(world: World, signed_in: Browser) -> None:
    leader, counts = signed_in("leader"), []
    for status in ("in_progress", "need_info", "replied", "closed"):
        reported(world, status)
        if status == "in_progress":
            reported(world, "need_info")
        leader.get("/leader/")
        with statements() as found:
            leader.get("/leader/")
        counts.append(len(found))
    assert len(set(counts)) == 1, counts


def test_older_reports_are_a_page_away(world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from phone import leader_reports as pages

    monkeypatch.setattr(pages, "SHOWN", 2)
    issues = [reported(world) for _n in range(3)]
    leader = signed_in("leader")
    first = leader.get("/leader/mine/")
    assert [row["number"] for row in first.context["reports"]] == [issues[2].number, issues[1].number]
    older = leader.get(first.context["next_url"])
    assert [row["number"] for row in older.context["reports"]] == [issues[0].number]


def test_the_answers_photo_stands_beside_the_report(world: World, signed_in: Browser) -> None:
    issue = reported(world, "in_progress")
    after = photo(world, issue, NOW, by="officer")
    data = {"outcome": "solved", "note": "已修好。", "attachments": [after.pk]}
    world.act(issue, "reply", "officer", NOW, **data)
    assert f"/t/{issue.token}/files/{after.public_id}/small/" in signed_in("leader").get("/leader/").content.decode()


def test_what_reads_alike_is_of_the_leaders_own_community(world: World, signed_in: Browser) -> None:
    """The form's building is a place of the leader, whose number may be that of any building."""
    leader = world.leader
    assert leader is not None
    issue = world.make_issue("in_progress", community="dade", description="电动车充电桩不够用", at=NOW - 2 * HOUR)
    world.act(issue, "publish", "clerk2", NOW - HOUR, title="小区电动车充电桩不够用", text="飞线充电")
    client = signed_in("leader")
    address = f"/report/similar/?community={leader.community_id}"
    assert f'data-similar="{address}"' in client.get("/leader/report/").content.decode()
    typed = {"description": "我们这里电动车充电桩不够用", "building": str(world.buildings["bihu3"].pk + 9999)}
    assert "电动车充电桩" in client.post(address, typed).content.decode()
