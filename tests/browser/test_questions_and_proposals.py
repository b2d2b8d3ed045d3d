"""A question box from the first question to the last answer; a proposal whose deputy is not satisfied."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from deadlines.models import Deadline
from meetings.enums import QUESTION
from meetings.models import Question
from meetings.services import answering, asking, planning, recording
from proposals.models import Proposal
from tests.integration.meetings.room import announced, asked

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def test_a_box_of_132_questions_ends_with_nothing_open(world: "World", desk: Open, phone: Open) -> None:
    at, by = now(), world.actor("clerk")
    meeting = planning.release(meeting_id=announced(world, at=at).pk, version=1, by=by, at=at)
    asking.open_box(meeting_id=meeting.pk, version=2, by=by, at=at)
    rows = [asked(meeting, f"第{number}问", at=at) for number in range(1, 132)]
    resident, clerk = phone(), desk("clerk")
    resident.goto(f"/meetings/{meeting.pk}/questions/")
    resident.fill("[name=question]", "幸福路什么时候修好")
    resident.click("main .submit button[type=submit]")
    expect(resident.locator("body")).to_contain_text("您的提问是132号")
    expect(resident.locator("main")).to_contain_text("提问 132 · 现场答复 0 · 书面答复 0 · 待答复 132")
    meeting = recording.begin(meeting_id=meeting.pk, version=2, by=by, at=at)

    box = f"/console/meetings/{meeting.pk}/questions/"
    clerk.goto(f"{box}132/")
    with clerk.expect_navigation():
        clerk.click("button[value=show]")
    clerk.fill("[name=answer]", "年底前修好")
    expect(clerk.locator("[name=step][value=on_air]")).to_be_checked()
    expect(clerk.locator("[name=due_on]")).to_be_hidden()
    clerk.click("text=记录答复")
    expect(clerk.locator("h1 + .second")).to_contain_text("现场答复")
    clerk.goto(f"{box}131/")
    clerk.click("main summary >> nth=0")
    clerk.fill("[name=into]", "132")
    clerk.click("button[value=merge]")
    expect(clerk.locator("main")).to_contain_text("并入132号")
    given: dict[str, Any] = {"by": by, "at": at, "version": 1}
    for row in rows[:125]:
        if row.number <= 100:
            answering.answer(question_id=row.pk, way="on_air", words="已答", **given)
        else:
            answering.merge(question_id=row.pk, into=100, **given)
    answering.refuse(question_id=rows[125].pk, reason="涉及他人隐私", **given)
    answering.promise(question_id=rows[126].pk, words="年底前完成", **given)

    recording.end(meeting_id=meeting.pk, version=meeting.version, by=by, at=at)
    resident.reload()
    expect(resident.locator("main")).to_contain_text("待答复 3")
    expect(resident.locator("main")).to_contain_text("提问已经截止")
    head = desk("head")
    for number in (128, 129, 130):
        head.goto("/console/meetings/questions/")
        head.click(f"a[href='{box}{number}/']")
        head.fill("[name=answer]", f"第{number}问已办")
        head.click("main button.btn-primary")
        expect(head.locator("h1 + .second")).to_contain_text("书面答复")
    resident.reload()
    told = "提问 132 · 现场答复 127 · 书面答复 3 · 转为承诺 1 · 不适合答复 1 · 待答复 0"
    expect(resident.locator("main")).to_contain_text(told)
    expect(resident.locator("#question-132")).to_contain_text("另有1人问到")
    assert not Question.objects.waiting().exists()
    assert not Deadline.objects.filter(subject_kind=QUESTION).open().exists()


def test_a_proposal_is_answered_again_where_its_deputy_is_not_satisfied(world: "World", desk: Open) -> None:
    office, head = desk("supervisor"), desk("head")
    office.goto("/console/proposals/new/")
    office.fill("[name=number]", "桂城〔2026〕15号")
    office.fill("[name=title]", "加快幸福路改造")
    office.fill("[name=words]", "幸福路积水多年，建议尽快改造。")
    office.fill("[name=deputies]", "陈大文 平东代表小组")
    office.locator("#id_lead").focus()
    office.keyboard.type("shizheng")
    office.keyboard.press("Enter")
    office.click("main button.btn-primary")
    office.wait_for_url(re.compile(r"/console/proposals/\d+/$"))
    page = office.url
    head.goto(page)
    answer(head, "D", "已收悉。")
    with head.expect_download() as download:
        head.click("text=答复件（Word）")
    assert download.value.suggested_filename == "桂城〔2026〕15号答复-陈大文 平东代表小组.docx"
    hear(office, page, "dissatisfied", why="没有说什么时候改造")
    expect(office.locator("h1 + .second")).to_contain_text("办理中")
    head.goto(page)
    expect(head.locator("main")).to_contain_text("没有说什么时候改造")
    answer(head, "C", "资金到位后改造。", why="资金未落实")
    hear(office, page, "satisfied")
    expect(office.locator("h1 + .second")).to_contain_text("已办结")
    row = Proposal.objects.get()
    assert (row.state, row.round, list(row.answers.order_by("round").values_list("grade", flat=True))) == (
        *("closed", 2),
        ["D", "C"],
    )


def answer(head: Page, grade: str, words: str, why: str = "") -> None:
    """Answer it on its page; what the grade asks for is there, and nothing else."""
    head.locator(f"[name=grade][value={grade}]").check(force=True)
    expect(head.locator("[name=promise]")).to_be_hidden()
    head.fill("[name=answer]", words)
    if why:
        head.fill("#id_why", why)
    head.click("button[value=answer]")
    expect(head.locator("main")).to_contain_text(words)


def hear(office: Page, page: str, opinion: str, why: str = "") -> None:
    """Note what the deputy says of the last answer."""
    office.goto(page)
    office.select_option("[name=deputy]", label="陈大文 平东代表小组")
    office.locator(f"[name=opinion][value={opinion}]").check(force=True)
    if why:
        office.fill("#id_unhappy", why)
    office.click("button[value=hear]")
    expect(office.locator("[name=deputy]")).to_have_count(0)
