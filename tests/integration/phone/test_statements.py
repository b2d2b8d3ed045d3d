"""The matter's page needs a constant number of statements: for a long story, for one joiner or twelve."""

from datetime import timedelta

import pytest
from django.test import Client

from issues.models import Issue
from tests.integration.statements.test_bounds import count
from tests.support.cast import NOW, World
from tests.support.photos import photo

pytestmark = pytest.mark.usefixtures("frozen")
MOST = 6
HOUR = timedelta(hours=1)


def needed(issue: Issue) -> int:
    client = Client()
    assert issue.contact is not None
    client.post(f"/t/{issue.token}/prove/", {"phone_tail": issue.contact.phone})
    return count(client, f"/t/{issue.token}/")


def everything(world: World) -> Issue:
    """Photos, a co-department that stayed silent, an extension, a promise."""
    issue = world.create(category="0402", at=NOW)
    sent = photo(world, issue, NOW, by=None)
    world.act(issue, "comment", "resident", NOW, note="照片", attachments=[sent.pk])
    for action, by, data in (
        ("accept", "clerk", {}),
        ("dispatch", "clerk", {"department": "MUNICIPAL"}),
        ("acknowledge", "officer", {}),
        ("add_department", "officer", {"department": "WATER"}),
        ("progress", "officer", {"note": "已到场", "visible_to_resident": True}),
        ("request_extension", "officer", {"days": 5, "reason": "等配件"}),
        ("grant_extension", "supervisor", {}),
    ):
        issue = world.act(issue, action, by, NOW + HOUR, **data)
    return issue


def answered(world: World, issue: Issue) -> Issue:
    at = NOW + timedelta(days=40)
    after = photo(world, issue, at, by="officer")
    data = {"outcome": "planned", "note": "列入计划", "due_on": "2026-12-31", "attachments": [after.pk]}
    return world.act(issue, "reply", "officer", at, **data)


def joiners(world: World, master: Issue, number: int) -> list[Issue]:
    joined = [world.create(at=NOW + HOUR, contact_phone=f"1990000{4000 + n}") for n in range(number)]
    return [world.act(issue, "merge", "clerk", NOW + HOUR, master=master.number) for issue in joined]


def test_the_page_with_everything_in_it(world: World) -> None:
    assert needed(answered(world, everything(world))) == MOST


def test_one_joiner_or_twelve(world: World) -> None:
    counts = []
    for number in (1, 12):
        master = everything(world)
        first = joiners(world, master, number)[0]
        answered(world, master)
        counts += [needed(first), needed(Issue.objects.get(pk=master.pk))]
    assert counts == [MOST] * 4
