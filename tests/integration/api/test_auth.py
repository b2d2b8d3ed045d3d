"""Signing in: tokens, sessions, the lock."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken, issue_token
from tests.integration.api.conftest import Caller
from tests.support.cast import PASSWORD, World


def test_a_token_is_given_for_name_and_password(resident: Caller) -> None:
    answer = resident.post("auth/token/", {"username": "clerk", "password": PASSWORD})
    assert answer.status_code == 200
    token = answer.json()["token"]
    assert Caller(token).get("issues/").status_code == 200
    assert not ApiToken.objects.filter(digest=token).exists()
    assert ApiToken.objects.get().digest == ApiToken.digest_of(token)


@pytest.mark.parametrize("name", ["clerk", "nobody"])
def test_wrong_credentials_do_not_say_which(resident: Caller, name: str) -> None:
    answer = resident.post("auth/token/", {"username": name, "password": "wrong-password"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_five_failures_lock_the_account_for_this_network(resident: Caller) -> None:
    for _ in range(5):
        assert resident.post("auth/token/", {"username": "clerk", "password": "wrong"}).status_code == 401
    locked = resident.post("auth/token/", {"username": "clerk", "password": PASSWORD})
    assert locked.status_code == 429
    assert locked.json()["code"] == "throttled"
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    assert resident.post("auth/token/", {"username": "officer", "password": PASSWORD}).status_code == 200


def test_an_idempotency_key_does_not_hide_failures(resident: Caller) -> None:
    wrong = {"username": "clerk", "password": "wrong"}
    for number in range(5):
        assert resident.post("auth/token/", wrong, Idempotency_Key=f"try-{number}").status_code == 401
    assert resident.post("auth/token/", wrong, Idempotency_Key="try-6").status_code == 429


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token x", "Token " + "x" * 500, "Token \xff\xfe", "Token ü"])
def test_bad_tokens_are_401(world: World, header: str) -> None:
    answer = Client().get("/api/v1/issues/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "detail", "fields"}


def test_expired_revoked_and_inactive_are_401(world: World) -> None:
    clerk = world.people["clerk"]
    old = issue_token(user=clerk, at=timezone.now() - timedelta(days=91))
    revoked = issue_token(user=clerk, at=timezone.now())
    ApiToken.objects.filter(digest=ApiToken.digest_of(revoked)).update(revoked_at=timezone.now())
    gone = world.people["officer"]
    inactive = issue_token(user=gone, at=timezone.now())
    gone.is_active = False
    gone.save()
    for token in (old, revoked, inactive):
        assert Caller(token).get("issues/").status_code == 401


def test_without_sign_in_every_call_is_401_json(resident: Caller) -> None:
    for path in ("issues/", "issues/桂城-2026-000001/", "issues/桂城-2026-000001/events/", "communities/", "leaders/"):
        answer = resident.get(path)
        assert answer.status_code == 401, path
        assert answer.json()["code"] == "not_authenticated"
    assert resident.post("issues/", {}).status_code == 401
    assert resident.post("issues/桂城-2026-000001/actions/accept/", {}).status_code == 401


def test_a_session_works_and_writes_need_the_csrf_token(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.people["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/issues/").status_code == 200
    refused = browser.post("/api/v1/issues/", "{}", content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["code"] == "csrf_failed"


def test_the_token_and_its_user_cost_one_statement(caller: Callable[[str], Caller]) -> None:
    clerk = caller("clerk")
    clerk.get("issues/")
    with CaptureQueriesContext(connection) as statements:
        clerk.get("issues/", page_size="nonsense")
    assert [row["sql"].split()[3] for row in statements].count('"accounts_apitoken"') <= 1
    assert len(statements) <= 2


def test_unknown_calls_and_methods_answer_json(caller: Callable[[str], Caller]) -> None:
    clerk = caller("clerk")
    unknown = clerk.get("nothing/at/all/")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    method = clerk.client.delete("/api/v1/issues/", headers=clerk.headers)
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in method.headers["Allow"]
