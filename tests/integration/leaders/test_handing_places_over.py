"""A leader's places go to another one of the community: who may, what goes along, what is refused."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Leader, LeaderPlace
from journal.models import Event
from leaders.choosing import ChosenPlaces
from leaders.models import LeaderAnswer
from offices.services.comparing import compare_all
from offices.services.errors import NotAdministered, NotHandedOver
from offices.services.leaders import hand_places_over
from tests.integration.leaders.test_tasks import asked, held_too
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def next_one(world: World, community: str = "dade") -> Leader:
    row = Leader(subdistrict=world.area, community=world.communities[community], name="周叔", kind="building")
    row.set_phone("19900003002")
    row.save()
    return row


def first_one(world: World) -> Leader:
    assert world.leader is not None
    return world.leader


def places(leader: Leader) -> set[int | None]:
    return set(LeaderPlace.objects.filter(leader=leader).values_list("building_id", flat=True))


def hand_over(world: World, to: Leader, by: str = "clerk2", ids: list[int] | None = None) -> int:
    given = list(first_one(world).places.values_list("pk", flat=True)) if ids is None else ids
    return hand_places_over(leader_id=first_one(world).pk, place_ids=given, to_id=to.pk, by=world.actor(by), at=NOW)


@pytest.mark.parametrize(
    ("by", "may"),
    [
        ("clerk2", True),
        ("supervisor", True),
        ("clerk", False),
        ("officer", False),
        ("leader", False),
        ("outsider", False),
    ],
)
def test_staff_of_the_community_and_the_office_may(world: World, by: str, may: bool) -> None:
    to = next_one(world)
    if not may:
        with pytest.raises(NotAdministered):
            hand_over(world, to, by)
        assert places(to) == set()
        return
    assert hand_over(world, to, by) == 1
    assert (places(first_one(world)), places(to)) == (set(), {world.buildings["bihu3"].pk})
    for leader in (first_one(world), to):
        event = Event.objects.of("leader", leader.pk).of_kinds(["reference_changed"]).get()
        assert event.data["fields"] == ["places"]


def test_what_is_unanswered_goes_along_and_what_was_said_stays(world: World) -> None:
    held_too(world)
    both = frozenset(world.buildings[name].pk for name in ("bihu3", "bihu5"))
    task, to = asked(world, kind="visit", chosen=ChosenPlaces(buildings=both)), next_one(world)
    waits, said = (LeaderAnswer.objects.get(task=task, building=world.buildings[name]) for name in ("bihu3", "bihu5"))
    LeaderAnswer.objects.filter(pk=said.pk).update(reply="visited", answered_at=NOW)
    assert hand_over(world, to) == 2
    rows = dict(LeaderAnswer.objects.filter(task=task).values_list("pk", "leader_id"))
    assert rows == {waits.pk: to.pk, said.pk: first_one(world).pk}, "what was said is whose it was"


def test_what_both_hold_is_held_once_and_still_led(world: World) -> None:
    to, building = next_one(world), world.buildings["bihu3"]
    LeaderPlace.objects.create(leader=to, building=building, first=False)
    assert hand_over(world, to) == 1
    assert LeaderPlace.objects.get(building=building).first is True


def test_refusals_leave_all_as_it_was(world: World) -> None:
    to, elsewhere = next_one(world), next_one(world, "xiadong")
    for wrong, ids in ((elsewhere, None), (first_one(world), None), (to, []), (to, [0])):
        with pytest.raises(NotHandedOver):
            hand_over(world, wrong, ids=ids)
    assert places(first_one(world)) == {world.buildings["bihu3"].pk}


def test_the_page_hands_over_and_the_seals_still_hold(world: World, signed_in: SignIn) -> None:
    to, clerk = next_one(world), signed_in("clerk2")
    compare_all(NOW)
    url = reverse("console-directory-leader", args=[first_one(world).pk])
    assert "周叔" in clerk.get(url).content.decode()
    assert "交接负责的地方" not in signed_in("officer").get(url).content.decode()
    place = first_one(world).places.get().pk
    said = clerk.post(url, {"step": "hand_over", "place": str(place)}, follow=True).content.decode()
    assert "请选择接手的楼长" in said
    assert places(to) == set()
    said = clerk.post(url, {"step": "hand_over", "place": str(place), "to": str(to.pk)}, follow=True).content.decode()
    assert "已交接 1 处" in said
    assert places(to) == {world.buildings["bihu3"].pk}
    assert compare_all(NOW).altered == 0
