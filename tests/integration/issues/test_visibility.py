"""Who sees which issue: the matrix of people and issues, shown and hidden, with a second sub-district."""

from datetime import timedelta

import pytest

from communities.access import access_of
from issues.enums import TimeLimit
from issues.models import Issue
from tests.support.cast import NOW, World
from tests.support.standing import begins

pytestmark = pytest.mark.django_db

OF_THE_AREA = {
    "new", "dade", "municipal", "returned", "water", "reported", "co", "copied", "waived", "outside", "joined",
    "secret",
}  # fmt: skip
SEEN: dict[str, set[str]] = {
    "clerk": {"new", "municipal", "returned", "water", "co", "copied", "waived", "outside", "joined", "secret"},
    "secretary": {"new", "municipal", "returned", "water", "co", "copied", "waived", "outside", "joined", "secret"},
    "clerk2": {"dade", "reported"},
    "officer": {"municipal", "returned", "co", "copied", "waived"},
    "head": {"municipal", "returned", "co", "copied", "waived"},
    "officer2": {"water", "co", "copied", "waived"},
    "supervisor": OF_THE_AREA,
    "deputy": OF_THE_AREA,
    "director": OF_THE_AREA,
    "leader": {"reported"},
    "outsider": {"elsewhere"},
    "admin": OF_THE_AREA - {"secret"} | {"elsewhere"},
}


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
        "co": world.make_issue("in_progress"),
        "copied": world.make_issue("in_progress"),
        "waived": world.make_issue("in_progress"),
        "outside": world.make_issue("accepted"),
        "joined": world.make_issue("submitted"),
        "secret": world.create(confidential=True),
    }
    later = NOW + timedelta(minutes=30)
    for name in ("co", "waived"):
        world.act(made[name], "add_department", "officer", later, department="WATER")
    world.act(made["waived"], "waive_department", "supervisor", later, department="WATER", reason="无需")
    world.act(made["copied"], "cc", "clerk", later, departments=["WATER"])
    world.act(made["outside"], "transfer_out", "clerk", later, department="POLICE")
    world.act(made["joined"], "merge", "clerk", later, master=made["municipal"].number)
    return {name: issue.pk for name, issue in made.items()}


@pytest.mark.parametrize("person", sorted(SEEN))
@begins(issues)
def test_visibility_matrix(world: World, begun: dict[str, int], person: str) -> None:
    visible = set(Issue.objects.visible_to(access_of(world.user(person))).values_list("pk", flat=True))
    assert {name for name, pk in begun.items() if pk in visible} == SEEN[person]


def test_whoever_logged_it_keeps_seeing_it(world: World) -> None:
    issue = world.create(by="clerk", community="dade")
    assert Issue.objects.visible_to(access_of(world.user("clerk"))).filter(pk=issue.pk).exists()


def test_an_ended_membership_shows_nothing(world: World) -> None:
    from communities.models import Membership

    world.create()
    Membership.objects.filter(user=world.people["clerk2"]).update(ended_at=NOW)
    assert not Issue.objects.visible_to(access_of(world.user("clerk2"))).exists()


@pytest.mark.parametrize("person", sorted(SEEN))
@begins(issues)
def test_what_awaits_somebody_lies_within_their_scope(world: World, begun: dict[str, int], person: str) -> None:
    access = access_of(world.user(person))
    awaiting = set(Issue.objects.awaiting(access).values_list("pk", flat=True))
    assert awaiting <= set(Issue.objects.visible_to(access).values_list("pk", flat=True))


def test_a_matter_is_late_from_the_moment_it_is_due(world: World) -> None:
    """As its state says, to the microsecond: late at that moment, due soon right before it, never both."""
    issue = world.make_issue("in_progress")
    assert issue.due_at is not None
    for at, late in ((issue.due_at, True), (issue.due_at - timedelta(microseconds=1), False)):
        assert (issue.time_limit(at) == TimeLimit.OVERDUE) is late
        rows = Issue.objects.filter(pk=issue.pk)
        assert rows.overdue(at).exists() is late
        assert rows.due_soon(at).exists() is not late
        assert rows.due_before(at, issue.due_at + timedelta(minutes=1)).exists() is not late
