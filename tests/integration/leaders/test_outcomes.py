"""综合评价: three outcomes with their numbers, for the leader alone; no total, no order of people."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Leader
from issues.models import Issue
from leaders.outcomes import Outcomes, outcomes_of
from leaders.services.sending import cancel
from tests.integration.leaders.test_tasks import LATER, SignIn, asked, reply
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def leader_of(world: World) -> Leader:
    assert world.leader is not None
    return world.leader


def test_what_came_of_it(world: World) -> None:
    leader, after = leader_of(world), NOW + timedelta(days=40)
    assert not outcomes_of(leader, NOW)
    made = [world.make_issue(status) for status in ("in_progress", "replied", "closed", "withdrawn", "closed")]
    Issue.objects.filter(pk__in=[issue.pk for issue in made]).update(leader=leader, created_at=NOW)
    Issue.objects.filter(pk=made[2].pk).update(solved="yes")
    Issue.objects.filter(pk=made[1].pk).update(solved="no")
    Issue.objects.filter(pk=made[4].pk).update(created_at=NOW - timedelta(days=400), solved="yes")
    for title in ("一", "二", "三"):
        task = asked(world, title=title)
        if title == "一":
            reply(task, world, "seen")
        if title == "三":
            cancel(task_id=task.pk, reason="写错了", by=world.actor("clerk2"), at=LATER)
    found = outcomes_of(leader, after)
    assert found == Outcomes(reported=3, answered=2, said=2, solved=1, asked=2, in_time=1)
    assert outcomes_of(leader, NOW).asked == 0, "what is not due yet counts for nobody"


def test_only_the_leader_reads_it_and_how_it_is_made(world: World, signed_in: SignIn) -> None:
    Issue.objects.filter(pk=world.make_issue("replied").pk).update(leader=leader_of(world))
    html = signed_in("leader").get("/leader/mine/").content.decode()
    assert ("上报 1 件，1 件已有答复" in html, "怎么算的" in html) == (True, True)
    for name in ("clerk2", "supervisor", "director"):
        client: Client = signed_in(name)
        assert client.get("/leader/mine/").status_code == 403
        page = client.get(f"/console/directory/?q={leader_of(world).name}").content.decode()
        assert "做成的事" not in page
