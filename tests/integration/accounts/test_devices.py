"""A sign-in from a new device: told once, in the inbox and by mail, to its person and nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import devices
from accounts.agents import kind_of, words_of
from accounts.cleaning import ANSWERABLE, clean
from accounts.devices import COOKIE, KEPT, masked_network
from accounts.models import Absence, ApiToken, KnownDevice, RecoveryCode, StoredSession, User, issue_token
from accounts.tasks import clean_accounts
from journal.models import Event
from reminders.models import Notification, OutboxMessage
from reminders.services.fan_out import fan_out
from tests.support.cast import NOW, PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def sign_in(browser: Client, username: str = "clerk", agent: str = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0") -> Any:
    data = {"username": username, "password": PASSWORD}
    return browser.post("/login/", data, headers={"User-Agent": agent}, REMOTE_ADDR="203.0.113.9")


def news(username: str = "clerk") -> int:
    user = User.objects.get(username=username)
    return Event.objects.of("account", user.pk).of_kinds([devices.NEW]).count()


def token(agent: str = "script/1", address: str = "203.0.113.9") -> int:
    data = {"username": "clerk", "password": PASSWORD}
    answer = Client().post(
        "/api/v1/auth/token/",
        data,
        content_type="application/json",
        headers={"User-Agent": agent},
        REMOTE_ADDR=address,
    )
    return answer.status_code


def test_the_first_device_is_no_news_and_a_second_one_is_told_once(world: World) -> None:
    desk, phone = Client(), Client()
    for browser in (desk, desk):
        sign_in(browser)
        browser.post("/logout/")
    assert news() == 0
    for _time in range(2):
        sign_in(phone, agent=PHONE)
        phone.post("/logout/")
    assert news() == 1
    event = Event.objects.get(kind=devices.NEW)
    assert event.data == {"door": "page", "browser": "chrome", "system": "android", "place": "203.0.*.*"}
    assert event.actor is None
    assert KnownDevice.objects.count() == 2


def test_the_cookie_is_of_chance_and_the_same_for_all_who_sign_in_there(world: World) -> None:
    desk, elsewhere = Client(), Client()
    sign_in(desk)
    kept = desk.cookies[COOKIE]
    assert kept["httponly"]
    assert kept["max-age"] == int(KEPT.total_seconds())
    desk.post("/logout/")
    sign_in(elsewhere, "officer")
    elsewhere.post("/logout/")
    sign_in(desk, "officer")
    assert (news("clerk"), news("officer")) == (0, 1)
    assert desk.cookies[COOKIE].value.split(":")[0] == kept.value.split(":")[0]
    assert desk.cookies[COOKIE].value.split(":")[0] != elsewhere.cookies[COOKIE].value.split(":")[0]
    for said in ("clerk", "officer"):
        assert said not in kept.value.split(":")[0]
    forged = Client()
    forged.cookies[COOKIE] = "clerk:1:forged"
    assert sign_in(forged).status_code == 302
    assert news() == 1


def test_a_wrong_password_or_code_makes_no_device_known(world: World) -> None:
    browser = Client()
    browser.post("/login/", {"username": "clerk", "password": "wrong-password"})
    assert COOKIE not in browser.cookies
    assert not KnownDevice.objects.exists()


def test_a_token_from_a_new_program_is_told_too(world: World) -> None:
    assert [token(), token(), token("script/2"), token("script/2"), token(address="198.51.100.7")] == [200] * 5
    told = Event.objects.of_kinds([devices.NEW]).values_list("data__door", "data__place")
    assert sorted(told) == [("token", "198.51.*.*"), ("token", "203.0.*.*")]


def test_it_stands_in_the_own_inbox_even_for_who_is_away_and_leaves_by_mail(world: World, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:2525"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    clerk = world.people["clerk"]
    Absence.objects.create(
        user=clerk, cover=world.people["secretary"], starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=1),
        created_at=NOW, created_by=clerk,
    )  # fmt: skip
    first, second = Client(), Client()
    sign_in(first)
    sign_in(second, agent=PHONE)
    fan_out(at=NOW)
    fan_out(at=NOW)
    (row,) = Notification.objects.all()
    assert (row.user_id, row.subject_kind) == (clerk.pk, "account")
    page = second.get("/console/notifications/").content.decode()
    assert "账号在新设备上登录" in page
    assert "安卓 Chrome，网络 203.0.*.*" in page
    opened = second.post(f"/console/notifications/{row.pk}/")
    assert opened["Location"] == "/account/"
    (mail,) = OutboxMessage.objects.all()
    assert (mail.recipient_id, mail.channel) == (clerk.pk, "email")
    assert "账号在新设备上登录" not in sign_in_and_read("secretary")


def sign_in_and_read(username: str) -> str:
    browser = Client()
    sign_in(browser, username)
    return browser.get("/console/notifications/").content.decode()


def test_published_accounts_are_everybodys(world: World) -> None:
    User.objects.filter(username="clerk").update(demo=True)
    sign_in(Client())
    sign_in(Client(), agent=PHONE)
    assert news() == 0


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
         ("edge", "windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1",
         ("safari", "ios")),
        ("Mozilla/5.0 (Linux; Android 12; HarmonyOS) Chrome/99.0 Mobile MicroMessenger/8.0", ("wechat", "harmony")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", ("firefox", "linux")),
        ("python-requests/2.32", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_what_a_browser_calls_itself_becomes_two_codes(agent: str, kind: tuple[str, str]) -> None:
    assert kind_of(agent) == kind
    assert words_of(*kind)
    assert "/" not in words_of(*kind).replace("iPhone / iPad", "")


@pytest.mark.parametrize(
    ("address", "masked"),
    [("203.0.113.9", "203.0.*.*"), ("2001:db8:1:2::", "2001:db8:*"), ("::1", "0:0:*")],
)
def test_a_network_is_told_roughly(address: str, masked: str) -> None:
    assert masked_network(address) == masked


def test_what_is_over_goes_and_what_runs_stays(world: World) -> None:
    clerk = world.people["clerk"]
    sign_in(Client())
    session = StoredSession.objects.get()
    old, ended, running = (issue_token(user=clerk, at=NOW - timedelta(days=days)) for days in (200, 60, 60))
    ApiToken.objects.filter(digest=ApiToken.digest_of(ended)).update(revoked_at=NOW - timedelta(days=40))
    for digest, used_at in (("a", NOW - timedelta(days=31)), ("b", NOW - timedelta(days=1)), ("c", None)):
        RecoveryCode.objects.create(user=clerk, digest=digest, used_at=used_at)
    KnownDevice.objects.create(user=clerk, digest="gone", seen_at=NOW - KEPT - timedelta(days=1))
    assert clean(NOW) == {"sessions": 0, "tokens": 2, "recovery_codes": 1, "devices": 1}
    assert ApiToken.objects.get().digest == ApiToken.digest_of(running)
    later: datetime = session.expire_date + timedelta(seconds=1)
    assert clean(later)["sessions"] == 1
    assert old != running
    assert timedelta(days=90) > ANSWERABLE


def test_the_job_says_what_it_did(world: World) -> None:
    from reminders.models import Watchdog

    clean_accounts()
    assert Watchdog.objects.get(job="clean_accounts").result["sessions"] == 0
