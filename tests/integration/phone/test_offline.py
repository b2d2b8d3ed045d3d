"""What a leader's phone may keep: the worker names pages and files that are there, and the pages name nobody."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client

from common.clock import local, now
from communities.models import LeaderPlace
from issues.models import Issue
from ledger.models import LedgerEntry
from phone import offline
from tests.support.cast import World

Browser = Callable[[str], Client]
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.)")
"""What the name of a file has of its content where files are collected."""


def stored(client: Client) -> dict[str, Any]:
    answer = client.get("/leader/worker.js")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert answer["Content-Type"].startswith("text/javascript")
    found: dict[str, Any] = json.loads(re.findall(r"self\.stored = (\{.*\});", answer.content.decode())[0])
    return found


@pytest.mark.django_db
def test_the_worker_keeps_files_that_are_there_and_all_that_its_pages_ask_for(
    world: World, client: Client, signed_in: Browser
) -> None:
    kept = stored(client)
    assert kept["pages"] == ["/leader/offline/", "/leader/report/", "/leader/ledger/", "/leader/building/"]
    assert [name for name in offline.FILES if find(name) is None] == []
    leader = signed_in("leader")
    asked = {
        path
        for page in kept["pages"]
        for path in re.findall(r'(?:href|src)="(/static/[^"#]+)', leader.get(page).content.decode())
    }
    assert asked - set(kept["files"]) == set()


@pytest.mark.django_db
def test_kept_pages_are_for_leaders_and_swallow_no_message(world: World, client: Client, signed_in: Browser) -> None:
    for path in stored(client)["pages"]:
        assert client.get(path).status_code == 302
        assert signed_in("clerk").get(path).status_code == 403
    leader = signed_in("leader")
    leader.post("/leader/report/?send", {"description": "楼道灯不亮", "idempotency_key": "offline-1234567"})
    assert "桂城-" not in leader.get("/leader/report/", headers={"X-Sent-By": "worker"}).content.decode()
    assert "桂城-" in leader.get("/leader/report/").content.decode()


def test_the_manifest_begins_at_the_leaders_home(client: Client) -> None:
    answer = client.get("/leader/app.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert (answer.json()["start_url"], answer.json()["scope"]) == ("/leader/", "/leader/")
    for icon in answer.json()["icons"]:
        plain = HASH.sub("", icon["src"].removeprefix("/static/"))
        assert find(plain) is not None, icon["src"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/leader/report/?send", "/leader/ledger/?send"])
def test_what_was_written_at_a_place_that_was_taken_away_is_not_put_elsewhere(
    world: World, signed_in: Browser, path: str
) -> None:
    """A phone that was without a network names the place of then."""
    typed = {"description": "楼道灯不亮", "kind": "visit", "on": local(now()).date().isoformat()}
    gone = str(LeaderPlace.objects.latest("id").pk + 1)
    answer = signed_in("leader").post(path, typed | {"building": gone, "idempotency_key": "offline-7654321"})
    assert answer.status_code == 400
    assert "这个地点已经不由您负责" in answer.content.decode()
    assert (Issue.objects.count(), LedgerEntry.objects.count()) == (0, 0)


def test_every_page_can_say_that_nothing_came_back() -> None:
    """A form with data-once is sent by the script, which would swallow the press where it has no place to say so."""
    base = Path("templates/phone/base.html").read_text(encoding="utf-8")
    assert 'include "phone/_unsent.html"' in base
