"""The own account: passwords, sessions and tokens, and when a session is over by itself."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client, RequestFactory

from accounts import middleware, own, sessions
from accounts.models import ApiToken, PasswordRecord, StoredSession, User, issue_token
from common.http import client_ip, network
from journal.models import Event
from tests.support.cast import NOW, PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
ACCOUNT, CHANGE = "/account/", "/account/password/"
NEW = "granite-river-9"


def sign_in(username: str, password: str = PASSWORD, agent: str = "Browser 1") -> Client:
    browser = Client(HTTP_USER_AGENT=agent)
    assert browser.post("/login/", {"username": username, "password": password}).status_code == 302
    return browser


def change(browser: Client, old: str, new: str) -> int:
    return browser.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new}).status_code


def test_a_changed_password_ends_all_else(world: World) -> None:
    here, there = sign_in("clerk"), sign_in("clerk", agent="Browser 2")
    token = issue_token(user=world.people["clerk"], at=NOW)
    assert change(here, "wrong", NEW) == 400
    assert change(here, PASSWORD, NEW) == 302
    assert here.get("/console/").status_code == 200
    assert there.get("/console/").status_code == 302
    call = Client().get("/api/v1/issues/", headers={"authorization": f"Token {token}"})
    assert call.status_code == 401
    assert Client().login(username="clerk", password=NEW)
    assert Event.objects.of("account", world.people["clerk"].pk).filter(kind="password_set").count() == 1


def test_none_of_the_last_five_comes_again(world: World) -> None:
    browser, past = sign_in("clerk"), [PASSWORD]
    for number in range(6):
        word = f"granite-river-{number}x"
        assert change(browser, past[-1], word) == 302
        past.append(word)
    for word in past[-5:]:
        assert change(browser, past[-1], word) == 400
    assert change(browser, past[-1], past[0]) == 302
    assert PasswordRecord.objects.filter(user__username="clerk").count() == 5


@pytest.mark.parametrize("word", ["short-1", "12345678901", "password123"])
def test_a_weak_password_is_refused(world: World, word: str) -> None:
    browser = sign_in("clerk")
    page = browser.post(CHANGE, {"old_password": PASSWORD, "new_password1": word, "new_password2": word})
    assert page.status_code == 400
    assert "field-error" in page.content.decode()


def test_who_was_given_a_password_sets_another_first(world: World, signed_in: Browser) -> None:
    clerk = world.people["clerk"]
    url = f"/console/admin/people/{clerk.pk}/"
    data = {"office": world.area.pk, "step": "first-password", "first_password": "1234"}
    assert signed_in("admin").post(url, data).status_code == 400
    assert signed_in("admin").post(url, {**data, "first_password": NEW}).status_code == 302
    browser = sign_in("clerk", NEW)
    for path in ("/console/", "/console/issues/", "/account/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, CHANGE)
    assert browser.get("/api/v1/issues/").status_code == 403
    refused = Client().post(
        "/api/v1/auth/token/", {"username": "clerk", "password": NEW}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "password_due")
    assert change(browser, NEW, NEW) == 400
    assert change(browser, NEW, "another-river-8") == 302
    assert browser.get("/console/").status_code == 200


def test_sessions_are_listed_and_ended_one_by_one(world: World) -> None:
    here, there = sign_in("clerk"), sign_in("clerk", agent="Mozilla/5.0 (X11; Linux) Firefox/130.0")
    other = sign_in("officer", agent="Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Edg/130.0")
    page = here.get(ACCOUNT)
    html = page.content.decode()
    assert ("Linux Firefox" in html, "Windows Edge" in html, "本机" in html) == (True, False, True)
    names = {one.device: one.name for one in page.context["sessions"]}
    keys = set(StoredSession.objects.values_list("session_key", flat=True))
    assert not any(key in html for key in keys)
    foreign = sessions.name_of(other.cookies["sessionid"].value)
    here.post(ACCOUNT, {"step": "session", "key": foreign})
    assert other.get("/console/").status_code == 200
    here.post(ACCOUNT, {"step": "session", "key": names["Linux Firefox"]})
    assert there.get("/console/").status_code == 302
    assert here.get("/console/").status_code == 200
    for data in ({}, {"step": "all"}, {"step": "token", "key": "x"}):
        assert here.post(ACCOUNT, data).status_code == 400


def test_tokens_are_ended_by_their_owner_and_by_themselves(world: World) -> None:
    token = issue_token(user=world.people["clerk"], at=NOW)
    row = ApiToken.objects.get()
    stranger = sign_in("officer")
    stranger.post(ACCOUNT, {"step": "token", "key": row.pk})
    call = {"authorization": f"Token {token}"}
    assert Client().get("/api/v1/issues/", headers=call).status_code == 200
    sign_in("clerk").post(ACCOUNT, {"step": "token", "key": row.pk})
    assert Client().get("/api/v1/issues/", headers=call).status_code == 401
    second = {"authorization": f"Token {issue_token(user=world.people['clerk'], at=NOW)}"}
    assert Client().delete("/api/v1/auth/token/", headers=second).status_code == 204
    assert Client().delete("/api/v1/auth/token/", headers=second).status_code == 401
    assert Client().delete("/api/v1/auth/token/").status_code == 401
    assert Event.objects.of("account", world.people["clerk"].pk).filter(kind="token_ended").count() == 2


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock by which sessions are judged."""

    def to(at: datetime) -> None:
        monkeypatch.setattr(middleware, "now", lambda: at)

    return to


