"""承诺台账: the list, one promise and what is done on it, the rates; who sees which, in how many statements."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from commitments.models import Commitment
from commitments.reading import fulfilment, quarter_with
from commitments.services import NewMilestone, confirm, make, move, report_done
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("frozen")


def promise(world: World, n: int = 0, **given: Any) -> Commitment:
    values: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "source_kind": "meeting_item",
        "source_id": 7,
        "community_id": world.communities["xiadong"].pk,
        "text": f"更换第{n}段管道",
        "owner_id": world.departments["MUNICIPAL"].pk,
        "by_id": world.people["supervisor"].pk,
        "at": NOW - timedelta(days=20),
        "due_on": date(2026, 6, 30),
    }
    return make(**(values | given))


def read(client: Client, url: str, **query: Any) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_list_filters_and_needs_at_most_ten_statements(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=2))
    world.act(issue, "reply", "officer", outcome="planned", note="列入计划", due_on="2026-05-01")
    late = promise(world, 1, due_on=date(2026, 3, 10))
    client = signed_in("supervisor")
    counted = set()
    for n in (2, 12):
        for number in range(n):
            promise(world, number + 100, owner_id=world.departments["WATER"].pk)
        with statements() as found:
            read(client, "/console/commitments/", view="all")
        counted.add(len(found))
    assert len(counted) == 1
    assert counted.pop() <= 10
    html = read(client, "/console/commitments/", view="late")
    assert ("更换第1段管道" in html, "更换第100段管道" in html, "已逾期 8 天" in html) == (True, False, True)
    assert "更换第1段管道" not in read(client, "/console/commitments/", department="WATER")
    assert issue.number in read(client, "/console/commitments/", source="issue")
    assert "更换第1段管道" in read(client, "/console/commitments/", until="2026-03-31")
    assert "更换第1段管道" not in read(client, "/console/commitments/", **{"from": "2026-04-01"})
    assert client.get("/console/commitments/", {"from": "gestern"}).status_code == 400
    move_on = late.pk
    assert client.get(f"/console/commitments/{move_on}/").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 200), ("clerk2", 404), ("officer2", 404), ("outsider", 404), ("leader", 403)]
)
def test_who_opens_one(world: World, signed_in: Browser, who: str, status: int) -> None:
    made = promise(world)
    assert signed_in(who).get(f"/console/commitments/{made.pk}/").status_code == status


def test_a_promise_goes_from_a_new_date_to_being_confirmed(world: World, signed_in: Browser) -> None:
    made = promise(world, milestones=[NewMilestone("开工", date(2026, 4, 10))])
    url = f"/console/commitments/{made.pk}/"

    def send(who: str, step: str, **data: Any) -> Any:
        version = Commitment.objects.values_list("version", flat=True).get(pk=made.pk)
        return signed_in(who).post(url, {"step": step, "version": version, **data})

    assert send("officer", "ask_move", on="2026-08-31", reason="").status_code == 400
    assert send("officer", "ask_move", on="2026-08-31", reason="雨季施工困难").status_code == 302
    assert made.text in read(signed_in("supervisor"), "/console/commitments/", view="moving")
    assert send("clerk", "grant_move").status_code == 403
    assert send("supervisor", "grant_move").status_code == 302
    text = strip_tags(read(signed_in("officer"), url))
    assert "8月31日" in text
    assert "6月30日" in text
    assert "雨季施工困难" in text
    stale = signed_in("officer").post(url, {"step": "report_done", "version": 1, "note": "做好了，见验收单"})
    assert stale.status_code == 409
    assert "做好了，见验收单" in stale.content.decode()
    assert send("officer", "report_done", note="做好了，见验收单", stage="after").status_code == 302
    assert send("clerk", "confirm").status_code == 302
    assert made.text in read(signed_in("clerk"), "/console/commitments/", view="fulfilled")
    assert "做好了，见验收单" in read(signed_in("clerk"), url)


def test_a_rate_has_its_number_and_counts_what_was_confirmed_in_time(world: World, signed_in: Browser) -> None:
    officer, clerk = world.people["officer"].pk, world.people["clerk"].pk
    start = NOW - timedelta(days=20)
    kept, unconfirmed, moved, missed = (promise(world, n, due_on=date(2026, 3, 10)) for n in range(4))
    promise(world, 9, due_on=date(2026, 3, 30))
    move(commitment_id=moved.pk, days={"due_on": date(2026, 3, 16)}, by_id=officer, at=start, reason="等材料")
    for row, at in ((kept, NOW - timedelta(days=10)), (unconfirmed, start), (moved, NOW - timedelta(days=3))):
        report_done(commitment_id=row.pk, by_id=officer, at=at, evidence="验收单")
    for row in (kept, moved):
        confirm(commitment_id=row.pk, by_id=clerk, at=NOW)
    (rate,) = fulfilment(Commitment.objects.all(), quarter_with(date(2026, 3, 1)), NOW)
    assert (rate.code, rate.n, rate.kept, rate.kept_first, rate.percent, rate.is_few) == (
        "MUNICIPAL", 4, 2, 1, 50, True
    )  # fmt: skip
    Commitment.objects.filter(pk=missed.pk).update(historic=True)
    html = read(signed_in("supervisor"), "/console/commitments/rates/", quarter="2026Q1")
    assert ("67%" in html, "仅供参考" in html) == (True, True)
    assert signed_in("supervisor").get("/console/commitments/rates/?quarter=2026Q9").status_code == 400
