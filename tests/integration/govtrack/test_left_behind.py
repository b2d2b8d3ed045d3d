"""Addresses of forms in the address bar, and what tells a browser that a draft is done with."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.cast import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
PAGE = {"accept": "text/html,application/xhtml+xml"}
TOKEN = "0123456789abcdef"


def test_the_address_of_a_form_leads_to_the_page_above(world: World, signed_in: SignIn) -> None:
    clerk, issue = signed_in("clerk"), world.create()
    page = reverse("console-issue", args=[issue.number])
    for name in ("watch", "reveal"):
        answer = clerk.get(f"{page}{name}/", headers=PAGE)
        assert (answer.status_code, answer["Location"]) == (302, page)
        assert clerk.get(f"{page}{name}/").status_code == 405, "a program is told so"
    assert clerk.get("/console/notifications/read/", headers=PAGE).status_code in (302, 404)
    assert clerk.get("/preferences/", headers=PAGE)["Location"] == "/"
    assert clerk.get("/logout/", headers=PAGE)["Location"] == "/"
    assert clerk.get("/console/").status_code == 200


@pytest.mark.parametrize(
    ("given", "taken"),
    [(TOKEN, True), ("", False), (TOKEN.upper(), False), (f"{TOKEN}0", False), ("=;path=/", False)],
)
def test_the_browser_is_told_what_the_server_took(world: World, signed_in: SignIn, given: str, taken: bool) -> None:
    clerk, issue = signed_in("clerk"), world.create()
    url = reverse("console-issue-action", args=[issue.number, "accept"])
    done = clerk.post(url, {"version": issue.version, "draft": given})
    assert done.status_code == 302
    assert [name for name in done.cookies if name.startswith("desk_taken_")] == [f"desk_taken_{given}"] * taken


def test_what_was_refused_stays(world: World, signed_in: SignIn) -> None:
    clerk, issue = signed_in("clerk"), world.create()
    url = reverse("console-issue-action", args=[issue.number, "accept"])
    again = clerk.post(url, {"version": "99", "draft": TOKEN})
    assert again.status_code == 409
    assert f"desk_taken_{TOKEN}" not in again.cookies
    supervisor = signed_in("supervisor")
    led_on = supervisor.post(reverse("console-meeting-kinds"), {"name_zh": "", "draft": TOKEN})
    assert (led_on.status_code, f"desk_taken_{TOKEN}" in led_on.cookies) == (302, False), "it led on with an error"


def test_nobody_took_what_came_after_the_session(world: World) -> None:
    issue = world.create()
    url = reverse("console-issue-action", args=[issue.number, "accept"])
    answer = Client().post(url, {"version": issue.version, "draft": TOKEN})
    assert (answer.status_code, f"desk_taken_{TOKEN}" in answer.cookies) == (302, False)


def test_a_warning_takes_nothing_and_a_page_may_show_it_again(world: World, signed_in: SignIn) -> None:
    supervisor = signed_in("supervisor")
    warned = supervisor.post("/console/supervision/act/", {"action": "urge", "note": "尽快", "draft": TOKEN})
    assert (warned.status_code, f"desk_taken_{TOKEN}" in warned.cookies) == (302, False)
    clerk, leader = signed_in("clerk2"), world.leader
    assert leader is not None
    page = reverse("console-directory-leader", args=[leader.pk])
    shown = clerk.post(page, {"reason": "核实", "draft": TOKEN})
    assert (shown.status_code, shown.cookies[f"desk_taken_{TOKEN}"].value) == (200, "shown")
