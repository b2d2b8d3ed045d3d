"""Every action of the table through the API: one event, the fields of the table, few statements, no 500."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from django.db import transaction

from api import openapi
from api.views import issues as views
from issues import workflow
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.services.actions import act
from issues.workflow import Party
from journal.models import Event
from tests.integration.api.conftest import Caller
from tests.integration.issues.test_edges import FIELDS, LATER, WHO, fields_for, matter_for, prepare
from tests.integration.statements.test_bounds import statements
from tests.support.cast import PHONE, World, in_status
from tests.support.sampling import sampled
from tests.support.standing import begins

Called = Callable[[str], Caller]
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
ACTIONS = openapi.actions(public=False)
RESIDENTS = openapi.actions(public=True)
STATEMENTS = 20
"""The bound of the benchmark on one action."""

HOSTILE: tuple[Any, ...] = (
    None, "", "\x00", "a\ud800b", "0001-01-01", "9999-12-31", "2031-03-18", "9999-12-31T23:59:59-12:00", 0, -1, 10**9,
    10**30, 1.5, True, [], [[]], [[["WATER"]]], [None], ["\x00"], [10**30], ["a"] * 50, {}, {"code": "WATER"},
    "长" * 5000, "' OR 1=1 --", "桂城-2026-000001",
)  # fmt: skip


@dataclass(frozen=True)
class Beginning:
    """An issue on which ``who`` may do an action with ``data``, by the API's ``path``; nobody where a resident may."""

    issue: Issue
    who: str
    path: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Ready(Beginning):
    """And the caller who may."""

    caller: Caller


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """The clock stands half an hour after the issues were made."""
    with time_machine.travel(LATER, tick=False):
        yield


def beginning(world: World, action: str, *, public: bool = False) -> Beginning:
    """The first edge of the table for this action; for a resident where ``public``, or where nobody else may."""
    row = openapi.rows_of(action, public=public)[0]
    party = Party.REPORTER if public else first_party(action)
    first = Status.DISPATCHED if action == "reassign" else Status.IN_PROGRESS
    status = next(one for one in (first, *Status) if one in row.sources)
    issue = world.make_issue(status, **matter_for(action))
    issue = prepare(world, issue, action, party)
    data = fields_for(world, action)
    if party is Party.REPORTER:
        return Beginning(issue, "", f"public/t/{issue.token}/actions/{action}/", {**data, "phone": PHONE})
    path = f"issues/{issue.number}/actions/{action}/"
    return Beginning(issue, WHO[party], path, {**data, "version": issue.version})


@pytest.fixture
def step(begun: Beginning, caller: Called) -> Ready:
    """What the tests of an action begin with."""
    return Ready(begun.issue, begun.who, begun.path, begun.data, caller(begun.who) if begun.who else Caller())


def first_party(action: str) -> Party:
    """Who does it here: somebody of the staff where one may."""
    who = openapi.rows_of(action, public=False)[0].who
    return next(party for party in (*_STAFF, Party.REPORTER) if party in who)


_STAFF = (Party.LEAD_HEAD, Party.LEAD, Party.COMMUNITY, Party.CO, Party.SUPERVISOR, Party.DIRECTION)


def named(action: str) -> list[str]:
    """The fields that the document says it has, beside the phone of a reporter."""
    schema = openapi.action_schema(action, public=first_party(action) is Party.REPORTER)
    return [name for name in schema["properties"] if name != "phone"]


HOSTILITIES = sampled(
    (((action, name), place) for action in ACTIONS for name in named(action) for place in range(len(HOSTILE))), 14
)
"""A field of an action, and the place of a value that it meets."""


def test_the_fields_of_every_action_are_tried() -> None:
    assert set(FIELDS) == set(ACTIONS) == workflow.ACTIONS


