"""Axe on every page: both languages, both themes, 长辈版; WCAG 2.2 AA without a violation.

Languages take turns from page to page, each page in both themes; in `make test-long` every page is seen in either.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.roles import ADMINISTRATORS, ROLES, Permission
from commitments import services as commitments
from commitments.models import Commitment
from commitments.services.acting import act
from common.clock import now
from communities.actors import Actor
from govtrack.url_permissions import URL_RULES
from issues.models import Issue
from issues.services.masking import mask
from issues.services.revealing import reveal_contact
from leaders.choosing import ChosenPlaces
from leaders.services.sending import NewTask, send
from meetings.services import answering
from meetings.services.attending import guest_token
from meetings.services.stations import NewActivity, announce_activity
from meetings.services.visiting import NewVisit, record_visit
from offices.services import phones
from privacy.models import LegalHold, RetentionRun
from privacy.services import rights
from privacy.services.holds import set_hold
from privacy.services.retention import run_due
from reminders.enums import Channel
from reminders.models import Notification, OutboxMessage
from reminders.reference import forget_gateways
from reminders.services.fan_out import fan_out
from reminders.services.outlets import email_channel
from tests.browser.conftest import AXE, PASSWORD
from tests.integration.ledger.test_ledger import noted
from tests.integration.meetings.room import announced, asked, boxed, live, typed
from tests.integration.proposals.hall import answered, heard, registered
from tests.support.cast import PHONE
from tests.support.outbox import channel, events, queue
from tests.support.sampling import LONG

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.support.cast import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_SIZES = ["target-size", "scrollable-region-focusable"]
"""The rules whose outcome the size of the type can change."""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours: a theme changes what they find and nothing else, a language changes nothing of it."""
LANGUAGES = ["zh-CN", "en-GB"]

SETTLED = """() => !document.querySelector('.htmx-request') && document.getAnimations().every(
    (one) => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"""


