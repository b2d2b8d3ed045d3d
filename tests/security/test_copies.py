"""Low row: 抄送 reaches nobody who may not see the matter; what is offered is what is taken."""

import pytest

from accounts.roles import Role
from communities.access import access_of
from communities.models import Membership
from issues.models import Issue
from issues.querysets import posts_that_see
from issues.services.errors import InvalidFields
from tests.support.cast import NOW, World


def test_whoever_is_copied_in_may_see_it(world: World) -> None:
    issue = world.make_issue("in_progress")
    seeing = set(
        Membership.objects.filter(posts_that_see(issue), ended_at__isnull=True).values_list("user__username", flat=True)
    )
    for username, user in world.people.items():
        sees = Issue.objects.visible_to(access_of(user)).filter(pk=issue.pk).exists()
        if username in seeing:
            assert sees, username
            if username != "supervisor":
                issue = world.act(issue, "cc", "supervisor", NOW, users=[username])
        else:
            with pytest.raises(InvalidFields):
                world.act(issue, "cc", "supervisor", NOW, users=[username])
    assert {"clerk", "officer", "director"} <= seeing
    assert not Membership.objects.filter(posts_that_see(issue), role=Role.LEADER).exists()
