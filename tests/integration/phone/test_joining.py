"""Who joined: an own number, link and verdict, the progress of all, and nothing of anybody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from issues.enums import Proof
from issues.models import Issue
from issues.resident import issue_by_token, resident_view
from journal.models import Event
from tests.integration.phone.pages import page, send
from tests.support.cast import NOW, World
from tests.support.photos import photo

HOUR = timedelta(hours=1)
NAMES = ("黄大明", "林小红", "陈阿强")
PHONES = ("19900002001", "19900002002", "19900002003")
SECRETS = ("我家楼道飞线，孩子害怕", "我是黄大明", "陈阿强家的老人")


def group(world: World, number: int = 3) -> tuple[Issue, list[Issue]]:
    """A matter in progress with ``number`` joiners, the first three with names, phones and telling words."""
    master = world.make_issue("in_progress", category="0402", contact_name="何婆婆", contact_phone="19900009999")
    joined = []
    for place in range(number):
        known = place < len(NAMES)
        issue = world.create(
            contact_name=NAMES[place] if known else "邻居",
            contact_phone=PHONES[place] if known else f"1990000{3000 + place}",
            description=SECRETS[place] if known else "电动车没地方充电",
            at=NOW + HOUR,
        )
        joined.append(world.act(issue, "merge", "clerk", NOW + HOUR, master=master.number))
    return Issue.objects.get(pk=master.pk), joined


def replied(world: World, master: Issue) -> Issue:
    return world.act(master, "reply", "officer", NOW + 2 * HOUR, outcome="explained", note="何婆婆，已加装充电桩。")


@pytest.mark.usefixtures("frozen")
def test_the_page_of_a_joiner_has_nothing_of_the_others(world: World, client: Client) -> None:
    master, joined = group(world)
    first = photo(world, master, NOW, by=None, name="何婆婆家.jpg")
    world.act(master, "comment", "resident", NOW + HOUR, note="我是何婆婆，住三楼", attachments=[first.pk])
    replied(world, master)
    world.act(
        joined[1],
        "record_follow_up",
        "resident",
        NOW + 3 * HOUR,
        verdict="dissatisfied",
        solved="no",
        reason=SECRETS[1],
    )
    html = page(client, joined[0], PHONES[0])
    assert "您的诉求已与其他 3 位居民的同类诉求一并办理" in html
    assert "已加装充电桩" in html
    assert joined[0].number in html
    others = [*NAMES[1:], *PHONES, "9999", *SECRETS[1:], "何婆婆", "三楼", first.public_id]
    others += [master.token, *(row.token for row in joined[1:]), *(row.number for row in joined[1:])]
    assert [secret for secret in others if secret in html] == []


@pytest.mark.usefixtures("frozen")
def test_a_joiner_sees_what_the_departments_sent(world: World, client: Client) -> None:
    master, joined = group(world, 1)
    after = photo(world, master, NOW + 2 * HOUR, by="officer")
    world.act(master, "reply", "officer", NOW + 2 * HOUR, outcome="solved", note="已装好。", attachments=[after.pk])
    html = page(client, joined[0], PHONES[0])
    assert f"/t/{joined[0].token}/files/{after.public_id}/" in html
    assert client.get(f"/t/{joined[0].token}/files/{after.public_id}/small/").status_code == 200


@pytest.mark.usefixtures("frozen")
def test_an_own_verdict_goes_to_the_supervisor_and_redoes_nothing_by_itself(world: World, client: Client) -> None:
    master, joined = group(world, 2)
    replied(world, master)
    assert "您觉得解决了吗" in page(client, joined[0], PHONES[0])
    answer = send(client, joined[0], "verdict", solved="no", reason="还是没地方充", phone_tail=PHONES[0])
    assert answer.status_code == 302
    assert Issue.objects.get(pk=joined[0].pk).solved == "no"
    told = Issue.objects.get(pk=master.pk)
    assert (told.status, told.turn, told.redo_count) == ("replied", "supervisor", 0)
    html = page(client, joined[0], PHONES[0])
    assert "已转告街道社会治理办公室" in html
    assert "还是没地方充" in html
    assert "还是没地方充" not in page(client, joined[1], PHONES[1])


@pytest.mark.usefixtures("frozen")
def test_an_objection_without_a_reason_is_not_taken(world: World, client: Client) -> None:
    master, joined = group(world, 1)
    replied(world, master)
    answer = send(client, joined[0], "verdict", solved="no", phone_tail=PHONES[0])
    assert answer.status_code == 400
    assert Issue.objects.get(pk=joined[0].pk).solved == ""


def test_a_joiner_is_not_told_who_objected(world: World) -> None:
    master, joined = group(world, 1)
    replied(world, master)
    world.act(master, "redo", "resident", NOW + 3 * HOUR, reason="没有用", solved="no", verdict="dissatisfied")
    loaded = issue_by_token(joined[0].token)
    assert loaded is not None
    view = resident_view(loaded, NOW + 3 * HOUR, proof=Proof.WHOLE)
    assert "".join(view.sentence).startswith("还没有真正解决，已退回重办（第1次），新期限")
    assert view.objection is None


# 我也遇到了


def release(world: World, **given: Any) -> Issue:
    issue = world.make_issue("in_progress", category="0402", description="小区电动车充电桩不够", **given)
    return world.act(
        issue, "publish", "clerk", NOW + HOUR, title="小区电动车充电桩不够用", text="楼道飞线充电，电动车没有地方充电"
    )


def form(world: World, **given: Any) -> dict[str, Any]:
    return {
        "description": "我们小区电动车充电桩也不够，天天飞线充电",
        "community": world.communities["xiadong"].pk,
        "contact_phone": "19900004321",
        "contact_name": "梁女士",
        "idempotency_key": "form-12345678",
    } | given


@pytest.mark.usefixtures("frozen")
def test_joining_while_reporting(world: World, client: Client) -> None:
    master = release(world)
    offered = client.post("/report/", form(world))
    assert offered.status_code == 200
    html = offered.content.decode()
    assert "小区电动车充电桩不够用" in html
    assert "我也遇到了" in html
    assert master.number not in html
    assert master.token not in html
    assert Issue.objects.count() == 1
    done = client.post("/report/", form(world, asked="1", join=str(master.pk)))
    assert done.status_code == 302
    mine = Issue.objects.exclude(pk=master.pk).get()
    assert (mine.status, mine.master_id) == ("merged", master.pk)
    assert mine.number != master.number
    assert done["Location"] == f"/report/done/{mine.token}/"
    assert Issue.objects.get(pk=master.pk).persons == 2
    kinds = Event.objects.filter(subject_id=mine.pk).order_by("seq").values_list("kind", "actor_role")
    assert list(kinds) == [("create", "resident"), ("merge", "system")]
    assert "一并办理" in client.get(done["Location"]).content.decode()


@pytest.mark.usefixtures("frozen")
def test_reporting_on_its_own_although_something_reads_alike(world: World, client: Client) -> None:
    release(world)
    assert client.post("/report/", form(world, asked="1", join="")).status_code == 302
    assert Issue.objects.filter(status="submitted").count() == 1


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("hidden", ["not released", "taken back", "another community", "another matter", "old"])
def test_what_is_not_offered(world: World, client: Client, hidden: str) -> None:
    if hidden == "not released":
        world.make_issue("in_progress", category="0402", description="小区电动车充电桩不够")
    elif hidden == "old":
        release(world, at=NOW - timedelta(days=31))
    else:
        master = release(world)
        if hidden == "taken back":
            world.act(master, "unpublish", "clerk", NOW + HOUR)
    other = {"community": world.communities["dade"].pk} if hidden == "another community" else {}
    words = {"description": "路灯连续三晚不亮，看不清路"} if hidden == "another matter" else {}
    assert client.post("/report/", form(world, **other, **words)).status_code == 302
    assert Issue.objects.filter(status="submitted").count() == 1


@pytest.mark.usefixtures("frozen")
def test_a_matter_that_is_not_released_cannot_be_joined_by_its_id(world: World, client: Client) -> None:
    secret = world.make_issue("in_progress", category="0402")
    answer = client.post("/report/", form(world, asked="1", join=str(secret.pk)))
    assert answer.status_code == 400
    assert Issue.objects.count() == 1


@pytest.mark.usefixtures("frozen")
def test_asking_while_typing(world: World, client: Client) -> None:
    master = release(world)
    given = form(world)
    found = client.post("/report/similar/", given)
    assert found.status_code == 200
    assert f'value="{master.pk}"' in found.content.decode()
    assert client.post("/report/similar/", given | {"description": "路灯连续三晚不亮"}).status_code == 204
    assert client.post("/report/similar/", given | {"community": "x"}).status_code == 204
    assert client.get("/report/similar/").status_code == 405
    assert Issue.objects.count() == 1


@pytest.mark.usefixtures("frozen")
def test_the_choice_survives_a_mistake(world: World, client: Client) -> None:
    master = release(world)
    wrong = client.post("/report/", form(world, asked="1", join=str(master.pk), contact_phone=""))
    assert wrong.status_code == 400
    assert f'value="{master.pk}" checked' in wrong.content.decode()
