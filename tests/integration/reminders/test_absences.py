"""不在岗: who may enter it for whom, who may stand in, and what the page shows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Absence, User
from accounts.roles import Role
from communities.actors import Actor
from communities.models import Membership
from journal.models import Event
from reminders.models import Notification
from reminders.services import absences
from reminders.services.absences import AbsenceError, Setter
from reminders.services.fan_out import fan_out
from reminders.services.preferences import PERSON
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
URL = "/console/notifications/absences/"
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("frozen")


def setter(world: World, username: str) -> Setter:
    actor: Actor = world.actor(username)
    return Setter(access=actor.access, role=actor.role, people=absences.colleagues(actor.access))


def away(world: World, person: str, *, by: str | None = None, cover: str | None = None, days: int = 3) -> Absence:
    return absences.add_absence(
        person_id=world.people[person].pk,
        cover_id=world.people[cover].pk if cover else None,
        starts_at=NOW,
        ends_at=NOW + days * DAY,
        by=setter(world, by or person),
        at=NOW,
    )


def test_everybody_enters_their_own_absence(world: World) -> None:
    absence = away(world, "officer", cover="head")
    assert (absence.user_id, absence.cover_id) == (world.people["officer"].pk, world.people["head"].pk)
    (event,) = Event.objects.of(PERSON, world.people["officer"].pk)
    assert (event.kind, event.actor_id, event.data["cover"]) == (
        "absence_set",
        world.people["officer"].pk,
        world.people["head"].pk,
    )


@pytest.mark.parametrize(
    ("by", "person", "allowed"),
    [
        ("head", "officer", True),
        ("head", "officer2", False),
        ("officer", "head", False),
        ("secretary", "clerk", True),
        ("secretary", "clerk2", False),
        ("clerk", "secretary", False),
        ("supervisor", "officer2", True),
        ("supervisor", "clerk", True),
        ("supervisor", "outsider", False),
        ("supervisor", "deputy", True),
        ("deputy", "officer", False),
        ("admin", "outsider", True),
        ("admin", "officer", True),
        ("supervisor", "leader", False),
    ],
)
def test_who_enters_it_for_whom(world: World, by: str, person: str, allowed: bool) -> None:
    if allowed:
        assert away(world, person, by=by).created_by_id == world.people[by].pk
    else:
        with pytest.raises(AbsenceError) as refused:
            away(world, person, by=by)
        assert refused.value.field == "person"
        assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("person", "cover", "allowed"),
    [
        ("officer", "head", True),
        ("officer", "officer2", False),
        ("officer", "officer", False),
        ("clerk", "secretary", True),
        ("clerk", "clerk2", False),
        ("supervisor", "deputy", True),
        ("supervisor", "officer", False),
    ],
)
def test_who_stands_in_works_in_the_same_organisation(world: World, person: str, cover: str, allowed: bool) -> None:
    if allowed:
        assert away(world, person, cover=cover).cover_id == world.people[cover].pk
    else:
        with pytest.raises(AbsenceError) as refused:
            away(world, person, cover=cover)
        assert refused.value.field == "cover"


def test_somebody_who_left_stands_in_for_nobody(world: World) -> None:
    Membership.objects.filter(user=world.people["head"]).update(ended_at=NOW)
    with pytest.raises(AbsenceError):
        away(world, "officer", cover="head")


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (timedelta(0), timedelta(0), "ends_at"),
        (DAY, timedelta(0), "ends_at"),
        (-DAY, -timedelta(hours=1), "ends_at"),
        (-2 * DAY, DAY, "starts_at"),
        (timedelta(0), 400 * DAY, "ends_at"),
    ],
)
def test_impossible_times(world: World, start: timedelta, end: timedelta, field: str) -> None:
    with pytest.raises(AbsenceError) as refused:
        absences.add_absence(
            person_id=world.people["officer"].pk,
            cover_id=None,
            starts_at=NOW + start,
            ends_at=NOW + end,
            by=setter(world, "officer"),
            at=NOW,
        )
    assert refused.value.field == field


def test_absences_of_one_person_do_not_overlap_until_one_is_taken_back(world: World) -> None:
    first = away(world, "officer")
    with pytest.raises(AbsenceError):
        away(world, "officer", days=1)
    absences.cancel_absence(absence_id=first.pk, by=setter(world, "officer"), at=NOW)
    assert away(world, "officer", days=1).pk != first.pk


def test_taking_back_is_told_once_and_leaves_others_alone(world: World) -> None:
    absence = away(world, "officer", by="head")
    assert absences.cancel_absence(absence_id=absence.pk, by=setter(world, "officer2"), at=NOW) is None
    for _round in range(2):
        assert absences.cancel_absence(absence_id=absence.pk, by=setter(world, "officer"), at=NOW) is not None
    absence.refresh_from_db()
    assert (absence.cancelled_at, absence.cancelled_by_id) == (NOW, world.people["officer"].pk)
    kinds = list(Event.objects.of(PERSON, world.people["officer"].pk).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["absence_set", "absence_cancel"]


def test_the_page_enters_lists_and_takes_back(world: World, signed_in: Browser) -> None:
    client = signed_in("officer")
    sent = {"person": "officer", "starts_at": "2026-03-18T14:00", "ends_at": "2026-03-20T17:30", "cover": "head"}
    answer = client.post(URL, sent, follow=True)
    text = text_of(answer)
    assert "3月18日（周三）14:00 至 3月20日（周五）17:30" in text
    assert "由 周建华 代班" in text
    covered = text_of(signed_in("head").get(URL))
    assert "由您代班" in covered
    assert "这段时间应发给此人的提醒改发给您" in covered
    absence = Absence.objects.get()
    url = reverse("console-absence-cancel", args=[absence.pk])
    assert signed_in("officer2").post(url).status_code == 404
    assert "已取消" in text_of(client.post(url, follow=True))


def test_what_the_page_promises_is_what_happens(world: World, signed_in: Browser) -> None:
    """Whoever stands in is told instead of the person who is away, not both."""
    pages = text_of(signed_in("officer").get(URL))
    away(world, "officer", cover="head")
    pages += text_of(signed_in("officer").get(URL)) + text_of(signed_in("head").get(URL))
    assert "改发给代班人" in pages
    assert "同时发给" not in pages
    assert "也发给" not in pages
    world.make_issue("dispatched", at=NOW)
    fan_out(at=NOW)
    told = set(Notification.objects.filter(event__kind="dispatch").values_list("user__username", flat=True))
    assert "head" in told
    assert "officer" not in told


def test_heads_choose_the_person_others_cannot(world: World, signed_in: Browser) -> None:
    assert 'name="person"' in html_of(signed_in("officer").get(URL))
    assert "谁不在岗" not in text_of(signed_in("officer").get(URL))
    head = html_of(signed_in("head").get(URL))
    assert '<option value="officer"' in head
    assert '<option value="officer2"' not in head


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ends_at": ""}, "请选择时间"),
        ({"starts_at": "gestern"}, "请选择时间"),
        ({"person": "nobody"}, "请从列出的选项中选择"),
        ({"cover": "officer2"}, "请从列出的选项中选择"),
        ({"ends_at": "2026-03-18T09:00"}, "结束时间须晚于开始时间"),
    ],
)
def test_mistakes_are_said_and_what_was_typed_stays(
    world: World, signed_in: Browser, changed: dict[str, str], words: str
) -> None:
    sent = {"person": "officer", "starts_at": "2026-03-18T14:00", "ends_at": "2026-03-20T17:30", "cover": ""}
    answer = signed_in("officer").post(URL, sent | changed)
    assert answer.status_code == 400
    assert words in text_of(answer)
    if "starts_at" not in changed:
        assert 'value="2026-03-18T14:00"' in html_of(answer)


def test_one_is_warned_where_whoever_stands_in_is_away_too(world: World, signed_in: Browser) -> None:
    away(world, "head")
    sent = {"person": "officer", "starts_at": "2026-03-18T14:00", "ends_at": "2026-03-20T17:30", "cover": "head"}
    assert "代班人在此期间也有不在岗的时间" in text_of(signed_in("officer").post(URL, sent, follow=True))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("there", ""),
        ("locked", "代班人已离岗"),
        ("ended", "代班人已离岗"),
        ("away", "那时提醒会发给下一位"),
        ("covered", "那时由吴敏代班"),
    ],
)
def test_the_page_warns_where_whoever_stands_in_is_not_there(
    world: World, signed_in: Browser, how: str, words: str
) -> None:
    away(world, "officer", cover="head")
    match how:
        case "locked":
            User.objects.filter(username="head").update(is_active=False)
        case "ended":
            Membership.objects.filter(user=world.people["head"]).update(ended_at=NOW)
        case "away" | "covered":
            row = away(world, "head")
            cover = world.people["supervisor"] if how == "covered" else None
            Absence.objects.filter(pk=row.pk).update(starts_at=NOW + DAY, cover=cover)
    text = text_of(signed_in("supervisor").get(URL))
    assert words in text
    assert ("absence-warning" in html_of(signed_in("supervisor").get(URL))) == bool(words)


def test_the_page_costs_the_same_with_many(world: World, signed_in: Browser) -> None:
    client, costs = signed_in("supervisor"), []
    for person in ("officer", "clerk", "head"):
        away(world, person, by="supervisor")
        with CaptureQueriesContext(connection) as caught:
            client.get(URL)
        costs.append(len(caught))
    assert len(set(costs)) == 1, costs


def test_administrators_of_one_subdistrict_stay_in_theirs(world: World) -> None:
    Membership.objects.create(
        user=world.people["officer2"], role=Role.SYSTEM_ADMIN, subdistrict=world.other_area, started_at=NOW
    )
    with pytest.raises(AbsenceError):
        away(world, "officer", by="officer2")
    assert away(world, "outsider", by="officer2").user_id == world.people["outsider"].pk
