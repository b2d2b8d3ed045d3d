"""A leader's phone: the card, the six digits, and everything that ends them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import BoundPhone, PhoneInvitation, User
from communities.access import access_of
from communities.models import Leader, LeaderPlace
from journal.models import Event
from offices.services import phones
from offices.services.errors import NotAdministered
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PIN = {"pin": "４09162", "again": "409162"}


def card(world: World, signed_in: Browser, by: str = "clerk2", leader: Leader | None = None) -> str:
    """The path that a card made by this person leads to."""
    wanted = leader or world.leader
    assert wanted is not None
    page = signed_in(by).post(f"/console/directory/leaders/{wanted.pk}/", {"step": "card"})
    assert page.status_code == 200
    found = re.search(r"/leader/join/[\w-]+/", page.content.decode())
    assert found is not None
    return found[0]


def bound(world: World, signed_in: Browser) -> Client:
    phone = Client()
    assert phone.post(card(world, signed_in), PIN).status_code == 302
    return phone


def kinds(world: World) -> list[str]:
    return list(Event.objects.of("account", world.people["leader"].pk).order_by("id").values_list("kind", flat=True))


def test_from_the_card_to_the_home_and_again_by_six_digits(world: World, signed_in: Browser) -> None:
    path, phone = card(world, signed_in), Client()
    assert "碧湖花园" in phone.get(path).content.decode()
    for weak in ("111111", "345678", "876543", "12345", "12345a", ""):
        assert phone.post(path, {"pin": weak, "again": weak}).status_code == 400, weak
    assert phone.post(path, {"pin": "409162", "again": "409163"}).status_code == 400
    assert phone.post(path, PIN).headers["Location"] == "/leader/"
    assert phone.get("/leader/").status_code == 200
    assert Client().get(path).status_code == 404, "a card works once"
    assert Client().post(path, PIN).status_code == 404

    with time_machine.travel(NOW + timedelta(hours=13), tick=False):
        asked = phone.get("/leader/report/", follow=True)
        assert asked.redirect_chain[-1][0] == "/leader/enter/?next=%2Fleader%2Freport%2F"
        wrong = phone.post("/leader/enter/", {"pin": "409163"})
        assert (wrong.status_code, "还可以试 4 次" in wrong.content.decode()) == (400, True)
        onward = phone.post("/leader/enter/", {"pin": "409162", "next": "/leader/report/"})
        assert onward.headers["Location"] == "/leader/report/"
        assert phone.get("/leader/report/").status_code == 200
        assert (
            phone.post("/leader/enter/", {"pin": "409162", "next": "//evil.example"}).headers["Location"] == "/leader/"
        )
    assert [kind for kind in kinds(world) if kind != "session_over"] == [
        *("phone_invited", "phone_bound", "code_failed", "sign_in", "sign_in")
    ]


def test_five_wrong_entries_in_a_row_end_it_and_a_right_one_begins_anew(world: World, signed_in: Browser) -> None:
    phone = bound(world, signed_in)
    for pin in ("000001",) * 4 + ("409162",) + ("000001",) * 4:
        phone.post("/leader/enter/", {"pin": pin})
    assert phone.get("/leader/enter/").status_code == 200
    assert phone.post("/leader/enter/", {"pin": "000001"}).status_code == 403
    assert phone.post("/leader/enter/", {"pin": "409162"}).status_code == 403
    assert phone.get("/leader/").status_code == 302, "the session ends with it"
    assert kinds(world)[-2:] == ["phone_ended", "code_failed"]


def test_what_ends_a_phone(world: World, signed_in: Browser) -> None:
    first = bound(world, signed_in)
    second = bound(world, signed_in)
    assert (first.get("/leader/").status_code, second.get("/leader/").status_code) == (302, 200)
    assert first.get("/leader/enter/").status_code == 403, "one phone at a time"
    earlier = card(world, signed_in)
    later = card(world, signed_in)
    assert (Client().get(earlier).status_code, Client().get(later).status_code) == (404, 200)
    with time_machine.travel(NOW + timedelta(days=14, minutes=1), tick=False):
        assert Client().get(later).status_code == 404
    with time_machine.travel(NOW + timedelta(days=180, minutes=1), tick=False):
        assert second.get("/leader/enter/").status_code == 403
    third = bound(world, signed_in)
    assert "解除手机绑定" in third.get("/leader/").content.decode()
    assert third.post("/leader/unbind/").headers["Location"] == "/leader/enter/"
    assert third.get("/leader/enter/").status_code == 403
    fourth = bound(world, signed_in)
    leader = world.leader
    assert leader is not None
    page = f"/console/directory/leaders/{leader.pk}/"
    assert "停用手机登录" in signed_in("clerk2").get(page).content.decode()
    assert signed_in("supervisor").post(page, {"step": "end"}).status_code == 302
    assert fourth.get("/leader/").status_code == 302
    assert fourth.get("/leader/enter/").status_code == 403


def test_who_has_no_account_gets_one_with_the_card(world: World, signed_in: Browser) -> None:
    leader = Leader(subdistrict=world.area, community=world.communities["dade"], kind="lane", name="李叔")
    leader.set_phone("19900005679")
    leader.save()
    LeaderPlace.objects.create(leader=leader, building=world.buildings["bihu3"], first=False)
    phone = Client()
    assert phone.post(card(world, signed_in, leader=leader), PIN).status_code == 302
    leader.refresh_from_db()
    assert leader.user is not None
    assert access_of(leader.user).leader_id == leader.pk
    assert not leader.user.has_usable_password()
    assert phone.get("/leader/report/").status_code == 200
    assert list(Event.objects.of("person", leader.user.pk).order_by("id").values_list("kind", flat=True)) == [
        *("person_added", "membership_added")
    ]


def test_who_gives_cards_and_to_whom(world: World, signed_in: Browser) -> None:
    leader = world.leader
    assert leader is not None
    page = f"/console/directory/leaders/{leader.pk}/"
    for stranger in ("clerk", "officer", "outsider"):
        assert signed_in(stranger).post(page, {"step": "card"}).status_code in (403, 404), stranger
    with pytest.raises(NotAdministered):
        phones.invite(leader_id=leader.pk, by=world.actor("officer"), at=NOW)
    leader.user = world.user("clerk2")
    leader.save()
    with pytest.raises(NotAdministered):
        phones.invite(leader_id=leader.pk, by=world.actor("supervisor"), at=NOW)
    assert not PhoneInvitation.objects.exists(), "six digits open no console"


def test_who_came_to_work_here_meanwhile_is_not_let_in_by_six_digits(world: World, signed_in: Browser) -> None:
    phone, member = bound(world, signed_in), world.people["leader"]
    phone.post("/logout/")
    role = world.user("clerk2").memberships.get()
    role.pk, role.user = None, member
    role.save()
    assert phone.post("/leader/enter/", {"pin": "409162"}).status_code == 403
    assert phone.get("/leader/").status_code == 302


def test_nothing_of_code_secret_and_digits_is_stored(world: World, signed_in: Browser) -> None:
    path = card(world, signed_in)
    phone = Client()
    phone.post(path, PIN)
    row, invitation = BoundPhone.objects.get(), PhoneInvitation.objects.get()
    kept = f"{row.digest} {row.pin} {invitation.digest}"
    secret = phone.cookies["leader_phone"].value.split(":")[0]
    assert not any(one in kept for one in ("409162", path.split("/")[-2], secret))
    other = Client()
    other.cookies["leader_phone"] = secret
    assert other.get("/leader/enter/").status_code == 403, "the cookie is signed"


def test_a_community_prints_the_cards_of_all_who_have_no_phone(world: World, signed_in: Browser) -> None:
    leader, clerk = world.leader, signed_in("clerk2")
    assert leader is not None
    directory = f"/console/directory/?community={leader.community_id}"
    assert "/console/directory/cards/" in clerk.get(directory).content.decode()
    for n in range(3):
        row = Leader(subdistrict=world.area, community=leader.community, kind="building", name=f"楼长{n}")
        row.set_phone(f"1990000568{n}")
        row.save()
    bound(world, signed_in)
    page = clerk.post("/console/directory/cards/", {"community": leader.community_id})
    paths = re.findall(r"/leader/join/[\w-]+/", str([card["link"] for card in page.context["cards"]]))
    assert len(paths) == 3, "not who has one"
    assert all(Client().get(path).status_code == 200 for path in paths)
    assert signed_in("clerk").post("/console/directory/cards/", {"community": leader.community_id}).status_code == 302
    assert clerk.post("/console/directory/cards/", {"community": "9" * 30}).status_code == 302


def test_a_card_opens_nothing_in_a_browser_of_the_office(world: World, signed_in: Browser) -> None:
    path = card(world, signed_in)
    clerk = signed_in("clerk2")
    assert (clerk.get(path).status_code, clerk.post(path, PIN).status_code) == (403, 403)
    assert "请先退出工作账号" in clerk.get(path).content.decode()
    assert Client().get(path).status_code == 200, "and is not spent"


def test_one_closed_account_holds_up_no_cards(world: World, signed_in: Browser) -> None:
    leader = world.leader
    assert leader is not None
    row = Leader(subdistrict=world.area, community=leader.community, kind="building", name="何叔")
    row.set_phone("19900005680")
    row.save()
    User.objects.filter(pk=world.people["leader"].pk).update(is_active=False)
    page = signed_in("clerk2").post("/console/directory/cards/", {"community": leader.community_id})
    assert [one["leader"].pk for one in page.context["cards"]] == [row.pk]


def test_who_leads_no_more_is_let_in_no_more(world: World, signed_in: Browser) -> None:
    phone = bound(world, signed_in)
    phone.post("/logout/")
    Leader.objects.update(retired_at=NOW)
    assert phone.post("/leader/enter/", {"pin": "409162"}).status_code == 403
