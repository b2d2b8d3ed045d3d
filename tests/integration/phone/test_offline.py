"""What a leader's phone may keep: the worker names pages and files that are there, and the pages name nobody."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client

from phone import offline
from tests.support.cast import World

Browser = Callable[[str], Client]


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
        assert find(icon["src"].removeprefix("/static/")) is not None
