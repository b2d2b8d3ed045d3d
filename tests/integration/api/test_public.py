"""Residents' calls: reporting, look-up, the secret link; what they never tell, and how often they may be asked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from issues.models import Issue
from journal.models import Event
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, PHONE, World

Called = Callable[[str], Caller]
REPORT = {"description": "楼下堆放垃圾", "community": "夏东社区", "contact_phone": PHONE}
TAIL = PHONE[-4:]


@pytest.fixture(autouse=True)
def _in_march(frozen: None) -> None:
    """The clock stands where the cast lives."""


def test_a_report_without_an_account(world: World, resident: Caller) -> None:
    answer = resident.post("public/issues/", REPORT)
    assert answer.status_code == 201, answer.content
    issue = Issue.objects.get(number=answer.json()["number"])
    assert (issue.source, issue.status, issue.logged_by) == ("web", "submitted", None)
    assert set(answer.json()) == {"number", "token", "status", "url"}
    event = Event.objects.of("issue", issue.pk).get()
    assert (event.kind, event.actor_role, event.actor) == ("create", "resident", None)


def test_a_building_names_its_community(world: World, resident: Caller) -> None:
    data = {"description": "电梯坏了", "building": world.buildings["bihu3"].pk, "contact_phone": PHONE}
    answer = resident.post("public/issues/", data)
    assert answer.status_code == 201, answer.content
    assert Issue.objects.get(number=answer.json()["number"]).community_id == world.communities["dade"].pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"community": None}, "community"),
        ({"community": "没有"}, "community"),
        ({"community": None, "building": "3栋"}, "building"),
        ({"building": "3栋"}, "building"),
        ({"contact_phone": ""}, "contact_phone"),
        ({"contact_phone": "123"}, "contact_phone"),
        ({"contact_phone": "---"}, "contact_phone"),
        ({"contact_phone": {}}, "contact_phone"),
        ({"description": ""}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"subdistrict": "nowhere"}, "subdistrict"),
        ({"subdistrict": "dali"}, "community"),
        ({"category": "0999"}, "category"),
        ({"kind": "wish"}, "kind"),
        ({"contact_name": "\x00"}, "contact_name"),
        ({"address": "a" * 201}, "address"),
    ],
)
def test_wrong_reports_name_the_field(resident: Caller, change: dict[str, Any], field: str) -> None:
    answer = resident.post("public/issues/", REPORT | change)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field]


def test_five_reports_an_hour_for_one_phone_and_20_from_one_network(resident: Caller) -> None:
    for _ in range(5):
        assert resident.post("public/issues/", REPORT).status_code == 201
    denied = resident.post("public/issues/", REPORT)
    assert (denied.status_code, denied.json()["code"]) == (429, "throttled")
    assert 0 < int(denied.headers["Retry-After"]) <= 3600
    for number in range(15):
        other = REPORT | {"contact_phone": f"199000055{number:02d}"}
        assert resident.post("public/issues/", other).status_code == 201, number
    assert resident.post("public/issues/", REPORT | {"contact_phone": "19900007777"}).status_code == 429
    assert Issue.objects.count() == 20


def test_bad_reports_and_repeats_do_not_count(resident: Caller) -> None:
    for _ in range(6):
        assert resident.post("public/issues/", REPORT | {"community": "没有"}).status_code == 400
    for _ in range(6):
        assert resident.post("public/issues/", REPORT, Idempotency_Key="one").status_code == 201
    assert Issue.objects.count() == 1


def test_look_up_in_any_form(world: World, resident: Caller) -> None:
    issue = world.make_issue("in_progress")
    serial = int(issue.number[-6:])
    wide = str(serial).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    forms = [
        issue.number,
        issue.number.replace("-", ""),
        str(serial),
        f"2026-{serial}",
        wide,
        f" 桂城 2026 {serial:06d} ",
    ]
    for number in forms:
        answer = resident.post("public/issues/lookup/", {"number": number, "phone_tail": TAIL})
        assert answer.status_code == 200, (number, answer.content)
        found = answer.json()
        assert {"number", "step", "status", "department", "promised_at", "answers", "url"} <= set(found)
        assert (found["number"], found["step"], found["status"]) == (issue.number, 3, "in_progress")
        assert found["department"] == "市政管理办公室"
        assert found["url"].endswith(f"/t/{issue.token}/")
    wide_tail = TAIL.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert resident.post("public/issues/lookup/", {"number": serial, "phone_tail": wide_tail}).status_code == 200


def test_unknown_number_no_phone_and_wrong_tail_are_the_same(world: World, resident: Caller) -> None:
    known = world.create()
    silent = world.create(contact_phone="", contact_name="")
    named = world.create(contact_phone="", contact_name="张三")
    asked = [
        ("桂城-2026-999999", TAIL),
        (silent.number, TAIL),
        (named.number, TAIL),
        (known.number, "0000"),
        ("x", TAIL),
    ]
    answers = {
        (answer.status_code, answer.content)
        for number, tail in asked
        if (answer := resident.post("public/issues/lookup/", {"number": number, "phone_tail": tail}))
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


@pytest.mark.parametrize("number", ["known", "unknown"])
def test_five_wrong_tails_a_day_lock_a_number(world: World, resident: Caller, number: str) -> None:
    issue = world.create()
    asked = issue.number if number == "known" else "桂城-2026-777777"
    forms = [asked, asked.replace("-", ""), f"2026-{int(asked[-6:])}", str(int(asked[-6:])), asked]
    if number == "unknown":
        forms = [asked] * 5
    for form in forms:
        assert resident.post("public/issues/lookup/", {"number": form, "phone_tail": "0000"}).status_code == 404
    denied = resident.post("public/issues/lookup/", {"number": asked, "phone_tail": TAIL})
    assert denied.status_code == 429
    assert 0 < int(denied.headers["Retry-After"]) <= 24 * 3600
    other = world.create()
    assert resident.post("public/issues/lookup/", {"number": other.number, "phone_tail": TAIL}).status_code == 200


def test_right_answers_never_count(world: World, resident: Caller) -> None:
    issue = world.create()
    for _ in range(12):
        assert resident.post("public/issues/lookup/", {"number": issue.number, "phone_tail": TAIL}).status_code == 200


def test_thirty_wrong_tails_an_hour_lock_a_network(world: World, resident: Caller) -> None:
    for number in range(30):
        asked = {"number": f"桂城-2026-{900 + number:06d}", "phone_tail": "0000"}
        assert resident.post("public/issues/lookup/", asked).status_code == 404
    issue = world.create()
    assert resident.post("public/issues/lookup/", {"number": issue.number, "phone_tail": TAIL}).status_code == 429


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "number"),
        ({"number": "桂城-2026-000001"}, "phone_tail"),
        ({"number": "桂城-2026-000001", "phone_tail": "12345"}, "phone_tail"),
        ({"number": "桂城-2026-000001", "phone_tail": "12a4"}, "phone_tail"),
        ({"number": "桂城-2026-000001", "phone_tail": "٣٣٣٣"}, "phone_tail"),
        ({"number": ["1"], "phone_tail": TAIL}, "number"),
        ({"number": "\x00", "phone_tail": TAIL}, "number"),
        ({"number": "9" * 61, "phone_tail": TAIL}, "number"),
    ],
)
def test_look_ups_without_sense(resident: Caller, data: dict[str, Any], field: str) -> None:
    answer = resident.post("public/issues/lookup/", data)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("number", ["٣", "1" * 60, "²", "桂城-2026-000000", "-", "0", "桂城-99999-1", "๓", "①"])
def test_odd_numbers_are_just_unknown(world: World, resident: Caller, number: str) -> None:
    assert resident.post("public/issues/lookup/", {"number": number, "phone_tail": TAIL}).status_code == 404


def test_the_secret_link_shows_no_personal_data(world: World, resident: Caller) -> None:
    issue = world.make_issue(
        "replied", kind="report", description=f"我的电话{PHONE}，住3栋502", contact_address="3栋502", title=""
    )
    answer = resident.get(f"public/t/{issue.token}/")
    assert answer.status_code == 200
    matter, text = answer.json(), answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    for secret in (PHONE, "张", "502", "officer", "何志明", issue.description):
        assert secret not in text, secret
    assert matter["step"] == 4
    assert matter["answers"] == []
    assert {row["action"] for row in matter["available_actions"]} >= {"redo", "record_follow_up", "comment"}


@pytest.mark.parametrize("token", ["x", "nosuchtokenatall", "%00", "a" * 500, "桂城", "../../etc"])
def test_unknown_links_are_404(resident: Caller, token: str) -> None:
    assert resident.get(f"/api/v1/public/t/{token}/").status_code == 404
    assert resident.post(f"/api/v1/public/t/{token}/actions/comment/", {"phone": PHONE}).status_code == 404


def test_a_resident_confirms_or_objects(world: World, resident: Caller) -> None:
    fixed = world.make_issue("follow_up")
    path = f"public/t/{fixed.token}/actions/record_follow_up/"
    answer = resident.post(path, {"phone": PHONE, "verdict": "satisfied", "solved": "yes"})
    assert (answer.status_code, answer.json()["status"], answer.json()["solved"]) == (200, "closed", "yes")
    unsolved = world.make_issue("replied")
    answer = resident.post(f"public/t/{unsolved.token}/actions/redo/", {"phone": PHONE, "reason": "还是不亮"})
    assert (answer.status_code, answer.json()["status"]) == (200, "in_progress")
    assert Issue.objects.get(pk=unsolved.pk).verdict == "dissatisfied"


def test_the_order_of_a_residents_refusals(world: World, resident: Caller) -> None:
    issue = world.make_issue("in_progress")
    path = f"public/t/{issue.token}/actions/"
    assert resident.post(path + "redo/", {"phone": "19900009998"}).status_code == 403
    assert resident.post(path + "nonsense/", {"phone": PHONE}).status_code == 404
    assert resident.post(path + "accept/", {"phone": PHONE}).status_code == 403
    stale = resident.post(path + "redo/", {"phone": PHONE, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    state = resident.post(path + "redo/", {"phone": PHONE})
    assert (state.status_code, state.json()["code"]) == (409, "state_conflict")
    assert resident.post(path + "comment/", {"phone": PHONE}).status_code == 400
    assert resident.post(path + "comment/", {"note": "在吗"}).status_code == 400
    assert resident.post(path + "comment/", {"phone": PHONE, "note": "在吗"}).status_code == 200


def test_wrong_numbers_of_actions_and_look_ups_count_together(world: World, resident: Caller) -> None:
    issue = world.create()
    path = f"public/t/{issue.token}/actions/withdraw/"
    for _ in range(3):
        assert resident.post(path, {"phone": "19900009998"}).status_code == 403
    for _ in range(2):
        resident.post("public/issues/lookup/", {"number": issue.number, "phone_tail": "19900009998"})
    assert resident.post(path, {"phone": PHONE}).status_code == 429
    assert Issue.objects.get(pk=issue.pk).status == "submitted"


def test_two_sub_districts_with_the_same_short_number(world: World, resident: Caller) -> None:
    here = world.create()
    there = world.create(by="outsider", community="pingdi", category="other", contact_phone="13900004444")
    assert here.number[-6:] == there.number[-6:]
    short = str(int(here.number[-6:]))
    for issue, tail in ((here, TAIL), (there, "4444")):
        answer = resident.post("public/issues/lookup/", {"number": short, "phone_tail": tail})
        assert answer.json()["number"] == issue.number
    for _ in range(5):
        assert resident.post("public/issues/lookup/", {"number": short, "phone_tail": "0000"}).status_code == 404
    for issue, tail in ((here, TAIL), (there, "4444")):
        answer = resident.post("public/issues/lookup/", {"number": issue.number, "phone_tail": tail})
        assert answer.status_code == 429


def test_a_status_costs_few_statements(world: World, resident: Caller) -> None:
    issue = world.make_issue("closed")
    resident.get(f"public/t/{issue.token}/")
    with CaptureQueriesContext(connection) as statements:
        resident.get(f"public/t/{issue.token}/")
    assert len(statements) <= 5


def test_a_token_that_comes_along_is_not_looked_at(world: World) -> None:
    odd = Caller("not-a-token")
    assert odd.post("public/issues/", REPORT).status_code == 201
    assert NOW.year == 2026
