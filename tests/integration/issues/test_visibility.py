"""Who sees which issue: the matrix of people and issues, shown and hidden, with a second sub-district."""

import pytest

from communities.access import access_of
from issues.models import Issue
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

SEEN: dict[str, set[str]] = {
    "clerk": {"new", "municipal", "returned", "water"},
    "secretary": {"new", "municipal", "returned", "water"},
    "clerk2": {"dade", "reported"},
    "officer": {"municipal", "returned"},
    "head": {"municipal", "returned"},
    "officer2": {"water"},
    "supervisor": {"new", "dade", "municipal", "returned", "water", "reported"},
    "deputy": {"new", "dade", "municipal", "returned", "water", "reported"},
    "director": {"new", "dade", "municipal", "returned", "water", "reported"},
    "leader": {"reported"},
    "outsider": {"elsewhere"},
    "admin": {"new", "dade", "municipal", "returned", "water", "reported", "elsewhere"},
}


@pytest.fixture
def issues(world: World) -> dict[str, int]:
    leader = world.leader
    assert leader is not None
    made = {
        "new": world.create(),
        "dade": world.create(by="clerk2", community="dade"),
        "municipal": world.make_issue("in_progress"),
        "returned": world.make_issue("returned"),
        "water": world.make_issue("in_progress", department="WATER", officer="officer2"),
        "reported": world.create(by="leader", community="dade", source="leader", leader_id=leader.pk),
        "elsewhere": world.create(by="outsider", community="pingdi", category="other"),
    }
    return {name: issue.pk for name, issue in made.items()}


@pytest.mark.parametrize("person", sorted(SEEN))
def test_visibility_matrix(world: World, issues: dict[str, int], person: str) -> None:
    visible = set(Issue.objects.visible_to(access_of(world.user(person))).values_list("pk", flat=True))
    assert {name for name, pk in issues.items() if pk in visible} == SEEN[person]


def test_whoever_logged_it_keeps_seeing_it(world: World) -> None:
    issue = world.create(by="clerk", community="dade")
    assert Issue.objects.visible_to(access_of(world.user("clerk"))).filter(pk=issue.pk).exists()


def test_an_ended_membership_shows_nothing(world: World) -> None:
    from communities.models import Membership

    world.create()
    Membership.objects.filter(user=world.people["clerk2"]).update(ended_at=NOW)
    assert not Issue.objects.visible_to(access_of(world.user("clerk2"))).exists()


@pytest.mark.parametrize("person", sorted(SEEN))
def test_what_awaits_somebody_lies_within_their_scope(world: World, issues: dict[str, int], person: str) -> None:
    access = access_of(world.user(person))
    awaiting = set(Issue.objects.awaiting(access).values_list("pk", flat=True))
    assert awaiting <= set(Issue.objects.visible_to(access).values_list("pk", flat=True))
