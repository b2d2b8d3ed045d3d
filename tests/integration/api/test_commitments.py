"""Promises: whose are listed, filtered, in few statements; one made, moved, kept and confirmed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from api import commitment_shapes
from commitments.models import Commitment
from commitments.services import make, report_done
from common.clock import SHANGHAI
from issues.models import Issue
from tests.integration.api.conftest import Caller
from tests.integration.api.test_shapes import unlike
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World

Called = Callable[[str], Caller]
pytestmark = pytest.mark.usefixtures("frozen")


def promise(world: World, issue: Issue, department: str = "MUNICIPAL", **dates: Any) -> Commitment:
    return make(
        subdistrict_id=issue.subdistrict_id,
        subject_kind="issue",
        subject_id=issue.pk,
        text="更换管道，联系13800001111",
        owner_id=world.departments[department].pk,
        by_id=world.people["officer"].pk,
        at=datetime(2026, 3, 1, 10, 0, tzinfo=SHANGHAI),
        **(dates or {"due_on": date(2026, 6, 30)}),
    )


def listed(caller: Caller, **query: Any) -> list[Any]:
    answer = caller.get("commitments/", **query)
    assert answer.status_code == 200, answer.content
    rows: list[Any] = answer.json()["results"]
    return rows


def test_whose_promises_are_listed(world: World, caller: Called) -> None:
    here = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    there = world.make_issue("submitted", community="dade", by="clerk2", at=NOW - timedelta(hours=1))
    one, two = promise(world, here), promise(world, there, "WATER")
    seen = {
        name: [row["id"] for row in listed(caller(name))]
        for name in ("clerk", "clerk2", "officer", "officer2", "supervisor", "director", "admin", "leader", "outsider")
    }
    both = [two.pk, one.pk]
    assert seen == {
        "clerk": [one.pk], "clerk2": [two.pk], "officer": [one.pk], "officer2": [two.pk], "supervisor": both,
        "director": both, "admin": both, "leader": [], "outsider": [],
    }  # fmt: skip
    assert listed(caller("clerk"))[0]["number"] == here.number
    assert listed(caller("officer2"))[0]["number"] is None
    assert "13800001111" not in caller("officer2").get("commitments/").content.decode()
    assert Caller().get("commitments/").status_code == 401


def test_filters(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    late = promise(world, issue, due_on=date(2026, 3, 17))
    review = promise(world, issue, due_on=date(2026, 6, 30), review_on=date(2026, 3, 16))
    today = promise(world, issue, due_on=NOW.date())
    done = promise(world, issue, "WATER", due_on=date(2026, 3, 10))
    report_done(commitment_id=done.pk, by_id=world.people["officer"].pk, at=NOW, evidence="验收单")
    supervisor = caller("supervisor")
    assert [row["id"] for row in listed(supervisor, overdue="true")] == [review.pk, late.pk]
    assert {row["id"] for row in listed(supervisor) if row["overdue"]} == {review.pk, late.pk}
    assert [row["id"] for row in listed(supervisor, overdue="false")] == [done.pk, today.pk]
    assert [row["id"] for row in listed(supervisor, state="reported")] == [done.pk]
    assert [row["id"] for row in listed(supervisor, department="WATER")] == [done.pk]
    assert len(listed(supervisor, state="open,reported")) == 4
    wrong = supervisor.get("commitments/", state="x", overdue="maybe", department="NOBODY", page_size="0")
    assert set(wrong.json()["fields"]) == {"state", "overdue", "department", "page_size"}


def test_it_pages_and_needs_the_same_at_any_size(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    made = [promise(world, issue).pk for _n in range(6)]
    for username in ("clerk", "officer", "supervisor"):
        person, counts = caller(username), set()
        for size in (1, 3, 6):
            with statements() as found:
                listed(person, page_size=size)
            counts.add(len(found))
        assert len(counts) == 1
        assert counts.pop() <= 4
    first = caller("clerk").get("commitments/", page_size=4).json()
    rest = caller("clerk").get(first["next"]).json()
    assert [row["id"] for row in first["results"] + rest["results"]] == made[::-1]
    assert rest["next"] is None


def test_one_is_made_moved_kept_and_confirmed(world: World, caller: Called) -> None:
    body = {
        "text": "六月底前更换管道", "department": "MUNICIPAL", "co_departments": ["WATER"], "community": "夏东社区",
        "due_on": "2026-06-30", "milestones": [{"text": "开工", "due_on": "2026-05-01"}],
    }  # fmt: skip
    assert caller("officer").post("commitments/", body).status_code == 403
    assert set(caller("supervisor").post("commitments/", {"text": ""}).json()["fields"]) == {"text", "department"}
    assert caller("supervisor").post("commitments/", body | {"department": "NOBODY"}).status_code == 400
    answer = caller("clerk").post("commitments/", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert [*unlike(made, commitment_shapes.CommitmentDetail())] == []
    url = f"commitments/{made['id']}/"
    assert caller("officer2").get(url).status_code == 200
    assert caller("clerk2").get(url).status_code == 404
    act = f"{url}actions/"
    officer, supervisor = caller("officer"), caller("supervisor")
    stale = officer.post(f"{act}ask_move/", {"version": 9, "on": "2026-08-31", "reason": "雨季"})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "version_conflict", 1)
    moved = officer.post(f"{act}ask_move/", {"version": 1, "on": "2026-08-31", "reason": "雨季"}).json()
    assert [change["state"] for change in moved["changes"]] == ["asked"]
    assert officer.post(f"{act}grant_move/", {"version": 2}).status_code == 403
    granted = supervisor.post(f"{act}grant_move/", {"version": 2}).json()
    assert (granted["due_on"], granted["first_on"]) == ("2026-08-31", "2026-06-30")
    early = caller("clerk").post(f"{act}confirm/", {"version": granted["version"]})
    assert (early.status_code, early.json()["code"]) == (409, "state_conflict")
    assert officer.post(f"{act}report_done/", {"version": granted["version"], "note": ""}).status_code == 400
    done = officer.post(f"{act}report_done/", {"version": granted["version"], "note": "已更换"}).json()
    kept = caller("clerk").post(f"{act}confirm/", {"version": done["version"]}).json()
    assert (kept["state"], [one["action"] for one in kept["available_actions"]]) == ("fulfilled", ["reopen"])
    assert officer.post(f"{act}dance/", {}).status_code == 404
    assert listed(supervisor, due_from="2026-08-01", due_until="2026-09-01")[0]["id"] == made["id"]
    assert listed(supervisor, source="issue") == []