def test_a_session_ends_when_nobody_does_anything(world: World, hands: Callable[[datetime], None]) -> None:
    browser = sign_in("clerk")
    at = NOW
    for _step in range(3):
        at += timedelta(minutes=29)
        hands(at)
        assert browser.get("/console/").status_code == 200
    hands(at + timedelta(minutes=31))
    assert browser.get("/console/").status_code == 302


def test_what_a_page_asks_by_itself_keeps_no_session(world: World, hands: Callable[[datetime], None]) -> None:
    browser = sign_in("clerk")
    for minutes in (10, 20, 29):
        hands(NOW + timedelta(minutes=minutes))
        assert browser.get("/console/notifications/bell/", headers={"x-polling": "1"}).status_code < 300
    hands(NOW + timedelta(minutes=31))
    assert browser.get("/console/").status_code == 302


@pytest.mark.long
def test_no_session_lasts_longer_than_half_a_day(world: World, hands: Callable[[datetime], None]) -> None:
    browser = sign_in("clerk")
    for minutes in range(20, 12 * 60, 20):
        hands(NOW + timedelta(minutes=minutes))
        assert browser.get("/console/").status_code == 200
    hands(NOW + timedelta(hours=12, minutes=1))
    assert browser.get("/console/").status_code == 302


def test_a_closed_account_is_out_at_once(world: World, signed_in: Browser) -> None:
    browser = sign_in("clerk")
    url = f"/console/admin/people/{world.people['clerk'].pk}/leave/?close=1"
    signed_in("admin").post(url, {"office": world.area.pk})
    assert browser.get("/console/").status_code == 302
    assert not StoredSession.objects.filter(account_id=world.people["clerk"].pk).exists()


@pytest.mark.parametrize(
    ("address", "seen", "net"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::"),
        ("2001:db8::2", "2001:db8::2", "2001:db8::"),
        ("2001:0db8:0000:0000:ffff::2", "2001:db8::ffff:0:0:2", "2001:db8::"),
        ("[2001:db8:0:1::2]:443", "2001:db8:0:1::2", "2001:db8:0:1::"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"),
        ("not-an-ip", "198.51.100.1", "198.51.100.1"),
        ("'; drop table", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_addresses_are_read_as_addresses(settings: object, address: str, seen: str, net: str) -> None:
    settings.TRUSTED_PROXIES = 1  # type: ignore[attr-defined]
    request = RequestFactory().get("/", headers={"x-forwarded-for": address}, REMOTE_ADDR="198.51.100.1")
    assert (client_ip(request), network(request)) == (seen, net)


def test_ending_tokens_says_how_many(world: World) -> None:
    user: User = world.people["clerk"]
    for _number in range(3):
        issue_token(user=user, at=NOW)
    assert (own.end_tokens(user, at=NOW), own.end_tokens(user, at=NOW)) == (3, 0)


def test_guessing_the_present_password_is_slowed_down(world: World) -> None:
    browser = sign_in("clerk")
    assert [change(browser, f"guess-{number}", NEW) for number in range(7)] == [400] * 5 + [429] * 2
    refused = browser.post(CHANGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    other = sign_in("officer")
    for word in ("short", "12345678901", "password123", "short", "short", "short"):
        assert change(other, PASSWORD, word) == 400
    assert change(other, PASSWORD, NEW) == 302


def test_typing_keeps_the_session_alive_and_asking_does_not(world: World, hands: Callable[[datetime], None]) -> None:
    typing, watching = sign_in("clerk"), sign_in("clerk", agent="Browser 2")
    for minutes in range(10, 61, 10):
        hands(NOW + timedelta(minutes=minutes))
        assert typing.post("/account/session/").json()["person"] == str(world.people["clerk"].pk)
        asked = watching.get("/account/session/", headers={"X-Polling": "1"}).json()
        assert bool(asked["person"]) is (minutes <= 30)
    assert typing.get("/console/").status_code == 200
    assert watching.post("/account/session/").json()["person"] == ""
    assert Client().get("/account/session/").json() == {"person": ""}


def test_the_key_of_what_is_typed_is_of_one_person_in_one_browser(world: World) -> None:
    clerk, officer = sign_in("clerk"), sign_in("officer")

    def key(client: Client) -> str:
        return str(client.get("/account/session/").json()["key"])

    assert len(base64.b64decode(key(clerk))) == 32
    assert key(clerk) == key(clerk)
    known = clerk.cookies["known_browser"].value
    again = Client()
    again.cookies["known_browser"] = known
    again.post("/login/", {"username": "clerk", "password": PASSWORD})
    other = Client()
    other.cookies["known_browser"] = known
    other.post("/login/", {"username": "officer", "password": PASSWORD})
    assert (key(again) == key(clerk), key(other) == key(clerk), key(officer) == key(clerk)) == (True, False, False)


@pytest.mark.parametrize(("password", "taken"), [
    ("clerk-CLERK-clerk", False), ("clerkclerk12345", False), ("clerk-and-six-more", True), ("granite-river-9", True),
])  # fmt: skip
def test_a_password_is_more_than_the_own_names(world: World, password: str, taken: bool) -> None:
    assert (change(sign_in("clerk"), PASSWORD, password) == 302) is taken
