"""The OpenAPI document: complete, current, and kept to by every answer."""

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
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
from api import throttling
from api.urls import v1
from common.limits import Tap
from tests.integration.api.conftest import Caller
from tests.support.cast import PHONE, World

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
BOUNDED = settings(
    max_examples=int(os.environ.get("SCHEMA_EXAMPLES", "12")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())
    return loaded


def test_the_document_in_docs_is_current(document: dict[str, Any]) -> None:
    assert yaml.safe_load(DOCUMENT.read_text()) == document, (
        "run: python manage.py spectacular --file docs/openapi.yaml"
    )


def test_every_call_is_described(document: dict[str, Any]) -> None:
    routes = {f"/api/v1/{pattern.pattern}" for pattern in v1 if pattern.name != "api-unknown"}
    described = {path.replace("{", "<str:").replace("}", ">") for path in document["paths"]}
    assert {route.replace("<int:", "<str:") for route in routes} == described
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


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("who", ["clerk", "resident"])
def test_no_answer_outside_the_document(
    world: World,
    document: dict[str, Any],
    application: Any,
    who: str,
    mode: schemathesis.GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttling, "API_PER_USER", Tap(f"tap-{uuid.uuid4().hex}", rate=1000, burst=100_000))
    token = issue_token(user=world.people["clerk"], at=timezone.now()) if who == "clerk" else None
    headers = Caller(token).headers
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    issues = [world.make_issue(status) for status in ("submitted", "accepted", "follow_up")]
    numbers = st.sampled_from([issue.number for issue in issues])
    tokens = st.sampled_from([issue.token for issue in issues])
    asked = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        public = "/public/" in operation.path
        if public != (who == "resident"):
            continue

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode), number=numbers, secret=tokens, known=st.booleans())
        def ask(case: Any, number: str, secret: str, known: bool) -> None:
            nonlocal asked
            asked += 1
            if known and case.path_parameters:
                real = {"number": number, "token": secret}
                case.path_parameters |= {name: real[name] for name in real if name in case.path_parameters}
            if known and isinstance(case.body, dict) and "phone_tail" in case.body:
                case.body["phone_tail"] = PHONE[-4:]
            case.call_and_validate(headers=headers, checks=CHECKS)

        with suppress(Unsatisfiable):  # a call that takes no input cannot be given a wrong one
            ask()
    assert asked > 20
