"""A leader in a stairwell: no network, one that fails in the middle, a killed tab, two of them, a full phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Dialog, Page, Route, expect

from accounts.models import User
from common.clock import now
from communities.models import Leader, LeaderPlace, Membership
from files.models import StoredFile
from issues.models import Issue
from ledger.models import LedgerEntry
from tests.browser.conftest import PASSWORD, Open, Watch
from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUBMIT = "main form[data-queues] .submit button[type=submit]"
NO_STORAGE = "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('full'); } } })"


PAGES = """async () => {
  const pages = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (request.url.includes("/leader/")) pages.push(await cache.match(request));
    }
  }
  return pages;
}"""
"""What is kept of a leader's pages."""


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = str(tmp_path / "楼道.jpg")
    Image.new("RGB", (1600, 1200), (90, 110, 80)).save(path, "JPEG")
    return path


@pytest.fixture
def leader(world: World, desk: Open, watch: Watch) -> Iterator[Page]:
    """A leader's phone whose worker has kept its pages; what the cut network says in the console is expected."""
    page = desk("leader", width=390, height=844)
    page.goto("/leader/")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.wait_for_function(f"async () => (await ({PAGES})()).length === 4")
    yield page
    watch.problems = [one for one in watch.problems if "ERR_" not in one]


def report(page: Page, words: str, picture: str = "") -> None:
    page.goto("/leader/report/")
    if picture:
        page.set_input_files("#photos", picture)
        expect(page.locator(".upload-list li")).to_have_count(1)
    page.fill("#description", words)
    page.click(SUBMIT)


def waits(page: Page, n: int) -> None:
    expect(page.locator("#queue")).to_have_text(f"{n} 条待发送")
    expect(page.locator("[data-queue] li")).to_have_count(n)


