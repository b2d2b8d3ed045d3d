"""Every door by which somebody gets in or out, sees, takes along or changes a right leaves an event (M1).

The table names the doors; a URL whose name or source looks like such a door and stands in neither table fails.
"""

import base64
import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from django_otp.oath import TOTP

from accounts.models import User, issue_token
from accounts.second_factor import begin, confirm, turn_off
from common.clock import now
from govtrack.url_permissions import URL_RULES
from issues.models import Issue
from journal.models import Event
from offices.services import phones
from offices.services.people import invitation_path
from privacy.models import RetentionRun
from privacy.services.rights import ask_by_web
from tests.integration.ledger.test_ledger import noted
from tests.support.cast import NOW, PASSWORD, PHONE, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
Door = Callable[[World, Browser], Any]
NEW = "granite-river-9"


def code_of(secret: str) -> str:
    """What an authenticator app shows at NOW."""
    clock = TOTP(base64.b32decode(secret))
    clock.time = NOW.timestamp()
    return f"{clock.token():06d}"


def login(name: str, password: str) -> Any:
    return Client().post("/login/", {"username": name, "password": password})


def locked(world: World, signed_in: Browser) -> None:
    for _try in range(6):
        login("clerk", "wrong-password")


def second_step(code: str) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        clerk = world.user("clerk")
        secret = begin(clerk) or ""
        confirm(clerk, code_of(secret), NOW)
        browser = Client()
        browser.post("/login/", {"username": "clerk", "password": PASSWORD})
        browser.post("/login/code/", {"code": code})

    return door


def own(step: str) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        browser = signed_in("clerk")
        issue_token(user=world.user("clerk"), at=now())
        page = browser.get("/account/").context
        key = page["tokens"][0].id if step == "token" else page["sessions"][0].name
        browser.post("/account/", {"step": step, "key": key})

    return door


def entry_revealed(world: World, signed_in: Browser) -> None:
    url = reverse("console-ledger-entry", args=[noted(world).pk])
    signed_in("clerk2").post(url, {"reason": "核实走访"})


def cards(world: World, signed_in: Browser) -> None:
    signed_in("clerk2").post("/console/directory/cards/", {"community": world.communities["dade"].pk})


def on_phone(step: str) -> Door:
    """A leader's phone, from its card to what ends it."""

    def door(world: World, signed_in: Browser) -> None:
        code = phones.invite(leader_id=world.leader.pk if world.leader else 0, by=world.actor("clerk2"), at=NOW)
        if step == "card":
            return
        browser = Client()
        browser.post(f"/leader/join/{code}/", {"pin": "409162", "again": "409162"})
        if step == "unbind":
            browser.post("/leader/unbind/")
        elif step != "bind":
            browser.post("/leader/enter/", {"pin": "409162" if step == "enter" else "409163"})

    return door


def factor_on(world: World, signed_in: Browser) -> None:
    browser = signed_in("clerk")
    secret = browser.get("/account/second-factor/").context["secret"].replace(" ", "")
    browser.post("/account/second-factor/", {"step": "on", "code": code_of(secret)})


def person(step: str, **data: Any) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        clerk = world.user("clerk")
        if step == "reset-factor":
            confirm(clerk, code_of(begin(clerk) or ""), NOW)
        if step == "open":
            User.objects.filter(pk=clerk.pk).update(is_active=False)
        if step == "end-sessions":
            login("clerk", PASSWORD)
        url = reverse("console-person", args=[clerk.pk])
        signed_in("admin").post(url, {"office": world.area.pk, "step": step, **data})

    return door


def leave(what: str) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        clerk = world.user("clerk")
        number = clerk.memberships.get().pk if what == "post" else 1
        url = f"{reverse('console-person-leave', args=[clerk.pk])}?office={world.area.pk}&{what}={number}"
        signed_in("admin").post(url, {"office": world.area.pk, "to": "desk"})

    return door


def new_person(world: World, signed_in: Browser) -> None:
    data = {"office": world.area.pk, "username": "new.one", "display_name": "新人", "role": "supervisor"}
    signed_in("admin").post(reverse("console-person-new"), data)


def invited(world: World, signed_in: Browser) -> None:
    browser = Client()
    form = browser.get(invitation_path(world.user("clerk")), follow=True).redirect_chain[-1][0]
    browser.post(form, {"new_password1": NEW, "new_password2": NEW})


def token(world: World, signed_in: Browser) -> None:
    answer = Client().post(
        "/api/v1/auth/token/", {"username": "clerk", "password": PASSWORD}, content_type="application/json"
    )
    Client().delete("/api/v1/auth/token/", headers={"Authorization": f"Token {answer.json()['token']}"})


