"""`/healthz` says that this process answers, `/readyz` whether the whole installation does its work."""

import logging
from typing import TypedDict

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, generate_latest

from common.http import is_this_machine
from govtrack import heartbeats
from reminders.metrics import HealthCollector

log = logging.getLogger(__name__)


def _unexpected(record: logging.LogRecord) -> bool:
    """A 503 of /readyz is an answer, not an error of this process: Django's own line about it stays out."""
    return "/readyz" not in record.getMessage()


logging.getLogger("django.request").addFilter(_unexpected)


class HealthCheck(TypedDict):
    """One part of the installation: does it work, and a word for the operator."""

    ok: bool
    detail: str


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. Touches neither database nor Redis; nginx and compose judge web by it."""
    return JsonResponse({"status": "alive"})


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where database, Redis, worker and beat all work, else 503; the body names what is missing."""
    checks: dict[str, HealthCheck] = {"database": _database(), **_redis_and_heartbeats()}
    missing = [name for name, check in checks.items() if not check["ok"]]
    body = {"status": "unavailable" if missing else "ready", "missing": missing, "checks": checks}
    return JsonResponse(body, status=503 if missing else 200)


_own = CollectorRegistry(auto_describe=False)
_own.register(HealthCollector())


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus: the figures of all web processes, and those of reminders, which are read at the scrape.

    For whoever has METRICS_TOKEN, and for this machine itself.
    """
    if not _may_scrape(request):
        return HttpResponse("METRICS_TOKEN\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    page: HttpResponse = ExportToDjangoView(request)
    page.content += generate_latest(_own)
    return page


def _may_scrape(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return True
    return is_this_machine(request)


def signs_of_life() -> dict[str, float | None] | None:
    """Seconds since each part's heartbeat (None: no sign); None where Redis does not answer."""
    try:
        with heartbeats.connect() as client:
            return {str(part): age for part, age in heartbeats.ages(client).items()}
    except redis.RedisError:
        return None


def _database() -> HealthCheck:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("readyz: the database does not answer (%s)", type(error).__name__)
        return {"ok": False, "detail": "does not answer"}
    return {"ok": True, "detail": "answers"}


def _redis_and_heartbeats() -> dict[str, HealthCheck]:
    try:
        with heartbeats.connect() as client:
            ages = heartbeats.ages(client)
    except redis.RedisError as error:
        log.warning("readyz: Redis does not answer (%s)", type(error).__name__)
        unknown: HealthCheck = {"ok": False, "detail": "unknown, Redis does not answer"}
        return {"redis": {"ok": False, "detail": "does not answer"}, "worker": unknown, "beat": unknown}
    return {"redis": {"ok": True, "detail": "answers"}, **{part: _heartbeat(ages[part]) for part in heartbeats.PARTS}}


def _heartbeat(age: float | None) -> HealthCheck:
    if age is None:
        return {"ok": False, "detail": "no sign of life"}
    return {"ok": age <= heartbeats.STALE_SECONDS, "detail": f"last sign of life {age:.0f} s ago"}
