"""Idempotency-Key: the same POST sent twice is done once.

The record is inserted in the transaction of the work itself: a repeat that comes meanwhile waits for the unique index
until the first has committed and then answers from the record; a first request that dies leaves nothing behind.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import LockNotAvailable
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidInput, KeyReused, StillRunning
from api.models import IdempotencyRecord
from common.clock import now
from common.contention import gave_way
from common.crypto import keyed_digest

if TYPE_CHECKING:
    from django.utils.datastructures import MultiValueDict

    from api.base import ApiView

KEPT: Final = timedelta(days=30)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_NOT_KEPT: Final = frozenset({status.HTTP_401_UNAUTHORIZED, status.HTTP_429_TOO_MANY_REQUESTS})
_CLAIM: Final = """
INSERT INTO api_idempotencyrecord AS kept (scope, key, digest, status, body, created_at)
VALUES (%(scope)s, %(key)s, %(digest)s, 0, '', %(at)s)
ON CONFLICT (scope, key) DO UPDATE SET
    digest = excluded.digest, status = 0, body = '', created_at = excluded.created_at
WHERE kept.created_at <= %(oldest)s
RETURNING id
"""

Handler = Callable[..., Response]


def idempotent(method: Handler) -> Handler:
    """A ``post`` of an ApiView that answers a repeated Idempotency-Key with its first status and body."""

    @wraps(method)
    def wrapper(view: "ApiView", request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise InvalidInput({"Idempotency-Key": _("须为 1 至 200 个可见的 ASCII 字符")})
        return _once(request, key, partial(_answer, view, partial(method, view, request, *args, **kwargs)))

    return wrapper


def _answer(view: "ApiView", work: Callable[[], Response]) -> Response:
    try:
        return work()
    except Exception as error:  # the view's own handler re-raises what is no refusal
        if gave_way(error):
            raise
        return view.handle_exception(error)


def _once(request: Request, key: str, work: Callable[[], Response]) -> Response:
    at = now()
    scope = f"user:{request.user.pk}" if request.user.is_authenticated else "public"
    digest = keyed_digest(f"{request.method} {request.path}\n" + _content_of(request))
    with transaction.atomic():
        record_id = _claim(scope=scope, key=key, digest=digest, at=at)
        if record_id is None:
            return _replay(IdempotencyRecord.objects.get(scope=scope, key=key), digest)
        response = work()
        record = IdempotencyRecord.objects.filter(pk=record_id)
        if response.status_code in _NOT_KEPT:
            record.delete()
        else:
            record.update(status=response.status_code, body=JSONRenderer().render(response.data).decode())
    return response


def _content_of(request: Request) -> str:
    """What tells one request from another: the body, of a multipart one its fields and the digests of its files."""
    if not (request.content_type or "").startswith("multipart/"):
        return request.body.decode("utf-8", "backslashreplace")
    parts = []
    for name, values in cast("MultiValueDict[str, Any]", request.data).lists():
        for value in values:
            if isinstance(value, UploadedFile):
                value.seek(0)
                digest = hashlib.file_digest(value, "sha256").hexdigest()
                value.seek(0)
                parts.append((name, value.name, digest))
            else:
                parts.append((name, str(value), ""))
    return json.dumps(parts)


def _claim(*, scope: str, key: str, digest: str, at: datetime) -> int | None:
    """The id of the new record; None where the key was used before. Waits while the first request runs."""
    values: dict[str, str | datetime] = {"scope": scope, "key": key, "digest": digest, "at": at, "oldest": at - KEPT}
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, values)
            row = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillRunning from error
        raise
    return int(row[0]) if row else None


def _replay(record: IdempotencyRecord, digest: str) -> Response:
    if record.digest != digest:
        raise KeyReused
    data = json.loads(record.body) if record.body else None
    return Response(data, status=record.status, headers={"Idempotent-Replayed": "true"})


def forget_old(at: datetime) -> int:
    """Delete records older than 30 days; returns how many."""
    deleted, _by_model = IdempotencyRecord.objects.filter(created_at__lte=at - KEPT).delete()
    return deleted