class Look:
    """A browser for one journey. Each page that it goes to is asked for in the next of its languages."""

    def __init__(self, context: BrowserContext, languages: list[str]) -> None:
        self.context = context
        self.page = context.new_page()
        self._next = cycle(languages)

    def sign_in(self, username: str) -> None:
        """Sign this person in, and whoever was signed in out."""
        self.context.clear_cookies()
        self.page.goto("/login/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def violations(self, *paths: str) -> list[str]:
        """What axe finds on these pages."""
        found = []
        for path in paths:
            self.page.set_extra_http_headers({"Accept-Language": next(self._next)})
            self.page.goto(path)
            found += violations_of(self.page)
        return found


def violations_of(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it stands, once nothing is loading or fading any more.

    The whole page in the light theme and its colours in the dark one; with ``rules`` these only.
    """
    page.wait_for_load_state()
    page.wait_for_function(SETTLED)
    if rules:
        return _run(page, {"runOnly": {"type": "rule", "values": rules}})
    found = _run(page, {"runOnly": {"type": "tag", "values": RULES}})
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(SETTLED)
    found += _run(page, {"runOnly": {"type": "rule", "values": OF_COLOURS}})
    page.emulate_media(color_scheme="light")
    return found


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", {**options, "resultTypes": ["violations"]})
    return [
        f"{page.url}: {item['id']}: {json.dumps([node['target'] for node in item['nodes'][:3]], ensure_ascii=False)}"
        for item in found["violations"]
    ]


@pytest.fixture(params=[[one] for one in LANGUAGES] if LONG else [LANGUAGES], ids="-".join)
def look(request: pytest.FixtureRequest, browser: Browser, live_server: "LiveServer") -> Iterator[Look]:
    """A wide window in these languages."""
    context = browser.new_context(
        base_url=live_server.url,
        locale=request.param[0],
        color_scheme="light",
        reduced_motion="reduce",
        bypass_csp=True,
        viewport={"width": 1366, "height": 768},
    )
    context.add_init_script(path=AXE)
    yield Look(context, request.param)
    context.close()


@pytest.mark.long
def test_the_console(world: "World", look: Look) -> None:
    issues = {
        status: world.make_issue(status) for status in ("submitted", "accepted", "in_progress", "replied", "follow_up")
    }
    made = promise(world)
    found = look.violations("/login/", "/promises/", f"/promises/{made.pk}/")
    look.sign_in("clerk")
    paths = [f"/console/commitments/{made.pk}/", f"/console/commitments/{made.pk + 1}/",
             "/console/", "/console/?layout=list", "/console/issues/", "/console/issues/?q=%E7%A7%AF%E6%B0%B4",
             f"/console/issues/{issues['in_progress'].number}/",
             f"/console/issues/{issues['submitted'].number}/?action=accept",
             f"/console/issues/{issues['accepted'].number}/?action=dispatch",
             f"/console/issues/{issues['replied'].number}/?action=verify_pass",
             f"/console/issues/{issues['follow_up'].number}/?action=record_follow_up"]  # fmt: skip
    assert found + look.violations(*paths) == []


def promise(world: "World") -> Commitment:
    """Released, late, with a milestone; the community has to confirm the one beside it."""
    given: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "community_id": world.communities["xiadong"].pk,
        "owner_id": world.departments["MUNICIPAL"].pk,
        "by_id": world.people["supervisor"].pk,
        "at": now() - timedelta(days=30),
        "due_on": (now() - timedelta(days=5)).date(),
    }
    steps = [commitments.NewMilestone("完成第一段", (now() - timedelta(days=9)).date())]
    made = commitments.make(text="补齐村口破损路面", milestones=steps, **given)
    supervisor = Actor.staff(world.user("supervisor"))
    act(commitment_id=made.pk, action="release", by=supervisor, at=now(), data={}, version=made.version)
    officer = world.people["officer"].pk
    done = commitments.make(text="加装四盏路灯", **given)
    commitments.report_done(commitment_id=done.pk, by_id=officer, at=now(), evidence="已装好")
    return made


NOTICE = "2027年部分节假日安排\n一、元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日（周六）上班。"


@pytest.mark.long
def test_the_watch(world: "World", look: Look) -> None:
    """Health and calendar, with the alarm of a stopped schedule above them and a notice that is not saved yet."""
    world.make_issue("in_progress")
    look.sign_in("admin")
    page = look.page
    found = look.violations("/console/admin/health/", "/console/admin/calendar/", "/console/admin/calendar/?year=2027")
    for words in (NOTICE, NOTICE.replace("周五", "周四")):
        page.goto("/console/admin/calendar/")
        page.fill("textarea[name=text]", words)
        with page.expect_navigation():
            page.click("form:has(textarea) button")
        found += violations_of(page)
    assert found == []


@pytest.mark.long
def test_the_supervision_desk(world: "World", look: Look) -> None:
    late = [world.make_issue("in_progress", at=now() - timedelta(days=30), category="0402") for _number in range(2)]
    world.act(late[0], "supervise", "supervisor", kind="order", note="请书面回复", at=now())
    fan_out(at=now())
    look.sign_in("supervisor")
    desk = "/console/supervision/"
    paths = [desk, f"{desk}?view=unsigned", f"{desk}?view=waiting", f"{desk}{late[0].number}/told/",
             "/console/departments/", "/console/departments/MUNICIPAL/",
             "/console/departments/MUNICIPAL/?list=cards"]  # fmt: skip
    assert look.violations(*paths) == []


@pytest.mark.long
def test_notifications_and_channels(world: "World", look: Look) -> None:
    issue = world.make_issue("dispatched")
    via = channel(world, Channel.WECOM, last_error="away: x", last_error_at=now(), failures=2)
    queue(via, events(issue, 2))
    queue(email_channel(now()), events(issue, 2), to=world.people["officer"])
    OutboxMessage.objects.update(state="dead", attempts=12, error="refused: 550 no such user")
    channel(world, Channel.SMS, "https://example.org/sms", secret="t")
    fan_out(at=now())
    Notification.objects.update(snoozed_until_at=now() - timedelta(minutes=5))
    look.sign_in("officer")
    page = look.page
    page.goto("/console/notifications/")
    page.locator(".notice-why summary").first.click()
    page.locator(".notice-snooze summary").first.click()
    found = violations_of(page)
    of_mine = ("?tab=unread", "?tab=later", "?topic=urge", "settings/", "absences/")
    found += look.violations(*(f"/console/notifications/{path}" for path in of_mine))
    look.sign_in("admin")
    own = ("", "channels/", "channels/new/?kind=dingtalk", f"channels/{via.pk}/", "outbox/")
    found += look.violations(*(f"/console/admin/{path}" for path in own))
    found += look.violations("/console/notifications/absences/")
    assert found == []


NO_PAGE = frozenset({
    "console-office-template", "console-duty-template", "console-duty-export", "console-bell", "console-health-alarm",
    "console-places", "console-intake-reference", "console-intake-limits", "console-notifications-read",
    "console-notification-mobile", "console-supervision-act", "console-supervision-result",
    "console-calendar-preview", "console-calendar-apply", "console-meeting-kinds", "console-directory-cards",
    "console-ledger-sheet",
})  # fmt: skip
"""Addresses of the console that give a file or a part of a page, or only take what is sent."""


def plain_pages(username: str) -> Iterator[str]:
    """Each page of the console that needs nothing but a right; the administrator opens what is not everybody's."""
    for name, rule in URL_RULES.items():
        if not isinstance(rule, Permission) or not name.startswith("console") or name in NO_PAGE:
            continue
        administers = rule is not Permission.USE_CONSOLE and any(
            rule in ROLES[role].permissions for role in ADMINISTRATORS
        )
        if administers is (username == "admin"):
            with suppress(NoReverseMatch):
                yield reverse(name)


@pytest.mark.long
@pytest.mark.parametrize("username", ["admin", "supervisor"])
def test_every_page_that_needs_nothing(world: "World", look: Look, username: str) -> None:
    """A page that is new is looked at without being named here; at 390 px nothing is wider than the phone."""
    world.make_issue("in_progress")
    look.sign_in(username)
    found = []
    for path in plain_pages(username):
        found += look.violations(path)
        look.page.set_viewport_size({"width": 390, "height": 844})
        wide = look.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path}: {wide} px too wide"] if wide > 0 else []
        look.page.set_viewport_size({"width": 1366, "height": 768})
    assert found == []


@pytest.mark.long
def test_setting_an_office_up(world: "World", look: Look) -> None:
    look.sign_in("admin")
    person, community = world.people["clerk"], world.communities["xiadong"]
    office = "/console/admin/office/"
    paths = [f"{office}?new=1", f"{office}leader/new/", f"{office}community/", f"{office}community/{community.pk}/",
             f"{office}limits/kind-complaint-extension/", "/account/", "/account/password/", "/account/second-factor/",
             f"/console/admin/people/{person.pk}/", "/console/admin/audit/?kind=reveal",
             f"{office}text/", f"{office}organisation/{world.departments['MUNICIPAL'].pk}/",
             f"/console/admin/people/{person.pk}/leave/?close=1",
             "/console/directory/?q=9"]  # fmt: skip
    assert look.violations(*paths) == []


@pytest.mark.long
def test_meetings(world: "World", look: Look) -> None:
    """What is announced, typed, ticked and printed; with an answer that two wrote."""
    meeting = live(world, at=now())
    typed(world, meeting, answer="下一步由水务办尽快清疏", answer_kind="study")
    coming = announced(world, at=now(), title="下次会议")
    visit = record_visit(
        given=NewVisit(world.communities["xiadong"], "liaison", now().date()), by=world.actor("clerk"), at=now()
    )
    look.sign_in("supervisor")
    pages = ("", "desk/", "desk/?item=1", "attendance/", "guests/", "minutes/")
    found = look.violations(*(f"/console/meetings/{meeting.pk}/{path}" for path in pages))
    activity = announce_activity(
        given=NewActivity(world.departments["WATER"], "夏东服务站", "义诊", "service", now().date()),
        by=world.actor("officer2"), at=now(),
    )  # fmt: skip
    found += look.violations(*(f"/console/{path}/" for path in (f"meetings/{coming.pk}/change", f"visits/{visit.pk}")))
    found += look.violations(f"/console/meetings/{coming.pk}/")
    found += look.violations(f"/console/activities/{activity.pk}/", "/console/activities/", "/console/visits/")
    found += look.violations(*(f"/console/meetings/{path}" for path in ("?view=held", "items/?list=undated")))
    look.page.set_viewport_size({"width": 390, "height": 844})
    found += look.violations(f"/console/meetings/{meeting.pk}/", f"/console/meetings/{meeting.pk}/desk/?item=1")
    found += look.violations(reverse("public-guests", args=[guest_token(meeting)]))
    wide = look.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (found, max(wide, 0)) == ([], 0)


@pytest.mark.long
def test_question_box_and_proposals(world: "World", look: Look) -> None:
    """What the public asks and reads, what is done about it; a proposal with two answers."""
    meeting = boxed(world, at=now())
    row, other = asked(meeting, at=now()), asked(meeting, "路灯不亮", at=now())
    answering.show(question_id=row.pk, version=1, by=world.actor("clerk"), at=now())
    answering.merge(question_id=other.pk, version=1, into=1, by=world.actor("clerk"), at=now())
    proposal = registered(world)
    answered(world, proposal, "C", why="资金未落实")
    heard(world, proposal, 0, "dissatisfied", reason="等得太久")
    look.sign_in("supervisor")
    box, one = f"/console/meetings/{meeting.pk}/questions/", f"/console/proposals/{proposal.pk}/"
    pages = (f"/meetings/{meeting.pk}/questions/", f"{box}?view=all", f"{box}1/", one, "/console/proposals/new/")
    found = look.violations(*pages)
    look.page.set_viewport_size({"width": 390, "height": 844})
    wide = []
    for path in pages:
        found += look.violations(path)
        wide.append(look.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    assert (found, max(wide)) == ([], 0)


@pytest.mark.long
def test_personal_information(world: "World", look: Look) -> None:
    """What people ask of their own data, and the office's two records, read and written."""
    mine = world.make_issue("in_progress")
    issue = Issue.objects.select_related("contact").get(pk=mine.pk)
    made = {kind: rights.ask_by_web(issue=issue, kind=kind, words="地址有误", at=now()) for kind in ("see", "correct")}
    rights.decide(request_id=made["correct"].pk, by=world.actor("supervisor"), at=now())
    look.sign_in("supervisor")
    pages = [f"/console/rights/{path}" for path in ("?ended=1", *(f"{one.pk}/" for one in made.values()))]
    found = look.violations(*pages, "/console/admin/register/matters/")
    look.sign_in("admin")
    found += look.violations("/console/admin/register/web/", "/console/admin/incidents/new/")
    page = look.page
    for name in ("title", "what", "categories", "harm"):
        page.fill(f"[name={name}]", "表格误发")
    page.fill("[name=noticed_at]", "2026-03-01T09:00")
    page.locator("button[data-key=ctrl-enter]").click()
    page.wait_for_url(re.compile(r"/incidents/\d+/$"))
    found += violations_of(page)
    look.context.clear_cookies()
    page.goto(f"/t/{issue.token}/rights/")
    found += violations_of(page)
    page.check("input[value=export]")
    page.fill("[name=phone_tail]", PHONE)
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("#asked")
    found += violations_of(page)
    assert found == []


@pytest.mark.long
def test_retention_and_legal_holds(world: "World", look: Look) -> None:
    by, today = world.actor("supervisor"), now().date()
    issues = [world.make_issue(status) for status in ("closed", "closed", "rejected", "closed")]
    for issue, days in ((issues[0], 90), (issues[1], 1)):
        set_hold(issue=issue, reason="行政诉讼尚未判决", review_on=today + timedelta(days=days), by=by, at=now())
    LegalHold.objects.filter(issue=issues[1]).update(review_on=today - timedelta(days=1))
    run_due(clock=lambda: now() + timedelta(days=1200), for_seconds=60)
    mask(issue=world.make_issue("withdrawn"), by=Actor.system(), at=now())
    run, hold = RetentionRun.objects.get(subdistrict=world.area), LegalHold.objects.order_by("id").last()
    assert hold is not None
    look.sign_in("admin")
    page = "/console/admin/retention/"
    found = look.violations(page, f"{page}{run.pk}/", f"{page}holds/{hold.pk}/")
    shown = look.page
    shown.goto(page)
    shown.fill("input[name=months]", "6")
    with shown.expect_navigation():
        shown.click("button[value=preview]")
    shown.wait_for_selector(".banner")
    found += violations_of(shown)
    shown.click("section[aria-labelledby=holds] button.btn-primary")
    shown.wait_for_selector(".field-error, .invalid-feedback, [aria-invalid=true]")
    found += violations_of(shown)
    look.sign_in("clerk")
    found += look.violations(f"/console/issues/{issues[3].number}/")
    assert found == []


@pytest.mark.long
def test_who_saw_a_persons_data(world: "World", look: Look) -> None:
    issue = world.make_issue("accepted")
    for reason in ("核对门牌", "回电"):
        reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason=reason, at=now())
    page, path = look.page, f"/t/{issue.token}/accesses/"
    page.goto(path)
    found = violations_of(page)
    page.fill("[name=phone_tail]", PHONE)
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("main li")
    found += violations_of(page)
    look.sign_in("supervisor")
    page.goto("/console/admin/accesses/")
    found += violations_of(page)
    page.fill("[name=phone]", PHONE)
    page.fill("[name=reason]", "本人来问")
    page.locator("main button.btn-primary").click()
    page.wait_for_selector("#found")
    found += violations_of(page)
    assert found == []


def resident_paths(world: "World") -> list[str]:
    """The resident's pages in every state that reads differently, where short messages are sent."""
    channel(world, Channel.SMS, "https://example.org/sms", secret="t")
    forget_gateways()
    made = [
        world.make_issue(status)
        for status in ("submitted", "dispatched", "in_progress", "replied", "redone", "closed", "rejected", "withdrawn")
    ]
    replied = made[3].token
    return [
        "/",
        "/report/",
        "/track/",
        "/community/",
        "/issues/",
        "/issues/?q=x",
        "/when/",
        "/privacy/",
        *(f"/t/{issue.token}/" for issue in made),
        f"/t/{replied}/verdict/",
        f"/t/{made[2].token}/comment/",
        f"/t/{made[2].token}/rights/",
        f"/t/{made[2].token}/receipt/",
        f"/t/{made[2].token}/withdraw/",
        f"/t/{made[2].token}/request_callback/",
        f"/t/{made[2].token}/set_messages/",
    ]


def test_the_residents_pages(world: "World", look: Look) -> None:
    found = look.violations(*resident_paths(world))
    assert found == []


@pytest.mark.long
@pytest.mark.parametrize(("size", "rules"), [("22", None), ("30", OF_SIZES)])
def test_large_type(
    world: "World", browser: Browser, live_server: "LiveServer", size: str, rules: list[str] | None
) -> None:
    """The pages of 长辈版 are others, in other colours: whole in one size, and in the largest what size can change."""
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", bypass_csp=True, viewport={"width": 360, "height": 780}
    )
    context.add_cookies([{"name": "elder", "value": size, "url": live_server.url}])
    context.add_init_script(path=AXE)
    page = context.new_page()
    found = []
    for path in resident_paths(world):
        page.goto(path)
        found += violations_of(page, rules)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        small = page.evaluate(
            """() => [...document.querySelectorAll('main *')].filter(node => node.childNodes.length
                && [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())
                && node.getClientRects().length && parseFloat(getComputedStyle(node).fontSize) < 18
                && !node.closest('.sr-only')).map(node => node.textContent.trim().slice(0, 20))"""
        )
        found += [f"{path}: {wide} px too wide"] if wide > 0 else []
        found += [f"{path}: smaller than 18 px: {small}"] if small else []
    context.close()
    assert found == []


