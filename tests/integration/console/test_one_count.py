"""One count for one question: how many matters are overdue, on every page, for everyone who asks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.models import Issue
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
LONG_AGO = NOW - timedelta(days=40)
PAGE = "/console/departments/MUNICIPAL/"


@pytest.fixture
def mixed(world: World) -> dict[str, Issue]:
    """Matters of one department: two clocks of one are past, one of another; of the rest nothing that decides."""
    found = {
        "two clocks": world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="complaint"),
        "one clock": world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="help"),
        "on time": world.make_issue("in_progress", at=NOW - timedelta(minutes=30), category="0402", kind="help"),
        "side clock": world.make_issue("in_progress", at=NOW - timedelta(minutes=20), category="0402", kind="help"),
        "suspended": world.make_issue("suspended", at=LONG_AGO, category="0402"),
        "closed": world.make_issue("closed", at=LONG_AGO, category="0402"),
    }
    running = Deadline.objects.filter(state=DeadlineState.RUNNING)
    twice = running.get(subject_id=found["two clocks"].pk, subject_kind="issue", kind="handle")
    twice.pk, twice.kind = None, "first_report"
    twice.save()
    running.filter(subject_id=found["side clock"].pk, kind="progress").update(
        soon_at=NOW - timedelta(hours=2), due_at=NOW - timedelta(hours=1)
    )
    return found


def told(client: Client, path: str, code: str) -> str:
    texts: dict[str, str] = {count.code: count.text for count in client.get(path).context["counts"]}
    return texts[code]


def test_every_page_counts_the_same_overdue_matters(world: World, signed_in: Browser, mixed: dict[str, Issue]) -> None:
    late = {mixed["two clocks"].number, mixed["one clock"].number}
    for username in ("head", "supervisor", "deputy", "director"):
        client = signed_in(username)
        assert told(client, "/console/", "overdue") == "2", username
        listed = client.get("/console/issues/", {"limit": "overdue"}).context["rows"]
        assert {row.number for row in listed} == late, username
        told_by_api = client.get("/api/v1/issues/", {"time_limit": "overdue", "status": "in_progress"}).json()
        assert {row["number"] for row in told_by_api["results"]} == late, username
        page = client.get(PAGE)
        assert told(client, PAGE, "overdue") == "2", username
        assert page.context["total_text"] == "共 2 件，3 项时限"
        assert {row.number for row in page.context["rows"]} == late
    for username in ("supervisor", "deputy", "director"):
        desk = signed_in(username).get("/console/supervision/", {"organisation": "MUNICIPAL"})
        assert {row.number for row in desk.context["rows"]} == late, username
        (red,) = [item["red"] for item in desk.context["ranked"] if item["name"] == "市政管理办公室"]
        assert red == "2"


def test_what_decides_no_state_is_listed_apart(signed_in: Browser, mixed: dict[str, Issue]) -> None:
    """A side clock that is past makes no matter overdue, and still stands on the page."""
    client = signed_in("head")
    rows = client.get(PAGE, {"list": "others"}).context["rows"]
    assert mixed["side clock"].number in {row.number for row in rows}
    assert told(client, PAGE, "others") == str(len({row.number for row in rows}))


def test_a_matter_stands_in_one_list_of_what_is_to_come(world: World, signed_in: Browser) -> None:
    """One of its clocks is due today, another within its warning time: it is due today, as its own page says."""
    issue = world.make_issue("in_progress", at=NOW - timedelta(minutes=30), category="0402", kind="help")
    handle = Deadline.objects.get(subject_id=issue.pk, subject_kind="issue", kind="handle", state="running")
    Deadline.objects.filter(pk=handle.pk).update(soon_at=NOW - timedelta(hours=1), due_at=NOW + timedelta(days=1))
    handle.pk, handle.kind = None, "first_report"
    handle.soon_at, handle.due_at = NOW - timedelta(hours=1), NOW + timedelta(minutes=30)
    handle.save()
    client = signed_in("head")
    assert (told(client, PAGE, "today"), told(client, PAGE, "soon")) == ("1", "0")
    Deadline.objects.filter(pk=handle.pk).delete()
    assert (told(client, PAGE, "today"), told(client, PAGE, "soon")) == ("0", "1")


def test_each_list_counts_the_matters_that_it_lists(signed_in: Browser, mixed: dict[str, Issue]) -> None:
    client = signed_in("head")
    for count in client.get(PAGE).context["counts"]:
        if count.code == "cards":
            continue
        rows = client.get(PAGE, {"list": count.code}).context["rows"]
        assert count.text == str(len({row.number for row in rows})), count.code
