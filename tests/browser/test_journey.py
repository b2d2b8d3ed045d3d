"""The main journey in real browsers: clerk → officer → clerk → resident, and what a resident does alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from issues.models import Issue
from tests.browser.conftest import Open, Watch, choose_place
from tests.support.cast import World
from tests.support.photos import tiny_jpeg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def take_action(page: Page, issue: Issue, action: str, *, photo: bool = False, **fields: str) -> None:
    """Open the action's panel on the issue page, fill it in, with a photo where wanted, submit."""
    page.goto(f"/console/issues/{issue.number}/?action={action}")
    panel = page.locator("#panel-place form").first
    if photo:
        picture = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": tiny_jpeg()}
        panel.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    for name, value in fields.items():
        control = panel.locator(f"[name={name}]")
        if control.first.get_attribute("type") == "radio":
            panel.locator(f"[name={name}][value={value}]").check(force=True)
        elif control.first.evaluate("node => node.tagName") == "SELECT":
            control.first.evaluate(
                "(node, value) => { node.value = value; node.dispatchEvent(new Event('change', {bubbles: true})) }",
                value,
            )
        else:
            control.first.fill(value)
    panel.locator("button[type=submit], button:not([type])").first.click()
    page.wait_for_url(lambda url: "action" not in url)


def the_issue() -> Issue:
    return Issue.objects.latest("id")


def test_a_flooded_lane_from_the_call_to_the_closed_case(world: World, desk: Open, phone: Open) -> None:
    clerk, officer, resident = desk("clerk"), desk("officer2"), phone()

    clerk.goto("/console/issues/new/")
    expect(clerk.locator("[name=contact_phone]")).to_be_focused()
    clerk.fill("[name=contact_phone]", "199 0000 0219")
    clerk.fill("[name=contact_name]", "梁女士")
    clerk.fill("[name=description]", "昨晚下雨后幸福路口又积水了，今早八点水还没退，老人出门绕不过去。")
    for name, label in (("place", "幸福路"), ("category", "路面积水与内涝"), ("department", "水务管理办公室")):
        choose(clerk, name, label)
    clerk.click("button[name=then][value=dispatch]:not([aria-hidden])")
    expect(clerk.locator("main")).to_contain_text(re.compile(r"桂城-20\d\d-000001"))
    issue = the_issue()
    assert (issue.status, issue.level, issue.lead_department_id) == (
        "dispatched",
        "urgent",
        world.departments["WATER"].pk,
    )

    officer.goto("/console/")
    expect(officer.locator("main")).to_contain_text("幸福路口又积水")
    take_action(officer, issue, "acknowledge")
    take_action(officer, issue, "progress", note="已到现场，雨水井被落叶堵住。")
    take_action(officer, issue, "reply", photo=True, outcome="solved", note="已清掏雨水井6座，试水20分钟无积水。")
    issue.refresh_from_db()
    assert issue.status == "replied"

    resident.goto("/track/")
    resident.fill("#number", "1")
    resident.fill("#phone_tail", "0219")
    resident.locator("form[action='/track/'] button[type=submit]").click()
    expect(resident.locator("h1")).to_contain_text("社区说已处理完。")
    expect(resident.locator("main")).to_contain_text("已清掏雨水井6座")

    take_action(clerk, issue, "verify_pass", check="phone", note="已致电核实，路面无积水。")
    issue.refresh_from_db()
    assert issue.status == "follow_up"
    resident.reload()
    resident.locator("label[for=solved-yes]").click()
    resident.locator("label[for=verdict-satisfied]").click()
    resident.fill("form.verdict #phone_tail", "19900000219")
    resident.locator("form.verdict button[type=submit]").click()
    expect(resident.locator("h1")).to_contain_text("您表示已经解决。")
    issue.refresh_from_db()
    assert (issue.status, issue.verdict, issue.solved) == ("closed", "satisfied", "yes")


def choose(page: Page, name: str, label: str) -> None:
    """Pick the option whose text contains ``label``; a type-ahead keeps its select underneath."""
    page.locator(f"select[name={name}]").evaluate(
        """(node, label) => {
            const option = [...node.options].find(option => option.text.includes(label));
            if (!option) throw new Error('no option ' + label);
            node.value = option.value;
            node.dispatchEvent(new Event('change', {bubbles: true}));
        }""",
        label,
    )


