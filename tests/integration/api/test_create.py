"""Creating: what is needed, what is refused, what it costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from issues.models import Issue
from journal.models import Event
from tests.integration.api.conftest import Caller
from tests.support.cast import World

Called = Callable[[str], Caller]
MINIMUM = {"description": "幸福路口路灯不亮，晚上看不清路", "community": "夏东社区", "category": "0202"}


def test_the_least_that_is_needed(caller: Called) -> None:
    answer = caller("clerk").post("issues/", MINIMUM)
    assert answer.status_code == 201, answer.content
    created = answer.json()
    issue = Issue.objects.get(number=created["number"])
    assert created["status"] == issue.status == "submitted"
    assert created["token"] == issue.token
    assert created["url"].endswith(f"/t/{issue.token}/")
    assert created["title"] == "幸福路口路灯不亮，晚上看不清路"
    assert (issue.kind, issue.source, issue.level) == ("help", "counter", "normal")
    assert {row["kind"] for row in created["deadlines"]} == {"accept"}
    assert created["deadlines"][0]["due_at"].endswith("+08:00")
    assert [event.kind for event in Event.objects.of("issue", issue.pk)] == ["create"]


def test_everything_that_can_be_said(world: World, caller: Called) -> None:
    data = {
        "description": "3栋楼下积水",
        "title": "楼下积水",
        "community": str(world.communities["dade"].pk),
        "category": "0301",
        "neighbourhood": "碧湖花园",
        "building": "3栋",
        "address": "碧湖花园3栋门口",
        "occurred_at": "2026-03-01T08:00:00+08:00",
        "kind": "report",
        "source": "hotline_12345",
        "level": "critical",
        "contact_name": "张三",
        "contact_phone": "+86 199-0000-1234",
        "contact_address": "3栋502",
        "external_number": "GD-1",
    }
    created = caller("clerk2").post("issues/", data).json()
    issue = Issue.objects.select_related("contact").get(number=created["number"])
    assert (issue.building_id, issue.neighbourhood_id) == (
        world.buildings["bihu3"].pk,
        world.neighbourhoods["bihu"].pk,
    )
    assert issue.confidential
    assert issue.level == "critical"
    assert issue.contact is not None
    assert (issue.contact.phone, issue.contact.name) == ("19900001234", "张三")
    assert {row["kind"] for row in created["deadlines"]} == {"respond", "accept"}


@pytest.mark.parametrize(("as_id", "name"), [(True, "building"), (True, "neighbourhood"), (False, "building")])
def test_places_by_id_or_name(world: World, caller: Called, as_id: bool, name: str) -> None:
    row: Any = world.buildings["xiadong1"] if name == "building" else world.neighbourhoods["xiadongcun"]
    answer = caller("clerk").post("issues/", {**MINIMUM, name: row.pk if as_id else row.name})
    assert answer.status_code == 201, answer.content
    assert Issue.objects.get(number=answer.json()["number"]).neighbourhood_id == world.neighbourhoods["xiadongcun"].pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": None}, "description"),
        ({"description": ["a"]}, "description"),
        ({"description": "长" * 4001}, "description"),
        ({"description": "\x00"}, "description"),
        ({"description": "a\ud800"}, "description"),
        ({"community": ""}, "community"),
        ({"community": "无此社区"}, "community"),
        ({"community": "平地社区"}, "community"),
        ({"community": 10**30}, "community"),
        ({"community": {"id": 1}}, "community"),
        ({"category": "9999"}, "category"),
        ({"category": ""}, "category"),
        ({"building": "9栋"}, "building"),
        ({"building": "3栋"}, "building"),
        ({"neighbourhood": "碧湖花园"}, "neighbourhood"),
        ({"kind": "wish"}, "kind"),
        ({"level": "high"}, "level"),
        ({"source": "fax"}, "source"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"contact_phone": "12"}, "contact_phone"),
        ({"contact_phone": "not a phone"}, "contact_phone"),
        ({"contact_name": "长" * 61}, "contact_name"),
        ({"confidential": "perhaps"}, "confidential"),
    ],
)
def test_wrong_input_names_the_field(caller: Called, change: dict[str, Any], field: str) -> None:
    answer = caller("clerk").post("issues/", MINIMUM | change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]
    assert not Issue.objects.exists()


@pytest.mark.parametrize("missing", ["description", "community", "category"])
def test_required_fields(caller: Called, missing: str) -> None:
    answer = caller("clerk").post("issues/", {name: value for name, value in MINIMUM.items() if name != missing})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [missing])


def test_who_may_not_log_gets_403_even_with_bad_input(caller: Called) -> None:
    for data in (MINIMUM, {}, "no json"):
        assert caller("admin").post("issues/", data).status_code == 403


@pytest.mark.parametrize("username", ["secretary", "officer", "head", "supervisor", "deputy", "director"])
def test_everybody_of_the_staff_may_log_and_follow_it(caller: Called, username: str) -> None:
    answer = caller(username).post("issues/", MINIMUM)
    assert answer.status_code == 201, answer.content
    assert caller(username).get(f"issues/{answer.json()['number']}/").status_code == 200


def test_the_neighbours_clerk_cannot_log_here(caller: Called) -> None:
    answer = caller("outsider").post("issues/", MINIMUM)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["community"])


def test_a_leader_reports_as_leader(world: World, caller: Called) -> None:
    answer = caller("leader").post("issues/", {**MINIMUM, "community": "大德社区", "source": "counter"})
    assert answer.status_code == 201, answer.content
    issue = Issue.objects.get(number=answer.json()["number"])
    assert world.leader is not None
    assert (issue.source, issue.leader_id) == ("leader", world.leader.pk)
    assert caller("leader").get(f"issues/{issue.number}/").status_code == 200


def test_create_costs_at_most_14_statements(caller: Called) -> None:
    clerk = caller("clerk")
    clerk.post("issues/", MINIMUM)
    full = MINIMUM | {"neighbourhood": "夏东村", "building": "1巷2号", "contact_phone": "19900001234"}
    with CaptureQueriesContext(connection) as statements:
        assert clerk.post("issues/", full).status_code == 201
    counted = [row["sql"] for row in statements if "SAVEPOINT" not in row["sql"]]
    assert len(counted) <= 14, counted


def test_nothing_is_refused_because_it_resembles_an_earlier_text(caller: Called) -> None:
    clerk = caller("clerk")
    assert [clerk.post("issues/", MINIMUM).status_code for _ in range(6)] == [201] * 6
