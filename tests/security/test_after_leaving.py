"""Whoever is nothing in an office any more sees nothing of it, by no door, not even what they logged themselves."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import issue_token
from accounts.roles import Role
from communities.access import load_access
from communities.models import Membership
from issues.models import Issue
from issues.reading.sight import IssueSight
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_was_logged_stays_with_the_office(world: World, signed_in: Browser, elsewhere: bool) -> None:
    clerk, browser = world.people["clerk"], signed_in("clerk")
    token = {"authorization": f"Token {issue_token(user=clerk, at=NOW)}"}
    issue = world.make_issue("in_progress")
    Issue.objects.filter(pk=issue.pk).update(logged_by=clerk, community=world.communities["dade"])
    assert browser.get(f"/console/issues/{issue.number}/").status_code == 200
    Membership.objects.filter(user=clerk).update(ended_at=NOW)
    if elsewhere:
        Membership.objects.create(user=clerk, role=Role.SUPERVISOR, subdistrict=world.other_area, started_at=NOW)
    access = load_access(clerk)
    assert not Issue.objects.visible_to(access).exists()
    assert not IssueSight([issue.pk]).shows(access, issue.pk)
    call = Client(headers=token)
    assert call.get(f"/api/v1/issues/{issue.number}/").status_code in (403, 404)
    listed = call.get("/api/v1/issues/")
    assert listed.status_code == 403 or listed.json()["results"] == []
    assert browser.get(f"/console/issues/{issue.number}/").status_code in (302, 403, 404)
