"""The pages of retention: who may do what, what is said of a night, holds with their date, the rule with its reason."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from communities.actors import Actor
from communities.models import Membership
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted, StateConflict
from issues.services.masking import mask
from journal.models import Event
from privacy.enums import HOLD
from privacy.models import LegalHold, RetentionRule, RetentionRun
from privacy.services import retention
from privacy.services.holds import lift, move_review, set_hold
from reminders.enums import OFFICE
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.privacy.test_retention import NIGHT, night
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

Browser = Callable[[str], Client]
PAGE = "/console/admin/retention/"
REVIEW = date(2026, 9, 30)
HOLDERS = frozenset({"supervisor", "security"})
EVERYBODY = ("clerk", "secretary", "officer", "head", "supervisor", "deputy", "director", "system", "security", "audit")


@pytest.fixture
def staffed(world: World) -> World:
    """Each of the three administrators of one office as an account of its own."""
    for name, role in (("system", Role.SYSTEM_ADMIN), ("security", Role.SECURITY_ADMIN), ("audit", Role.AUDIT_ADMIN)):
        user = type(world.people["clerk"]).objects.create(username=name, display_name=name)
        Membership.objects.create(user=user, role=role, subdistrict=world.area, started_at=NOW - timedelta(days=9))
        world.people[name] = user
    return world


def hold(world: World, issue: Issue, **given: Any) -> LegalHold:
    usual: dict[str, Any] = {"reason": "行政诉讼", "review_on": REVIEW, "by": world.actor("supervisor"), "at": NOW}
    return set_hold(issue=issue, **usual | given)


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_open_the_page_set_a_hold_and_change_the_rule(staffed: World, signed_in: Browser, who: str) -> None:
    issue = staffed.make_issue("closed")
    browser = signed_in(who)
    with time_machine.travel(NOW, tick=False):
        assert browser.get(PAGE).status_code == (200 if who in HOLDERS else 403)
        given = {"do": "hold", "number": issue.number, "hold_reason": "行政诉讼", "review_on": "2026-09-30"}
        assert browser.post(PAGE, given).status_code == (302 if who in HOLDERS else 403)
        changed = browser.post(PAGE, {"do": "rule", "months": "12", "reason": "街道规定", "step": "save"})
        assert changed.status_code == (302 if who == "security" else 403)
    assert LegalHold.objects.exists() is (who in HOLDERS)
    assert RetentionRule.objects.exists() is (who == "security")


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_service_asks_itself(staffed: World, who: str) -> None:
    issue, by = staffed.make_issue("closed"), staffed.actor(who)
    if who in HOLDERS:
        held = hold(staffed, issue, by=by)
        move_review(hold_id=held.pk, reason="尚未判决", review_on=REVIEW + timedelta(days=1), by=by, at=NOW)
        lift(hold_id=held.pk, reason="判决已生效", by=by, at=NOW)
    else:
        with pytest.raises(NotPermitted):
            hold(staffed, issue, by=by)
        held = hold(staffed, issue)
        with pytest.raises(NotPermitted):
            move_review(hold_id=held.pk, reason="尚未判决", review_on=REVIEW, by=by, at=NOW)
        with pytest.raises(NotPermitted):
            lift(hold_id=held.pk, reason="判决已生效", by=by, at=NOW)


def test_nobody_of_another_office_sees_or_sets_anything(staffed: World, signed_in: Browser) -> None:
    held = hold(staffed, staffed.make_issue("closed"))
    night(NOW)
    run = RetentionRun.objects.get(subdistrict=staffed.area)
    Membership.objects.filter(user=staffed.people["security"]).update(subdistrict=staffed.other_area)
    browser = signed_in("security")
    assert held.issue.number not in browser.get(PAGE).content.decode()
    assert browser.get(f"{PAGE}{run.pk}/").status_code == 404
    assert browser.get(f"{PAGE}holds/{held.pk}/").status_code == 404
    given = {"do": "hold", "number": held.issue.number, "hold_reason": "x", "review_on": "2026-09-30"}
    assert browser.post(PAGE, given).status_code == 400


@pytest.mark.parametrize(
    ("reason", "review_on", "wrong"),
    [
        ("", REVIEW, {"reason"}),
        ("  ", None, {"reason", "review_on"}),
        ("诉讼", NOW.date(), {"review_on"}),
        ("诉讼", NOW.date() - timedelta(days=1), {"review_on"}),
        ("诉讼", NOW.date() + timedelta(days=732), {"review_on"}),
        ("讼" * 201, REVIEW, {"reason"}),
    ],
)
def test_a_hold_has_a_reason_and_a_date_within_two_years(
    world: World, reason: str, review_on: date | None, wrong: set[str]
) -> None:
    with pytest.raises(InvalidFields) as refused:
        hold(world, world.make_issue("closed"), reason=reason, review_on=review_on)
    assert set(refused.value.fields) == wrong


def test_one_hold_a_matter_and_none_of_a_masked_one(world: World) -> None:
    issue = world.make_issue("closed")
    first = hold(world, issue)
    with pytest.raises(StateConflict):
        hold(world, issue)
    lift(hold_id=first.pk, reason="判决已生效", by=world.actor("supervisor"), at=NOW)
    with pytest.raises(StateConflict):
        lift(hold_id=first.pk, reason="判决已生效", by=world.actor("supervisor"), at=NOW)
    second = hold(world, issue)
    lift(hold_id=second.pk, reason="判决已生效", by=world.actor("supervisor"), at=NOW)
    mask(issue=issue, by=Actor.system(), at=NIGHT)
    with pytest.raises(StateConflict):
        hold(world, issue)


def test_the_matters_own_journal_tells_of_it(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("closed")
    held = hold(world, issue)
    move_review(hold_id=held.pk, reason="尚未判决", review_on=date(2027, 1, 8), by=world.actor("supervisor"), at=NOW)
    lift(hold_id=held.pk, reason="判决已生效", by=world.actor("supervisor"), at=NOW)
    events = Event.objects.of(SUBJECT, issue.pk).of_kinds(["hold", "unhold"]).order_by("seq")
    assert [(event.kind, event.text("reason"), event.data.get("review_on")) for event in events] == [
        ("hold", "行政诉讼", "2026-09-30"), ("hold", "尚未判决", "2027-01-08"), ("unhold", "判决已生效", None)
    ]  # fmt: skip
    page = signed_in("clerk").get(f"/console/issues/{issue.number}/").content.decode()
    assert page.count("依法保留") >= 3
    assert "尚未判决" in page


def test_the_date_of_review_is_a_clock_that_reminds(world: World) -> None:
    held = hold(world, world.make_issue("closed"))
    clock = Deadline.objects.of(HOLD, held.pk).get()
    assert clock.due_at.isoformat() == "2026-09-30T09:30:00+00:00"
    fan_out(at=NOW)
    Notification.objects.all().delete()
    for days in (0, 1, 20):
        at = clock.due_at + timedelta(days=days)
        sweep(at=at)
        fan_out(at=at)
    told = set(Notification.objects.filter(subject_kind=HOLD).values_list("user__username", flat=True))
    assert told == {"supervisor", "deputy", "director"}
    lift(hold_id=held.pk, reason="判决已生效", by=world.actor("supervisor"), at=at)
    assert not Deadline.objects.of(HOLD, held.pk).open().exists()


def test_a_date_that_passed_is_said_on_the_page(world: World, signed_in: Browser) -> None:
    held = hold(world, world.make_issue("closed"))
    browser = signed_in("supervisor")
    for at, late in ((NOW, False), (NIGHT, True)):
        with time_machine.travel(at, tick=False):
            browser.force_login(world.people["supervisor"], backend="django.contrib.auth.backends.ModelBackend")
            assert ("已过复查日期" in browser.get(PAGE).content.decode()) is late
            assert ("复查日期已过" in browser.get(f"{PAGE}holds/{held.pk}/").content.decode()) is late


def test_a_hold_is_looked_at_and_lifted_on_its_page(world: World, signed_in: Browser) -> None:
    held = hold(world, world.make_issue("closed"))
    browser, page = signed_in("supervisor"), f"{PAGE}holds/{held.pk}/"
    with time_machine.travel(NOW, tick=False):
        assert browser.post(page, {"do": "review", "reason": "", "review_on": "x"}).status_code == 400
        assert browser.post(page, {"do": "review", "reason": "未决", "review_on": "2027-01-08"}).status_code == 302
        assert LegalHold.objects.get().review_on == date(2027, 1, 8)
        assert browser.post(page, {"do": "lift", "reason": "判决已生效"}).status_code == 302
        assert browser.post(page, {"do": "lift", "reason": "判决已生效"}).status_code == 409
    assert LegalHold.objects.get().ended_by == world.people["supervisor"]


@pytest.mark.parametrize(
    ("months", "reason", "status"),
    [("12", "街道规定", 302), ("", "街道规定", 400), ("5", "街道规定", 400), ("241", "街道规定", 400), ("12", "", 400),
     ("-1", "x", 400), ("１２", "x", 400), ("twelve", "x", 400)],
)  # fmt: skip
def test_the_rule_is_changed_with_a_reason(
    staffed: World, signed_in: Browser, months: str, reason: str, status: int
) -> None:
    answer = signed_in("security").post(PAGE, {"do": "rule", "step": "save", "months": months, "reason": reason})
    assert answer.status_code == status
    assert retention.months_of(staffed.area.pk) == (12 if status == 302 else 24)
    told = Event.objects.of(OFFICE, staffed.area.pk).filter(kind=retention.CHANGED)
    assert [(event.data["months"], event.text("reason")) for event in told] == (
        [([24, 12], "街道规定")] if status == 302 else []
    )


def test_the_preview_counts_and_changes_nothing(staffed: World, signed_in: Browser) -> None:
    for _ in range(3):
        staffed.make_issue("closed")
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        browser = signed_in("security")
        page = browser.post(PAGE, {"do": "rule", "step": "preview", "months": "6", "reason": ""}).content.decode()
    assert "今晚要清除 3 件" in page
    assert not RetentionRule.objects.exists()


def test_every_office_at_once_only_by_who_keeps_the_installation(staffed: World, signed_in: Browser) -> None:
    given = {"do": "rule", "step": "save", "months": "36", "reason": "区里规定", "everywhere": "true"}
    assert signed_in("security").post(PAGE, given).status_code == 403
    assert signed_in("admin").post(PAGE, given).status_code == 302
    assert {retention.months_of(area.pk) for area in (staffed.area, staffed.other_area)} == {36}


@pytest.mark.parametrize("given", [{"step": "preview", "months": "36"}, {"step": "save", "months": "1"}])
def test_what_was_typed_and_ticked_stays(staffed: World, signed_in: Browser, given: dict[str, str]) -> None:
    typed = {"do": "rule", "reason": "区里规定", "everywhere": "true", **given}
    page = signed_in("admin").post(PAGE, typed)
    shown = {field.name: field.value for field in page.context["rule_fields"]}
    assert shown == {"months": given["months"], "reason": "区里规定", "everywhere": "true"}


def test_a_night_is_told_matter_by_matter_and_as_a_table(world: World, signed_in: Browser) -> None:
    masked, held, waits = world.make_issue("closed"), world.make_issue("closed"), world.make_issue("rejected")
    hold(world, held)
    night()
    run = RetentionRun.objects.get(subdistrict=world.area)
    browser = signed_in("supervisor")
    with time_machine.travel(NIGHT, tick=False):
        browser.force_login(world.people["supervisor"], backend="django.contrib.auth.backends.ModelBackend")
        assert "还有未了的事项 1" in browser.get(PAGE).content.decode()
        page = browser.get(f"{PAGE}{run.pk}/").content.decode()
        answer = browser.get(f"{PAGE}{run.pk}/?download=1")
    assert all(issue.number in page for issue in (masked, held, waits))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="retention-2028-03-19.csv"'
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sorted(table[1:]) == [
        [masked.number, "2026-03-18", "已清除个人信息"], [held.number, "2026-03-18", "依法保留"],
        [waits.number, "2026-03-18", "还有未了的事项"],
    ]  # fmt: skip
    told = Event.objects.get(kind="export")
    assert told.data == {"what": "retention", "run": run.pk, "rows": 3}


def test_the_page_asks_the_same_for_one_and_for_many(world: World, signed_in: Browser) -> None:
    browser, numbers = signed_in("supervisor"), list[int]()
    for _ in range(3):
        hold(world, world.make_issue("closed"))
        night(NIGHT + timedelta(days=len(numbers)))
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            browser.get(PAGE)
        numbers.append(len(asked))
    assert len(set(numbers)) == 1


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_is_reminded_may_read_why_and_only_holders_change_it(staffed: World, signed_in: Browser, who: str) -> None:
    held = hold(staffed, staffed.make_issue("closed"))
    browser, page = signed_in(who), f"{PAGE}holds/{held.pk}/"
    readers = {*HOLDERS, "deputy", "director"}
    assert browser.get(page).status_code == (200 if who in readers else 404)
    changed = browser.post(page, {"do": "lift", "reason": "判决已生效"}).status_code
    assert changed == (302 if who in HOLDERS else 403 if who in readers else 404)


@pytest.mark.parametrize("months", ["0", "5", "241", "99999", "9" * 200, "٢٤", ""])
def test_a_period_that_is_none_is_refused_before_it_is_counted(world: World, signed_in: Browser, months: str) -> None:
    sent = {"office": world.area.pk, "months": months, "reason": "x", "step": "preview"}
    answer = signed_in("admin").post(PAGE, sent)
    assert answer.status_code == 400
    assert not RetentionRule.objects.exists()
