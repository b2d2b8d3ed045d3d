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
