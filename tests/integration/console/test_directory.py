"""通讯录: what is found how, what is hidden, and for whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import Building, Department, Leader, LeaderPlace
from deadlines.models import DutyShift
from journal.models import Event
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PAGE = "/console/directory/"
NUMBER = "19900003001"


@pytest.fixture
def numbers(world: World) -> World:
    """Landlines, a shift, and a leader's mobile."""
    Department.objects.filter(code="WATER").update(phone="0757-00002001")
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=8),
        clerk=world.people["supervisor"],
        phone="0757-00009000",
    )
    assert world.leader is not None
    world.leader.set_phone(NUMBER)
    world.leader.save()
    return world


def _names(page: object) -> set[str]:
    return {entry.name for group in page.context["groups"] for entry in group.entries}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "asked", ["水务", "swgl", "shuiwu", "SHUI WU", "water affairs", "0757-00002001", "00002001", "lyk"]
)
def test_an_organisation_is_found_by(numbers: World, signed_in: Browser, asked: str) -> None:
    page = signed_in("officer").get(PAGE, {"q": asked})
    assert "水务管理办公室" in _names(page)
    assert "市政管理办公室" not in _names(page)
    assert 'href="tel:0757-00002001"' in page.content.decode()


def test_who_is_on_duty_who_receives_and_who_is_away(numbers: World, signed_in: Browser) -> None:
    page = signed_in("clerk").get(PAGE).content.decode()
    for words in ("吴敏（值班员）", "0757-00009000", "何志明（承办人） · 收件", "陈晓琳（社区工作人员）"):
        assert words in page
    assert "邻镇员" not in page
    assert "没有找到" in signed_in("clerk").get(PAGE, {"q": "没有这个"}).content.decode()


def test_leaders_are_listed_with_their_numbers_hidden(numbers: World, signed_in: Browser) -> None:
    dade = numbers.communities["dade"]
    queries: tuple[tuple[str, dict[str, str]], ...] = (
        ("clerk2", {}),
        ("supervisor", {"community": str(dade.pk)}),
        ("supervisor", {"q": "陈姨"}),
    )
    for username, query in queries:
        page = signed_in(username).get(PAGE, query).content.decode()
        assert "199****3001" in page
        assert NUMBER not in page
    for username in ("clerk", "officer", "outsider"):
        page = signed_in(username).get(PAGE, {"community": str(dade.pk), "q": ""}).content.decode()
        assert "陈姨" not in page


@pytest.mark.parametrize(
    ("username", "sees", "may"),
    [
        *(("clerk2", 200, True), ("supervisor", 200, True), ("director", 200, False), ("admin", 200, False)),
        *(("clerk", 404, False), ("officer", 404, False), ("outsider", 404, False)),
    ],
)
def test_a_number_is_shown_to_who_says_why(
    numbers: World, signed_in: Browser, username: str, sees: int, may: bool
) -> None:
    leader = Leader.objects.get()
    url, browser = f"{PAGE}leaders/{leader.pk}/", signed_in(username)
    page = browser.get(url)
    assert page.status_code == sees
    assert NUMBER not in page.content.decode()
    assert browser.post(url, {"reason": " "}).status_code == (400 if may else 403 if sees == 200 else 404)
    shown = browser.post(url, {"reason": "楼道积水，请他去看"})
    assert shown.status_code == (200 if may else 403 if sees == 200 else 404)
    assert (NUMBER in shown.content.decode()) is may
    events = Event.objects.of("leader", leader.pk).of_kinds(["reveal"])
    assert [event.text("reason") for event in events] == (["楼道积水，请他去看"] if may else [])
    if may:
        told = signed_in("admin").get(f"/console/admin/office/leader/{leader.pk}/?office={numbers.area.pk}")
        assert "查看完整号码" in told.content.decode()


def test_statements_do_not_grow(numbers: World, signed_in: Browser) -> None:
    browser, counted = signed_in("supervisor"), []
    building = Building.objects.filter(community=numbers.communities["dade"]).first()
    for number in (1, 5, 25):
        for one in range(number):
            leader = Leader(
                subdistrict=numbers.area, community=numbers.communities["dade"], kind="lane", name=f"巷{one}"
            )
            leader.save()
            LeaderPlace.objects.create(leader=leader, building=building, first=False)
            Department.objects.create(
                subdistrict=numbers.area, code=f"D{number}-{one}", name_zh=f"单位{one}", kind="street"
            )
        with CaptureQueriesContext(connection) as found:
            browser.get(PAGE, {"community": numbers.communities["dade"].pk})
        counted.append(len(found))
    assert len(set(counted)) == 1, counted
