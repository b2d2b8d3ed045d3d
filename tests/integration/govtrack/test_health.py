"""`/healthz` and `/readyz` tell the truth."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from govtrack import heartbeats, probe

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def signs() -> Iterator[None]:
    """Both parts alive; forgotten afterwards."""
    for part in heartbeats.PARTS:
        heartbeats.record(part)
    yield
    heartbeats.forget()


def readyz() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_healthz_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "alive"})


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
def test_ready_when_everything_answers() -> None:
    status, body = readyz()
    assert (status, body["status"], body["missing"]) == (200, "ready", [])
    assert set(body["checks"]) == {"database", "redis", "worker", "beat"}


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
@pytest.mark.parametrize("part", heartbeats.PARTS)
def test_a_part_without_a_sign_of_life_is_named(part: heartbeats.Part) -> None:
    with heartbeats.connect() as client:
        client.delete(heartbeats.key(part))
    status, body = readyz()
    assert (status, body["missing"]) == (503, [part])


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
def test_an_old_sign_of_life_does_not_count() -> None:
    with heartbeats.connect() as client:
        client.set(heartbeats.key("beat"), repr(time.time() - heartbeats.STALE_SECONDS - 5))
    status, body = readyz()
    assert (status, body["missing"]) == (503, ["beat"])


@pytest.mark.django_db
def test_redis_away_is_named(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    status, body = readyz()
    assert (status, body["missing"]) == (503, ["redis", "worker", "beat"])


def test_database_away_is_named() -> None:
    code = (
        "import django; django.setup(); from django.test import Client;print(Client().get('/readyz').content.decode())"
    )
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}
    environment |= {"DJANGO_SETTINGS_MODULE": "govtrack.settings", "ALLOWED_HOSTS": "testserver"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=240
    )
    assert "database" in json.loads(done.stdout)["missing"]


@pytest.mark.django_db
def test_the_task_is_the_workers_sign_and_its_sending_the_beats() -> None:
    from govtrack.tasks import _beat_sent_one, heartbeat

    heartbeats.forget()
    heartbeat(origin="beat")
    with heartbeats.connect() as client:
        assert heartbeats.ages(client)["beat"] is None
        assert heartbeats.ages(client)["worker"] is not None
        _beat_sent_one(body=((), {"origin": "worker"}, {}))
        assert heartbeats.ages(client)["beat"] is None
        _beat_sent_one(body=((), {"origin": "beat"}, {}))
        assert heartbeats.ages(client)["beat"] is not None
    heartbeats.forget()


def test_the_probe_says_when_nothing_answers() -> None:
    assert probe.ask("/healthz", port=9) == (0, b"")
