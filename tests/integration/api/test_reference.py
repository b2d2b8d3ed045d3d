"""Reference data within the caller's sub-districts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import Building, Community
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, World

Called = Callable[[str], Caller]
LISTS = ("communities", "neighbourhoods", "buildings", "departments", "categories", "leaders")


def names(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["name"] for row in answer.json()["results"]}


def test_places_of_the_own_sub_district_only(world: World, caller: Called) -> None:
    assert names(caller("officer").get("communities/")) == {"夏东社区", "大德社区"}
    assert names(caller("outsider").get("communities/")) == {"平地社区"}
    assert names(caller("admin").get("communities/")) == {"夏东社区", "大德社区", "平地社区"}
    assert names(caller("outsider").get("buildings/")) == set()
    assert names(caller("outsider").get("neighbourhoods/")) == {"平地村"}
    assert "大沥市政办" not in names(caller("clerk").get("departments/"))
    assert "内涝" not in names(caller("clerk").get("categories/"))


def test_filters(world: World, caller: Called) -> None:
    clerk = caller("clerk")
    assert names(clerk.get("communities/", kind="rural")) == set()
    assert names(clerk.get("neighbourhoods/", community="大德社区")) == {"碧湖花园"}
    assert names(clerk.get("neighbourhoods/", kind="road,village")) == {"幸福路", "夏东村"}
    assert names(clerk.get("buildings/", community="大德")) == {"3栋", "5栋"}
    assert names(clerk.get("buildings/", neighbourhood=world.neighbourhoods["xiadongcun"].pk)) == {"1巷2号"}
    assert names(clerk.get("departments/", kind="external")) == {"派出所"}
    assert names(clerk.get("departments/", community="夏东")) == {"夏东社区（自办）"}
    assert names(clerk.get("categories/", parent="03")) == {"路面积水与内涝", "雨污分流与排水单元"}


def test_leaders_are_seen_in_scope_with_masked_phones(world: World, caller: Called) -> None:
    for username in ("clerk2", "supervisor", "admin", "leader"):
        (leader,) = caller(username).get("leaders/").json()["results"]
        assert (leader["name"], leader["phone"], leader["kind"]) == ("陈姨", "199****5678", "building")
        assert leader["places"] == [{"kind": "building", "name": "3栋", "first": True}]
    for username in ("clerk", "officer", "outsider"):
        assert caller(username).get("leaders/").json()["results"] == []


def test_names_in_english(world: World, caller: Called) -> None:
    clerk = caller("clerk")
    answer = clerk.client.get("/api/v1/departments/", headers={**clerk.headers, "Accept-Language": "en"})
    assert "Water Affairs Office" in names(answer)


def test_retired_rows_are_not_offered(world: World, caller: Called) -> None:
    Community.objects.filter(name_zh="大德社区").update(retired_at=NOW - timedelta(days=1))
    assert names(caller("clerk").get("communities/")) == {"夏东社区"}


@pytest.mark.parametrize("path", LISTS)
def test_pages_costs_and_bad_values(world: World, caller: Called, path: str) -> None:
    supervisor = caller("supervisor")
    everything = supervisor.get(f"{path}/", page_size=100).json()["results"]
    seen, following = [], f"/api/v1/{path}/?page_size=1"
    while following:
        with CaptureQueriesContext(connection) as statements:
            page = supervisor.get(following).json()
        assert len(statements) <= 4
        seen += page["results"]
        following = page["next"]
    assert seen == everything
    for name, value in (("cursor", "x"), ("page_size", "1000"), ("kind", "castle"), ("community", "\x00")):
        if name in ("kind", "community") and path in ("categories", "communities"):
            continue
        if name == "kind" and path == "buildings":
            continue
        answer = supervisor.get(f"{path}/", **{name: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name]), name


def test_a_list_of_100_costs_what_a_list_of_1_costs(world: World, caller: Called) -> None:
    place = world.neighbourhoods["bihu"]
    Building.objects.bulk_create(
        Building(neighbourhood=place, community=world.communities["dade"], name=f"{n}号楼") for n in range(120)
    )
    supervisor, counts = caller("supervisor"), []
    for size in (1, 100):
        with CaptureQueriesContext(connection) as statements:
            assert len(supervisor.get("buildings/", page_size=size).json()["results"]) == size
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 3
