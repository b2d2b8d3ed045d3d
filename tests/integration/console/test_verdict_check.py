"""抽查回访 in the console: the supervisor's list, the panel, and what the page says then; 社区登记 is not lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from issues.models import Issue
from issues.services.revealing import reveal_contact
from tests.integration.console.pages import form_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
EARLIER = NOW - timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def due(world: World) -> Issue:
    """Closed by the resident's own word; the officer had looked at the number."""
    issue = world.make_issue("follow_up", at=EARLIER)
    reveal_contact(issue_id=issue.pk, by=world.actor("officer"), reason="上门前联系", at=EARLIER)
    return world.act(issue, "record_follow_up", "resident", EARLIER, verdict="satisfied", solved="yes")


def test_it_waits_in_the_supervisors_list_and_nobody_elses(signed_in: Browser, due: Issue) -> None:
    supervisor = text_of(signed_in("supervisor").get("/console/"))
    assert "待您抽查回访" in supervisor
    assert f"{due.year}-{due.serial:06d}" in supervisor
    for name in ("clerk", "officer", "deputy"):
        assert "待您抽查回访" not in text_of(signed_in(name).get("/console/"))


def test_the_call_is_noted_in_the_panel_and_the_page_says_so(signed_in: Browser, due: Issue) -> None:
    client, url = signed_in("supervisor"), f"/console/issues/{due.number}/"
    assert "满意 · 居民网页 · 待抽查" in text_of(client.get(url))
    panel = client.get(f"{url}?action=record_follow_up")
    assert "抽查回访" in text_of(panel)
    assert panel.content.count(b'name="note"') == 1
    typed = form_of(panel, "/actions/record_follow_up/") | {
        "verdict": "dissatisfied",
        "solved": "no",
        "reason": "没有评价过",
    }
    assert client.post(f"{url}actions/record_follow_up/", typed).status_code in (200, 302, 303)
    due.refresh_from_db()
    assert (due.verdict, due.verdict_check) == ("dissatisfied", "replaced")
    page = text_of(client.get(url))
    assert "不满意 · 社区回访 · 抽查更正" in page
    assert "重新办理" in page
    assert "抽查回访" in page


def test_where_none_waits_the_supervisor_is_offered_none(world: World, signed_in: Browser) -> None:
    for status in ("replied", "follow_up", "closed"):
        issue = world.make_issue(status, at=EARLIER)
        page = text_of(signed_in("supervisor").get(f"/console/issues/{issue.number}/"))
        assert "抽查回访" not in page


@pytest.mark.parametrize("then", ["reopen", "own word"])
def test_what_was_noted_at_the_desk_stays_to_be_read(world: World, signed_in: Browser, then: str) -> None:
    issue = world.create(kind="enquiry", category="0402", at=EARLIER)
    said = {"verdict": "satisfied", "solved": "yes"}
    issue = world.act(issue, "answer_now", "clerk", EARLIER, note="周一带身份证来。", **said)
    client, url = signed_in("clerk"), f"/console/issues/{issue.number}/"
    assert "满意 · 社区登记" in text_of(client.get(url))
    if then == "reopen":
        world.act(issue, "reopen", "resident", EARLIER, reason="窗口不受理")
    else:
        world.act(issue, "record_follow_up", "resident", EARLIER, verdict="fairly", solved="partly")
    page = text_of(client.get(url))
    assert "社区登记 满意 · 已解决" in page
    assert "满意 · 社区登记" not in page
