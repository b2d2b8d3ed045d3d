"""A promise that slips: urged, a card signed, kept with a photo, sent back, confirmed by who raised it, seen by all."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from commitments import services
from commitments.enums import SUBJECT
from commitments.models import Commitment
from commitments.services.acting import act
from common.clock import local, now
from deadlines.models import Deadline
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.photos import tiny_jpeg

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def slipped(world: "World") -> Commitment:
    """Promised eighty days ago for a month later, released, and nobody did anything: all rungs until now fired."""
    at = now() - timedelta(days=80)
    made = services.make(
        subdistrict_id=world.area.pk, community_id=world.communities["xiadong"].pk, text="疏通整条巷子的排水管",
        owner_id=world.departments["MUNICIPAL"].pk, by_id=world.people["supervisor"].pk, at=at,
        due_on=local(at).date() + timedelta(days=30),
    )  # fmt: skip
    act(commitment_id=made.pk, action="release", by=world.actor("supervisor"), at=at, data={}, version=1)
    clocks = Deadline.objects.of(SUBJECT, made.pk)
    while (
        moment := clocks.filter(next_rung_at__lte=now())
        .order_by("next_rung_at")
        .values_list("next_rung_at", flat=True)
        .first()
    ):
        sweep(at=moment)
    fan_out(at=now())
    return made


def act_on(page: Page, action: str, **fields: str) -> None:
    """Open the panel of an action, fill it in and send it."""
    panel = page.locator(f"#act-{action}")
    if panel.get_attribute("open") is None:
        panel.locator("summary").click()
    for name, words in fields.items():
        panel.locator(f"[name={name}]").fill(words)


def test_it_climbs_gets_evidence_and_is_confirmed_by_the_community(world: "World", desk: Open, phone: Open) -> None:
    made = slipped(world)
    page = f"/console/commitments/{made.pk}/"
    officer = desk("officer")
    officer.goto("/console/commitments/?view=late")
    officer.click(f"a[href='{page}']")
    expect(officer.locator(".banner").first).to_contain_text("逾期")
    expect(officer.locator("section[aria-labelledby=papers]")).to_contain_text("催办单")

    director = desk("director")
    director.goto(page)
    act_on(director, "sign")
    director.select_option("#act-sign [name=kind]", index=1)
    director.click("button[value=sign]")
    expect(director.locator(".toasts")).to_contain_text("签发")

    officer.reload()
    act_on(officer, "report_done", note="已疏通，附验收照片")
    picture = {"name": "验收.jpg", "mimeType": "image/jpeg", "buffer": tiny_jpeg()}
    officer.locator("#act-report_done input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    expect(officer.locator("#act-report_done .upload-item")).to_have_count(1)
    officer.click("button[value=report_done]")
    expect(officer.locator(".toasts")).to_contain_text("报告已兑现")
    assert not Deadline.objects.of(SUBJECT, made.pk).open().exists()

    clerk = desk("clerk")
    clerk.goto(page)
    act_on(clerk, "reopen", reason="北段没有疏通")
    clerk.click("button[value=reopen]")
    expect(clerk.locator(".toasts")).to_contain_text("继续办理")
    officer.goto(page)
    act_on(officer, "report_done", note="北段也已疏通")
    with officer.expect_navigation():
        officer.click("button[value=report_done]")
    clerk.goto(page)
    act_on(clerk, "confirm")
    clerk.click("button[value=confirm]")
    expect(clerk.locator(".toasts")).to_contain_text("确认兑现")
    assert Commitment.objects.get(pk=made.pk).state == "fulfilled"

    resident = phone()
    resident.goto(f"/promises/{made.pk}/")
    for words in ("疏通整条巷子的排水管", "已兑现", "北段没有疏通"):
        expect(resident.locator("main")).to_contain_text(words)
