"""Robots are kept out of the public forms without a picture; a person loses nothing and is asked a little at most."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from common import limits
from door import challenges
from door.challenges import QUICKEST, VALID_FOR
from issues.models import Issue
from meetings.models import Invitation, Question
from meetings.services import attending
from tests.integration.api.test_concurrency import at_once
from tests.integration.console.pages import form_of
from tests.integration.meetings.room import boxed, live
from tests.support.cast import NOW, PHONE, World
from tests.support.puzzles import solved

WORDS = "三号楼门口地砖松了，老人绊倒"


@pytest.fixture(autouse=True)
def guarded(settings: Any) -> None:
    settings.PUBLIC_FORMS_GUARDED = True


class Visitor:
    """Somebody with a browser, on a clock that moves."""

    def __init__(self, clock: "time_machine.Traveller", url: str, values: dict[str, Any], field: str) -> None:
        self.client, self.clock, self.url, self.values, self.field = Client(), clock, url, values, field

    def open(self) -> dict[str, str]:
        answer = self.client.get(self.url)
        return self.read(answer)

    def read(self, answer: Any) -> dict[str, str]:
        form: dict[str, str] = form_of(answer, f"{self.url}?send")
        return form | {"website": ""}

    def wait(self, time: timedelta) -> None:
        self.clock.shift(time)

    def send(self, form: dict[str, str], **given: str) -> Any:
        return self.client.post(f"{self.url}?send", form | self.values | given)


@pytest.fixture(params=["report", "question"])
def visitor(request: pytest.FixtureRequest, world: World) -> Iterator[Visitor]:
    with time_machine.travel(NOW, tick=False) as clock:
        if request.param == "report":
            place = f"c{world.communities['xiadong'].pk}"
            yield Visitor(
                clock, "/report/", {"description": WORDS, "place": place, "contact_phone": PHONE}, "description"
            )
        else:
            url = reverse("public-questions", args=[boxed(world).pk])
            yield Visitor(clock, url, {"question": WORDS}, "question")


def made() -> int:
    return Issue.objects.count() + Question.objects.count()


def refused(visitor: Visitor, answer: Any, status: int) -> dict[str, str]:
    """Nothing was made, and all that was typed is there."""
    assert (answer.status_code, made()) == (status, 0)
    again = visitor.read(answer)
    assert again[visitor.field] == WORDS
    return again


def test_a_phone_that_did_its_sum_is_asked_nothing(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    assert visitor.send(form, proof=solved(form["door"])).status_code == 302
    assert made() == 1


def test_without_a_script_the_form_is_looked_through_once_more(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    first = visitor.send(form)
    again = refused(visitor, first, 200)
    html = first.content.decode()
    assert "确认提交" in html
    assert "还没有提交，请再看一遍" in html
    assert visitor.send(again).status_code == 302
    assert made() == 1


def test_who_is_quick_is_asked_kindly_and_loses_nothing(visitor: Visitor) -> None:
    form = visitor.open()
    first = visitor.send(form, proof=solved(form["door"]))
    assert "提交得太快" in first.content.decode()
    again = refused(visitor, first, 400)
    visitor.wait(QUICKEST)
    assert visitor.send(again, proof=solved(again["door"])).status_code == 302


def test_a_browser_that_fills_in_what_nobody_sees_costs_a_press(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    first = visitor.send(form, website="http://spam.example", proof=solved(form["door"]))
    again = refused(visitor, first, 400)
    assert 'name="website"' not in first.content.decode()
    assert visitor.send(again, website="filled in again").status_code == 302


@pytest.mark.parametrize("door", ["", "made.up.word.1:signature", "\x00", "报告"])
def test_a_form_without_its_challenge_makes_nothing(visitor: Visitor, door: str) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    refused(visitor, visitor.send(form, door=door, proof=solved(form["door"])), 400)


def test_a_page_that_lay_open_for_a_week_costs_a_press(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(VALID_FOR + timedelta(hours=1))
    again = refused(visitor, visitor.send(form), 400)
    assert visitor.send(again).status_code == 302


def test_an_error_counts_as_having_come_before(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    again = visitor.read(visitor.send(form, **{visitor.field: ""}))
    assert visitor.send(again).status_code == 302


def test_a_challenge_is_good_for_one_thing(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.wait(QUICKEST)
    proof = solved(form["door"])
    assert visitor.send(form, proof=proof).status_code == 302
    assert visitor.send(form, proof=proof).status_code == 302  # the same form again is a repeat
    other = visitor.send(form, proof=proof, idempotency_key="another-key", **{visitor.field: "另一件事：路灯不亮"})
    assert (other.status_code, made()) == (400, 1)
    again = visitor.read(other)
    assert again[visitor.field] == "另一件事：路灯不亮"
    more = {visitor.field: "另一件事：路灯不亮"}
    assert visitor.send(again, proof=solved(again["door"]), idempotency_key="another-key", **more).status_code == 302
    assert made() == 2


def test_what_was_refused_by_a_limit_spends_no_challenge(visitor: Visitor) -> None:
    bucket = limits.PUBLIC_CREATE_PER_NETWORK if visitor.url == "/report/" else limits.QUESTIONS_PER_NETWORK
    for _time in range(bucket.limit):
        bucket.hit("127.0.0.1")
    form = visitor.open()
    visitor.wait(QUICKEST)
    proof = solved(form["door"])
    refused(visitor, visitor.send(form, proof=proof), 429)
    bucket.release("127.0.0.1")
    assert visitor.send(form, proof=proof).status_code == 302


def test_a_network_sends_less_without_scripts(visitor: Visitor) -> None:
    for _time in range(limits.UNPROVEN_PER_NETWORK.limit):
        limits.UNPROVEN_PER_NETWORK.hit("127.0.0.1")
    form = visitor.open()
    visitor.wait(QUICKEST)
    again = refused(visitor, visitor.send(form), 200)
    last = refused(visitor, visitor.send(again), 429)
    assert visitor.send(last, proof=solved(last["door"])).status_code == 302


def test_danger_is_taken_at_once(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        values = {"description": "电梯困人了，快来救人", "place": f"c{world.communities['xiadong'].pk}"}
        answer = Client().post("/report/?send", values | {"contact_phone": PHONE, "idempotency_key": "danger-key"})
        assert (answer.status_code, Issue.objects.count()) == (302, 1)


def test_a_draft_remembers_that_its_person_came_before(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        place = f"c{world.communities['xiadong'].pk}"
        values = {"description": WORDS, "place": place, "contact_phone": PHONE}
        visitor = Visitor(clock, "/report/", values, "description")
        form = visitor.open()
        visitor.wait(QUICKEST)
        visitor.send(form, keep="1")
        assert visitor.send(visitor.open()).status_code == 302


def test_guests_write_themselves_in(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        url = reverse("public-guests", args=[attending.guest_token(live(world))])
        visitor = Visitor(clock, url, {"guest": "夏东小学"}, "guest")
        before = Invitation.objects.count()
        form = form_of(visitor.client.get(url), url) | {"website": ""}
        clock.shift(QUICKEST)
        asked = visitor.client.post(url, form | visitor.values)
        assert (asked.status_code, Invitation.objects.count()) == (200, before)
        again = form_of(asked, url) | {"website": ""}
        assert again["guest"] == "夏东小学"
        assert visitor.client.post(url, again).status_code == 302
        assert Invitation.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_one_challenge_sent_eight_times_at_once_makes_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    form = form_of(Client().get("/report/"), "/report/?send") | {"website": ""}
    values = {"description": WORDS, "place": f"c{world.communities['xiadong'].pk}"}
    proof = solved(form["door"])
    monkeypatch.setattr(challenges, "QUICKEST", timedelta(0))

    def send(number: int) -> int:
        more = {"idempotency_key": f"sent-at-once-{number}", "contact_phone": f"1990000{4000 + number}"}
        return Client().post("/report/?send", form | values | more | {"proof": proof}).status_code

    answers = at_once([partial(send, number) for number in range(8)])
    assert sorted(answers) == [302, *[400] * 7]
    assert Issue.objects.count() == 1


def test_what_a_form_shows_holds_no_secret(visitor: Visitor) -> None:
    html = visitor.client.get(visitor.url).content.decode()
    assert re.search(r'name="door" value="[\w-]+\.\d+\.[\w-]{16}\.0:[\w-]+"', html)
    assert 'name="website"' in html
