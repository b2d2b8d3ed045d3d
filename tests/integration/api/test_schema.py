"""The OpenAPI document: complete, current, and kept to by every answer."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import issue_token
from api import openapi, throttling
from api.urls import v1
from common.limits import Tap
from common.masking import anonymous
from issues import workflow
from issues.enums import Status
from issues.models import Issue
from issues.workflow import Party
from reminders.enums import Channel
from reminders.reference import forget_gateways
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, PHONE, SUSPENDED_UNTIL, World
from tests.support.outbox import channel
from tests.support.sampling import length, sampled

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
BOUNDED = settings(
    max_examples=length(2, 40),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


SINGLE = {
    template.replace("{action}", action)
    for template, public in (
        ("/api/v1/issues/{number}/actions/{action}/", False),
        ("/api/v1/public/t/{token}/actions/{action}/", True),
    )
    for action in openapi.actions(public=public)
}
"""The calls of the single actions."""

STAFF: dict[str, Party | None] = {
    "clerk": Party.COMMUNITY,
    "officer": Party.LEAD,
    "officer2": Party.CO,
    "head": Party.LEAD_HEAD,
    "supervisor": Party.SUPERVISOR,
    "deputy": Party.DIRECTION,
    "director": Party.DIRECTION,
    "leader": Party.REPORTER,
    "admin": None,
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())
    return loaded


@pytest.mark.long
def test_the_document_in_docs_is_current(document: dict[str, Any]) -> None:
    assert yaml.safe_load(DOCUMENT.read_text()) == document, (
        "run: python manage.py spectacular --file docs/openapi.yaml"
    )


def test_every_call_is_described(document: dict[str, Any]) -> None:
    routes = {f"/api/v1/{pattern.pattern}".replace("<int:", "<str:") for pattern in v1 if pattern.name != "api-unknown"}
    described = {path.replace("{", "<str:").replace("}", ">") for path in document["paths"]}
    single = {
        template.replace("<str:action>", action)
        for template in routes
        for action in openapi.actions(public="/public/" in template)
        if "<str:action>" in template and "/commitments/" not in template
    }
    assert described == routes | single
    assert get_resolver()


def test_schema_and_docs_are_open_and_fit_the_content_security_policy(db: None) -> None:
    client = Client()
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert " style=" not in text
    assert "onload" not in text
    assert text.count("<script") == text.count("<script src=") == 3
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    script = client.get("/api/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")


@pytest.fixture
def application() -> Iterator[Any]:
    """The WSGI application within the test's own transaction: requests do not close its connection."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield get_wsgi_application()
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


OTHERS = [who for who in STAFF if who != "clerk"]
"""They try a sample of the calls, every call one of them."""
ASKED = [(who, mode) for who in ("clerk", "resident") for mode in schemathesis.GenerationMode]
ASKED += [(who, schemathesis.GenerationMode.POSITIVE) for who in OTHERS]


@pytest.mark.parametrize(("who", "mode"), ASKED)
def test_no_answer_outside_the_document(
    world: World,
    document: dict[str, Any],
    application: Any,
    who: str,
    mode: schemathesis.GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttling, "API_PER_USER", Tap(f"tap-{uuid.uuid4().hex}", rate=1000, burst=100_000))
    token = None if who == "resident" else issue_token(user=world.people[who], at=timezone.now())
    headers = Caller(token).headers
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    issues = [world.make_issue(status) for status in ("submitted", "accepted", "follow_up")]
    numbers = st.sampled_from([issue.number for issue in issues])
    tokens = st.sampled_from([issue.token for issue in issues])
    public = who == "resident"
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    calls = {one.label: one for one in operations if ("/public/" in one.path) == public and one.path not in SINGLE}
    bounded, wanted = BOUNDED, set(calls)
    if who in OTHERS:
        bounded, wanted = FEW, {label for one, label in sampled(product(OTHERS, calls), 3) if one == who}
    asked: set[str] = set()
    for operation in [calls[label] for label in sorted(wanted)]:

        @bounded
        @given(case=operation.as_strategy(generation_mode=mode), number=numbers, secret=tokens, known=st.booleans())
        def ask(case: Any, number: str, secret: str, known: bool) -> None:
            asked.add(case.operation.label)
            if known and case.path_parameters:
                real = {"number": number, "token": secret}
                case.path_parameters |= {name: real[name] for name in real if name in case.path_parameters}
            if known and isinstance(case.body, dict) and "phone_tail" in case.body:
                case.body["phone_tail"] = PHONE[-4:]
            if known and isinstance(case.body, dict) and "phone" in case.body:
                case.body["phone"] = PHONE
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:  # a call that takes no input cannot be given a wrong one
            assert mode is schemathesis.GenerationMode.NEGATIVE
            wanted.discard(operation.label)
    assert asked
    assert asked == wanted


FEW = settings(BOUNDED, max_examples=length(2, 10))
REAL: dict[str, list[Any]] = {
    "department": ["WATER", "MUNICIPAL", "POLICE", "XIADONG-TEAM", "NOBODY"],
    "suggested_department": ["WATER", "NOBODY"],
    "departments": [["WATER"], ["GOVERN", "POLICE"], []],
    "users": [["officer2"], ["clerk", "supervisor"], ["outsider"]],
    "officer": ["officer", "officer2", "clerk"],
    "category": ["0301", "0202", "99"],
    "community": ["大德社区", "440605011001", "平地社区"],
    "neighbourhood": ["幸福路", "碧湖花园"],
    "building": ["3栋", "9栋"],
    "until": ["2026-04-20", "2031-03-18"],
    "due_on": ["2026-04-20", "9999-12-31"],
    "review_on": ["2026-04-20"],
    "contact_phone": ["13800001111", "8888"],
    "days": [1, 2],
    "attachments": [[]],
}
"""What a programme that knows the town would send."""


