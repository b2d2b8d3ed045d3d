"""One shape for every refusal."""

from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from api.errors import BadCredentials, Busy, InvalidInput, KeyReused, StillRunning, TooMany, handle
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted, StateConflict, UnknownAction, VersionConflict

ISSUE = Issue(version=7, status="accepted")
REFUSALS: list[tuple[Exception, int, str]] = [
    (exceptions.NotAuthenticated(), 401, "not_authenticated"),
    (exceptions.AuthenticationFailed("no", code="invalid_token"), 401, "invalid_token"),
    (BadCredentials(), 401, "invalid_credentials"),
    (exceptions.PermissionDenied(), 403, "permission_denied"),
    (exceptions.PermissionDenied("no", code="csrf_failed"), 403, "csrf_failed"),
    (PermissionDenied(), 403, "permission_denied"),
    (NotPermitted(), 403, "permission_denied"),
    (Http404("secret"), 404, "not_found"),
    (exceptions.NotFound(), 404, "not_found"),
    (UnknownAction(), 404, "not_found"),
    (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    (VersionConflict(ISSUE), 409, "version_conflict"),
    (StateConflict(ISSUE, "closed"), 409, "state_conflict"),
    (KeyReused(), 409, "idempotency_key_reused"),
    (StillRunning(), 409, "idempotency_in_progress"),
    (Busy(), 409, "busy"),
    (exceptions.ParseError(), 400, "parse_error"),
    (exceptions.ParseError("no", code="parse_error"), 400, "parse_error"),
    (exceptions.ValidationError({"a": ["wrong"]}), 400, "invalid"),
    (exceptions.ValidationError(["wrong"]), 400, "invalid"),
    (InvalidInput({"a": "wrong"}), 400, "invalid"),
    (InvalidFields({"a": "wrong"}), 400, "invalid"),
    (BadRequest("no"), 400, "invalid"),
    (RequestDataTooBig(), 413, "too_large"),
    (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (exceptions.Throttled(3), 429, "throttled"),
    (TooMany(3), 429, "throttled"),
]


def refused(error: Exception) -> Response:
    answer = handle(error, {})
    assert answer is not None
    return answer


@pytest.mark.parametrize(("error", "status", "code"), REFUSALS, ids=lambda value: type(value).__name__)
def test_status_and_code(error: Exception, status: int, code: str) -> None:
    answer = refused(error)
    data: dict[str, Any] = answer.data
    assert (answer.status_code, data["code"]) == (status, code)
    assert set(data) >= {"code", "detail", "fields"}
    assert isinstance(data["detail"], str)
    assert data["detail"]
    assert "secret" not in data["detail"]


def test_a_conflict_says_how_the_issue_is_now() -> None:
    assert (
        refused(VersionConflict(ISSUE)).data | {"version": 7, "status": "accepted"}
        == refused(VersionConflict(ISSUE)).data
    )


def test_fields_are_lists_of_words() -> None:
    assert refused(InvalidFields({"note": "必填"})).data["fields"] == {"note": ["必填"]}
    nested = exceptions.ValidationError({"a": {"b": ["deep"]}, "c": ["first", "second"]})
    assert refused(nested).data["fields"] == {"a": ["deep"], "c": ["first"]}
    assert refused(exceptions.ValidationError(["wrong"])).data["fields"] == {"body": ["wrong"]}


@pytest.mark.parametrize(("wait", "header"), [(0.2, "1"), (1, "1"), (59.1, "60")])
def test_retry_after_is_whole_seconds(wait: float, header: str) -> None:
    assert refused(TooMany(wait)).headers["Retry-After"] == header


def test_a_401_says_how_to_sign_in() -> None:
    assert refused(BadCredentials()).headers["WWW-Authenticate"] == "Token"


def test_faults_of_ours_are_not_dressed_up() -> None:
    assert handle(ZeroDivisionError(), {}) is None
