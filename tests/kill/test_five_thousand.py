"""5,000 due reminders, four worker processes, and everything around them dies or hangs in the middle.

Afterwards everybody was told in the inbox exactly once, every message left at least once under one id, nothing is lost,
and nobody had to do anything.
"""

import json
from collections import Counter

import pytest

from devhouse.embedded.server import Server
from tests.kill.conftest import Crowd, wait_until
from tests.kill.outside import Kept, Outside, Robot, hanging, stand_still, supervised, time_passes_quickly

pytestmark = [
    pytest.mark.long,
    pytest.mark.kill,
    pytest.mark.django_db,
    pytest.mark.serial,
]

MOST_AGAIN = 60
"""What two processes may have sent and not yet written when a worker dies: 20 each, and what was on its way."""
REMINDED = "SELECT count(*) FROM journal_event WHERE kind = 'remind'"
TOLD = "SELECT count(*) FROM reminders_notification"
SENT_BY = (
    "SELECT CASE WHEN bundle IS NULL THEN id || '.' || event_id ELSE bundle || '.0' END, count(*)"
    " FROM reminders_outboxmessage WHERE channel = %s AND state = 'sent' GROUP BY 1"
)


def assert_everybody_was_told(crowd: Crowd) -> None:
    """One event for each deadline, one notification for each person and event, nobody forgotten."""
    crowd.assert_each_rung_once(crowd.due)
    handlers = (
        "SELECT count(*) FROM reminders_notification n JOIN accounts_user u ON u.id = n.user_id"
        " WHERE u.username IN ('officer', 'officer2')"
    )
    assert crowd.value(handlers) == crowd.due
    forgotten = (
        "SELECT count(*) FROM reminders_notification n JOIN accounts_user u ON u.id = n.user_id AND u.email <> ''"
        " WHERE NOT EXISTS (SELECT 1 FROM reminders_outboxmessage o WHERE o.event_id = n.event_id"
        " AND o.recipient_id = n.user_id AND o.channel = 'email')"
    )
    assert crowd.value(forgotten) == 0
    states = dict(crowd.rows("SELECT state, count(*) FROM reminders_outboxmessage GROUP BY 1"))
    assert set(states) == {"sent"}, states


def repeats(crowd: Crowd, end: Outside, channel: str, wrap: str = "{}") -> int:
    """How often this end was given something again; every message of the outbox is there, and nothing else."""
    expected = {wrap.format(identity) for identity, _rows in crowd.rows(SENT_BY, channel)}
    counted = Counter(end.ids)
    assert set(counted) == expected
    return sum(counted.values()) - len(counted)


def test_everybody_is_told_once_whatever_dies(crowd: Crowd) -> None:
    mail, killed, hung = crowd.mail, Robot("wecom", crowd.logs), Robot("dingtalk", crowd.logs)
    crowd.scenario("channels", json.dumps({"dingtalk": hung.url, "wecom": killed.url}))
    workers, beat = [Kept(crowd.worker), Kept(crowd.worker)], Kept(crowd.quick_beat)
    url = crowd.servers.postgres.url_for(crowd.database)
    with supervised(*workers, beat, mail, killed, hung) as supervisor, time_passes_quickly(url):
        with hanging(hung.pid):
            deaths = everything_dies(crowd, workers, beat, killed)
            wait_until(lambda: len(set(mail.ids)) == crowd.due, "all e-mails, while a robot hangs")
            assert not hung.ids
        wait_until(crowd.everything_told, "everything is told and sent")
    assert supervisor.restarts >= deaths
    assert_everybody_was_told(crowd)
    again = {
        "e-mails": repeats(crowd, mail, "email", "<{}@127.0.0.1>"),
        "wecom": repeats(crowd, killed, "wecom"),
        "dingtalk": repeats(crowd, hung, "dingtalk"),
    }
    print(f"sent again after {deaths} deaths: {again}")
    assert again["e-mails"] <= deaths * MOST_AGAIN
    assert again["wecom"] + again["dingtalk"] <= deaths
    assert not [entry for end in (killed, hung) for entry in end.refusals]
    assert "broken" not in crowd.manage("verify_journal")


def everything_dies(crowd: Crowd, workers: list[Kept], beat: Kept, group: Outside) -> int:
    """Each part is killed or stands still for some seconds, in the middle of the sweep, the fan-out and the delivery.

    Returns how many died that somebody has to start again.
    """
    postgres, valkey, mail = crowd.servers.postgres, crowd.servers.valkey, crowd.mail

    def reached(statement: str, count: int) -> None:
        wait_until(lambda: crowd.value(statement) >= count, f"{count} of {statement}")

    def mailed(count: int) -> None:
        wait_until(lambda: mail.count() >= count, f"{count} e-mails")

    reached(REMINDED, 1000)
    workers[0].kill()
    reached(REMINDED, 2500)
    postgres.kill()
    postgres.start(with_parent=True, same_port=True)
    reached(TOLD, 2000)
    valkey.kill()
    valkey.start(with_parent=True, same_port=True)
    mailed(300)
    mail.kill()
    mailed(900)
    beat.kill()
    stand_still(workers[1].pid, 4)
    mailed(1500)
    workers[1].kill()
    mailed(2200)
    stand_still(process_of(postgres), 3)
    group.kill()
    mailed(3000)
    stand_still(mail.pid, 4)
    stand_still(process_of(valkey), 4)
    mailed(3800)
    workers[0].kill()
    return 6


def process_of(server: Server) -> int:
    """The process of a server that runs."""
    assert server.process is not None
    return server.process.pid