def of_matter(name: str, method: str, **data: str) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        issue = world.create()
        getattr(signed_in("clerk"), method)(reverse(name, args=[issue.number]), data)

    return door


def page(name: str, method: str = "get", who: str = "clerk", **data: str) -> Door:
    def door(world: World, signed_in: Browser) -> None:
        world.create()
        getattr(signed_in(who), method)(reverse(name), data)

    return door


def _asked(world: World) -> int:
    issue = Issue.objects.select_related("contact").get(pk=world.create().pk)
    return int(ask_by_web(issue=issue, kind="export", words="", at=now()).pk)


def copied(world: World, signed_in: Browser) -> None:
    pk = _asked(world)
    signed_in("supervisor").post(reverse("console-rights-request", args=[pk]), {"step": "decide"})
    signed_in("supervisor").post(reverse("console-rights-copy", args=[pk]))


def asker_seen(world: World, signed_in: Browser) -> None:
    url = reverse("console-rights-request", args=[_asked(world)])
    signed_in("supervisor").post(url, {"step": "reveal", "why": "告知结果"})


def night_taken_along(world: World, signed_in: Browser) -> None:
    run = RetentionRun.objects.create(
        subdistrict=world.area, on=NOW.date(), months=24, before_at=NOW, started_at=NOW, counts={}
    )
    signed_in("admin").get(reverse("console-retention-run", args=[run.pk]), {"download": "1"})


DOORS: tuple[tuple[str, Door, str], ...] = (
    ("login", lambda world, signed_in: login("clerk", PASSWORD), "sign_in"),
    ("login", lambda world, signed_in: login("clerk", "wrong-password"), "sign_in_failed"),
    ("login", lambda world, signed_in: login("no.such.name", "wrong-password"), "sign_in_failed"),
    ("login", locked, "sign_in_refused"),
    ("login-code", second_step("000000"), "sign_in_first_step"),
    ("login-code", second_step("000000"), "code_failed"),
    ("logout", lambda world, signed_in: signed_in("clerk").post("/logout/"), "sign_out"),
    ("invitation", invited, "password_set"),
    ("account", own("session"), "session_ended"),
    ("account", own("token"), "token_ended"),
    (
        "account-password",
        page("account-password", "post", old_password=PASSWORD, new_password1=NEW, new_password2=NEW),
        "password_set",
    ),
    (
        "account-password",
        page("account-password", "post", old_password="wrong-password", new_password1=NEW, new_password2=NEW),
        "password_failed",
    ),
    ("account-second-factor", page("account-second-factor", "post", step="on", code="000000"), "code_failed"),
    ("account-second-factor", factor_on, "second_factor_on"),
    ("api-token", token, "sign_in"),
    ("api-token", token, "token_made"),
    ("api-token", token, "token_ended"),
    ("console-calendar-feed", page("console-calendar-feed", "post", step="make"), "token_made"),
    ("console-person-new", new_person, "person_added"),
    ("console-person-new", new_person, "membership_added"),
    ("console-person", person("add-post", role="supervisor"), "membership_added"),
    ("console-person-leave", leave("post"), "membership_ended"),
    ("console-person-leave", leave("close"), "person_closed"),
    ("console-person", person("open"), "person_opened"),
    ("console-person", person("invite"), "password_reset"),
    ("console-person", person("first-password", first_password="lantern-40-fish"), "password_reset"),
    ("console-person", person("reset-factor"), "second_factor_off"),
    ("console-person", person("end-sessions"), "sessions_ended"),
    ("console-person", person("change", version="0", display_name="改名"), "person_changed"),
    ("console-issue-reveal", of_matter("console-issue-reveal", "post", reason="回访"), "reveal"),
    ("console-issue-receipt", of_matter("console-issue-receipt", "get"), "print"),
    ("console-intake-reference", page("console-intake-reference", "post", contact_phone=PHONE), "look_up"),
    ("console-issues", page("console-issues", q=PHONE), "look_up"),
    ("console-issues", page("console-issues", q="1234"), "look_up"),
    ("api-issues", page("api-issues", q=PHONE), "look_up"),
    ("console-rights-copy", copied, "rights_exported"),
    ("console-rights-request", asker_seen, "rights_seen"),
    ("console-duty-export", page("console-duty-export"), "export"),
    ("console-ledger-sheet", page("console-ledger-sheet"), "export"),
    ("console-ledger-entry", entry_revealed, "ledger_revealed"),
    ("console-retention-run", night_taken_along, "export"),
    ("console-directory-leader", on_phone("card"), "phone_invited"),
    ("console-directory-cards", cards, "phone_invited"),
    ("leader-join", on_phone("bind"), "phone_bound"),
    ("leader-enter", on_phone("enter"), "sign_in"),
    ("leader-enter", on_phone("wrong"), "code_failed"),
    ("leader-unbind", on_phone("unbind"), "phone_ended"),
    ("console-accesses", page("console-accesses", "post", "admin", phone=PHONE, reason="本人询问"), "access_traced"),
)

