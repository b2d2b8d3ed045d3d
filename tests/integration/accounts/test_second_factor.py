"""The second factor: set up by QR code, asked at every door, spent once, taken off by who may; some roles need it."""

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP

from accounts import own_views, views
from accounts.models import RecoveryCode, SecondFactor, User
from journal.models import Event
from tests.support.cast import NOW, PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PAGE, CODE = "/account/second-factor/", "/login/code/"


def code_at(username: str, at: datetime) -> str:
    """What the app shows at this moment."""
    clock = TOTP(base64.b32decode(SecondFactor.objects.get(user__username=username).secret))
    clock.time = at.timestamp()
    return f"{clock.token():06d}"


def first_step(username: str) -> Client:
    browser = Client()
    answer = browser.post("/login/", {"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of the two pages."""

    def to(at: datetime) -> None:
        for module in (own_views, views):
            monkeypatch.setattr(module, "now", lambda: at)

    return to


@pytest.fixture
def codes(world: World, hands: Callable[[datetime], None]) -> list[str]:
    """The clerk's second factor is on since an hour ago; the recovery codes."""
    before = NOW - timedelta(hours=1)
    hands(before)
    browser = first_step("clerk")
    page = browser.get(PAGE).content.decode()
    assert "<svg" in page
    assert browser.post(PAGE, {"step": "on", "code": "000000"}).status_code == 400
    shown = browser.post(PAGE, {"step": "on", "code": code_at("clerk", before)}).content.decode()
    hands(NOW)
    return re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown)


def test_the_password_alone_opens_nothing(codes: list[str]) -> None:
    browser = first_step("clerk")
    assert browser.get("/console/").status_code == 302
    assert browser.post(CODE, {"code": "123456"}).status_code == 400
    assert browser.post(CODE, {"code": code_at("clerk", NOW)}).headers["Location"] == "/console/"
    assert browser.get("/console/").status_code == 200


def test_a_code_is_taken_once_and_near_its_time(codes: list[str]) -> None:
    for at, taken in (
        (NOW - timedelta(minutes=2), False), (NOW + timedelta(minutes=2), False), (NOW - timedelta(seconds=25), True),
        (NOW - timedelta(seconds=25), False),
    ):  # fmt: skip
        answer = first_step("clerk").post(CODE, {"code": code_at("clerk", at)})
        assert (answer.status_code == 302) is taken, at


def test_a_recovery_code_stands_in_once(codes: list[str]) -> None:
    assert len(set(codes)) == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    typed = codes[3].upper().replace("-", " ")
    assert first_step("clerk").post(CODE, {"code": typed}).status_code == 302
    assert first_step("clerk").post(CODE, {"code": codes[3]}).status_code == 400
    assert RecoveryCode.objects.filter(used_at__isnull=True).count() == 9


def test_guessing_codes_is_slowed_down(codes: list[str]) -> None:
    browser = first_step("clerk")
    answers = [browser.post(CODE, {"code": f"{number:06d}"}).status_code for number in range(7)]
    assert answers == [400] * 5 + [429] * 2
    assert first_step("clerk").post(CODE, {"code": code_at("clerk", NOW)}).status_code == 429
    events = Event.objects.of("account", User.objects.get(username="clerk").pk)
    assert events.filter(kind="code_failed", data__door="page").count() == 5


def test_the_second_step_waits_five_minutes_and_for_nobody_else(
    codes: list[str], hands: Callable[[datetime], None]
) -> None:
    late = first_step("clerk")
    assert Client().get(CODE).headers["Location"] == "/login/"
    later = NOW + timedelta(minutes=6)
    hands(later)
    assert late.post(CODE, {"code": code_at("clerk", later)}).headers["Location"] == "/login/"
    assert late.get("/console/").status_code == 302


def test_programs_bring_the_code_along(codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def token(**more: str) -> tuple[int, str]:
        answer = Client().post(
            "/api/v1/auth/token/", {"username": "clerk", "password": PASSWORD, **more}, content_type="application/json"
        )
        return answer.status_code, answer.json().get("code", "")

    assert token() == (401, "code_required")
    assert token(code="111111") == (401, "invalid_credentials")
    assert token(code=codes[0]) == (200, "")


def test_it_is_turned_off_by_a_code_or_by_who_may(world: World, signed_in: Browser, codes: list[str]) -> None:
    clerk = world.people["clerk"]
    browser = first_step("clerk")
    browser.post(CODE, {"code": codes[0]})
    assert browser.post(PAGE, {"step": "off", "code": "wrong"}).status_code == 400
    assert browser.post(PAGE, {"step": "off", "code": codes[1]}).status_code == 302
    assert first_step("clerk").get("/console/").status_code == 200
    SecondFactor.objects.create(user=clerk, secret="A" * 32, confirmed_at=NOW)
    url = f"/console/admin/people/{clerk.pk}/"
    assert signed_in("supervisor").post(url, {"step": "reset-factor"}).status_code == 403
    assert signed_in("admin").post(url, {"office": world.area.pk, "step": "reset-factor"}).status_code == 302
    assert not SecondFactor.objects.filter(user=clerk).exists()
    assert browser.get("/console/").status_code == 302
    SecondFactor.objects.create(user=clerk, secret="A" * 32, confirmed_at=NOW)
    call_command("reset_second_factor", "--username", "Clerk")
    assert not SecondFactor.objects.filter(user=clerk).exists()
    for name in ("clerk", "nobody"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", "--username", name)
    assert Event.objects.of("account", clerk.pk).filter(kind="second_factor_off").count() == 3


@pytest.mark.parametrize(
    ("username", "needed"),
    [("supervisor", True), ("deputy", True), ("director", True), ("admin", True), ("clerk", False), ("officer", False)],
)
def test_some_roles_set_it_up_before_all_else(
    world: World, settings: object, username: str, needed: bool, hands: Callable[[datetime], None]
) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    hands(NOW)
    browser = first_step(username)
    answer = browser.get("/console/issues/")
    assert (answer.status_code == 302) is needed
    if not needed:
        return
    assert answer.headers["Location"] == PAGE
    assert browser.get("/api/v1/issues/").json()["code"] == "second_factor_due"
    refused = Client().post(
        "/api/v1/auth/token/", {"username": username, "password": PASSWORD}, content_type="application/json"
    )
    assert refused.json()["code"] == "second_factor_due"
    browser.get(PAGE)
    assert browser.post(PAGE, {"step": "on", "code": code_at(username, NOW)}).status_code == 200
    assert browser.get("/console/issues/").status_code == 200
    later = NOW + timedelta(minutes=2)
    hands(later)
    again = first_step(username)
    assert again.get("/console/issues/").status_code == 302
    assert again.post(CODE, {"code": code_at(username, later)}).status_code == 302
    assert again.get("/console/issues/").status_code == 200


def test_the_secret_is_not_readable_in_the_database(codes: list[str]) -> None:
    from django.db import connection

    secret = SecondFactor.objects.get().secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        (stored,) = cursor.fetchone()
    assert secret not in stored


def test_guessing_codes_behind_the_door_is_slowed_down(codes: list[str]) -> None:
    browser = first_step("clerk")
    browser.post(CODE, {"code": codes[0]})
    answers = [browser.post(PAGE, {"step": "off", "code": f"{number:06d}"}).status_code for number in range(7)]
    assert answers == [400] * 4 + [429] * 3, "one was wrong when it was set up"
    assert browser.post(PAGE, {"step": "off", "code": codes[1]}).status_code == 429
    assert SecondFactor.objects.get().confirmed_at is not None


def test_a_page_of_before_does_not_turn_it_the_other_way(codes: list[str]) -> None:
    browser = first_step("clerk")
    browser.post(CODE, {"code": codes[0]})
    again = browser.post(PAGE, {"step": "on", "code": codes[1]})
    assert (again.status_code, SecondFactor.objects.get().confirmed_at is not None) == (409, True)
    assert "关闭后重新开启" in again.content.decode()
    assert browser.post(PAGE, {"code": codes[1]}).status_code == 400
    assert browser.post(PAGE, {"step": "off", "code": codes[1]}).status_code == 302
    twice = browser.post(PAGE, {"step": "off", "code": codes[2]})
    assert (twice.status_code, "二次验证已经关闭" in twice.content.decode()) == (409, True)


def test_a_first_step_ends_with_the_password(world: World, codes: list[str]) -> None:
    half = first_step("clerk")
    clerk = world.people["clerk"]
    clerk.set_unusable_password()
    clerk.save(update_fields=["password"])
    answer = half.post(CODE, {"code": codes[0]})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 0
    assert half.get("/console/").status_code == 302
