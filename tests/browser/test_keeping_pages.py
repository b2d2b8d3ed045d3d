"""Axe on the pages of retention and of who saw what, in both languages and themes."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext

from common.clock import now
from communities.actors import Actor
from issues.services.masking import mask
from issues.services.revealing import reveal_contact
from privacy.models import LegalHold, RetentionRun
from privacy.services.holds import set_hold
from privacy.services.retention import run_due
from tests.browser.test_accessibility import look, sign_in, violations, violations_of  # noqa: F401 - a fixture
from tests.support.cast import PHONE

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_retention_and_legal_holds(world: "World", look: BrowserContext) -> None:  # noqa: F811
    by, today = world.actor("supervisor"), now().date()
    issues = [world.make_issue(status) for status in ("closed", "closed", "rejected", "closed")]
    for issue, days in ((issues[0], 90), (issues[1], 1)):
        set_hold(issue=issue, reason="行政诉讼尚未判决", review_on=today + timedelta(days=days), by=by, at=now())
    LegalHold.objects.filter(issue=issues[1]).update(review_on=today - timedelta(days=1))
    run_due(clock=lambda: now() + timedelta(days=1200), for_seconds=60)
    mask(issue=world.make_issue("withdrawn"), by=Actor.system(), at=now())
    run, hold = RetentionRun.objects.get(subdistrict=world.area), LegalHold.objects.order_by("id").last()
    assert hold is not None
    sign_in(look, "admin")
    page = "/console/admin/retention/"
    found = [
        problem for path in (page, f"{page}{run.pk}/", f"{page}holds/{hold.pk}/") for problem in violations(look, path)
    ]
    shown = look.pages[0]
    shown.goto(page)
    shown.fill("input[name=months]", "6")
    shown.click("button[value=preview]")
    shown.wait_for_selector(".banner")
    found += violations_of(shown)
    shown.click("section[aria-labelledby=holds] button.btn-primary")
    shown.wait_for_selector(".field-error, .invalid-feedback, [aria-invalid=true]")
    found += violations_of(shown)
    look.clear_cookies()
    sign_in(look, "clerk")
    found += violations(look, f"/console/issues/{issues[3].number}/")
    assert found == []


def test_who_saw_a_persons_data(world: "World", look: BrowserContext) -> None:  # noqa: F811
    issue = world.make_issue("accepted")
    for reason in ("核对门牌", "回电"):
        reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason=reason, at=now())
    page, path = look.new_page(), f"/t/{issue.token}/accesses/"
    page.goto(path)
    found = violations_of(page)
    page.fill("[name=phone_tail]", PHONE)
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("main li")
    found += violations_of(page)
    look.clear_cookies()
    sign_in(look, "supervisor")
    page.goto("/console/admin/accesses/")
    found += violations_of(page)
    page.fill("[name=phone]", PHONE)
    page.fill("[name=reason]", "本人来问")
    page.locator("main button.btn-primary").click()
    page.wait_for_selector("#found")
    found += violations_of(page)
    assert found == []
