"""The minutes as each person may read them: what was confirmed stays, and what is closed is shown to nobody else."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from accounts.models import issue_token
from issues.models import Issue
from meetings import minutes
from meetings.models import Meeting, MeetingItem
from meetings.services import following, planning
from tests.integration.meetings.room import live, typed
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def confirmed(world: World, meeting: Meeting) -> Meeting:
    """Its minutes drafted and confirmed by the office."""
    for step in (following.draft_minutes, following.confirm_minutes):
        meeting.refresh_from_db()
        step(meeting_id=meeting.pk, version=meeting.version, by=world.actor("supervisor"), at=NOW)
    meeting.refresh_from_db()
    return meeting


def page_of(client: Client, meeting: Meeting) -> str:
    return client.get(reverse("console-meeting-minutes", args=[meeting.pk])).content.decode()


def paper_of(client: Client, meeting: Meeting) -> str:
    answer = client.get(reverse("console-meeting-minutes-file", args=[meeting.pk]))
    return "\n".join(one.text for one in Document(io.BytesIO(answer.content)).paragraphs)


def told(world: World, meeting: Meeting, who: str) -> str:
    """What the API tells of it."""
    token = issue_token(user=world.people[who], at=NOW)
    answer: Any = Client().get(f"/api/v1/meetings/{meeting.pk}/", headers={"authorization": f"Token {token}"})
    return str(answer.json()["minutes"])


@pytest.mark.parametrize("matter", ["about", "issue"])
def test_what_becomes_confidential_after_the_minutes_leaves_them_for_who_does_not_see_it(
    world: World, signed_in: SignIn, matter: str
) -> None:
    meeting = live(world)
    for words in ("路灯不亮", "有人举报", "道路积水"):
        typed(world, meeting, words=words, answer=f"{words}的答复")
    kept = confirmed(world, meeting).minutes
    typed(world, meeting, number=2, version=1, answer="举报另有答复", reason="举报听写有误")
    assert "举报另有答复" in page_of(signed_in("clerk2"), meeting)
    issue = world.make_issue("in_progress", confidential=True)
    MeetingItem.objects.filter(meeting=meeting, number=2).update(**{matter: issue})
    for who, sees in (("clerk2", False), ("officer", True), ("supervisor", True)):
        client = signed_in(who)
        for text in (page_of(client, meeting), paper_of(client, meeting), told(world, meeting, who)):
            assert ("举报" in text, f"二、{minutes.CLOSED}" in text) == (sees, not sees), who
            assert ("一、提出" in text, "三、提出" in text, "道路积水的答复" in text) == (True, True, True), who
    assert Meeting.objects.get().minutes == kept, "the record stays"


def test_minutes_from_before_items_had_numbers_close_all_of_them(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    typed(world, meeting, words="有人举报")
    confirmed(world, meeting)
    Meeting.objects.update(minutes="时间：今天\n# 一、提出\n有人举报\n会上未答复。")
    assert "有人举报" in page_of(signed_in("clerk2"), meeting)
    MeetingItem.objects.update(about=world.make_issue("in_progress", confidential=True))
    text = told(world, meeting, "clerk2")
    assert text == f"时间：今天\n# 一、{minutes.CLOSED}"


def test_nobody_is_told_that_nothing_was_raised_where_something_is_closed(world: World) -> None:
    meeting = live(world)
    typed(world, meeting, words="有人举报")
    Issue.objects.filter(pk=world.make_issue("in_progress").pk).update(confidential=True)
    MeetingItem.objects.update(about=Issue.objects.get())
    assert f"一、{minutes.CLOSED}" in confirmed(world, meeting).minutes
    planning.release(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    page = Client().get(reverse("public-meeting", args=[meeting.pk])).content.decode()
    assert ("没有可以公开的事项" in page, "没有提出" in page) == (True, False)


def test_corrections_say_of_every_field_what_it_was_and_what_it_is(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    typed(world, meeting, words="路灯不亮", answer="会修", answer_kind="dated", department="WATER", due_on="2026-03-31")
    confirmed(world, meeting)
    dade, other = world.communities["dade"], world.departments["MUNICIPAL"]
    category = world.make_issue("in_progress").category
    assert category is not None
    typed(
        world, meeting, number=1, version=1, reason="听写有误", words="路灯全不亮", answer="四月修",
        due_on="2026-04-30", answer_kind="study", department=other.pk, community=dade.pk, category=category.pk,
        raised_by="居民代表", answered_by="李科长",
    )  # fmt: skip
    typed(world, meeting, number=1, version=2, reason="不是居民代表", raised_by="")
    said = (
        "更正第1项（听写有误）。", "问题：原为“路灯不亮”，改为“路灯全不亮”。", "答复：原为“会修”，改为“四月修”。",
        "期限：原为“2026年3月31日”，改为“2026年4月30日”。", "答复类型：原为“限期办理”，改为“研究后答复”。",
        f"承办单位：原为“水务管理办公室”，改为“{other.name_zh}”。", f"提出社区：原为无，改为“{dade.name_zh}”。",
        f"类别：原为无，改为“{category.name_zh}”。", "提出人：原为无，改为“居民代表”。",
        "答复人：原为无，改为“李科长”。",
        "更正第1项（不是居民代表）。提出人：原为“居民代表”，改为无。",
    )  # fmt: skip
    client = signed_in("supervisor")
    for text in (page_of(client, meeting), paper_of(client, meeting)):
        assert [one for one in said if one not in text] == []


def test_what_is_added_after_the_minutes_stands_below_them_as_it_was_added(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    typed(world, meeting, words="路灯不亮")
    confirmed(world, meeting)
    place = world.communities["dade"]
    typed(world, meeting, words="漏记的", answer="会办", department="WATER", community=place.pk, reason="会上漏记")
    typed(world, meeting, number=2, version=1, answer="不办", department="MUNICIPAL", reason="听写有误")
    added = f"补记第2项（会上漏记）。{place.name_zh}提出：漏记的。水务管理办公室答复：会办（未定期限）"
    client = signed_in("supervisor")
    for text in (page_of(client, meeting), paper_of(client, meeting)):
        assert text.index(added) < text.index("更正第2项（听写有误）。答复：原为“会办”，改为“不办”。")
    assert "漏记的" not in Meeting.objects.get().minutes
