"""The pages of proposals: rights, steps, one reply for each deputy as a Word file, the statements of the list."""

import io
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from proposals.models import DeputyOpinion, Proposal
from proposals.services.registering import Deputy
from tests.integration.proposals.hall import answered, heard, registered
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def test_from_registering_to_a_deputy_who_is_not_satisfied(world: World, signed_in: SignIn) -> None:
    office, head = signed_in("supervisor"), signed_in("head")
    form = {
        "number": "桂城〔2026〕15号", "title": "加快幸福路改造", "words": "建议尽快改造。", "lead": "MUNICIPAL",
        "received_on": NOW.date().isoformat(), "deputies": "陈大文　平东代表小组\n\n李小明", "parts": ["WATER"],
    }  # fmt: skip
    assert head.get(reverse("console-proposal-new")).status_code == 403
    assert office.post(reverse("console-proposal-new"), form | {"deputies": " ", "lead": ""}).status_code == 400
    assert office.post(reverse("console-proposal-new"), form | {"lead": "MUNICIPAL\x00"}).status_code == 400
    office.post(reverse("console-proposal-new"), form)
    row = Proposal.objects.get()
    assert list(row.deputies.order_by("pk").values_list("name", "delegation")) == [
        ("陈大文", "平东代表小组"),
        ("李小明", ""),
    ]
    url = reverse("console-proposal", args=[row.pk])
    assert signed_in("outsider").get(url).status_code == 404
    note = {"step": "give_part", "version": 1, "department": "WATER", "note": "管网可以同步改造"}
    assert signed_in("officer2").post(url, note).status_code == 302
    said = {"step": "answer", "version": 2, "grade": "B", "answer": "已列入计划。", "promise": "年底前改造完"}
    assert head.post(url, said).status_code == 400
    assert head.post(url, said | {"due_on": "2026-12-31"}).status_code == 302
    other = head.post(url, said | {"due_on": "2026-12-31", "answer": "另一种答复"})
    assert (other.status_code, "另一种答复" in other.content.decode()) == (409, True), "what was typed is not lost"
    second = row.deputies.order_by("pk")[1].pk
    unhappy = {"step": "hear", "version": 3, "deputy": second, "opinion": "dissatisfied"}
    assert office.post(url, unhappy | {"deputy": ""}).status_code == 400
    wrong = office.post(url, unhappy)
    kept = re.search(rf'<option value="{second}" selected>', wrong.content.decode())
    assert (wrong.status_code, kept is not None) == (400, True), "not another deputy's opinion"
    assert office.post(url, unhappy | {"why": "等得太久"}).status_code == 302
    page = head.get(url).content.decode()
    for words in ("等得太久", "年底前改造完", "重新答复代表建议", "管网可以同步改造"):
        assert words in page
    assert DeputyOpinion.objects.count() == 1


def test_each_deputy_gets_a_reply_as_a_word_file(world: World, signed_in: SignIn) -> None:
    row = registered(world)
    url = [reverse("console-proposal-reply", args=[row.pk, one.pk]) for one in row.deputies.order_by("pk")]
    head = signed_in("head")
    assert head.get(url[0]).status_code == 404, "nothing was answered yet"
    answered(world, row, "C", why="资金未落实")
    read = []
    for address in url:
        answer = head.get(address)
        document = Document(io.BytesIO(answer.content))
        read.append([paragraph.text for paragraph in document.paragraphs if paragraph.text])
        section = document.sections[0]
        sizes = (section.page_width, section.top_margin, section.left_margin)
        assert [round(size.mm) for size in sizes if size is not None] == [210, 37, 28]
    assert (read[0][2], read[1][2]) == ("陈大文代表：", "李小明代表：")
    assert read[0][:2] == ["办理类别：C", "对桂城〔2026〕15号代表建议的答复"]
    assert "暂时不能解决的原因：资金未落实" in read[0]
    assert read[0][-2:] == ["市政管理办公室", "2026年3月18日"]
    assert signed_in("outsider").get(url[0]).status_code == 404


def test_deputies_of_one_name_are_told_apart_by_their_delegations(world: World, signed_in: SignIn) -> None:
    three = [Deputy("陈大文", "平东代表小组"), Deputy("陈大文", "夏东代表小组"), Deputy("陈大文", "平东代表小组")]
    row = registered(world, deputies=three)
    answered(world, row)
    office = signed_in("supervisor")
    page = office.get(reverse("console-proposal", args=[row.pk])).content.decode()
    for one in row.deputies.all():
        assert re.search(rf'<option value="{one.pk}"[^>]*>\s*{one.called}\s*<', page)
    heard(world, row, 0, "satisfied")
    row.refresh_from_db()
    assert (row.deputies.count(), row.state) == (2, "answered"), "the other one has not said anything yet"


def test_the_list_asks_the_same_for_one_and_for_many(world: World, signed_in: SignIn) -> None:
    office = signed_in("supervisor")
    url = reverse("console-proposals")

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert office.get(url).status_code == 200
        return len(caught)

    registered(world)
    statements()
    one = statements()
    for number in range(16, 21):
        registered(world, number=str(number))
    assert statements() == one
    for view in ("answered", "report", "closed"):
        assert office.get(url, {"view": view}).status_code == 200