@pytest.mark.parametrize(
    "action", [pytest.param(action, marks=begins(beginning, action)) for action in ACTIONS], scope="class"
)
class TestEachAction:
    """Those of one action follow each other."""

    def test_an_action_is_one_event_within_twenty_statements(
        self, step: Ready, action: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found: list[str] = []

        def counted(**given: Any) -> Issue:
            with statements() as seen:
                issue = act(**given)
            found.extend(seen)
            return issue

        monkeypatch.setattr(views, "act", counted)
        answer = step.caller.post(step.path, step.data)
        assert answer.status_code == 200, answer.content
        after = Issue.objects.get(pk=step.issue.pk)
        assert answer.json()["version"] == after.version == step.issue.version + 1
        assert answer.json()["status"] == after.status
        events = Event.objects.of(SUBJECT, step.issue.pk).filter(data__version=after.version)
        assert [event.kind for event in events] == [action]
        assert found
        assert len(found) <= STATEMENTS, "\n".join(found)

    def test_what_is_required_is_what_the_document_says(self, step: Ready, action: str) -> None:
        """Each required field left out, and all of them: 400 naming it.

        The row that holds now may want more than all rows of the action do.
        """
        public = step.path.startswith("public/")
        required = openapi.action_schema(action, public=public).get("required", [])
        for left_out in ([name] for name in required):
            answer = step.caller.post(step.path, {name: step.data[name] for name in step.data if name not in left_out})
            assert (answer.status_code, set(answer.json()["fields"])) == (400, set(left_out)), answer.content
        keep = {"phone": step.data["phone"]} if public else {}
        answer = step.caller.post(step.path, keep)
        if set(required) - {"phone"}:
            assert answer.status_code == 400
            assert set(answer.json()["fields"]) >= set(required) - {"phone"}

    def test_hostile_values_in_every_field(self, step: Ready, action: str) -> None:
        for name, value in [(name, HOSTILE[place]) for (one, name), place in HOSTILITIES if one == action]:
            with transaction.atomic():
                answer = step.caller.post(step.path, {**step.data, name: value})
                transaction.set_rollback(True)
            assert answer.status_code < 500, (name, value)
            assert answer.status_code == 200 or {"code", "detail", "fields"} <= set(answer.json())


@pytest.mark.parametrize(
    "action", [pytest.param(action, marks=begins(beginning, action, public=True)) for action in RESIDENTS]
)
def test_what_a_resident_may_do_at_the_public_address(step: Ready, action: str) -> None:
    wrong = step.caller.post(step.path, {**step.data, "phone": "19900009998"})
    assert wrong.status_code == 403
    answer = step.caller.post(step.path, step.data)
    assert answer.status_code == 200, answer.content
    after = Issue.objects.get(pk=step.issue.pk)
    assert answer.json()["status"] == after.status
    event = Event.objects.of(SUBJECT, step.issue.pk).filter(data__version=after.version).get()
    assert (event.kind, event.actor_role) == (action, "resident")


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - set(RESIDENTS)))
@begins(in_status, "in_progress")
def test_what_a_resident_may_not_do(begun: Issue, action: str) -> None:
    answer = Caller().post(f"public/t/{begun.token}/actions/{action}/", {"phone": PHONE})
    assert answer.status_code == 403


def test_links_of_the_document_lead_to_calls_that_answer(world: World, caller: Called) -> None:
    """From a new issue and from a new report to the calls that their answers name."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    calls = {
        call["operationId"]: (path, call) for path, methods in document["paths"].items() for call in methods.values()
    }
    bodies = {
        "create_issue": {"description": "灯不亮", "community": "夏东社区", "category": "0202", "contact_phone": PHONE},
        "report": {"description": "灯不亮", "community": "夏东社区", "contact_phone": PHONE},
    }
    for name, body in bodies.items():
        person = Caller() if name == "report" else caller("clerk")
        path, call = calls[name]
        first = person.post(path, body)
        assert first.status_code == 201
        links = call["responses"]["201"]["links"]
        assert len(links) >= 3
        for link in links.values():
            ((parameter, expression),) = link["parameters"].items()
            value = first.json()[expression.removeprefix("$response.body#/")]
            target, following = calls[link["operationId"]]
            address = target.replace("{" + parameter.removeprefix("path.") + "}", value).replace("{action}", "comment")
            data = {"note": "补充一句", "phone": PHONE}
            method = next(method for method, one in document["paths"][target].items() if one is following)
            answer = person.get(address) if method == "get" else person.post(address, data)
            assert answer.status_code == 200, (address, answer.content)
