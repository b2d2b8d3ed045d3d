"""The agenda: topics of those invited, matters that staff put forward, topics of meetings that were not held."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from communities.access import access_of
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from meetings.agenda import matters_for, not_reached_before
from meetings.models import Meeting, MeetingItem
from meetings.published import items_of
from meetings.services import following, planning, proposing, recording
from meetings.services.errors import NotNow
from tests.integration.meetings.room import announced, typed
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
TODAY = NOW.date()


def test_who_is_invited_proposes(world: World) -> None:
    meeting = announced(world)
    said = {
        who: proposing.propose(meeting_id=meeting.pk, words=f"{who}的议题", by=world.actor(who), at=NOW)
        for who in ("clerk2", "officer2", "head", "clerk")
    }
    assert said["clerk2"].community_id == world.communities["dade"].pk
    assert (said["officer2"].community_id, bool(said["officer2"].raised_by)) == (None, True)
    assert [item.number for item in said.values()] == [1, 2, 3, 4]
    for who in ("outsider", "leader", "deputy"):
        with pytest.raises(NotPermitted):
            proposing.propose(meeting_id=meeting.pk, words="别人的", by=world.actor(who), at=NOW)
    with pytest.raises(InvalidFields):
        proposing.propose(meeting_id=meeting.pk, words=" ", by=world.actor("clerk"), at=NOW)
    recording.begin(meeting_id=meeting.pk, version=1, by=world.actor("clerk"), at=NOW)
    with pytest.raises(NotNow):
        proposing.propose(meeting_id=meeting.pk, words="晚了", by=world.actor("clerk2"), at=NOW)


def test_matters_that_wait_long_are_put_forward_once_and_none_that_is_confidential(world: World) -> None:
    meeting, by = announced(world), world.actor("clerk")
    issues = [world.make_issue("in_progress") for _n in range(4)]
    often, many, plain, secret = issues
    Issue.objects.filter(pk=often.pk).update(reopen_count=3)
    Issue.objects.filter(pk=many.pk).update(collective_at=NOW)
    Issue.objects.filter(pk=secret.pk).update(reopen_count=5, confidential=True)
    offered = matters_for(meeting, access_of(world.user("clerk")))
    assert {issue.pk for issue in offered} == {often.pk, many.pk}
    item = proposing.put_forward(meeting_id=meeting.pk, issue_id=often.pk, by=by, at=NOW)
    assert (item.about_id, item.community_id, item.category_id) == (often.pk, often.community_id, often.category_id)
    for issue in (often, plain, secret):
        with pytest.raises(NotNow):
            proposing.put_forward(meeting_id=meeting.pk, issue_id=issue.pk, by=by, at=NOW)
    recording.begin(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    with pytest.raises(NotNow):
        following.make_issue(item_id=item.pk, by=by, at=NOW)


def test_a_matter_that_becomes_confidential_leaves_the_agenda(world: World, signed_in: SignIn) -> None:
    """Of who does not see it, the minutes, and the public page."""
    meeting, by = announced(world), world.actor("clerk")
    issue = world.make_issue("in_progress")
    Issue.objects.filter(pk=issue.pk).update(reopen_count=3, title="有人堆放危险品")
    proposing.put_forward(meeting_id=meeting.pk, issue_id=issue.pk, by=by, at=NOW)
    typed(world, meeting, words="路灯不亮")
    Issue.objects.filter(pk=issue.pk).update(confidential=True)
    recording.begin(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    meeting.refresh_from_db()
    told = following.minutes_of(meeting)
    assert ("危险品" in told, "路灯" in told) == (False, True)
    for who, sees in (("clerk2", False), ("supervisor", True)):
        page = signed_in(who).get(reverse("console-meeting", args=[meeting.pk])).content.decode()
        assert ("危险品" in page, issue.number in page, "路灯" in page) == (sees, sees, True), who
    for step in (following.draft_minutes, following.confirm_minutes):
        meeting.refresh_from_db()
        step(meeting_id=meeting.pk, version=meeting.version, by=world.actor("supervisor"), at=NOW)
    meeting.refresh_from_db()
    assert [row.words for row in items_of(meeting, TODAY)] == ["路灯不亮"]


def test_a_topic_that_was_not_reached_goes_to_the_next_meeting_once(world: World, signed_in: SignIn) -> None:
    missed = announced(world)
    topic = typed(world, missed, words="幸福路口积水")
    by, clerk = world.actor("clerk"), signed_in("clerk")
    Meeting.objects.filter(pk=missed.pk).update(on=TODAY - timedelta(days=1))
    following_one = announced(world, on=TODAY + timedelta(days=7))
    assert "幸福路口积水" in clerk.get(f"{reverse('console-meetings')}?view=not_held").content.decode()
    page = clerk.get(reverse("console-meeting", args=[following_one.pk])).content.decode()
    assert "幸福路口积水" in page
    url = reverse("console-meeting-topics", args=[following_one.pk])
    assert clerk.post(url, {"step": "carry", "key": topic.pk}).status_code == 302
    carried = MeetingItem.objects.get(meeting=following_one)
    assert (carried.words, carried.carried_from_id, carried.raised_on) == (topic.words, topic.pk, following_one.on)
    assert not not_reached_before(following_one, access_of(world.user("clerk")), TODAY).exists()
    with pytest.raises(NotNow):
        proposing.carry_over(meeting_id=following_one.pk, item_id=topic.pk, by=by, at=NOW)
    assert clerk.post(url, {"step": "carry", "key": topic.pk}).status_code == 409
    assert clerk.post(url, {"step": "all"}).status_code == 400
    assert clerk.post(url, {"step": "propose", "words": ""}).status_code == 400
    assert signed_in("outsider").post(url, {"step": "propose", "words": "试"}).status_code == 404
    planning.cancel(meeting_id=following_one.pk, reason="台风", version=1, by=by, at=NOW)
