"""The page of the emergency words: reading, adding, switching off, and who may."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from communities import emergency_editing
from communities.models import EmergencyWord
from journal.models import Event
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

URL = "/console/admin/emergency-words/"
Browser = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("frozen")


def test_a_word_is_added_and_switched_off(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    assert "起火" in admin.get(URL).content.decode()
    area = str(world.area.pk)
    added = admin.post(URL, {"area": area, "word": "塌方", "level": "critical", "dial": "119"}, follow=True)
    assert "塌方" in added.content.decode()
    assert world.create(description="山边塌方").level == "critical"
    assert admin.post(URL, {"area": area, "word": "塌方", "level": "", "dial": ""}).status_code == 302
    assert world.create(description="山边塌方", category=None).alarm == ""
    assert Event.objects.filter(kind="emergency_word_changed", subject_id=world.area.pk).count() == 2


def test_what_is_wrong_is_said_beside_the_field(world: World, signed_in: Browser) -> None:
    answer = signed_in("admin").post(URL, {"area": str(world.area.pk), "word": "火", "level": "critical", "dial": "x"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "请填写 2 至 40 个字的词" in html
    assert "请填写先拨的电话" in html


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_word_at_once_are_both_answered(world: World) -> None:
    def add(level: str) -> None:
        emergency_editing.set_word(
            subdistrict_id=world.area.pk,
            word="塌方",
            level=level,
            dial="119",
            by=world.people["admin"],
            role="admin",
            at=NOW,
        )

    for _round in range(5):
        at_once(partial(add, "critical"), partial(add, "urgent"), partial(add, "critical"))
    rows = EmergencyWord.objects.filter(subdistrict=world.area, word="塌方")
    assert (rows.count(), rows.filter(retired_at=None).count()) == (15, 1)


@pytest.mark.parametrize("username", ["clerk", "supervisor", "leader"])
def test_only_administrators(signed_in: Browser, username: str) -> None:
    assert signed_in(username).get(URL).status_code == 403