SMALL = """(least) => Array.from(document.querySelectorAll("a, button, input, select, textarea, summary"))
  .filter((one) => one.offsetParent && one.type !== "hidden" && !one.closest(".sr-only, .honeypot, [aria-hidden=true]"))
  .filter((one) => getComputedStyle(one).display !== "inline" && !one.matches(".skip-link, p > a.unit"))
  .map((one) => [one, one.closest("label") || (one.labels && one.type === "radio" ? one.labels[0] : one)])
  .map(([one, place]) => [one, place.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < least - 0.5 || box.width < Math.min(least, 44) - 0.5))
  .map(([one, box]) => `${one.tagName} ${one.className} ${(one.textContent || one.name || "").trim().slice(0, 20)} `
    + `${Math.round(box.width)}×${Math.round(box.height)}`)"""


@pytest.mark.long
@pytest.mark.parametrize(("size", "least"), [("", 44), ("22", 60), ("30", 60)])
def test_what_is_tapped_is_large_enough(
    world: "World", browser: Browser, live_server: "LiveServer", size: str, least: int
) -> None:
    """44 px, in 长辈版 60; a link within a sentence has the height of its line (WCAG 2.5.8)."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport={"width": 360, "height": 780})
    if size:
        context.add_cookies([{"name": "elder", "value": size, "url": live_server.url}])
    page, small = context.new_page(), []
    for path in resident_paths(world):
        page.goto(path)
        small += [f"{path} {one}" for one in page.evaluate(SMALL, least)]
    context.close()
    assert small == []


@pytest.mark.long
def test_what_leaders_are_asked(world: "World", look: Look) -> None:
    """On the phone and at the desk: the form with those whom it reaches, one task, sheets of codes."""
    chosen = ChosenPlaces(buildings=frozenset({world.buildings["bihu3"].pk}))
    task = send(
        given=NewTask(
            *("visit", world.area, "看看三栋"), community=world.communities["dade"], chosen=chosen,
            on=(now() + timedelta(days=1)).date(),
        ),
        by=world.actor("clerk2"), at=now(),
    )  # fmt: skip
    look.sign_in("leader")
    look.page.set_viewport_size({"width": 390, "height": 844})
    found = look.violations("/leader/", "/leader/tasks/", f"/leader/tasks/{task.pk}/")
    look.sign_in("clerk2")
    new = "/console/leader-tasks/new/?kind="
    found += look.violations(f"/console/leader-tasks/{task.pk}/", f"{new}visit", f"{new}rain")
    wide = look.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    for path, button in ((f"{new}notice", "[value=preview]"), ("/console/directory/codes/", "form[method=post] .btn")):
        look.page.goto(path)
        with look.page.expect_navigation():
            look.page.click(f"main {button}")
        found += violations_of(look.page)
    assert (found, max(wide, 0)) == ([], 0)


@pytest.mark.long
def test_the_leaders_pages(world: "World", look: Look) -> None:
    look.sign_in("leader")
    found = look.violations("/leader/", "/leader/report/", "/leader/ledger/", "/leader/building/", "/leader/mine/")
    entry = noted(world)
    found += look.violations("/leader/ledger/entries/", f"/leader/ledger/{entry.pk}/")
    code = phones.invite(leader_id=world.leader.pk if world.leader else 0, by=world.actor("clerk2"), at=now())
    look.context.clear_cookies()
    found += look.violations(f"/leader/join/{code}/", "/leader/join/none/", "/leader/enter/")
    look.page.goto(f"/leader/join/{code}/")
    look.page.fill("[name=pin]", "409162")
    look.page.fill("[name=again]", "409162")
    look.page.press("[name=again]", "Enter")
    look.page.wait_for_url("**/leader/")
    assert found + look.violations("/leader/", "/leader/enter/") == []