def test_an_objection_brings_it_back(world: World, phone: Open) -> None:
    issue = world.make_issue("replied")
    page = phone()
    page.goto(f"/t/{issue.token}/")
    page.locator("label[for=solved-no]").click()
    page.fill("#reason", "昨晚下雨，单车棚那边还是积了一片。")
    page.locator("label[for=verdict-dissatisfied]").click()
    page.fill("#phone_tail", "19900001234")
    page.locator("form.verdict button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("您表示没有解决，")
    expect(page.locator("h1")).to_contain_text("第1次")
    expect(page.locator("body")).not_to_contain_text("办结")
    issue.refresh_from_db()
    assert (issue.status, issue.solved, issue.redo_count) == ("in_progress", "no", 1)


def test_everything_a_resident_does_works_without_scripts(world: World, phone: Open, watch: Watch) -> None:
    page = phone(scripts=False)
    page.goto("/")
    page.get_by_role("link", name="我要反映").first.click()
    choose_place(page, "夏东社区")
    page.fill("#description", "三巷口路灯三晚不亮，学生晚归看不清路。")
    page.click("form[action^='/report/'] > .submit button[type=submit]")
    watch.expected.add(400)
    expect(page.locator("#contact_phone-error")).to_be_visible()
    expect(page.locator("#description")).to_have_value("三巷口路灯三晚不亮，学生晚归看不清路。")
    watch.problems.clear()
    page.fill("#contact_phone", "19900004321")
    page.click("form[action^='/report/'] > .submit button[type=submit]")
    expect(page.locator(".number")).to_have_text(re.compile(r"桂城-20\d\d-000001"))
    page.check("[name=remember]")
    page.get_by_role("button", name="查看进度").click()
    expect(page.locator("h1")).to_contain_text("夏东社区已收到")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("三巷口路灯三晚不亮")
    token = the_issue().token
    page.goto(f"/t/{token}/comment/")
    page.fill("#note", "昨晚又有人绊倒。")
    with page.expect_navigation():
        page.locator("form button.btn-main").click()
    page.goto(f"/t/{token}/withdraw/")
    page.get_by_role("button", name="撤回诉求").last.click()
    expect(page.locator("h1")).to_contain_text("您已撤回这件诉求。")


@pytest.mark.long
def test_a_wrong_tail_says_how_often_one_may_try(world: World, phone: Open, watch: Watch) -> None:
    issue = world.make_issue("in_progress")
    page = phone()
    page.goto("/track/")
    page.fill("#number", str(issue.serial))
    page.fill("#phone_tail", "9999")
    page.locator("form[action='/track/'] button[type=submit]").click()
    expect(page.locator("#phone_tail-error")).to_contain_text("还可以试 4 次")
    expect(page.locator("#number")).to_have_value(str(issue.serial))


def test_a_leader_reports_from_the_stairwell(world: World, desk: Open) -> None:
    page = desk("leader", width=390, height=844)
    assert page.url.endswith("/leader/")
    page.get_by_role("link", name="拍照上报").first.click()
    page.fill("#description", "3栋二单元门口两块地砖松了，昨天有人绊倒。")
    page.locator("form[action^='/leader/report/'] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("3栋二单元门口两块地砖松了")
    issue = the_issue()
    assert (issue.source, issue.building_id) == ("leader", world.buildings["bihu3"].pk)


def test_two_clerks_and_one_issue_keep_what_was_typed(world: World, desk: Open, watch: Watch) -> None:
    issue = world.make_issue("accepted")
    page = desk("clerk")
    page.goto(f"/console/issues/{issue.number}/?action=dispatch")
    panel = page.locator("#panel-place form").first
    panel.locator("textarea[name=note]").fill("请带疏通工具")
    choose(page, "department", "水务管理办公室")
    world.act(issue, "comment", "secretary", note="居民又来电")
    watch.expected.add(409)
    panel.locator("button[type=submit], button:not([type])").first.click()
    expect(page.locator("main")).to_contain_text("您填写的内容已保留")
    expect(page.locator("#panel-place textarea[name=note]")).to_have_value("请带疏通工具")


@pytest.mark.long
def test_the_interface_in_english(world: World, desk: Open, phone: Open) -> None:
    world.make_issue("submitted")
    page = desk("clerk", locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main")).to_contain_text("To do")
    resident = phone(locale="en-GB")
    resident.goto("/")
    expect(resident.locator("main")).to_contain_text("Raise a request")
