"""The rule of who may see an issue, asked for many at once: the same answer as every list gives."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.access import load_access, load_accesses
from communities.models import Membership
from issues.models import Issue
from issues.reading.sight import IssueSight
from tests.support.cast import NOW, World


def test_everybody_sees_by_sight_what_the_lists_show(world: World) -> None:
    for status in ("submitted", "dispatched", "in_progress", "returned", "closed", "merged", "suspended"):
        world.make_issue(status)
        world.make_issue(status, community="dade")
    world.create(by="leader", source="leader", community="dade", building_id=world.buildings["bihu3"].pk)
    Issue.objects.filter(pk=Issue.objects.earliest("id").pk).update(leader=world.leader)
    Membership.objects.filter(user=world.people["clerk2"]).update(ended_at=NOW)
    ids = list(Issue.objects.values_list("pk", flat=True))
    sight = IssueSight(ids)
    accesses = load_accesses([user.pk for user in world.people.values()])
    seen = 0
    for username, user in world.people.items():
        access = load_access(world.user(username))
        assert accesses[user.pk] == access
        shown = set(Issue.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))
        assert {pk for pk in ids if sight.shows(access, pk)} == shown, username
        seen += len(shown)
    assert 0 < seen < len(ids) * len(accesses)
    assert not sight.shows(accesses[world.people["admin"].pk], max(ids) + 1)


def test_it_costs_the_same_for_one_and_for_all(world: World) -> None:
    ids = [world.make_issue("dispatched").pk for _number in range(3)]
    users = [user.pk for user in world.people.values()]
    for issue_ids, user_ids in ((ids[:1], users[:1]), (ids, users)):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            sight = IssueSight(issue_ids)
            for access in load_accesses(user_ids).values():
                sight.shows(access, issue_ids[0])
        assert len(statements) <= 4
