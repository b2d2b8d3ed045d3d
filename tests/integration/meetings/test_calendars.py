"""Calendars that others subscribe to: what is released, what one person's scope shows, and when an address ends."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import vobject
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import ApiToken, TokenPurpose, User, issue_token
from accounts.own import end_tokens
from commitments.services import make
from commitments.services.acting import act
from communities.models import Membership
from meetings.enums import MeetingState
from meetings.services import planning, recording
from tests.integration.meetings.room import announced
from tests.support.cast import NOW, PHONE, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
PUBLIC = "/meetings/calendar.ics"


def events(address: str, client: Client | None = None) -> dict[str, Any]:
    """By the first part of their names."""
    answer = (client or Client()).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    told = vobject.readOne(answer.content.decode()).contents.get("vevent", [])
    assert [event.uid.value for event in told] == [str(event["UID"]) for event in found]
    return {str(event["UID"]).partition("@")[0]: event for event in found}


def test_what_is_released_is_followed_through_a_new_date_to_its_end(world: World) -> None:
    meeting, by = announced(world, title=f"联席会议，找张小三{PHONE}"), world.actor("clerk")
    given: dict[str, Any] = {
        "owner_id": world.departments["WATER"].pk,
        "by_id": world.people["supervisor"].pk,
        "at": NOW,
    }
    made = make(subdistrict_id=world.area.pk, text="清疏雨水井", due_on=date(2026, 6, 30), **given)
    assert events(PUBLIC) == {}
    planning.release(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    act(commitment_id=made.pk, action="release", by=world.actor("supervisor"), at=NOW, data={}, version=made.version)
    name, seen = f"meeting-{meeting.pk}", events(PUBLIC)
    assert set(seen) == {name, f"commitment-{made.pk}"}
    assert (seen[name].decoded("DTSTART"), int(seen[name]["SEQUENCE"])) == (NOW.date(), 1)
    assert PHONE not in str(seen[name]["SUMMARY"])
    promise = seen[f"commitment-{made.pk}"]
    assert (promise.decoded("DTSTART"), "清疏雨水井" in str(promise["SUMMARY"])) == (date(2026, 6, 30), True)
    later = NOW.date() + timedelta(days=7)
    planning.move(meeting_id=meeting.pk, on=later, reason="台风", version=2, by=by, at=NOW)
    planning.cancel(meeting_id=meeting.pk, reason="台风", version=3, by=by, at=NOW)
    last = events(PUBLIC)[name]
    assert (last.decoded("DTSTART"), int(last["SEQUENCE"]), str(last["STATUS"])) == (later, 3, "CANCELLED")


def own_address(client: Client) -> str:
    page = client.post(reverse("console-calendar-feed"), {"step": "make"})
    assert page.status_code == 201
    return urlsplit(str(page.context["own_url"])).path


def test_a_person_reads_their_own_scope_by_an_address_that_opens_nothing_else(world: World, signed_in: SignIn) -> None:
    meeting = announced(world)
    addresses = {who: own_address(signed_in(who)) for who in ("clerk", "officer2", "outsider")}
    shown = {who: set(events(address)) for who, address in addresses.items()}
    assert shown == {"clerk": {f"meeting-{meeting.pk}"}, "officer2": {f"meeting-{meeting.pk}"}, "outsider": set()}
    token = addresses["clerk"].removeprefix("/calendar/").removesuffix("/")
    assert Client().get("/api/v1/issues/", headers={"authorization": f"Token {token}"}).status_code == 401
    clerk = signed_in("clerk")
    row = ApiToken.objects.get(user=world.people["clerk"])
    assert "日历订阅" in clerk.get("/account/").content.decode()
    clerk.post("/account/", {"step": "token", "key": row.pk})
    end_tokens(world.user("officer2"), at=NOW)
    for who in ("clerk", "officer2"):
        assert Client().get(addresses[who]).status_code == 404
    assert Client().get("/calendar/none/").status_code == 404


def test_who_is_no_longer_invited_loses_the_meeting_from_the_calendar(world: World, signed_in: SignIn) -> None:
    meeting, by = announced(world), world.actor("clerk")
    name, water = f"meeting-{meeting.pk}", world.departments["WATER"]
    addresses = {who: own_address(signed_in(who)) for who in ("clerk", "officer2", "officer")}
    row = meeting.invitations.get(department=water)
    kept = planning.MeetingChange(title="只谈停车", withdrawn=[row.pk])
    meeting = planning.change(meeting_id=meeting.pk, given=kept, version=1, by=by, at=NOW)
    for _before_and_after in range(2):
        seen = {who: events(address)[name] for who, address in addresses.items()}
        assert {who: str(one["STATUS"]) for who, one in seen.items()} == {
            "clerk": "CONFIRMED",
            "officer": "CONFIRMED",
            "officer2": "CANCELLED",
        }
        assert (int(seen["officer2"]["SEQUENCE"]) > 0, "停车" in seen["officer2"].to_ical().decode()) == (True, False)
        if meeting.state == MeetingState.ANNOUNCED:
            meeting = recording.begin(meeting_id=meeting.pk, version=meeting.version, by=by, at=NOW)


def test_an_address_ends_with_its_year_and_its_person_and_a_token_of_a_program_is_none(
    world: World, signed_in: SignIn
) -> None:
    announced(world)
    token = issue_token(user=world.user("clerk"), at=NOW)
    assert Client().get(reverse("calendar-own", args=[token])).status_code == 404
    old = issue_token(user=world.user("clerk"), at=NOW - timedelta(days=365), purpose=TokenPurpose.CALENDAR)
    assert Client().get(reverse("calendar-own", args=[old])).status_code == 404
    addresses = [own_address(signed_in(who)) for who in ("clerk", "officer2")]
    User.objects.filter(pk=world.people["clerk"].pk).update(is_active=False)
    Membership.objects.filter(user=world.people["officer2"]).update(ended_at=NOW)
    assert [Client().get(address).status_code for address in addresses] == [404, 404]
