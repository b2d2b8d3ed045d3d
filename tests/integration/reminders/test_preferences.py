"""通知设置: the grid, what cannot be switched off, the number that short messages go to."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from journal.models import Event
from reminders.enums import PERSONAL_CHANNELS, Channel, Mode, Topic
from reminders.models import DeliveryChannel, Preference
from reminders.services import preferences
from reminders.services.preferences import PERSON, PreferenceError
from reminders.topics import FIXED, default_mode, modes
from tests.integration.console.pages import form_of, html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
URL = "/console/notifications/settings/"
MAIL = "django.core.mail.backends.locmem.EmailBackend"
pytestmark = pytest.mark.usefixtures("frozen")


def with_sms(world: World) -> None:
    DeliveryChannel.objects.create(
        subdistrict=world.area, kind="sms", name="短信", url="https://sms.example.org/", secret="s"
    )


def test_where_nothing_was_chosen_the_defaults_hold(world: World) -> None:
    chosen = preferences.preferences_of(world.people["officer"].pk)
    assert chosen == {(t, c): default_mode(t, c) for t in Topic for c in PERSONAL_CHANNELS}


@override_settings(EMAIL_BACKEND=MAIL)
def test_the_grid_is_kept_as_it_is_sent(world: World, signed_in: Browser) -> None:
    with_sms(world)
    client, officer = signed_in("officer"), world.people["officer"]
    sent = form_of(client.get(URL), "settings/")
    assert sent["result.email"] == "digest"
    client.post(URL, sent | {"result.email": "off", "due.sms": "now"})
    chosen = preferences.preferences_of(officer.pk)
    assert chosen[Topic.RESULT, Channel.EMAIL] is Mode.OFF
    assert chosen[Topic.DUE, Channel.SMS] is Mode.IMMEDIATE
    assert chosen[Topic.NEW, Channel.EMAIL] is Mode.IMMEDIATE
    again = form_of(client.get(URL), "settings/")
    assert again["result.email"] == "off"
    client.post(URL, {"reset": "1"})
    assert not Preference.objects.filter(user=officer).exists()


def test_saving_twice_keeps_the_later_choice_of_each_cell(world: World) -> None:
    user_id = world.people["officer"].pk
    preferences.set_preferences(user_id=user_id, chosen={(Topic.NEW, Channel.EMAIL): Mode.OFF})
    preferences.set_preferences(user_id=user_id, chosen={(Topic.DUE, Channel.EMAIL): Mode.OFF})
    preferences.set_preferences(user_id=user_id, chosen={(Topic.NEW, Channel.EMAIL): Mode.DIGEST})
    chosen = preferences.preferences_of(user_id)
    assert (chosen[Topic.NEW, Channel.EMAIL], chosen[Topic.DUE, Channel.EMAIL]) == (Mode.DIGEST, Mode.OFF)


@pytest.mark.parametrize("topic", sorted(FIXED))
def test_fixed_topics_do_not_offer_off(world: World, signed_in: Browser, topic: Topic) -> None:
    assert Mode.OFF not in modes(topic, Channel.EMAIL)
    with pytest.raises(PreferenceError):
        preferences.set_preferences(user_id=world.people["officer"].pk, chosen={(topic, Channel.EMAIL): Mode.OFF})
    assert signed_in("officer").post(URL, {f"{topic.value}.email": "off"}).status_code == 400
    assert not Preference.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("new.email", "never"), ("new.sms", "digest"), ("new.email", "")])
def test_what_does_not_exist_cannot_be_chosen(world: World, signed_in: Browser, name: str, value: str) -> None:
    assert signed_in("officer").post(URL, {name: value}).status_code == 400


@override_settings(EMAIL_BACKEND=MAIL)
def test_the_page_says_what_is_fixed_and_shows_addresses_masked(world: World, signed_in: Browser) -> None:
    with_sms(world)
    preferences.set_mobile(user_id=world.people["officer"].pk, number="19900001234", at=NOW, by_role="officer")
    page = signed_in("officer").get(URL)
    text, html = text_of(page), html_of(page)
    assert "o***@example.org" in text
    assert "officer@example.org" not in html
    assert "199****1234" in text
    assert "19900001234" not in html
    assert text.count("邮件不能关闭") == len(FIXED)
    assert "urge.email" in html
    assert "始终送达，不能关闭" in text


@override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend")
def test_channels_that_are_not_there_are_said_not_offered(world: World, signed_in: Browser) -> None:
    page = signed_in("officer").get(URL)
    assert "尚未开通邮件发送" in text_of(page)
    assert "尚未开通短信发送" in text_of(page)
    assert 'name="new.email"' not in html_of(page)


def test_the_mobile_number_is_kept_encrypted_and_its_change_is_told_without_it(
    world: World, signed_in: Browser
) -> None:
    client, officer = signed_in("officer"), world.people["officer"]
    url = reverse("console-notification-mobile")
    client.post(url, {"mobile": "+86 199-0000 1234"})
    assert world.user("officer").mobile == "19900001234"
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile FROM accounts_user WHERE id = %s", [officer.pk])
        assert "19900001234" not in cursor.fetchone()[0]
    (event,) = Event.objects.of(PERSON, officer.pk)
    assert (event.kind, event.data) == ("mobile_change", {"had": False, "has": True})
    client.post(url, {"mobile": "199 0000 1234"})
    assert Event.objects.of(PERSON, officer.pk).count() == 1
    client.post(url, {"remove": "1"})
    assert world.user("officer").mobile == ""


@pytest.mark.parametrize("typed", ["", "12345", "0757-00001001", "abc", "1990000123x"])
def test_a_wrong_number_is_said_beside_the_field(world: World, signed_in: Browser, typed: str) -> None:
    answer = signed_in("officer").post(reverse("console-notification-mobile"), {"mobile": typed})
    assert answer.status_code == 400
    assert "11 位手机号" in text_of(answer)
    assert 'href="#id_mobile"' in html_of(answer)
    assert world.user("officer").mobile == ""


def test_a_landline_is_no_mobile_number(world: World) -> None:
    with pytest.raises(ValidationError):
        preferences.set_mobile(user_id=world.people["officer"].pk, number="0757-86001234", at=NOW, by_role="officer")
