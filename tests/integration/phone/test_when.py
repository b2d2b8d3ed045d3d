"""今天反映，最迟哪天答复: the page promises what the clocks of a matter raised now would say."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from common import dates
from deadlines.models import Deadline
from tests.support.cast import World

pytestmark = pytest.mark.usefixtures("frozen")


def said(client: Client, **asked: str) -> str:
    answer = client.get("/when/", asked)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


@pytest.mark.parametrize("kind", ["help", "complaint", "enquiry", "suggestion", "report"])
@pytest.mark.parametrize("category", ["0402", "0301", "0202"])
def test_the_page_says_what_the_clocks_will_say(world: World, client: Client, kind: str, category: str) -> None:
    """Where the community takes it up in its last minute."""
    client.post("/community/", {"place": f"c{world.communities['xiadong'].pk}"})
    words = said(client, kind=kind, category=category)
    issue = world.create(kind=kind, category=category)
    (accept,) = Deadline.objects.filter(subject_id=issue.pk, kind="accept")
    assert f"最迟{dates.day(accept.due_at)}" in words
    world.act(issue, "accept", "clerk", accept.due_at)
    handle = Deadline.objects.filter(subject_id=issue.pk, kind="handle").first()
    assert (f"最迟{dates.day(handle.due_at)}答复您" in words) if handle else ("没有固定的答复期限" in words)


def test_without_a_community_and_with_nonsense_it_still_answers(world: World, client: Client) -> None:
    for asked in ({}, {"kind": "x", "category": "y"}, {"kind": "\x00", "category": "0" * 40}):
        assert "答复您" in said(client, **asked)
