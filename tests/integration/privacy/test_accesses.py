"""谁看过我的信息: every door by which staff come to a person's data leaves a line for auditor and person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import issue_token
from accounts.roles import Permission, Role
from communities.models import Membership
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.revealing import note_look_up, reveal_contact
from journal.models import Event
from privacy.accesses import MOST, TRACED, accesses_for, accesses_to
from privacy.services.tracing import trace
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.django_db

Browser = Callable[[str], Client]
PAGE = "/console/admin/accesses/"
OTHER = "19812345678"


def _reveal(world: World, browser: Client, issue: Issue) -> Any:
    return browser.post(reverse("console-issue-reveal", args=[issue.number]), {"reason": "核对门牌"})


def _print(world: World, browser: Client, issue: Issue) -> Any:
    return browser.get(reverse("console-issue-receipt", args=[issue.number]))


def _list(world: World, browser: Client, issue: Issue) -> Any:
    return browser.get("/console/issues/", {"q": PHONE})


def _tail(world: World, browser: Client, issue: Issue) -> Any:
    return browser.get("/console/issues/", {"q": PHONE[-4:]})


def _intake(world: World, browser: Client, issue: Issue) -> Any:
    return browser.post(reverse("console-intake-reference"), {"contact_phone": PHONE})


def _api(world: World, browser: Client, issue: Issue) -> Any:
    token = issue_token(user=world.people["clerk"], at=NOW)
    return Client().get("/api/v1/issues/", {"q": PHONE}, headers={"Authorization": f"Token {token}"})


DOORS: dict[str, tuple[Callable[[World, Client, Issue], Any], str]] = {
    "reveal": (_reveal, "查看完整的姓名、电话和住址"),
    "print": (_print, "打印回执"),
    "list": (_list, "按整个电话号码查找"),
    "tail": (_tail, "按电话后四位查找，找的也可能是别人"),
    "intake": (_intake, "按整个电话号码查找"),
    "api": (_api, "按整个电话号码查找"),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_leaves_a_line_with_name_for_the_auditor_and_without_for_the_person(
    world: World, signed_in: Browser, frozen: None, door: str
) -> None:
    issue = world.make_issue("accepted")
    come, what = DOORS[door]
    assert accesses_to(PHONE, areas=None).rows == []
    assert come(world, signed_in("clerk"), issue).status_code < 400
    (row,) = accesses_to(PHONE, areas=None).rows
    assert (str(row.what), row.name, row.role, row.office) == (what, "陈晓琳", "社区工作人员", "夏东社区")
    assert row.number == (issue.number if door in ("reveal", "print") else "")
    assert row.reason == ("核对门牌" if door == "reveal" else "")
    assert accesses_to(OTHER, areas=None).rows == []
    page = _proven(issue).get(f"/t/{issue.token}/accesses/").content.decode()
    assert what in page
    assert "夏东社区" in page
    assert "社区工作人员" in page
    for hidden in ("陈晓琳", "核对门牌", PHONE):
        assert hidden not in page


def _proven(issue: Issue, phone: str = PHONE) -> Client:
    client = Client()
    answer = client.post(f"/t/{issue.token}/accesses/", {"phone_tail": phone})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.mark.parametrize("given", ["", "1234", "19900001235", "x" * 50])
def test_less_than_the_whole_number_shows_nothing(world: World, frozen: None, given: str) -> None:
    issue = world.make_issue("accepted")
    reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="核对", at=NOW)
    client = Client()
    answer = client.post(f"/t/{issue.token}/accesses/", {"phone_tail": given})
    assert answer.status_code == 400
    for page in (answer, client.get(f"/t/{issue.token}/accesses/")):
        assert "夏东社区" not in page.content.decode()
    client.post(f"/t/{issue.token}/prove/", {"phone_tail": PHONE[-4:]})
    assert "夏东社区" not in client.get(f"/t/{issue.token}/accesses/").content.decode()


def test_staff_cannot_read_it_in_their_own_browser(world: World, signed_in: Browser, frozen: None) -> None:
    issue = world.make_issue("accepted")
    reveal_contact(issue_id=issue.pk, by=world.actor("supervisor"), reason="核对", at=NOW)
    browser = signed_in("officer")
    assert browser.post(f"/t/{issue.token}/accesses/", {"phone_tail": PHONE}).status_code == 403
    assert (
        "街道" not in browser.get(f"/t/{issue.token}/accesses/").content.decode().split("<main")[1].split("</main")[0]
    )


def test_of_another_matter_that_was_reported_confidentially_the_person_reads_nothing(world: World) -> None:
    issue, secret = world.make_issue("accepted"), world.make_issue("accepted", confidential=True)
    for matter in (issue, secret):
        reveal_contact(issue_id=matter.pk, by=world.actor("clerk"), reason="核对", at=NOW)
    assert len(accesses_to(PHONE, areas=None).rows) == 2
    opened = Issue.objects.select_related("contact").get(pk=issue.pk)
    assert [row.number for row in accesses_for(opened, PHONE).rows] == [issue.number]
    closed = Issue.objects.select_related("contact").get(pk=secret.pk)
    assert {row.number for row in accesses_for(closed, PHONE).rows} == {issue.number, secret.number}


@pytest.mark.parametrize("role", list(Role))
def test_only_who_has_the_right_may_ask_and_asking_is_a_line_itself(
    world: World, signed_in: Browser, frozen: None, role: Role
) -> None:
    who = {Role.SYSTEM_ADMIN: "system", Role.SECURITY_ADMIN: "security", Role.AUDIT_ADMIN: "audit"}.get(
        role, role.value
    )
    if who not in world.people:
        user = type(world.people["clerk"]).objects.create(username=who, display_name=who)
        Membership.objects.create(user=user, role=role, subdistrict=world.area, started_at=NOW - timedelta(days=9))
        world.people[who] = user
    issue = world.make_issue("accepted")
    reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason=f"核对{OTHER}", at=NOW)
    allowed = role in (Role.SUPERVISOR, Role.AUDIT_ADMIN)
    answer = signed_in(who).post(PAGE, {"phone": PHONE, "reason": f"本人{OTHER}来问"})
    assert answer.status_code == (200 if allowed else 403)
    assert world.actor(who).access.has(Permission.TRACE_ACCESS) is allowed
    page = answer.content.decode()
    assert (issue.number in page) is allowed
    assert OTHER not in page
    assert PHONE not in page
    told = Event.objects.filter(kind=TRACED)
    assert told.count() == allowed
    if allowed:
        assert PHONE not in str(told.get().data)
        assert "查询谁看过这个人的信息" in [str(row.what) for row in accesses_to(PHONE, areas=None).rows]
    else:
        with pytest.raises(NotPermitted):
            trace(phone=PHONE, reason="x", by=world.actor(who), at=NOW)


@pytest.mark.parametrize(
    ("phone", "reason", "wrong"),
    [("", "来问", {"phone"}), ("1234", "来问", {"phone"}), (PHONE, "", {"reason"}), ("", " ", {"phone", "reason"}),
     (PHONE, "问" * 201, {"reason"})],
)  # fmt: skip
def test_a_whole_number_and_a_reason(world: World, phone: str, reason: str, wrong: set[str]) -> None:
    with pytest.raises(InvalidFields) as refused:
        trace(phone=phone, reason=reason, by=world.actor("supervisor"), at=NOW)
    assert set(refused.value.fields) == wrong
    assert not Event.objects.filter(kind=TRACED).exists()


def test_an_auditor_of_one_office_reads_of_that_one_alone(world: World) -> None:
    issue = world.make_issue("accepted")
    reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="核对", at=NOW)
    note_look_up(world.people["outsider"].pk, PHONE, NOW, door="list")
    assert len(accesses_to(PHONE, areas=None).rows) == 2
    assert [row.name for row in accesses_to(PHONE, areas=[world.area.pk]).rows] == ["陈晓琳"]
    assert [row.name for row in accesses_to(PHONE, areas=[world.other_area.pk]).rows] == ["邻镇员"]


def test_the_post_is_the_one_of_then(world: World) -> None:
    issue = world.make_issue("accepted")
    reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="核对", at=NOW)
    clerk = world.people["clerk"]
    Membership.objects.filter(user=clerk).update(ended_at=NOW + timedelta(days=1))
    Membership.objects.create(
        user=clerk, role=Role.OFFICER, subdistrict=world.area, department=world.departments["WATER"],
        started_at=NOW + timedelta(days=2),
    )  # fmt: skip
    note_look_up(clerk.pk, PHONE, NOW + timedelta(days=3), door="list")
    assert [(row.office, row.role) for row in accesses_to(PHONE, areas=None).rows] == [
        ("水务管理办公室", "承办人"), ("夏东社区", "社区工作人员")
    ]  # fmt: skip


@pytest.mark.long
def test_the_statements_are_the_same_for_one_and_for_many_and_the_list_has_an_end(world: World) -> None:
    issue = world.make_issue("accepted")
    asked = []
    for number in (1, 5, MOST + 5):
        while Event.objects.filter(kind="reveal").count() < number:
            reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="核对", at=NOW)
        with CaptureQueriesContext(connection) as queries:
            found = accesses_to(PHONE, areas=[world.area.pk])
        asked.append(len(queries))
        assert len(found.rows) == min(number, MOST)
        assert found.more is (number > MOST)
    assert len(set(asked)) == 1
    assert asked[0] <= 12


OTHERS = """
INSERT INTO journal_event (subject_kind, subject_id, seq, kind, at, actor_id, actor_role, visible, data, texts,
    prev_hash, hash)