@dataclass(frozen=True)
class Pool:
    """Issues in every status, and with everything that can wait on one; nothing that is tried on them lasts."""

    issues: list[Issue]
    tokens: dict[str, str]

    def for_action(self, action: str) -> list[Issue]:
        """Those in a status in which the table knows the action, two others at the end."""
        known = {status for row in workflow.rows_of(action) for status in row.sources}
        able = [issue for issue in self.issues if issue.status in known]
        return able + [issue for issue in self.issues if issue.status not in known][:2]


def callers(action: str) -> list[str]:
    """Who may by the table, and one who may not."""
    who = {party for row in workflow.rows_of(action) for party in row.who}
    able = [name for name, party in STAFF.items() if party in who]
    return able + [name for name in STAFF if name not in able][:1]


CALLS = sampled(((action, name) for action in openapi.actions(public=False) for name in callers(action)), 2)
"""Who tries which action."""


@pytest.fixture
def pool(world: World, frozen: None) -> Pool:
    at = NOW - timedelta(hours=1)
    channel(world, Channel.SMS)
    forget_gateways()
    issues = [world.make_issue(status, at=at) for status in Status.values]
    asked, drafted, shared, twice = (world.make_issue("in_progress", at=at) for _n in range(4))
    assert world.leader is not None
    issues.append(world.make_issue("follow_up", at=at, community="dade", by="clerk2", leader_id=world.leader.pk))
    suspension = {"reason": "funding", "until": SUSPENDED_UNTIL, "interim_answer": "资金已报"}
    steps: tuple[tuple[Issue, str, str, dict[str, Any]], ...] = (
        (asked, "request_extension", "officer", {"days": 1, "reason": "等配件"}),
        (drafted, "request_suspension", "officer", suspension),
        (drafted, "supervise", "supervisor", {"kind": "order", "note": "请书面回复"}),
        (shared, "add_department", "officer", {"department": "WATER"}),
        (twice, "return", "officer", {"reason": "not_ours", "basis": "三定方案"}),
        (twice, "dispatch", "clerk", {"department": "WATER"}),
        (twice, "return", "officer2", {"reason": "not_ours", "basis": "三定方案"}),
    )
    for minute, (issue, action, by, data) in enumerate(steps):
        world.act(issue, action, by, at + timedelta(minutes=10 + minute), **data)
    pks = [issue.pk for issue in (*issues, asked, drafted, shared, twice)]
    tokens = {name: issue_token(user=world.people[name], at=NOW) for name in STAFF}
    return Pool(list(Issue.objects.filter(pk__in=pks).order_by("pk")), tokens)


def _known(draw: Any, body: dict[str, Any], issue: Issue, pool: Pool) -> dict[str, Any]:
    """The body with some values that mean something here, and mostly with the version as it is."""
    for name in [name for name in body if name in REAL]:
        if draw(st.booleans()):
            body[name] = draw(st.sampled_from(REAL[name]))
    if "master" in body:
        body["master"] = draw(st.sampled_from([row.number for row in pool.issues]))
    if "version" in body and draw(st.integers(0, 3)):
        body["version"] = issue.version
    if "phone" in body:
        body["phone"] = PHONE
    return body


@pytest.mark.long
def test_no_action_answers_outside_the_document(
    pool: Pool, document: dict[str, Any], application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every action with generated fields on issues in every state, as everybody of the cast; each try is undone."""
    monkeypatch.setattr(throttling, "API_PER_USER", Tap(f"tap-{uuid.uuid4().hex}", rate=1000, burst=100_000))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    asked: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for path in sorted(SINGLE):
        _try_action(path.split("/")[-2], schema[path]["post"], pool, asked, done)
    assert set(asked) == {"public", *STAFF}
    assert len(done) == len(workflow.ACTIONS)


def _try_action(action: str, operation: Any, pool: Pool, asked: Counter[str], done: Counter[str]) -> None:
    public = "/public/" in operation.path
    strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)

    @FEW
    @given(data=st.data(), case=strategy, issue=st.sampled_from(pool.for_action(action)))
    def ask(data: Any, case: Any, issue: Issue) -> None:
        case.path_parameters = {"token": issue.token} if public else {"number": issue.number}
        if isinstance(case.body, dict):
            case.body = _known(data.draw, dict(case.body), issue, pool)
        for name in ["public"] if public else [name for one, name in CALLS if one == action]:
            headers = {} if public else {"Authorization": f"Token {pool.tokens[name]}"}
            with transaction.atomic():
                answer = case.call_and_validate(headers=headers, checks=CHECKS)
                transaction.set_rollback(True)
            asked[name] += 1
            done[action] += answer.status_code == 200

    ask()


def _strings(part: Any) -> Iterator[str]:
    """Every text of the document: descriptions, examples, defaults, names."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from (*_strings(name), *_strings(value))
    elif isinstance(part, list):
        for value in part:
            yield from _strings(value)


def test_no_example_names_a_person_or_a_confidential_matter() -> None:
    """The document and the page about the API: whoever reads them reads of nobody."""
    page = DOCUMENT.with_name("api.md").read_text(encoding="utf-8")
    made_up = re.compile(r"199000\d{5}")
    for text in [*_strings(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))), *page.splitlines()]:
        assert anonymous(made_up.sub("", text)) == made_up.sub("", text)
    examples = re.findall(r"(?m)^ *-d '(.*)'", page)
    assert examples
    assert not [example for example in examples if "confidential" in example or "contact_name" in example]
