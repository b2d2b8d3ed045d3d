"""Where a matter is: found by a name, its pinyin or its initials, kept while the rest is typed, sent with the form."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.finding import FoundPlace, by_letters, find_places
from communities.models import Community
from files.models import StoredFile
from issues.models import Issue
from tests.integration.console.pages import form_of
from tests.integration.phone.pages import jpeg
from tests.support.cast import World

pytestmark = pytest.mark.usefixtures("frozen")
TYPED = {"description": "地砖松了", "contact_phone": "19900004321", "idempotency_key": "form-12345678"}


def labels(typed: str) -> list[str]:
    return [place.label for place in find_places(typed)]


@pytest.mark.parametrize("typed", ["碧湖", "碧湖花园", "bhhy", "BHHY", "bihuhua", "ｂｈｈｙ", "大德社区碧湖花园"])
def test_a_neighbourhood_is_found_however_it_is_typed(world: World, typed: str) -> None:
    assert "碧湖花园" in labels(typed)


@pytest.mark.parametrize("typed", ["碧湖花园3栋", "碧湖花园 3", "bhhy 3", "bhhy3"])
def test_a_building_by_its_number_comes_first(world: World, typed: str) -> None:
    assert labels(typed)[0] == "碧湖花园3栋"


@pytest.mark.parametrize(
    ("typed", "found"), [("夏东", True), ("xdsq", True), ("xiadong", True), ("zz", False), ("", False)]
)
def test_a_community(world: World, typed: str, found: bool) -> None:
    assert ("夏东社区" in labels(typed)) is found


def test_no_list_of_all_stands_in_the_form_and_letters_hold_few() -> None:
    places = [
        FoundPlace(f"c{n}", "", n, f"社区{n}", "", letter, letter)
        for n, letter in enumerate(sorted("aabbbcccddddddddefgghhhxxyz" * 2))
    ]
    groups = by_letters(places)
    assert [place for _letters, several in groups for place in several] == sorted(
        places, key=lambda place: (place.initials, place.code)
    )
    assert {letters for letters, _several in groups} == {"A", "B", "C", "D", "E–G", "H", "X–Z"}


def test_what_is_chosen_is_where_the_matter_is(world: World, client: Client) -> None:
    (place,) = [place for place in find_places("bhhy 3") if place.label == "碧湖花园3栋"]
    assert client.post("/report/", TYPED | {"place": place.code}).status_code == 302
    issue = Issue.objects.select_related("building", "neighbourhood", "community").get()
    assert (str(issue.building), str(issue.neighbourhood), str(issue.community)) == ("3栋", "碧湖花园", "大德社区")


@pytest.mark.parametrize("code", ["", "c0", "n999999", "b999999", "x1", "c1' OR", "c" + "9" * 30])
def test_a_place_that_is_none_is_asked_for(world: World, client: Client, code: str) -> None:
    answer = client.post("/report/", TYPED | {"place": code, "place_text": "bhhy"})
    html = answer.content.decode()
    assert (answer.status_code, Issue.objects.count()) == (400, 0)
    assert "请选一个地点" in html
    assert "碧湖花园" in html


def test_finding_and_changing_keep_what_is_typed_and_make_nothing(world: World, client: Client) -> None:
    change: dict[str, Any] = TYPED | {"building": world.buildings["bihu3"].pk, "change": "1", "photos": jpeg()}
    for asked in (change, TYPED | {"place_text": "夏东社区", "find": "1", "photos": jpeg()}):
        answer = client.post("/report/", asked)
        form = form_of(answer, "/report/?send")
        assert (answer.status_code, Issue.objects.count()) == (200, 0)
        assert {name: form[name] for name in TYPED} == TYPED
        assert "uploads" in form
        assert "building" not in form
        assert "field-wrong" not in answer.content.decode()
    assert StoredFile.objects.count() == 2
    assert client.post("/report/", form | {"place": form["place"], "website": ""}).status_code == 302


def test_places_as_a_part_of_the_form(world: World, client: Client) -> None:
    html = client.post("/report/places/", {"place_text": "xdsq"}).content.decode()
    assert "夏东社区" in html
    assert "checked" in html
    assert "没有找到“泰山”" in client.post("/report/places/", {"place_text": "泰山"}).content.decode()


def test_a_photo_is_taken_while_the_rest_is_typed_and_claimed_once(world: World, client: Client) -> None:
    answer = client.post("/report/photos/", {"file": jpeg()})
    assert answer.status_code == 201
    kept = answer.json()[0]["id"]
    sent = TYPED | {"community": world.communities["xiadong"].pk, "uploads": kept}
    for _time in range(2):
        assert client.post("/report/", sent).status_code == 302
    assert StoredFile.objects.get(public_id=kept).owner_id == Issue.objects.get().pk
    again = client.post("/report/photos/", {"file": jpeg()}).json()[0]["id"]
    assert client.post("/report/", sent | {"uploads": again}).status_code == 302
    assert Issue.objects.count() == 1


def test_a_photo_that_is_none_or_is_gone_is_told(world: World, client: Client) -> None:
    for sent_file in ({}, {"file": SimpleUploadedFile("病毒.jpg", b"<script>alert(1)</script>")}):
        answer = client.post("/report/photos/", sent_file)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])
    sent = TYPED | {"community": world.communities["xiadong"].pk, "uploads": "0" * 32}
    answer = client.post("/report/", sent)
    assert answer.status_code == 400
    assert "有照片没有保存下来" in answer.content.decode()


def test_photos_are_still_pictures_after_an_error_in_their_order(world: World, client: Client) -> None:
    wrong = TYPED | {"contact_phone": "", "community": world.communities["xiadong"].pk}
    html = client.post("/report/", wrong | {"photos": [jpeg("一.jpg"), jpeg("二.jpg")]}).content.decode()
    assert html.count('src="data:image/jpeg;base64,') == 2
    assert html.index("一.jpg") < html.index("二.jpg")


def test_the_community_of_a_place_is_kept(world: World, client: Client) -> None:
    """By a building in it; nobody has to know which community that is, and no list of all is shown."""
    page = client.get("/community/").content.decode()
    assert page.count('type="radio"') == len(world.communities)
    assert "<details>" in page
    found = client.post("/community/", {"place_text": "bhhy 3", "find": "1"})
    assert (found.status_code, "碧湖花园3栋" in found.content.decode()) == (200, True)
    assert client.post("/community/", {"place_text": "bhhy"}).status_code == 400
    (place,) = [place for place in find_places("bhhy 3") if place.label == "碧湖花园3栋"]
    assert client.post("/community/", {"place": place.code}).status_code == 302
    assert "大德社区" in client.get("/").content.decode()


def test_a_community_says_where_its_counter_is(world: World, client: Client) -> None:
    dade = world.communities["dade"]
    client.post("/community/", {"place": f"c{dade.pk}"})
    assert "查看路线" not in client.get("/community/").content.decode()
    Community.objects.filter(pk=dade.pk).update(address="大德路1号")
    html = client.get("/community/").content.decode()
    assert ("大德路1号" in html, "keyword=%E5%A4%A7%E5%BE%B7%E8%B7%AF1%E5%8F%B7" in html) == (True, True)
    assert "8:30–12:00, 14:00–17:30" in html
