"""Forms of meetings, visits, activities and proposals that are right but for one value: refused or taken, no 5xx.

tests/security/test_hostile_values.py sends every address wrong values only; these get as far as the services.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from leaders.choosing import mark_of
from leaders.services.sending import NewTask, recipients
from meetings.models import MeetingKind
from tests.integration.meetings.room import live
from tests.integration.meetings.test_visits import visited
from tests.integration.proposals.hall import registered
from tests.support.cast import NOW, World
from tests.support.sampling import length

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
VALUES = ("a\x00b", "\u200b", "\u200ba\na\n\u200b", "٣", "9" * 19, "长" * 100)[: length(1, 6)]
"""The first of them, all in `make test-long`."""
Form = tuple[str, str, dict[str, str]]


def forms(world: World) -> list[Form]:
    """Who sends it, where, what."""
    today, meeting, visit, proposal = NOW.date().isoformat(), live(world), visited(world), registered(world)
    xiadong, water = str(world.communities["xiadong"].pk), str(world.departments["WATER"].pk)
    planned = {
        "title": "会", "kind": str(MeetingKind.objects.get(code="joint_meeting").pk), "community": xiadong,
        "convener": str(world.departments["XIADONG-TEAM"].pk), "place": "", "starts": "14:30", "guests": "专家",
        "communities": xiadong, "departments": water, "appointments": "",
    }  # fmt: skip
    seen = mark_of(recipients(NewTask("notice", world.area, "防汛"), NOW))
    page, step = reverse("console-proposal", args=[proposal.pk]), {"version": str(proposal.version)}
    return [
        ("supervisor", reverse("console-meeting-new"), planned | {"on": today}),
        ("supervisor", reverse("console-series-new"), planned | {"every": "week", "weekday": "2", "else": "drop"}),
        (
            *("supervisor", reverse("console-meeting-write", args=[meeting.pk])),
            dict.fromkeys(("department", "category", "community", "answer_kind", "due_on", "raised_by"), "")
            | {"words": "路灯", "key": "abcdefgh", "attempt": "a1", "previous": "", "version": "", "number": ""},
        ),
        (
            *("clerk", reverse("console-visit-new")),
            {"kind": "liaison", "community": xiadong, "on": today, "team": water, "place": "", "members": "",
             "visitors": "1", "note": ""},
        ),
        (
            *("clerk", reverse("console-visit", args=[visit.pk])),
            {"words": "积水", "key": "abcdefgh", "category": "", "answer": "", "matter": "", "contact_name": "",
             "contact_phone": ""},
        ),
        (
            *("supervisor", reverse("console-activity-new")),
            {"organiser": str(world.departments["MUNICIPAL"].pk), "station": "站", "title": "培训", "kind": "training",
             "on": today, "community": xiadong, "audience": "", "commitment": ""},
        ),
        (
            *("supervisor", f"{reverse('console-leader-task-new')}?kind=notice"),
            {"step": "send", "seen": seen, "title": "防汛", "text": "", "on": today, "warning": "", "hours": "",
             "place": "", "key": "abcdefgh"},
        ),
        (
            *("supervisor", reverse("console-appointments")),
            {"step": "appoint", "kind": "part_time", "name": "陈工", "post": "", "from_on": today, "to_on": "",
             "community": xiadong, "department": ""},
        ),
        (
            *("supervisor", reverse("console-proposal-new")),
            {"number": "1号", "title": "路", "words": "路", "received_on": today, "lead": "MUNICIPAL", "parts": "WATER",
             "deputies": "陈大文"},
        ),
        ("officer2", page, {"step": "give_part", "version": "1", "department": "WATER", "note": "可以"}),
        ("supervisor", page, step | {"step": "add_part", "department": "GOVERN"}),
        ("supervisor", page, step | {"step": "waive_part", "department": "WATER", "reason": "不等"}),
        ("supervisor", page, step | {"step": "hear", "deputy": "1", "opinion": "satisfied", "why": ""}),
    ]  # fmt: skip


@pytest.mark.long
def test_no_form_that_is_right_but_for_one_value_fails(world: World, signed_in: Callable[[str], Client]) -> None:
    failed = []
    for who, url, form in forms(world):
        client = signed_in(who)
        client.raise_request_exception = False
        for name in form:
            for value in VALUES:
                status = client.post(url, form | {name: value}).status_code
                if status >= 500:
                    failed.append((url, name, value, status))
    assert failed == []
