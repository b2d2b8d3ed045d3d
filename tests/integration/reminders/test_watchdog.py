"""Every job of the schedule leaves a record of its last run, and a failing run is on it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from common.jobs import watched
from govtrack import heartbeats
from govtrack.celery import app
from govtrack.tasks import NAME, heartbeat
from reminders.models import Watchdog
from reminders.services.watchdog import SCHEDULE
from tests.support.cast import NOW

pytestmark = pytest.mark.django_db

JOBS = {name: entry["task"] for name, entry in app.conf.beat_schedule.items() if entry["task"] != NAME}


@pytest.fixture(autouse=True)
def _signs() -> Iterator[None]:
    yield
    heartbeats.forget()


@pytest.mark.parametrize(("name", "task"), JOBS.items(), ids=JOBS)
def test_every_job_of_the_schedule_is_watched(name: str, task: str) -> None:
    app.loader.import_default_modules()
    app.tasks[task]()
    row = Watchdog.objects.get(job=name.replace("-", "_"))
    assert row.finished_at is not None
    assert row.finished_at >= row.started_at
    assert row.failed_at is None


def test_a_failing_run_is_on_record_until_the_next_good_one() -> None:
    with time_machine.travel(NOW, tick=False), pytest.raises(LookupError), watched("sweep"):
        raise LookupError("张小三 13800001234")
    row = Watchdog.objects.get(job="sweep")
    assert (row.started_at, row.failed_at, row.finished_at, row.error) == (NOW, NOW, None, "LookupError")
    later = NOW + timedelta(minutes=1)
    with time_machine.travel(later, tick=False), watched("sweep") as result:
        result["due"] = 3
    row.refresh_from_db()
    assert (row.started_at, row.failed_at, row.finished_at, row.result) == (later, NOW, later, {"due": 3})


def test_only_what_beat_sent_is_the_sign_of_life_of_the_schedule() -> None:
    heartbeat(origin="worker")
    assert not Watchdog.objects.filter(job=SCHEDULE).exists()
    with time_machine.travel(NOW, tick=False):
        heartbeat(origin="beat")
    assert Watchdog.objects.get(job=SCHEDULE).finished_at == NOW