def is_asked_before_leaving(page: Page) -> None:
    """Signing out says that something is not sent; the person stays."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.locator(".menu summary").last.click()
    with page.expect_event("dialog"):
        page.locator("form[action='/logout/'] button").click()
    assert "1 条没有发送" in asked[0]


def test_what_is_written_without_a_network_leaves_in_order_once(world: World, leader: Page, picture: str) -> None:
    leader.context.set_offline(True)
    report(leader, "三楼消防通道堆了杂物", picture)
    waits(leader, 1)
    expect(leader.locator("[data-queue] li").first).to_contain_text("已存手机")
    expect(leader.locator("#description")).to_have_value("")
    report(leader, "五楼声控灯不亮")
    waits(leader, 2)
    leader.goto("/leader/ledger/")
    leader.locator("label[for=kind-visit]").click()
    leader.click(SUBMIT)
    waits(leader, 3)
    leader.goto("/leader/")
    expect(leader.locator("h1.section-title")).to_have_text("现在没有网络")
    leader.goto("/leader/building/")
    expect(leader.locator("main")).to_contain_text("碧湖花园3栋")
    assert Issue.objects.count() == 0
    leader.context.set_offline(False)
    expect(leader.locator("[data-queue]")).to_be_hidden()
    assert list(Issue.objects.order_by("id").values_list("description", flat=True)) == [
        "三楼消防通道堆了杂物",
        "五楼声控灯不亮",
    ]
    assert (LedgerEntry.objects.count(), StoredFile.objects.exclude(owner_kind="").count()) == (1, 1)


def test_an_answer_that_was_lost_and_a_killed_tab_make_one_matter(world: World, leader: Page) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    leader.route(re.compile(r"/leader/(report/\?send|offline/)"), lose)
    report(leader, "门口积水")
    waits(leader, 1)
    leader.close()
    assert (len(lost), Issue.objects.count()) == (1, 1)
    later = leader.context.new_page()
    later.goto("/leader/")
    expect(later.locator("[data-queue]")).to_be_hidden()
    assert Issue.objects.count() == 1


def is_tried_until(page: Page, matters: int) -> None:
    """The person looks at the page again and again; while a try goes on there is no other."""
    for _look in range(200):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(300)
        if Issue.objects.count() == matters:
            return
    pytest.fail(f"{Issue.objects.count()} arrived of {matters}")


def test_one_at_which_the_server_fails_holds_up_no_other(world: World, leader: Page, watch: Watch) -> None:
    """It stays and is tried again; the third time the next one leaves all the same."""
    watch.expected.add(500)

    def fail(route: Route) -> None:
        ours = route.request.method == "POST" and "三楼" in (route.request.post_data or "")
        route.fulfill(status=500, body="") if ours else route.fallback()

    leader.context.set_offline(True)
    report(leader, "三楼消防通道堆了杂物")
    report(leader, "五楼声控灯不亮")
    waits(leader, 2)
    leader.route("**/leader/report/**", fail)
    leader.context.set_offline(False)
    is_tried_until(leader, 1)
    waits(leader, 1)
    assert Issue.objects.get().description == "五楼声控灯不亮"
    leader.unroute("**/leader/report/**")
    is_tried_until(leader, 2)
    expect(leader.locator("[data-queue]")).to_be_hidden()
    assert Issue.objects.count() == 2


def test_two_tabs_send_once(world: World, leader: Page) -> None:
    other = leader.context.new_page()
    other.goto("/leader/")
    leader.context.set_offline(True)
    report(leader, "门口积水")
    waits(leader, 1)
    leader.context.set_offline(False)
    expect(leader.locator("[data-queue]")).to_be_hidden()
    other.reload()
    expect(other.locator("[data-queue]")).to_be_hidden()
    assert Issue.objects.count() == 1


def test_what_is_refused_stays_and_is_mended(world: World, leader: Page, watch: Watch) -> None:
    watch.expected.add(400)
    leader.context.set_offline(True)
    leader.goto("/leader/report/")
    leader.fill("#description", "。。。")
    leader.click(SUBMIT)
    waits(leader, 1)
    leader.context.set_offline(False)
    line = leader.locator("[data-queue] li").first
    expect(line).to_contain_text("未被接受")
    line.locator("a").click()
    expect(leader.locator("#description")).to_have_value("。。。")
    leader.fill("#description", "六楼漏水")
    leader.click(SUBMIT)
    expect(leader.locator(".notice")).to_contain_text("桂城-")
    assert Issue.objects.get().description == "六楼漏水"


def test_a_full_phone_says_so_and_keeps_the_words_on_the_page(world: World, leader: Page) -> None:
    leader.add_init_script(NO_STORAGE)
    leader.goto("/leader/report/")
    leader.context.set_offline(True)
    leader.fill("#description", "七楼漏水")
    leader.click(SUBMIT)
    expect(leader.locator("#unsent")).to_be_visible()
    expect(leader.locator("#description")).to_have_value("七楼漏水")
    leader.context.set_offline(False)
    expect(leader.locator(".notice")).to_contain_text("桂城-")


def test_signing_out_asks_first_and_leaves_nothing(world: World, leader: Page) -> None:
    leader.context.set_offline(True)
    report(leader, "门口积水")
    waits(leader, 1)
    leader.route("**/leader/offline/", lambda route: route.abort())
    leader.context.set_offline(False)
    leader.goto("/leader/")
    waits(leader, 1)
    is_asked_before_leaving(leader)
    assert leader.url.endswith("/leader/")
    leader.once("dialog", lambda dialog: dialog.accept())
    leader.locator("form[action='/logout/'] button").click()
    leader.wait_for_url(lambda url: "/leader/" not in url)
    leader.wait_for_function("async () => !(await caches.keys()).length && !(await indexedDB.databases()).length")


def test_kept_pages_name_nobody(world: World, leader: Page) -> None:
    kept = leader.evaluate(f"async () => Promise.all((await ({PAGES})()).map((page) => page.text()))")
    assert len(kept) == 4
    person = world.leader
    assert person is not None
    for text in kept:
        assert person.name not in text
        assert person.phone not in text


def test_another_leader_on_the_same_phone_finds_nothing_of_the_one_before(world: World, leader: Page) -> None:
    """The first one's session ran out: kept pages go, what is unsent stays and is spoken of at sign-out."""
    other = Leader.objects.create(
        subdistrict=world.area, community=world.communities["dade"], kind="building", name="李秀",
        user=User.objects.create(username="leader2", password=world.people["leader"].password),
    )  # fmt: skip
    Membership.objects.create(
        user=User.objects.get(username="leader2"), role="leader", subdistrict=world.area, started_at=now(),
    )  # fmt: skip
    LeaderPlace.objects.create(leader=other, building=world.buildings["bihu5"], first=True)
    leader.context.set_offline(True)
    report(leader, "门口积水")
    waits(leader, 1)
    leader.route("**/leader/offline/", lambda route: route.abort())
    leader.context.set_offline(False)
    leader.context.clear_cookies()
    leader.goto("/login/")
    leader.fill("input[name=username]", "leader2")
    leader.fill("input[name=password]", PASSWORD)
    leader.press("input[name=password]", "Enter")
    leader.wait_for_url(lambda url: "/login/" not in url)
    leader.goto("/leader/")
    expect(leader.locator("[data-queue]")).to_be_hidden()
    expect(leader.locator("[data-queue] [data-count]")).to_have_text("0 条待发送")
    leader.unroute("**/leader/offline/")
    leader.wait_for_function(
        """async () => {
          const kept = await caches.match("/leader/building/");
          return kept && (await kept.text()).includes("碧湖花园5栋");
        }"""
    )
    is_asked_before_leaving(leader)
