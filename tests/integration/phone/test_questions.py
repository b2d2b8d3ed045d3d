"""提问箱 without an account: the guards of a public form, what is read there and what is not."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import limits
from meetings.models import Meeting, Question
from meetings.services import answering, asking
from tests.integration.meetings.room import asked, boxed
from tests.support.cast import NOW, PHONE, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def address(meeting: Meeting) -> str:
    return reverse("public-questions", args=[meeting.pk])


def send(meeting: Meeting, client: Client | None = None, **typed: Any) -> Any:
    form = {"question": "路灯不亮", "idempotency_key": "key-of-one-form"} | typed
    return (client or Client()).post(address(meeting), form)


def test_asking_twice_is_asking_once_and_machines_ask_nothing(world: World) -> None:
    meeting, resident = boxed(world), Client()
    page = resident.get(address(meeting)).content.decode()
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert key is not None
    assert "提问 0 · 现场答复 0 · 书面答复 0 · 待答复 0" in page
    for _turn in range(2):
        assert send(meeting, resident, idempotency_key=key[1]).status_code == 302
    assert "您的提问是1号" in resident.get(address(meeting)).content.decode()
    assert send(meeting, website="http://spam.example", idempotency_key="machine-key").status_code == 400
    again = send(meeting, idempotency_key=key[1], question="另一个问题")
    assert (again.status_code, "另一个问题" in again.content.decode()) == (409, True)
    for name, wrong in (("question", " "), ("question", "长" * 10_000), ("idempotency_key", "短"), ("question", "\0")):
        assert send(meeting, None, **{name: wrong}).status_code == 400
    for wrong, words in (("长" * 301, "最多 300 个字"), ("路\0灯", "有不能识别的字符")):
        assert words in send(meeting, None, question=wrong).content.decode()
    row = Question.objects.get()
    assert (row.words, row.number, row.shown_at) == ("路灯不亮", 1, None)


def test_a_network_asks_twenty_times_an_hour_and_danger_is_always_told_whom_to_call(world: World) -> None:
    meeting = boxed(world)
    for _turn in range(limits.QUESTIONS_PER_NETWORK.limit):
        assert isinstance(limits.QUESTIONS_PER_NETWORK.hit("127.0.0.1"), limits.Allowed)
    often = send(meeting)
    assert (often.status_code, int(often["Retry-After"]) > 0) == (429, True)
    words = "楼下着火了"
    first = send(meeting, question=words)
    assert (first.status_code, "tel:119" in first.content.decode(), Question.objects.count()) == (200, True, 0)
    sure = send(meeting, question=words, sure="1")
    assert (sure.status_code, "tel:119" in sure.content.decode(), Question.objects.count()) == (429, True, 0)


def test_nothing_is_read_before_it_was_shown_and_no_person_ever(world: World, signed_in: SignIn) -> None:
    meeting, clerk, resident = boxed(world), signed_in("clerk"), Client()
    row, bad = asked(meeting, f"我叫张小三，电话{PHONE}，幸福路何时修"), asked(meeting, "骂人的话")
    url = reverse("console-question", args=[meeting.pk, row.number])
    assert "幸福路" not in resident.get(address(meeting)).content.decode()
    assert clerk.post(url, {"step": "show", "version": 1, "then": "list"})["Location"].endswith("?view=unseen")
    answering.refuse(question_id=bad.pk, version=1, reason="不文明用语", by=world.actor("clerk"), at=NOW)
    page = resident.get(address(meeting)).content.decode()
    for words in ("幸福路", "不文明用语", "提问 2 · 现场答复 0 · 书面答复 0 · 不适合答复 1 · 待答复 1"):
        assert words in page
    for words in (PHONE, "张小三", "骂人的话"):
        assert words not in page
    asking.close_box(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    late = send(meeting, question="还来得及吗")
    assert (late.status_code, "还来得及吗" in late.content.decode(), Question.objects.count()) == (409, True, 2)
    clerk.post(reverse("console-meeting", args=[meeting.pk]), {"step": "take_back", "version": meeting.version})
    assert resident.get(address(meeting)).status_code == 404
    assert send(meeting).status_code == 404


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_pages_ask_the_same_for_one_question_and_for_many(world: World, signed_in: SignIn) -> None:
    meeting, clerk, resident = boxed(world), signed_in("clerk"), Client()
    by, water = world.actor("clerk"), world.departments["WATER"].pk
    pages = [
        (resident, address(meeting)),
        (clerk, f"{reverse('console-meeting-questions', args=[meeting.pk])}?view=all"),
        (clerk, reverse("console-questions-owed")),
    ]

    def ask(number: int) -> None:
        row, other = asked(meeting, f"第{number}问"), asked(meeting, f"又问{number}")
        answering.show(question_id=row.pk, version=1, by=by, at=NOW)
        answering.promise(question_id=row.pk, version=2, words="会办", by=by, at=NOW, department_id=water)
        answering.merge(question_id=other.pk, version=1, into=row.number, by=by, at=NOW)

    ask(0)
    for client, url in pages:
        client.get(url)
    one = [statements(client, url) for client, url in pages]
    for number in range(1, 6):
        ask(number)
    assert [statements(client, url) for client, url in pages] == one


def test_the_page_of_a_question_for_its_secretary_and_for_who_answers(world: World, signed_in: SignIn) -> None:
    meeting, clerk = boxed(world), signed_in("clerk")
    row = asked(meeting)
    url = reverse("console-question", args=[meeting.pk, row.number])
    assert signed_in("outsider").get(url).status_code == 404
    water = str(world.departments["WATER"].pk)
    assert clerk.post(url, {"step": "assign", "version": 1, "department": "999999"}).status_code == 400
    assert clerk.post(url, {"step": "assign", "version": 1, "department": water}).status_code == 302
    officer = signed_in("officer2")
    page = officer.get(url).content.decode()
    assert ('value="written"' in page, 'value="promise"' in page, 'value="refuse"' in page) == (True, False, False)
    assert officer.post(url, {"step": "refuse", "version": 2, "reason": "不想答"}).status_code == 403
    assert officer.post(url, {"step": "written", "version": 2, "answer": ""}).status_code == 400
    assert officer.post(url, {"step": "written", "version": 1, "answer": "已修好"}).status_code == 409
    assert officer.post(url, {"step": "written", "version": 2, "answer": "已修好"}).status_code == 302
    late = officer.post(url, {"step": "written", "version": 2, "answer": "下周修好"})
    assert (late.status_code, "下周修好" in late.content.decode()) == (409, True), "what was typed is not lost"
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_by) == ("written", "已修好", world.people["officer2"])
    assert clerk.post(url, {"step": "reopen", "version": 3, "reason": "答非所问"}).status_code == 302
