"""审计: who reads the journal, of which office, by what it is sought; and that nothing masked is shown in it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.noting import note
from accounts.roles import Permission, Role
from communities.access import access_of
from communities.models import Membership
from issues.services.revealing import reveal_contact
from journal.models import Event
from offices.audit import Sought, events_of, lines_of, title_of
from offices.forms import OfficeForm
from offices.kinds import KINDS
from offices.people_forms import PersonForm
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
URL = "/console/admin/audit/"
FIELDS = {"office": OfficeForm.base_fields, "person": PersonForm.base_fields}

BASE = Path(__file__).resolve().parents[3]
_NOTED = re.compile(r"""\bnote\((?:[^()"]|\([^()]*\))*"(\w+)\"""")


@pytest.fixture
def auditor(world: World) -> User:
    """The audit administrator of 桂城街道 alone."""
    user = User.objects.create_user("auditor", "guicheng-demo", display_name="审计员")
    Membership.objects.create(user=user, role=Role.AUDIT_ADMIN, subdistrict=world.area, started_at=NOW)
    world.people["auditor"] = user
    return user


def subjects(browser: Client, query: str = "") -> list[str]:
    return [line.subject for line in browser.get(f"{URL}{query}").context["rows"]]


@pytest.mark.parametrize(
    ("who", "status"),
    [("auditor", 200), ("admin", 200), ("supervisor", 403), ("director", 403), ("clerk", 403), ("outsider", 403)],
)
def test_who_opens_it(world: World, auditor: User, signed_in: Browser, who: str, status: int) -> None:
    assert signed_in(who).get(URL).status_code == status


def test_it_is_read_and_never_written(world: World, auditor: User, signed_in: Browser) -> None:
    browser = signed_in("auditor")
    assert browser.post(URL, {"kind": "sign_in"}).status_code == 405
    assert access_of(auditor).permissions == {
        Permission.USE_CONSOLE, Permission.SEE_HEALTH, Permission.READ_JOURNAL, Permission.SEE_PRIVACY,
        Permission.TRACE_ACCESS,
    }  # fmt: skip


def test_one_office_reads_its_own(world: World, auditor: User, signed_in: Browser) -> None:
    here, there = world.create(), world.create(by="outsider", community="pingdi", category="other")
    for name in ("clerk", "outsider"):
        note(world.people[name].pk, "look_up", NOW, door="list", phone="0" * 16, whole=True)
    found = subjects(signed_in("auditor"))
    assert here.number in found
    assert "陈晓琳" in found
    assert there.number not in found
    assert "邻镇员" not in found
    everything = subjects(signed_in("admin"))
    assert {here.number, there.number, "陈晓琳", "邻镇员"} <= set(everything)
    nobody = access_of(world.user("supervisor"))
    assert not events_of(nobody, Sought(NOW - timedelta(days=9), NOW + timedelta(days=9))).exists()


def test_it_is_sought_by_person_kind_subject_and_period(world: World, auditor: User, signed_in: Browser) -> None:
    first, second = world.create(), world.make_issue("dispatched")
    note(world.people["clerk"].pk, "look_up", NOW - timedelta(days=20), door="list", phone="0" * 16, whole=False)
    browser = signed_in("auditor")
    assert set(subjects(browser, f"?subject={first.number}")) == {first.number}
    assert set(subjects(browser, f"?subject={second.number}&kind=dispatch")) == {second.number}
    assert subjects(browser, "?subject=ｃlerk") == []
    assert subjects(browser, "?subject=CLERK&since=2026-02-20") == ["陈晓琳"]
    by_clerk = browser.get(f"{URL}?who=Clerk").context["rows"]
    assert {line.actor for line in by_clerk} == {"陈晓琳"}
    assert subjects(browser, "?who=nobody.of.this.name") == []
    assert subjects(browser, "?until=2026-03-17") == []
    for wrong in ("?kind=nonsense", "?who=%00", "?cursor=abc"):
        assert browser.get(f"{URL}{wrong}").status_code == 400
    assert browser.get(f"{URL}?since=yesterday&until=2026-99-99").status_code == 200
    longest = browser.get(f"{URL}?since=2020-01-01&until=2026-03-18").context["fields"]
    assert next(field.value for field in longest if field.name == "since") == "2025-12-16"


def test_nothing_of_a_confidential_matter_is_told(world: World, auditor: User, signed_in: Browser) -> None:
    assert world.leader is not None
    words = "举报楼下夜间偷排，电话19900004321。"
    secret = world.create(
        by="leader", community="dade", source="leader", leader_id=world.leader.pk, confidential=True, description=words
    )
    open_one = world.create(description=words)
    for issue in (secret, open_one):
        by = world.actor("clerk2" if issue is secret else "clerk")
        reveal_contact(issue_id=issue.pk, by=by, reason="回访张小三，电话19900001234", at=NOW)
    page = signed_in("auditor").get(URL).content.decode()
    for hidden in ("偷排", "19900004321", "19900001234", "陈姨"):
        assert hidden not in page
    assert "回访" in page
    lines = {(line.subject, line.title): line for line in signed_in("auditor").get(URL).context["rows"]}
    assert (lines[secret.number, "登记"].actor, lines[secret.number, "查看完整信息"].more) == ("反映人", ())
    assert subjects(signed_in("auditor"), "?who=leader") == []


def test_pages_follow_one_another_and_cost_the_same(world: World, auditor: User, signed_in: Browser) -> None:
    browser = signed_in("auditor")
    world.create()
    browser.get(URL)
    costs = set()
    for number in (1, 4, 25):
        for step in range(number):
            note(world.people["clerk"].pk, "export", NOW, what="duty", rows=step)
            world.create()
        with CaptureQueriesContext(connection) as caught:
            browser.get(URL)
        costs.add(len(caught))
    assert len(costs) == 1, costs
    seen: list[str] = []
    page = browser.get(URL)
    while True:
        seen += [f"{line.at} {line.subject} {line.title}" for line in page.context["rows"]]
        following = page.context["pager"].next_url
        if not following:
            break
        page = browser.get(following)
    assert len(seen) == Event.objects.filter(at__gte=NOW - timedelta(days=6)).count()


def test_every_kind_of_event_has_words(world: World) -> None:
    """Kinds that the code writes outside the tables of tellings stand in TITLES."""
    world.make_issue("closed")
    kinds = set(Event.objects.values_list("kind", flat=True))
    for path in (*BASE.glob("accounts/*.py"), *BASE.glob("offices/services/*.py")):
        kinds |= set(_NOTED.findall(path.read_text(encoding="utf-8")))
    assert {"phone_bound", "code_failed", "membership_added"} <= kinds
    assert [kind for kind in sorted(kinds) if title_of(kind) == kind] == []


def test_what_changed_of_a_row_is_told_by_the_names_of_its_fields(world: World) -> None:
    for kind in (*FIELDS, *KINDS):
        fields = FIELDS[kind] if kind in FIELDS else KINDS[kind].fields
        event = Event(
            subject_kind=kind, subject_id=1, kind="reference_changed", at=NOW, actor_role="none",
            data={"fields": list(fields)},
        )  # fmt: skip
        (line,) = lines_of([event])
        assert line.more == tuple(str(field.label) for field in fields.values()), kind