SELECT CASE n %% 2 WHEN 0 THEN 'account' ELSE subject_kind END, subject_id, 1000 + n,
    CASE n %% 2 WHEN 0 THEN 'look_up' ELSE 'reveal' END, at, actor_id, actor_role, false,
    jsonb_build_object('phone', md5(n::text), 'contact', (1000 + n)::text), '{}', prev_hash, hash
FROM (SELECT * FROM journal_event WHERE subject_kind = 'issue' AND subject_id = %s ORDER BY id LIMIT 1) AS one,
    generate_series(1, 4000) AS n
"""
"""Looked up and revealed were many people: what is one person's is found by what names the person."""


def test_each_source_reads_its_index(world: World) -> None:
    issue = world.make_issue("accepted")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(OTHERS, [issue.pk])
        cursor.execute("ANALYZE journal_event")
    with CaptureQueriesContext(connection) as queries:
        accesses_to(PHONE, areas=None)
    plans = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if "journal_event" in query["sql"] and "phone" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert any("privacy_looked_up" in plan for plan in plans), plans
    assert any("privacy_revealed" in plan for plan in plans), plans


def test_the_page_of_the_person_works_in_both_languages_and_large(world: World) -> None:
    issue = world.make_issue("accepted")
    with time_machine.travel(NOW, tick=False):
        reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="核对", at=NOW)
        client = _proven(issue)
        english = client.get(f"/t/{issue.token}/accesses/", headers={"accept-language": "en"}).content.decode()
        client.post("/preferences/", {"elder": "26", "next": "/"})
        large = client.get(f"/t/{issue.token}/accesses/").content.decode()
    assert "Looked at the whole name" in english
    assert 'data-elder="26"' in large
