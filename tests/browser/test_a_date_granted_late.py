"""An extension that was asked for in time and granted late: the new date speaks, in the officer's own inbox."""

from datetime import datetime

import pytest
import time_machine
from playwright.sync_api import Locator, expect

from common.clock import SHANGHAI, now
from deadlines.models import Deadline
from issues.models import Issue
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.browser.conftest import Open
from tests.browser.test_journey import take_action
from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENT = "/console/notifications/"


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def time_passes(clock: time_machine.Traveller, *moments: datetime) -> None:
    """Beat does at each moment what it does every minute."""
    for moment in moments:
        clock.move_to(moment)
        sweep(at=now())
        fan_out(at=now())


def inbox(desk: Open, issue: Issue) -> Locator:
    """The officer signs in, as on every working day, and reads what came of the matter, the newest first."""
    page = desk("officer")
    page.goto(SENT)
    return page.locator("[data-row]").filter(has_text=issue.number)


def test_the_new_date_of_an_extension_granted_late_is_announced(world: World, desk: Open) -> None:
    asked = at(11, 23, 10)
    with time_machine.travel(asked, tick=True) as clock:
        issue = world.make_issue("in_progress", at=asked, kind="help", category="0402")
        handle = Deadline.objects.get(subject_id=issue.pk, kind="handle")
        assert handle.due_at == at(11, 30, 17, 30)

        time_passes(clock, at(11, 27, 17, 31), at(11, 30, 8, 31), at(11, 30, 16))
        take_action(desk("officer"), issue, "request_extension", days="3", reason="等待配件到货，周四前可完成。")
        time_passes(clock, at(11, 30, 17, 31))
        assert Issue.objects.get(pk=issue.pk).supervision == "urged"

        time_passes(clock, at(12, 1, 9))
        take_action(desk("supervisor"), issue, "grant_extension")
        handle.refresh_from_db()
        assert handle.due_at == at(12, 3, 17, 30)
        time_passes(clock, at(12, 1, 9, 5))
        told = inbox(desk, issue).count()
        assert told > 0

        time_passes(clock, at(12, 1, 17, 31), at(12, 2, 17, 31))
        rows = inbox(desk, issue)
        expect(rows).to_have_count(told + 1)
        expect(rows.first).to_contain_text("临期")
        time_passes(clock, at(12, 3, 8, 31))
        expect(inbox(desk, issue).first).to_contain_text("今日到期")
        time_passes(clock, at(12, 3, 17, 31))
        rows = inbox(desk, issue)
        expect(rows.first).to_contain_text("催办")
        officer = rows.page
        officer.goto("/console/")
        expect(officer.locator("main")).to_contain_text("超期")
        assert not Issue.objects.get(pk=issue.pk).asks
