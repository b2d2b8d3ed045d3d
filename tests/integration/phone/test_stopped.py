"""Whom an office does not let in for a while: nothing typed is lost, danger is told of, and somebody answers a call."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from common.crypto import lookup_hash
from door import blocks
from door.models import StoppedSender
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event
from meetings.models import Question
from meetings.services import attending
from tests.integration.console.pages import form_of, html_of
from tests.integration.meetings.room import boxed, live
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
TODAY = NOW.date()
WORDS = "三号楼门口地砖松了"
HERE = "127.0.0.1"
PAGE = "/console/admin/blocks/"


def stop(world: World, kind: str, what: str, **more: Any) -> StoppedSender:
    given: dict[str, Any] = {"reason": "一天发了三十条广告", "until": TODAY + timedelta(days=3)} | more
    return blocks.block(office=world.area, kind=kind, what=what, by=world.actor("admin"), at=NOW, **given)


def report(world: World, client: Client | None = None, **more: str) -> Any:
    place = f"c{world.communities['xiadong'].pk}"
    typed = {"description": WORDS, "place": place, "contact_phone": PHONE, "idempotency_key": "form-12345678"} | more
    return (client or Client()).post("/report/?send", typed)


SPELT = {"network": HERE, "phone": PHONE}


@pytest.mark.parametrize("kind", list(SPELT))
@pytest.mark.parametrize("danger", [False, True])
def test_who_is_stopped_is_told_whom_to_call_and_keeps_the_words(world: World, kind: str, danger: bool) -> None:
    stop(world, kind, SPELT[kind])
    words = "电梯困人了，快来救人" if danger else WORDS
    client = Client()
    answer = report(world, client, description=words)
    html = html_of(answer)
    assert (answer.status_code, Issue.objects.count()) == (403, 0)
    assert form_of(answer, "/report/?send")["description"] == words
    assert "暂时不能网上提交" in html
    assert html.count("tel:") >= 3
    assert (f"tel:{world.communities['xiadong'].phone or world.area.duty_phone}") in html
    assert ("请先打电话" in html) == danger
    assert form_of(client.get("/report/"), "/report/?send")["description"] == words


def test_others_are_let_in_and_so_are_all_of_another_office(world: World) -> None:
    stop(world, "phone", "19900009999")
    stop(world, "network", "203.0.113.7")
    assert report(world).status_code == 302
    row = StoppedSender.objects.create(
        subdistrict=world.other_area,
        kind="phone",
        what=PHONE,
        mark=lookup_hash(PHONE),
        reason="别处",
        created_at=NOW,
        created_by=world.people["admin"],
        ends_at=NOW + timedelta(days=1),
    )
    assert report(world, idempotency_key="another-key", description="另一件事").status_code == 302
    assert row.what == PHONE


@pytest.mark.parametrize("how", ["its end", "lifted"])
def test_it_ends(world: World, how: str) -> None:
    row = stop(world, "phone", PHONE)
    assert report(world).status_code == 403
    if how == "lifted":
        blocks.lift(office=world.area, pk=row.pk, by=world.actor("admin"), at=NOW)
        assert report(world).status_code == 302
        return
    with time_machine.travel(row.ends_at - timedelta(minutes=1), tick=False):
        assert report(world).status_code == 403
    with time_machine.travel(row.ends_at, tick=False):
        assert report(world).status_code == 302


def test_questions_guests_and_programs_are_stopped_too(world: World) -> None:
    stop(world, "network", HERE)
    url = reverse("public-questions", args=[boxed(world).pk])
    asked = Client().post(f"{url}?send", {"question": "路灯何时修", "idempotency_key": "a-question"})
    assert (asked.status_code, Question.objects.count(), "路灯何时修" in html_of(asked)) == (403, 0, True)
    guest = Client().post(reverse("public-guests", args=[attending.guest_token(live(world))]), {"guest": "街坊会"})
    assert (guest.status_code, "街坊会" in html_of(guest)) == (403, True)
    body = {"description": WORDS, "community": world.communities["xiadong"].code, "contact_phone": PHONE}
    answer = Client().post("/api/v1/public/issues/", body, content_type="application/json")
    assert (answer.status_code, Issue.objects.count()) == (403, 0), answer.content


WRONG: dict[str, dict[str, Any]] = {
    "kind": {"kind": "street"},
    "what": {"what": "not a number"},
    "reason": {"reason": "  "},
    "until": {"until": TODAY - timedelta(days=1)},
}


@pytest.mark.parametrize("field", list(WRONG))
def test_what_is_refused(world: World, field: str) -> None:
    given: dict[str, Any] = {"kind": "phone", "what": PHONE, "reason": "乱发", "until": TODAY} | WRONG[field]
    with pytest.raises(InvalidFields) as refused:
        blocks.block(office=world.area, by=world.actor("admin"), at=NOW, **given)
    assert set(refused.value.fields) >= {field}
    with pytest.raises(InvalidFields):
        stop(world, "phone", PHONE, until=TODAY + blocks.LONGEST + timedelta(days=1))
    stop(world, "phone", PHONE)
    with pytest.raises(InvalidFields):
        stop(world, "phone", f"+86 {PHONE}")
    with pytest.raises(NotPermitted):
        blocks.block(office=world.area, kind="phone", what="19900001111", reason="乱发", until=TODAY,
                     by=world.actor("supervisor"), at=NOW)  # fmt: skip


def test_the_page_stops_and_lets_in_again_and_the_journal_tells_no_number(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    until = (TODAY + timedelta(days=2)).isoformat()
    form = {"office": world.area.pk, "kind": "phone", "what": PHONE, "reason": "一天发了三十条广告", "until": until}
    assert admin.post(PAGE, form | {"until": "2026-99-99"}).status_code == 400
    assert admin.post(PAGE, form).status_code == 302
    page = html_of(admin.get(PAGE))
    assert "一天发了三十条广告" in page
    assert PHONE not in page
    row = StoppedSender.objects.get()
    assert admin.post(PAGE, {"office": world.area.pk, "lift": row.pk}).status_code == 302
    assert admin.post(PAGE, {"office": world.area.pk, "lift": row.pk}).status_code == 302
    assert admin.post(PAGE, {"office": world.area.pk, "lift": "9" * 30}).status_code == 403
    events = Event.objects.filter(subject_kind="door_block")
    assert [event.kind for event in events.order_by("pk")] == ["door_blocked", "door_lifted"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT what, mark, reason FROM door_stoppedsender")
        stored = str(cursor.fetchall())
    assert PHONE not in str([event.data for event in events]) + stored
    assert "广告" not in stored
    for who in ("clerk", "supervisor"):
        assert signed_in(who).get(PAGE).status_code == 403
