"""A beat that is killed leaves its last sign of life behind, whatever the workers go on doing."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from govtrack import heartbeats
from reminders import health
from tests.kill.conftest import Installation, wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.kill,
    pytest.mark.django_db,
    pytest.mark.serial,
]

SIGN = "SELECT finished_at FROM reminders_watchdog WHERE job = 'schedule'"
POLL = timedelta(seconds=30)
"""How often an open page asks (templates/console/_scheduler_alarm.html)."""


def test_a_killed_beat_is_seen_within_two_minutes(installation: Installation) -> None:
    installation.worker()
    beat = installation.beat()
    wait_until(lambda: installation.rows(SIGN), "the schedule shows itself in the database")
    installation.kill(beat)
    killed_at = datetime.now(UTC)
    with redis.Redis.from_url(installation.servers.valkey.url) as client:
        seen = {client.get(heartbeats.key("worker"))}

        def beats_twice() -> bool:
            seen.add(client.get(heartbeats.key("worker")))
            return len(seen) > 2

        wait_until(beats_twice, "the worker goes on by itself")
    installation.send("reminders.sweep")
    installation.send("reminders.fan_out")
    wait_until(
        lambda: (
            installation.value(
                "SELECT count(*) FROM reminders_watchdog WHERE job IN ('sweep', 'fan_out') AND finished_at > %s",
                killed_at,
            )
            == 2
        ),
        "tasks that somebody else sends are done",
    )
    last = installation.value(SIGN)
    assert last <= killed_at + timedelta(seconds=10), "nothing but beat moves the sign"
    assert last + health.SILENT_AFTER + POLL <= killed_at + timedelta(seconds=130)
    assert timedelta(minutes=2) >= health.SILENT_AFTER + POLL
