"""A meeting of 夏东社区, walked to where a test wants it."""

from datetime import date, datetime
from typing import Any

from common.clock import local
from issues.services.submissions import Sent, digest_of
from meetings.models import Meeting, MeetingItem, MeetingKind, Question
from meetings.rights import may_convene
from meetings.services import asking, planning, recording
from meetings.services.recording import Writing
from tests.support.cast import NOW, World


def given(world: World, **more: Any) -> planning.NewMeeting:
    values: dict[str, Any] = {
        "subdistrict": world.area,
        "kind": MeetingKind.objects.get(code="joint_meeting"),
        "title": "夏东联席会议",
        "convener": world.departments["MUNICIPAL"],
        "community": world.communities["xiadong"],
        "communities": [world.communities["dade"]],
        "departments": [world.departments["WATER"]],
    }
    return planning.NewMeeting(**(values | more))


def announced(world: World, by: str = "clerk", on: date | None = None, at: datetime = NOW, **more: Any) -> Meeting:
    """By somebody who may give this office to who convenes it: a community convenes with its own team alone."""
    meeting = given(world, **more)
    by = by if may_convene(world.actor(by).access, meeting.convener) else "supervisor"
    return planning.add_meeting(given=meeting, on=on or local(at).date(), by=world.actor(by), at=at)


def live(world: World, by: str = "clerk", at: datetime = NOW, **more: Any) -> Meeting:
    meeting = announced(world, by, at=at, **more)
    return recording.begin(meeting_id=meeting.pk, version=meeting.version, by=world.actor(by), at=at)


def typed(world: World, meeting: Meeting, by: str = "clerk", number: int | None = None, **more: Any) -> MeetingItem:
    """An item; ``key``, ``version``, ``attempt``, ``previous`` are those of the writing, ``reason`` of a correction."""
    about = {name: more.pop(name) for name in ("key", "version", "attempt", "previous") if name in more}
    reason = more.pop("reason", "")
    values = more if number else {"words": "幸福路口积水"} | more
    return recording.write_item(
        meeting_id=meeting.pk,
        given=values,
        writing=Writing(**about),
        number=number,
        by=world.actor(by),
        at=NOW,
        reason=reason,
    )


def boxed(world: World, by: str = "clerk", at: datetime = NOW, **more: Any) -> Meeting:
    """A meeting in progress, released, of which the question box is open."""
    meeting = live(world, by, at=at, **more)
    meeting = planning.release(meeting_id=meeting.pk, version=meeting.version, by=world.actor(by), at=at)
    asking.open_box(meeting_id=meeting.pk, version=meeting.version, by=world.actor(by), at=at)
    return meeting


def asked(meeting: Meeting, words: str = "幸福路什么时候修好", key: str = "", at: datetime = NOW) -> Question:
    sent = Sent(key, None, digest_of({"question": words}))
    return asking.ask(meeting_id=meeting.pk, words=words, sent=sent, at=at).question
