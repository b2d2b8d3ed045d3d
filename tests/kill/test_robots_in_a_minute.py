"""500 reminders, one every twentieth of a second, to a DingTalk and a WeCom group: nothing is refused, nothing muted.

Real workers, and robots that are processes of their own and keep their vendors' rules.
"""

import json
from collections import Counter

import pytest

from tests.kill.conftest import Crowd, wait_until
from tests.kill.outside import Kept, Robot, supervised
from tests.kill.test_five_thousand import REMINDED, SENT_BY

pytestmark = [
    pytest.mark.long,
    pytest.mark.kill,
    pytest.mark.django_db,
    pytest.mark.serial,
]

MINUTE = 60.0
MOST_IN_A_MINUTE = 20
LATER = """
UPDATE deadlines_deadline SET state = 'cancelled', stopped_at = started_at, next_rung_at = NULL, next_rung = ''
WHERE state = 'running' AND party_id <> (SELECT id FROM communities_department WHERE code = 'WATER');
UPDATE deadlines_deadline SET next_rung_at = now() + interval '1 h', due_at = now() + interval '1 h'
WHERE state = 'running'
"""
ONE_AFTER_THE_OTHER = """
UPDATE deadlines_deadline d SET due_at = x.due_at, original_due_at = x.due_at, soon_at = x.due_at - interval '6 h',
    next_rung_at = x.due_at, started_at = x.due_at - interval '24 h', counted_from = x.due_at - interval '24 h'
FROM (SELECT id, now() + row_number() OVER (ORDER BY id) * interval '50 ms' AS due_at FROM deadlines_deadline
    WHERE state = 'running') AS x WHERE x.id = d.id
"""


def most_in_a_minute(robot: Robot) -> int:
    """The greatest number of messages that any 60 seconds saw."""
    times: list[float] = [entry["at"] for entry in robot.entries if entry["what"] == "accepted"]
    return max(sum(start <= at < start + MINUTE for at in times) for start in times)


def test_five_hundred_reminders_reach_two_groups_as_digests(crowd: Crowd) -> None:
    crowd.change(LATER)
    robots = {kind: Robot(kind, crowd.logs) for kind in ("dingtalk", "wecom")}
    crowd.scenario("channels", json.dumps({kind: robot.url for kind, robot in robots.items()}))
    workers, beat = [Kept(crowd.worker), Kept(crowd.worker)], Kept(crowd.quick_beat)
    with supervised(*workers, beat, crowd.mail, *robots.values()):
        crowd.send("reminders.fan_out")
        ran = "SELECT count(*) FROM reminders_watchdog WHERE finished_at IS NOT NULL"
        wait_until(lambda: crowd.value(ran), "a worker is up")
        crowd.change(ONE_AFTER_THE_OTHER)
        due = crowd.due // 10

        def reminded() -> bool:
            crowd.send("reminders.sweep")
            return bool(crowd.value(REMINDED) == due)

        wait_until(reminded, "all are reminded", every=1.0)
        wait_until(crowd.everything_told, "everything is told and sent")
    for kind, robot in robots.items():
        parcels = dict(crowd.rows(SENT_BY, kind))
        assert sum(parcels.values()) == due
        assert Counter(robot.ids) == Counter(parcels.keys()), "each once"
        assert not robot.refusals, "too fast, too long or badly signed"
        assert most_in_a_minute(robot) <= MOST_IN_A_MINUTE
        assert max(parcels.values()) > due // MOST_IN_A_MINUTE, "many went together"
    assert not crowd.rows("SELECT id FROM reminders_outboxmessage WHERE state <> 'sent'")
