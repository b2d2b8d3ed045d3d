"""Bare views: the statements and the bytes of a recorded request, and nothing of the product around them."""

import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from django.db import connection
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from api.authentication import ApiTokenAuthentication


@dataclass(frozen=True)
class Recording:
    """What a bare view repeats. ``token``: the caller is authenticated as the API does it."""

    statements: list[str]
    body: str
    content_type: str
    token: bool


def directory() -> Path:
    """Where the recordings of this run are."""
    return Path(os.environ["BENCH_RECORDINGS"])


def keep(name: str, recording: Recording) -> str:
    """Store a recording; returns the path of its view."""
    (directory() / f"{name}.json").write_text(json.dumps(asdict(recording)), encoding="utf-8")
    return f"/bench/{name}/"


@cache
def _recording(name: str) -> Recording:
    return Recording(**json.loads((directory() / f"{name}.json").read_text(encoding="utf-8")))


def replay(request: HttpRequest, name: str) -> HttpResponse:
    """Authenticate where the recorded request did, run its statements, fetch their rows, return its bytes."""
    recording = _recording(name)
    if recording.token and ApiTokenAuthentication().authenticate(Request(request)) is None:
        return HttpResponse(status=401)
    with connection.cursor() as cursor:
        for statement in recording.statements:
            cursor.execute(statement)
            if cursor.description is not None:
                cursor.fetchall()
    return HttpResponse(recording.body.encode(), content_type=recording.content_type)
