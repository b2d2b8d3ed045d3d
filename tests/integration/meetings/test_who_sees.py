"""Three meetings, through every door: each person reads of those that concern them, and not a word of the others."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import issue_token
from common.clock import local
from communities.models import Department
from meetings.models import Meeting, MeetingItem
from meetings.services import asking, following, planning
from tests.integration.meetings.room import asked, live, typed
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]

OFFICE = {"supervisor", "deputy", "director"}
SEES = {
    "甲": {"clerk", "clerk2", "officer", "head", "officer2", "admin", *OFFICE},
    "乙": {"clerk2", "officer2", "admin", *OFFICE},
    "丙": {"outsider", "admin"},
}
"""甲: of 夏东, with 大德 and the water office, convened by the municipal office. 乙: of 大德, the water office's.
丙: of the other sub-district. Nothing of them was released."""
PEOPLE = sorted(set().union(*SEES.values()) | {"leader"})
LISTS = (
    "/console/", "/console/meetings/", "/console/meetings/?view=held", "/console/meetings/?view=not_held",
    "/console/meetings/?view=series", "/console/meetings/items/", "/console/meetings/items/?list=undated",
    "/console/meetings/items/?list=late", "/console/meetings/questions/", "/console/commitments/",
    "/console/commitments/?view=all", "/console/commitments/rates/", "/console/visits/", "/console/activities/",
    "/console/departments/", "/console/notifications/", "/meetings/", "/meetings/calendar.ics", "/promises/",
)  # fmt: skip
WORDS = ("会议", "事项", "承诺", "提问")
OF_ONE = ("", "desk/", "minutes/", "minutes.docx", "attendance/", "guests/", "questions/", "questions/1/")
API = ("meetings/", "meetings/{pk}/", "meetings/{pk}/items/", "commitments/", "commitments/{promise}/")


def meet(world: World, mark: str, by: str, **more: Any) -> tuple[Meeting, int]:
    """A meeting in progress with an item, a question and a promise, each of which says whose it is."""
    meeting = live(world, by, title=f"{mark}会议", **more)
    box = planning.release(meeting_id=meeting.pk, version=meeting.version, by=world.actor(by), at=NOW)
    asking.open_box(meeting_id=meeting.pk, version=box.version, by=world.actor(by), at=NOW)
    asked(meeting, f"{mark}提问")
    typed(world, meeting, by, words=f"{mark}事项")
    department = more.get("convener") or world.departments["MUNICIPAL"]
    item = typed(
        world, meeting, by, words=f"{mark}承诺", answer=f"{mark}承诺", answer_kind="dated", department=department.pk,
        due_on=local(NOW).date().isoformat(),
    )  # fmt: skip
    made = following.make_commitment(item_id=item.pk, by=world.actor(by), at=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(released_at=None, released_by=None)
    return meeting, made.pk


@pytest.fixture
def met(world: World) -> dict[str, tuple[Meeting, int]]:
    """The three."""
    water, pingdi = world.departments["WATER"], world.communities["pingdi"]
    other = Department.objects.create(
        subdistrict=world.other_area, community=pingdi, kind="community_team", code="PINGDI", name_zh="平地社区自办"
    )
    alone: dict[str, Any] = {"communities": [], "departments": []}
    return {
        "甲": meet(world, "甲", "clerk"),
        "乙": meet(world, "乙", "clerk2", community=world.communities["dade"], convener=water, **alone),
        "丙": meet(
            world, "丙", "outsider", subdistrict=world.other_area, community=pingdi,
            convener=other, **alone,
        ),
    }  # fmt: skip


def read(client: Client, paths: Iterator[str], **headers: str) -> str:
    """All that these answer, one after the other."""
    answers = [client.get(path, headers=headers) for path in paths]
    assert all(answer.status_code < 500 for answer in answers)
    return "".join(answer.content.decode(errors="ignore") for answer in answers)


@pytest.mark.parametrize("who", PEOPLE)
def test_no_door_tells_of_a_meeting_that_does_not_concern_them(
    world: World, met: dict[str, tuple[Meeting, int]], signed_in: SignIn, who: str
) -> None:
    pages = [*LISTS]
    calls = []
    for meeting, promise in met.values():
        pages += [f"/console/meetings/{meeting.pk}/{path}" for path in OF_ONE]
        pages += [f"/console/commitments/{promise}/", f"/meetings/{meeting.pk}/", f"/promises/{promise}/"]
        calls += [f"/api/v1/{path.format(pk=meeting.pk, promise=promise)}" for path in API]
    token = issue_token(user=world.people[who], at=timezone.now())
    said = read(signed_in(who), iter(pages)) + read(Client(), iter(calls), authorization=f"Token {token}")
    for mark, people in SEES.items():
        for word in WORDS:
            assert (f"{mark}{word}" in said) is (who in people), f"{mark}{word} for {who}"


def test_without_an_account_nothing_is_read(world: World, met: dict[str, tuple[Meeting, int]]) -> None:
    pages = [
        *LISTS,
        *(f"/meetings/{meeting.pk}/{path}" for meeting, _promise in met.values() for path in ("", "questions/")),
    ]
    said = read(Client(), iter(pages))
    assert not [
        f"{mark}{word}" for mark in SEES for word in ("会议", "事项", "承诺", "提问") if f"{mark}{word}" in said
    ]


def test_what_became_a_confidential_matter_stands_on_no_page_for_who_does_not_see_it(
    world: World, signed_in: SignIn
) -> None:
    meeting = live(world)
    typed(world, meeting, words="有人举报", answer="会查", answer_kind="dated", department="WATER", due_on="2026-03-31")
    MeetingItem.objects.update(issue=world.make_issue("in_progress", confidential=True), due_on=date(2026, 3, 1))
    pages = (
        f"/console/meetings/{meeting.pk}/", "/console/meetings/items/?list=late",
        f"/api/v1/meetings/{meeting.pk}/items/", f"/api/v1/meetings/{meeting.pk}/items/?left_over=late",
    )  # fmt: skip
    for path in pages:
        seen = {who: "有人举报" in signed_in(who).get(path).content.decode() for who in ("clerk2", "supervisor")}
        assert seen["clerk2"] is False, path
    assert "有人举报" in signed_in("supervisor").get(pages[0]).content.decode()
