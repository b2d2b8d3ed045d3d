"""A worker that dies in the middle of a night's retention: nothing is half done, and the next one does it once."""

import pytest

from tests.kill.conftest import Installation, wait_until
from tests.kill.test_reminders_survive import nobody_writes

pytestmark = [
    pytest.mark.long,
    pytest.mark.kill,
    pytest.mark.django_db,
    pytest.mark.serial,
]

OVER = """
UPDATE deadlines_deadline SET state = 'cancelled', stopped_at = now(), next_rung_at = NULL, next_rung = ''
WHERE state IN ('running', 'paused');
UPDATE issues_issue SET status = 'closed', turn = 'nobody', closed_at = now() - interval '3 years', untold = false;
"""
MASKED = "SELECT count(*) FROM issues_issue WHERE masked_at IS NOT NULL"


def test_a_worker_killed_in_the_middle_of_a_batch(installation: Installation) -> None:
    installation.change(OVER)
    issues = installation.value("SELECT count(*) FROM issues_issue")
    worker = installation.worker()
    with nobody_writes(installation, "privacy_retentionline"):
        installation.send("privacy.retain")
        wait_until(installation.blocked, "the batch stands at its end")
        installation.kill(worker)
    wait_until(lambda: not installation.blocked(), "the dead worker's transaction is gone")
    assert installation.value(MASKED) == 0
    assert installation.value("SELECT count(*) FROM communities_contact WHERE phone = ''") == 0
    installation.worker()

    def done() -> bool:
        if installation.rows("SELECT 1 FROM privacy_retentionrun WHERE finished_at IS NOT NULL AND counts <> '{}'"):
            return True
        installation.send("privacy.retain")
        return False

    wait_until(done, "the run is finished", every=0.5)
    assert installation.value(MASKED) == issues
    events = installation.rows("SELECT subject_id, count(*) FROM journal_event WHERE kind = 'mask' GROUP BY 1")
    assert (len(events), {number for _pk, number in events}) == (issues, {1})
    assert installation.value("SELECT count(*) FROM communities_contact WHERE phone <> ''") == 0
    assert "broken" not in installation.manage("verify_journal")
