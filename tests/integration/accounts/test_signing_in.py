"""Signing in and out, the lock after wrong passwords, and preferences."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.notices import duty_lines
from deadlines.models import DutyShift
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, PASSWORD, World

Browser = Callable[[str], Client]


def _sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password} | more)


@pytest.mark.parametrize(
    ("username", "landing"),
    [("clerk", "/console/"), ("supervisor", "/console/"), ("admin", "/console/admin/"), ("leader", "/leader/")],
)
def test_everybody_arrives_at_their_own_first_page(world: World, username: str, landing: str) -> None:
    answer = _sign_in(Client(), username)
    assert answer.status_code == 302
    assert answer.headers["Location"] == landing


def test_next_is_followed_within_the_site_only(world: World) -> None:
    inside = _sign_in(Client(), "clerk", next="/console/issues/")
    assert inside.headers["Location"] == "/console/issues/"
    outside = _sign_in(Client(), "clerk", next="https://evil.example/")
    assert outside.headers["Location"] == "/console/"


def test_names_are_found_in_any_case(world: World) -> None:
    assert _sign_in(Client(), "CLERK").status_code == 302


def test_a_wrong_password_says_neither_which(world: World) -> None:
    for username in ("clerk", "nobody"):
        answer = _sign_in(Client(), username, "wrong-password")
        assert answer.status_code == 200
        assert "账号或密码不对，请重新输入" in text_of(answer)


def test_five_wrong_passwords_lock_the_account_for_this_network(world: World) -> None:
    client = Client()
    for _n in range(4):
        assert _sign_in(client, "clerk", "wrong-password").status_code == 200
    locked = _sign_in(client, "clerk", "wrong-password")
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert "请 15 分钟后再试" in text_of(locked)
    right = _sign_in(client, "clerk")
    assert right.status_code == 429
    assert "sessionid" not in right.cookies
    assert _sign_in(client, "officer").status_code == 302
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert _sign_in(elsewhere, "clerk").status_code == 302


@pytest.mark.parametrize("username", ["", "\x00", "x" * 999, "clerk\x00", "';--"])
def test_hostile_names_are_refused(world: World, username: str) -> None:
    assert _sign_in(Client(), username).status_code == 200


def test_closed_accounts_cannot_sign_in(world: World) -> None:
    User.objects.filter(username="clerk").update(is_active=False)
    answer = _sign_in(Client(), "clerk")
    assert "账号或密码不对，请重新输入" in text_of(answer)


def test_signed_in_people_are_led_on(signed_in: Browser) -> None:
    assert signed_in("clerk").get("/login/").headers["Location"] == "/console/"


def test_signing_out_needs_a_post(signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    assert clerk.get("/logout/").status_code == 405
    assert clerk.post("/logout/").headers["Location"] == "/login/"
    assert clerk.get("/console/").status_code == 302


def test_demo_accounts_are_listed_only_in_demo_mode(world: World, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    assert PASSWORD in html_of(Client().get("/login/"))
    settings.DEMO = False  # type: ignore[attr-defined]
    page = html_of(Client().get("/login/"))
    assert PASSWORD not in page
    assert "clerk2" not in page


def test_preferences_are_kept_in_cookies(db: None) -> None:
    client = Client()
    answer = client.post("/preferences/", {"theme": "dark", "elder": "26", "keys": "off", "next": "/track/"})
    assert answer.headers["Location"] == "/track/"
    assert {name: client.cookies[name].value for name in ("theme", "elder", "keys")} == {
        "theme": "dark",
        "elder": "26",
        "keys": "off",
    }
    client.post("/preferences/", {"theme": ""})
    assert client.cookies["theme"].value == ""
    assert client.cookies["elder"].value == "26"


@pytest.mark.parametrize("data", [{"theme": "pink"}, {"elder": "99"}, {"keys": "\x00"}, {"elder": "２２"}])
def test_unknown_preferences_are_refused(db: None, data: dict[str, str]) -> None:
    answer = Client().post("/preferences/", data)
    assert answer.status_code == 400
    assert not {"theme", "elder", "keys"} & set(answer.cookies)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"])
def test_preferences_lead_back_within_the_site(db: None, target: str) -> None:
    assert Client().post("/preferences/", {"theme": "dark", "next": target}).headers["Location"] == "/"


def test_preferences_change_by_post_only(db: None) -> None:
    assert Client().get("/preferences/?theme=dark").status_code == 405


def _shift(world: World, start: int, end: int, **given: Any) -> None:
    values = {"subdistrict": world.area, "clerk": world.people["clerk"], "leader": world.people["deputy"]}
    hours = {"starts_at": NOW + timedelta(hours=start), "ends_at": NOW + timedelta(hours=end)}
    DutyShift.objects.create(**(values | hours | given))


def test_sign_in_page_tells_who_is_on_duty(world: World, frozen: None) -> None:
    assert "今日值班" not in text_of(Client().get("/login/"))
    _shift(world, -4, -1, clerk=world.people["secretary"])
    _shift(world, -1, 3)
    _shift(world, 3, 6, clerk=world.people["secretary"])
    _shift(world, -1, 3, community=world.communities["dade"], clerk=world.people["clerk2"])
    page = Client().get("/login/")
    assert page.context["duty"]["lines"] == ["陈晓琳 · 值班领导 郑国栋", "值班电话 0757-00001000"]
    assert "今日值班 陈晓琳 · 值班领导 郑国栋 值班电话 0757-00001000" in text_of(page)


def test_sign_in_page_tells_the_next_shift_of_today(world: World, frozen: None) -> None:
    _shift(world, 20, 30)
    assert Client().get("/login/").context["duty"] is None
    _shift(world, 8, 20, leader=None, phone="0757-00002000")
    assert Client().get("/login/").context["duty"]["lines"] == ["18:00 起 · 陈晓琳", "值班电话 0757-00002000"]


def test_several_sub_districts_are_told_by_name_in_two_statements(world: World, frozen: None) -> None:
    _shift(world, -1, 3, leader=None)
    _shift(world, -1, 3, subdistrict=world.other_area, clerk=world.people["outsider"], leader=None)
    with CaptureQueriesContext(connection) as captured:
        lines = duty_lines(NOW)
    assert lines == ["桂城街道 · 陈晓琳", "值班电话 0757-00001000", "大沥镇 · 邻镇员"]
    assert len(captured) == 2


def test_a_session_begins_anew_and_its_cookie_is_for_this_site_and_no_script(world: World) -> None:
    client = Client()
    client.post("/preferences/", {"theme": "dark", "next": "/login/"})
    _sign_in(client, "clerk")
    first = client.cookies["sessionid"]
    assert (first["httponly"], first["samesite"]) == (True, "Lax")
    client.post("/logout/")
    client.cookies["sessionid"] = first.value
    _sign_in(client, "clerk")
    assert client.cookies["sessionid"].value != first.value


def test_every_sign_of_a_long_password_counts(world: World) -> None:
    long = "雨水 rain " * 12 + "x"
    user = world.people["clerk"]
    user.set_password(long)
    user.save()
    assert _sign_in(Client(), "clerk", f"{long[:-1]}y").status_code == 200
    assert _sign_in(Client(), "clerk", long).status_code == 302
