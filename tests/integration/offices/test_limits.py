"""The limits of an office: one cell is edited, holds for what begins from then on, and for nobody else."""

from collections.abc import Callable

import pytest
from django.test import Client

from deadlines import reference
from deadlines.models import Deadline, DeadlineRule
from deadlines.rules import DEFAULT_RULES
from issues.models import Issue
from journal.models import Event
from offices.services import limits
from offices.services.limits import Cell
from tests.support.cast import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
URL = "/console/admin/office/limits/"
COMPLAINT = f"{URL}kind-complaint-handle/"


def handle_of(issue: Issue) -> str:
    return Deadline.objects.get(subject_kind="issue", subject_id=issue.pk, kind="handle").limit


def test_every_cell_has_its_page(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    page = admin.get(f"{URL}?office={world.area.pk}").content.decode()
    for row in DEFAULT_RULES.rows:
        assert f"{URL}{Cell.of(row).key}/" in page
    for row in DEFAULT_RULES.rows[:12]:
        assert admin.get(f"{URL}{Cell.of(row).key}/?office={world.area.pk}").status_code == 200
    assert admin.get(f"{URL}kind-nothing-handle/?office={world.area.pk}").status_code == 404


def test_a_limit_is_shown_first_saved_then_and_moves_nothing_that_runs(world: World, signed_in: Browser) -> None:
    old = world.make_issue("in_progress", category="0402")
    assert handle_of(old) == "10wd"
    admin, area = signed_in("admin"), world.area.pk
    shown = admin.post(COMPLAINT, {"office": area, "amount": "7", "unit": "wd", "step": "preview"})
    assert "1 个正在计时的时限保持原来的日期" in shown.content.decode()
    assert not DeadlineRule.objects.filter(subdistrict=world.area).exists()
    saved = admin.post(COMPLAINT, {"office": area, "amount": "7", "unit": "wd", "was": "10wd 0", "step": "save"})
    assert saved.status_code == 302
    reference.forget()
    assert handle_of(world.make_issue("in_progress", category="0402")) == "7wd"
    assert handle_of(old) == "10wd"
    event = Event.objects.get(subject_kind="rule")
    assert event.data["changed"]["limit"] == ["10wd", "7wd"]
    again = admin.post(COMPLAINT, {"office": area, "amount": "5", "unit": "wd", "was": "10wd 0", "step": "save"})
    assert again.status_code == 409
    assert DeadlineRule.objects.filter(subdistrict=world.other_area).count() == 0


def test_a_level_that_the_category_gives_counts_too(world: World) -> None:
    world.make_issue("in_progress", category="0301")
    row = limits.find(world.area, "level-urgent-handle")
    assert row is not None
    assert limits.running_under(world.area, row) == 1


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [("0", "wd", "无法识别的时限"), ("", "none", "必须有时限"), ("400", "d", "最长"), ("x", "wd", "无法识别的时限"),
     ("5", "wochen", "无法识别的时限"), ("99999", "h", "无法识别的时限")],
)  # fmt: skip
def test_what_may_not_stand_there_is_refused(
    world: World, signed_in: Browser, amount: str, unit: str, said: str
) -> None:
    for step in ("preview", "save"):
        data = {"office": world.area.pk, "amount": amount, "unit": unit, "step": step, "was": "10wd 0"}
        answer = signed_in("admin").post(COMPLAINT, data)
        assert answer.status_code == 400
        assert said in answer.content.decode()


def test_the_allowance_for_extensions_has_its_number(world: World, signed_in: Browser) -> None:
    url = f"{URL}kind-complaint-extension/"
    data = {"office": world.area.pk, "amount": "8", "unit": "wd", "times": "2", "was": "10wd 1", "step": "save"}
    assert signed_in("admin").post(url, {**data, "times": "0"}).status_code == 400
    assert signed_in("admin").post(url, data).status_code == 302
    row = DeadlineRule.objects.get(subdistrict=world.area, scope="complaint", deadline_kind="extension")
    assert (row.limit, row.times) == ("8wd", 2)


def test_it_is_for_the_administrator_of_this_office(world: World, signed_in: Browser) -> None:
    for username in ("clerk", "supervisor", "director"):
        assert signed_in(username).post(COMPLAINT, {"office": world.area.pk}).status_code == 403