NO_DOORS = {
    "account-session": "tells a browser who is signed in in it",
    "console-issue-paper": "a paper names no reporter and no place beyond the community",
    "console-people": "names and posts of colleagues",
    "console-proposal-reply": "names a deputy, whose office is public, and nobody else",
    "console-office-template": "an empty form",
    "console-duty-template": "an empty form",
    "console-meeting-minutes-file": "minutes name offices and no reporter; every page of them is as good to read",
    "console-reference": "reference rows are no persons",
    "console-references": "reference rows are no persons",
    "console-reference-new": "reference rows are no persons",
    "report": "the resident's own",
    "matter-receipt": "what the reporter's link alone shows",
    "report-done": "the resident's own",
    "report-photos": "takes a photo of anybody, shows none",
    "report-places": "tells no person",
    "report-similar": "tells no person",
    "leader-report": "the leader's own",
    "leader-report-open": "the leader's own",
}
"""What only looks like a door, and why it is none."""

_LOOKS_SO = re.compile(
    r"login|logout|join|enter|bind|token|password|factor|invitation|^account|reveal|receipt|paper|print|export|template|(?<!p)reference|report"
    r"|person|people"
)


@pytest.mark.parametrize(("name", "door", "kind"), DOORS, ids=[f"{name} {kind}" for name, _door, kind in DOORS])
def test_every_door_leaves_an_event(world: World, signed_in: Browser, name: str, door: Door, kind: str) -> None:
    before = Event.objects.filter(kind=kind).count()
    door(world, signed_in)
    assert Event.objects.filter(kind=kind).count() > before


def test_no_url_that_looks_like_a_door_is_forgotten() -> None:
    known = {name for name, _door, _kind in DOORS} | set(NO_DOORS)
    assert {name for name in URL_RULES if _LOOKS_SO.search(name)} - known == set()
    assert known <= set(URL_RULES)


def test_no_view_that_hands_out_a_file_is_forgotten() -> None:
    """A view that answers with a download, itself or by a helper of its module: an export, or a template."""
    known = {name for name, _door, _kind in DOORS} | set(NO_DOORS)
    found = {name for name, view in _views().items() if _DOWNLOADS.search(_source(view, set()))}
    assert found - known == set()
    assert {"console-duty-export", "console-retention-run"} <= found


_DOWNLOADS = re.compile(r"attachment; filename|sheet_answer")


def _source(function: Callable[..., Any], seen: set[str]) -> str:
    """Its source and that of the functions of its module that it calls."""
    seen.add(function.__name__)
    module = inspect.getmodule(function)
    called = [getattr(module, name, None) for name in function.__code__.co_names if name not in seen]
    own = [one for one in called if inspect.isfunction(one) and one.__module__ == function.__module__]
    return "\n".join([inspect.getsource(function), *(_source(inspect.unwrap(one), seen) for one in own)])


def _views() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}

    def walk(patterns: Any) -> None:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns)
            elif pattern.name in URL_RULES:
                view = inspect.unwrap(pattern.callback)
                if not hasattr(view, "view_class"):
                    found[pattern.name] = view

    walk(get_resolver().url_patterns)
    return found


def test_a_look_up_is_noted_once_and_keeps_no_number(world: World, signed_in: Browser) -> None:
    browser = signed_in("clerk")
    for text in (PHONE, f"{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", "1234", "路灯不亮", "2026-000123"):
        browser.get(reverse("console-issues"), {"q": text})
    events = Event.objects.filter(kind="look_up")
    assert [event.data["whole"] for event in events.order_by("id")] == [True, False]
    assert not any(PHONE in str(event.data) or "1234" in str(event.data["phone"]) for event in events)


def test_a_session_that_lasted_too_long_is_noted(world: World) -> None:
    browser = Client()
    browser.post("/login/", {"username": "clerk", "password": PASSWORD})
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        assert browser.get("/console/").status_code == 302
        assert browser.get("/console/").status_code == 302
    assert Event.objects.of("account", world.people["clerk"].pk).of_kinds(["session_over"]).count() == 1


def test_turning_off_what_is_not_there_is_no_event(world: World) -> None:
    turn_off(world.user("clerk"), NOW)
    assert not Event.objects.filter(kind="second_factor_off").exists()
