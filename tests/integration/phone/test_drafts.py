"""What was typed without a script comes back: however the page was left, for a day, in this browser and no other."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from door import drafts
from door.models import KeptForm
from door.tasks import clean
from files.models import StoredFile
from issues.models import Issue
from meetings.models import Question
from tests.integration.console.pages import form_of
from tests.integration.meetings.room import boxed
from tests.integration.phone.pages import jpeg
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
REPORT = "/report/"
KEY = "form-12345678"
HOUR = timedelta(hours=1)
WORDS = "三号楼门口地砖松了，老人绊倒"
SCRIPT = {"X-Sent-By": "script"}


def typed(world: World, **given: Any) -> dict[str, Any]:
    place = f"c{world.communities['xiadong'].pk}"
    return {"description": WORDS, "place": place, "address": "北门", "contact_phone": PHONE, "confidential": "true",
            "idempotency_key": KEY} | given  # fmt: skip


def send(world: World, client: Client, **given: Any) -> Any:
    return client.post(f"{REPORT}?send", typed(world, **given))


def opened(client: Client, url: str = REPORT) -> dict[str, Any]:
    """The form as this browser finds it."""
    answer = client.get(url)
    assert answer.status_code == 200
    form: dict[str, Any] = form_of(answer, f"{url.partition('?')[0]}?send")
    return form | {"website": ""}


LOST = {
    "an error": {"contact_phone": ""},
    "looking for a place": {"find": "1", "place": "", "place_text": "xd"},
    "another place": {"change": "1"},
    "kept for later": {"keep": "1"},
    "in English": {"language": "en"},
    "in 长辈版": {"elder": "22"},
    "a key that is none": {"idempotency_key": "no"},
}


@pytest.mark.parametrize("way", list(LOST))
def test_what_was_typed_comes_back_however_the_page_was_left(world: World, way: str) -> None:
    client = Client()
    answer = send(world, client, photos=jpeg(), **LOST[way])
    assert answer.status_code in (200, 400)
    assert "data-kept-at" in answer.content.decode()
    again = opened(client)
    (photo,) = StoredFile.objects.all()
    wanted = typed(world) | {name: value for name, value in LOST[way].items() if name == "contact_phone"}
    for name in ("description", "address", "contact_phone"):
        assert again[name] == wanted[name]
    assert again["uploads"] == photo.public_id
    assert again.get("place", "") == ("" if LOST[way].get("place") == "" else wanted["place"])
    assert len(re.findall(r'name="place"\s+value="[^"]*" checked', client.get(REPORT).content.decode())) <= 1
    assert re.fullmatch(r"[\w-]{8,64}", again["idempotency_key"])
    assert (again["idempotency_key"] == KEY) == (way != "a key that is none")
    done = client.post(f"{REPORT}?send", again | {"contact_phone": PHONE, "place": typed(world)["place"]})
    assert (done.status_code, Issue.objects.count(), KeptForm.objects.count()) == (302, 1, 0)
    assert opened(client)["description"] == ""


def test_the_question_about_like_matters_is_left_and_comes_back(world: World) -> None:
    like = world.make_issue("in_progress", community="dade", description="电动车充电桩不够用", at=NOW - 2 * HOUR)
    world.act(like, "publish", "clerk2", NOW - HOUR, title="小区电动车充电桩不够用", text="飞线充电")
    client, words = Client(), "我们这里电动车充电桩不够用"
    answer = send(world, client, description=words, place=f"c{like.community_id}")
    assert "还没有提交" in answer.content.decode()
    assert opened(client)["description"] == words


@pytest.mark.parametrize(
    ("switch", "wanted"), [({"language": "en"}, 'lang="en"'), ({"elder": "26"}, 'data-elder="26"')]
)
def test_a_switch_is_seen_at_once_and_stays(world: World, switch: dict[str, str], wanted: str) -> None:
    client = Client()
    assert wanted in send(world, client, **switch).content.decode()
    assert wanted in client.get("/privacy/").content.decode()


def test_only_this_browser_finds_it_and_the_row_says_nothing(world: World) -> None:
    client = Client()
    send(world, client, contact_name="张小三", contact_phone="")
    cookie = client.cookies["draft"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 24 * 3600)
    assert opened(Client())["description"] == ""
    forged = Client()
    forged.cookies["draft"] = cookie.value.replace(":", "x:", 1)
    assert opened(forged)["description"] == ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_keptform")
        stored = json.dumps([str(value) for value in cursor.fetchone()], ensure_ascii=False)
    for secret in (WORDS, "张小三", "北门", cookie.value.partition(":")[0]):
        assert secret not in stored


def test_the_page_says_until_when_and_how_to_throw_it_away(world: World) -> None:
    client = Client()
    send(world, client, contact_phone="", photos=jpeg())
    answer = client.get(REPORT)
    html = answer.content.decode()
    assert "确定扔掉" in html
    assert "为止" in html
    assert "no-store" in answer["Cache-Control"]
    assert client.post(f"{REPORT}?send", opened(client) | {"throw": "1"}).status_code == 302
    assert (KeptForm.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert opened(client)["description"] == ""


def test_throwing_away_what_has_no_key_throws_nothing(world: World) -> None:
    client = Client()
    send(world, client, contact_phone="")
    for wrong in ("a\x00b", "", "长" * 100):
        assert send(world, client, throw="1", idempotency_key=wrong).status_code == 302
    assert KeptForm.objects.count() == 1


def test_after_a_day_it_is_gone(world: World) -> None:
    client = Client()
    send(world, client, contact_phone="")
    with time_machine.travel(NOW + timedelta(hours=23, minutes=59), tick=False):
        clean()
        assert opened(client)["description"] == WORDS
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        assert opened(client)["description"] == ""
        assert clean() == {"drafts": 1}
    assert KeptForm.objects.count() == 0


def test_a_script_is_its_own_keeper_but_brings_up_to_date_what_lies_here(world: World) -> None:
    client = Client()
    wrong = typed(world, contact_phone="")
    assert client.post(f"{REPORT}?send", wrong, headers=SCRIPT).status_code == 400
    assert (KeptForm.objects.count(), "draft" in client.cookies) == (0, False)
    client.post(f"{REPORT}?send", wrong)
    answer = client.post(f"{REPORT}?send", wrong | {"description": "换了说法"}, headers=SCRIPT)
    assert "data-kept-at" in answer.content.decode()
    assert opened(client)["description"] == "换了说法"
    done = client.post(f"{REPORT}?send", wrong | {"contact_phone": PHONE}, headers=SCRIPT)
    assert (done.status_code, KeptForm.objects.count()) == (204, 0)


def test_two_tabs_are_two_drafts_and_what_was_sent_never_comes_back(world: World) -> None:
    client = Client()
    send(world, client, contact_phone="")
    send(world, client, contact_phone="", idempotency_key="another-tab", description="另一件事：路灯不亮")
    assert opened(client)["description"] == "另一件事：路灯不亮"
    assert send(world, client, idempotency_key="another-tab", description="另一件事：路灯不亮").status_code == 302
    assert opened(client)["description"] == WORDS
    other = Client()
    assert send(world, other).status_code == 302
    assert (opened(client)["description"], KeptForm.objects.count()) == ("", 0)


def test_a_late_error_of_another_tab_brings_nothing_sent_back(world: World) -> None:
    client = Client()
    assert send(world, client).status_code == 302
    late = send(world, client, contact_phone="")
    assert late.status_code == 400
    assert opened(client)["description"] == ""


def test_at_most_three_of_a_browser_and_none_too_large(world: World) -> None:
    client = Client()
    for number in range(5):
        send(world, client, contact_phone="", idempotency_key=f"tab-number-{number}")
    assert KeptForm.objects.count() == drafts.MOST_AT_ONCE
    large = send(world, client, description="长" * 20_000, idempotency_key="a-large-one")
    assert (large.status_code, "data-kept-at" in large.content.decode()) == (400, False)
    assert form_of(large, f"{REPORT}?send")["description"] == "长" * 20_000
    assert not KeptForm.objects.filter(key="a-large-one").exists()


def test_a_network_keeps_so_many_and_the_page_keeps_the_words_all_the_same(world: World) -> None:
    for _time in range(drafts.PER_NETWORK.burst):
        drafts.PER_NETWORK.take("127.0.0.1")
    answer = send(world, Client(), keep="1")
    html = answer.content.decode()
    assert (answer.status_code, KeptForm.objects.count()) == (200, 0)
    assert "没有存下来" in html
    assert WORDS in html


@pytest.mark.parametrize("whose", ["an office's browser", "a shared device"])
def test_where_many_people_stand_before_it_nothing_is_kept(world: World, signed_in: Browser, whose: str) -> None:
    client = signed_in("clerk") if whose == "an office's browser" else Client()
    given = {} if whose == "an office's browser" else {"shared": "1"}
    answer = send(world, client, contact_phone="", **given)
    assert (answer.status_code, KeptForm.objects.count(), "draft" in client.cookies) == (400, 0, False)
    html = client.get(f"{REPORT}?shared=1").content.decode()
    assert 'name="shared" value="1"' in html
    assert "data-draft" not in html


def test_a_building_that_was_scanned_meanwhile_is_the_place(world: World) -> None:
    client = Client()
    send(world, client, contact_phone="")
    building = world.buildings["bihu3"]
    form = opened(client, f"{REPORT}?building={building.pk}")
    assert (form["description"], form["building"]) == (WORDS, str(building.pk))


def test_danger_in_a_draft_is_told_of_again(world: World) -> None:
    client = Client()
    send(world, client, description="楼下着火了，有人被困", contact_phone="")
    assert "tel:119" in client.get(REPORT).content.decode()


def test_a_blank_form_costs_no_statement_more_and_leaves_no_cookie(world: World) -> None:
    client = Client()
    client.get(REPORT)
    send(world, client, description="", address="", contact_phone="", place="")
    assert ("draft" in client.cookies, KeptForm.objects.count()) == (False, 0)


@pytest.mark.parametrize("given", [{"keep": "1"}, {"language": "en"}, {"elder": "22"}, {"question": "问" * 301}])
def test_a_question_comes_back_and_is_asked_once(world: World, given: dict[str, str]) -> None:
    meeting, client = boxed(world), Client()
    url = reverse("public-questions", args=[meeting.pk])
    form = {"question": "路灯何时修", "idempotency_key": KEY} | given
    assert client.post(f"{url}?send", form).status_code in (200, 400)
    again = opened(client, url)
    assert (again["question"], again["idempotency_key"]) == (form["question"], KEY)
    assert opened(client)["description"] == ""
    for _time in range(2):
        assert client.post(f"{url}?send", again | {"question": "路灯何时修"}).status_code == 302
    assert (Question.objects.count(), KeptForm.objects.count()) == (1, 0)
    client.post(f"{url}?send", form)
    assert opened(client, url)["question"] == ""
    client.post(f"{url}?send", form | {"idempotency_key": "another-key", "keep": "1"})
    assert client.post(f"{url}?send", opened(client, url) | {"throw": "1"}).status_code == 302
    assert KeptForm.objects.filter(key="another-key").count() == 0
