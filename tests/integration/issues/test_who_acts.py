"""Who may move a department's matter, and sees it among their own: whoever acts for its officer now."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Absence, User
from accounts.roles import Role
from communities.access import load_access
from communities.models import Membership
from communities.presence import Away, Presence, Seat, seats_of
from issues.models import Issue
from issues.policies import parties
from issues.reading.pages import is_awaiting
from issues.workflow import Party
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = timedelta(days=1)


def away(cover: int | None = None) -> list[Away]:
    return [Away(NOW - DAY, NOW + DAY, cover)]


@pytest.mark.parametrize(
    ("members", "absences", "acting"),
    [
        ({1}, {}, 1),
        (set(), {}, None),
        ({1}, {1: away()}, None),
        ({1, 2}, {1: away(2)}, 2),
        ({1}, {1: away(2)}, None),
        ({1, 2, 3}, {1: away(2), 2: away(3)}, 3),
        ({1, 2}, {1: away(2), 2: away()}, None),
        ({1, 3}, {1: away(2), 2: away(3)}, None),
        ({1, 2}, {1: away(2), 2: away(1)}, None),
        ({1, 2, 3}, {1: away(2), 2: away(3), 3: away(2)}, None),
        ({2}, {1: away(2)}, None),
        ({1, 2}, {1: [Away(NOW + DAY, NOW + 2 * DAY, 2)]}, 1),
        ({1, 2}, {1: [Away(NOW - DAY, NOW, 2)]}, 1),
        ({1, 2}, {1: [Away(NOW, NOW + DAY, 2)]}, 2),
    ],
)
def test_a_chain_of_covers(members: set[int], absences: dict[int, list[Away]], acting: int | None) -> None:
    assert Presence(dict.fromkeys(members, ""), absences).acting(1, NOW) == acting


def test_whoever_does_not_fit_is_not_there(db: None) -> None:
    presence = Presence({1: "", 2: "", 3: ""}, {1: away(2), 2: away(3)})
    assert presence.acting(1, NOW, lambda pk: pk != 1) is None
    assert presence.acting(1, NOW, lambda pk: pk != 2) is None
    assert presence.acting(1, NOW, lambda pk: pk != 3) is None
    assert presence.first_there([[1], [3]], NOW, lambda pk: pk != 2) == {3: 3}


def test_the_desk_of_a_department_is_the_next_where_nobody_sits_there() -> None:
    desk, officer, head = Seat(1, Role.OFFICER, desk=True), Seat(2, Role.OFFICER), Seat(3, Role.HEAD)
    staff = [desk, officer, head]
    assert seats_of(staff, {}, NOW).desk == {1}
    assert seats_of(staff, {1: away()}, NOW).desk == {2}
    assert seats_of(staff, {1: away(3)}, NOW).desk == {3}
    assert seats_of(staff, {1: away(), 2: away()}, NOW).desk == {3}
    assert seats_of(staff, {1: away(), 2: away(), 3: away()}, NOW).desk == frozenset()
    assert seats_of(staff, {2: away(9)}, NOW).staffed == {1, 3}


def hire(world: World, name: str, **given: object) -> User:
    user = User.objects.create(username=name, display_name=name)
    world.people[name] = user
    Membership.objects.create(
        user=user,
        role="officer",
        subdistrict=world.area,
        department=world.departments["MUNICIPAL"],
        started_at=NOW,
        **given,
    )
    return user


def leave(world: World, name: str, cover: str = "") -> None:
    Absence.objects.create(
        user=world.people[name],
        cover=world.people[cover] if cover else None,
        starts_at=NOW - DAY,
        ends_at=NOW + DAY,
        created_at=NOW,
        created_by=world.people[name],
    )


@pytest.fixture
def assigned(world: World) -> Issue:
    """A matter of an officer who does not sit at the desk; ``officer`` does, ``other`` neither."""
    hire(world, "mine")
    hire(world, "other")
    issue = world.make_issue("in_progress", category="0402", kind="help")
    return world.act(issue, "assign", "head", officer="mine")


def acting(world: World, issue: Issue) -> set[str]:
    """Of the department's officers those with whom the matter waits, by list and by row alike."""
    found = set()
    for name in ("mine", "other", "officer", "head"):
        access = load_access(world.people[name])
        listed = Issue.objects.awaiting(access).filter(pk=issue.pk).exists()
        assert listed == is_awaiting(Issue.objects.get(pk=issue.pk), access), name
        found |= {name} if listed else set()
    return found - {"head"}


def may_write(world: World, issue: Issue) -> set[str]:
    names = ("mine", "other", "officer")
    fresh = Issue.objects.select_related("lead_department").get(pk=issue.pk)
    return {name for name in names if Party.LEAD in parties(world.actor(name), fresh)}


def test_an_assigned_matter_is_its_officers_and_the_desk_may_write(world: World, assigned: Issue) -> None:
    assert acting(world, assigned) == {"mine"}
    assert may_write(world, assigned) == {"mine", "officer"}


def test_whoever_stands_in_for_the_officer_has_it(world: World, assigned: Issue) -> None:
    leave(world, "mine", cover="other")
    assert acting(world, assigned) == {"mine", "other"}
    assert may_write(world, assigned) == {"mine", "other", "officer"}
    assert world.act(assigned, "progress", "other", note="已到场").version > assigned.version


@pytest.mark.parametrize("how", ["locked", "ended", "away", "cover left"])
def test_the_desk_has_what_nobody_else_acts_for(world: World, assigned: Issue, how: str) -> None:
    match how:
        case "locked":
            User.objects.filter(username="mine").update(is_active=False)
        case "ended":
            Membership.objects.filter(user=world.people["mine"]).update(ended_at=NOW)
        case "away":
            leave(world, "mine")
        case "cover left":
            leave(world, "mine", cover="other")
            User.objects.filter(username="other").update(is_active=False)
    assert "officer" in acting(world, assigned)
    assert {"officer"} <= may_write(world, assigned)
    leave(world, "officer")
    if how != "cover left":
        assert "other" in acting(world, assigned), "nobody sits at the desk"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("there", ""),
        ("locked", "mine（已离岗，由何志明接办）"),
        ("away", "mine（不在岗，由何志明接办）"),
        ("covered", "mine（不在岗，other代班）"),
        ("nobody", "mine（已离岗，无人接办）"),
    ],
)
def test_pages_say_who_works_on_it(world: World, signed_in: Browser, assigned: Issue, how: str, words: str) -> None:
    Membership.objects.filter(user=world.people["mine"]).update(receiving_desk=False)
    if how in ("locked", "nobody"):
        User.objects.filter(username="mine").update(is_active=False)
    elif how != "there":
        leave(world, "mine", cover="other" if how == "covered" else "")
    if how == "nobody":
        User.objects.filter(username__in=["officer", "head", "other"]).update(is_active=False)
    page = text_of(signed_in("supervisor").get(f"/console/issues/{assigned.number}/"))
    late = "/console/supervision/", f"/console/departments/{world.departments['MUNICIPAL'].code}/"
    with time_machine.travel(NOW + 30 * DAY, tick=False):
        pages = [page, *(text_of(signed_in("supervisor").get(url)) for url in late)]
    for text in pages[: 3 if how in ("there", "locked", "nobody") else 1]:
        assert words in text
        assert "mine" in text


def test_the_choice_of_an_officer_says_who_is_away(world: World, signed_in: Browser, assigned: Issue) -> None:
    leave(world, "other", cover="officer")
    page = html_of(signed_in("head").get(f"/console/issues/{assigned.number}/?action=assign"))
    assert "other · 不在岗，何志明代班" in page
