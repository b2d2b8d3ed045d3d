"""The cast itself: every status can be reached."""

import pytest

from tests.support.cast import World

STATUSES = {
    "submitted": "submitted",
    "rejected": "rejected",
    "accepted": "accepted",
    "dispatched": "dispatched",
    "in_progress": "in_progress",
    "replied": "replied",
    "follow_up": "follow_up",
    "closed": "closed",
    "withdrawn": "withdrawn",
    "returned": "accepted",
    "redone": "in_progress",
    "reopened": "in_progress",
}


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_can_be_walked_to(world: World, status: str) -> None:
    issue = world.make_issue(status)
    assert issue.status == STATUSES[status]
    assert issue.subdistrict_id == world.area.pk


def test_an_issue_of_the_other_community_is_walked_by_its_own_clerk(world: World) -> None:
    issue = world.make_issue("closed", community="dade", by="clerk2")
    assert issue.status == "closed"
