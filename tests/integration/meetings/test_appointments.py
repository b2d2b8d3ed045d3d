"""Terms of people beside the staff: who appoints, who is invited, and what is shown of a term's end."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from communities.models import Appointment
from issues.services.errors import InvalidFields, NotPermitted
from meetings.models import Invitation
from meetings.recurrence import Rule
from meetings.services import recurring
from meetings.services.appointing import NewAppointment, appoint, end_term
from meetings.services.errors import NotNow
from meetings.services.following import minutes_of
from tests.integration.meetings.room import announced, given
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
TODAY = NOW.date()


def appointed(world: World, by: str = "clerk", **more: Any) -> Appointment:
    values: dict[str, Any] = {
        "subdistrict": world.area,
        "kind": "part_time",
        "name": "陈工",
        "post": "供电所 班长",
        "from_on": TODAY,
        "community": world.communities["xiadong"],
    }
    return appoint(given=NewAppointment(**(values | more)), by=world.actor(by), at=NOW)


def test_who_appoints_and_what_is_refused(world: World) -> None:
    assert appointed(world).pk == appointed(world).pk, "sent twice it is one term"
    appointed(world, "supervisor", community=None, kind="expert")
    for who, more in (("clerk2", {}), ("officer", {}), ("clerk", {"community": None})):
        with pytest.raises(NotPermitted):
            appointed(world, who, **more)
    body = {"community": world.communities["xiadong"], "department": world.departments["WATER"]}
    for field, wrong in (
        ("name", {"name": " "}), ("kind", {"kind": "party"}),
        ("to_on", {"to_on": TODAY - timedelta(days=1)}), ("department", body),
        ("from_on", {"from_on": date(1, 1, 1)}), ("to_on", {"to_on": date(9999, 12, 31)}),
    ):  # fmt: skip
        with pytest.raises(InvalidFields) as refused:
            appointed(world, **wrong)
        assert set(refused.value.fields) == {field}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM communities_appointment")
        assert not any("陈工" in str(name) for (name,) in cursor.fetchall()), "names are encrypted"


def test_who_is_in_office_is_invited_and_stands_in_the_minutes(world: World, signed_in: SignIn) -> None:
    one, gone = appointed(world), appointed(world, name="李工", from_on=TODAY - timedelta(days=9))
    end_term(appointment_id=gone.pk, on=TODAY - timedelta(days=1), by=world.actor("clerk"), at=NOW)
    with pytest.raises(NotNow):
        end_term(appointment_id=gone.pk, on=TODAY, by=world.actor("clerk"), at=NOW)
    form = signed_in("clerk").get(reverse("console-meeting-new")).content.decode()
    assert ("陈工" in form, "李工" in form) == (True, False)
    second = appointed(world, name="何工")
    meeting = announced(world, appointments=[one, second])
    assert Invitation.objects.filter(meeting=meeting, appointment__isnull=False).count() == 2
    assert "缺席：大德社区、水务管理办公室、兼职委员 陈工、兼职委员 何工" in minutes_of(meeting)
    assert "陈工" in signed_in("clerk").get(reverse("console-meeting", args=[meeting.pk])).content.decode()


def test_a_series_invites_who_is_in_office_on_its_day(world: World) -> None:
    stays, goes = appointed(world), appointed(world, name="何工", to_on=TODAY + timedelta(days=10))
    tuesdays = Rule.read({"every": "week", "weekday": 2})
    series = recurring.add_series(
        given=given(world, appointments=[stays, goes]), rule=tuesdays, by=world.actor("supervisor"), at=NOW
    )
    first, *_between, last = series.meetings.order_by("on")
    invited = {
        meeting.pk: set(meeting.invitations.exclude(appointment=None).values_list("appointment_id", flat=True))
        for meeting in (first, last)
    }
    assert invited == {first.pk: {stays.pk, goes.pk}, last.pk: {stays.pk}}


def test_the_page_shows_what_ends_soon(world: World, signed_in: SignIn) -> None:
    url, clerk = reverse("console-appointments"), signed_in("clerk")
    form = {
        "step": "appoint", "kind": "mediator", "name": "张调解", "from_on": TODAY.isoformat(),
        "community": str(world.communities["xiadong"].pk), "to_on": (TODAY + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    for wrong in ({"from_on": "明天"}, {"to_on": "某天"}, {"community": "0"}, {"name": ""}, {"step": "other"}):
        assert clerk.post(url, form | wrong).status_code == 400
    assert clerk.post(url, form).status_code == 302
    assert "任期还剩30天" in clerk.get(url).content.decode()
    assert "张调解" not in signed_in("outsider").get(url).content.decode()
    officer = signed_in("officer")
    assert "张调解" in officer.get(url).content.decode()
    assert officer.post(url, form).status_code == 403
    key = Appointment.objects.get().pk
    assert officer.post(url, {"step": "end", "key": key}).status_code == 403
    assert signed_in("outsider").post(url, {"step": "end", "key": key}).status_code == 404
    clerk.post(url, {"step": "end", "key": key})
    assert Appointment.objects.get().to_on == TODAY
    assert clerk.get(f"{url}?view=ended").status_code == 200
