"""One shape for every refusal: ``{"code": …, "detail": …, "fields": {…}}``.

``fields`` names what is wrong with the input; a conflict carries ``version`` and ``status`` as they are now.
"""

import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404
from django.http.request import RawPostDataException
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from commitments.services.errors import (
    InvalidCommitment,
    PromiseConflict,
    PromiseNotPermitted,
    PromiseRefused,
    UnknownPromiseAction,
)
from common.contention import BUSY, gave_way
from issues.services.errors import Conflict, InvalidFields, IssueError, NotPermitted, UnknownAction, Words
from meetings.services.errors import NotNow

_STATUS_OF_ISSUE_ERROR: tuple[tuple[type[IssueError], int], ...] = (
    (UnknownAction, status.HTTP_404_NOT_FOUND),
    (NotPermitted, status.HTTP_403_FORBIDDEN),
    (Conflict, status.HTTP_409_CONFLICT),
    (NotNow, status.HTTP_409_CONFLICT),
    (InvalidFields, status.HTTP_400_BAD_REQUEST),
)
_STATUS_OF_PROMISE_ERROR: tuple[tuple[type[PromiseRefused], int], ...] = (
    (UnknownPromiseAction, status.HTTP_404_NOT_FOUND),
    (PromiseNotPermitted, status.HTTP_403_FORBIDDEN),
)
_CODE_OF_STATUS = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
}
_OWN_CODES = frozenset(
    {
        "invalid_token",
        "invalid_credentials",
        "csrf_failed",
        "parse_error",
        "password_due",
        "second_factor_due",
        "code_required",
        "idempotency_key_reused",
        "idempotency_in_progress",
        "busy",
    }
)


class InvalidInput(exceptions.APIException):
    """400: what is wrong with which field."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"
    default_detail = _("填写的内容有误，请检查后重新提交")

    def __init__(self, fields: Mapping[str, Words]) -> None:
        super().__init__()
        self.fields = dict(fields)


class TooMany(exceptions.APIException):
    """429: come again in ``wait`` seconds."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "throttled"
    default_detail = _("操作过于频繁，请稍后再试")

    def __init__(self, wait: float, detail: Words | None = None) -> None:
        super().__init__(None if detail is None else force_str(detail))
        self.wait = wait


class KeyReused(exceptions.APIException):
    """409: the Idempotency-Key came with another request before."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_reused"
    default_detail = _("该 Idempotency-Key 已用于另一请求")


class StillRunning(exceptions.APIException):
    """409: the first request with this Idempotency-Key has not ended within the time that a repeat waits."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_in_progress"
    default_detail = _("相同请求仍在处理中，请稍后重试")


class Busy(exceptions.APIException):
    """409: somebody else holds the same row; nothing was written."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "busy"
    default_detail = BUSY


class BadCredentials(exceptions.APIException):
    """401: wrong user name or password, told without saying which."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_credentials"
    default_detail = _("账号或密码错误")
    auth_header = "Token"


def body(code: str, detail: Words, fields: Mapping[str, Words] | None = None) -> dict[str, Any]:
    """The body of a refusal, in the active language."""
    answer: dict[str, Any] = {"code": code, "detail": _plain(detail), "fields": {}}
    for name, words in (fields or {}).items():
        answer["fields"][name] = [_plain(words)]
    return answer


def _plain(words: Words) -> str:
    """Text that can be sent, even where it repeats what the caller sent (a lone surrogate cannot)."""
    return force_str(words).encode("utf-8", "replace").decode()


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to ``error``; None for what is a fault of ours (500)."""
    if isinstance(error, IssueError):
        return _issue_error(error)
    if isinstance(error, InvalidCommitment):
        error = InvalidInput(error.fields)
    if isinstance(error, PromiseRefused):
        return _promise_error(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("没有找到"))
    elif isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied(_("您没有权限进行此操作"))
    elif gave_way(error):
        error = Busy()
    elif isinstance(error, RequestDataTooBig):
        return Response(body("too_large", _("提交的内容过大")), status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    elif isinstance(error, RawPostDataException):
        error = exceptions.UnsupportedMediaType("multipart/form-data")
    elif isinstance(error, BadRequest | TooManyFieldsSent | TooManyFilesSent):
        return Response(body("invalid", _("请求格式不正确")), status=status.HTTP_400_BAD_REQUEST)
    return _api_error(error) if isinstance(error, exceptions.APIException) else None


def _issue_error(error: IssueError) -> Response:
    code = next((number for kind, number in _STATUS_OF_ISSUE_ERROR if isinstance(error, kind)), 400)
    fields = error.fields if isinstance(error, InvalidFields) else None
    answer = body(error.code, error.message, fields)
    if isinstance(error, Conflict):
        answer |= {"version": error.issue.version, "status": error.issue.status}
    return Response(answer, status=code)


def _promise_error(error: PromiseRefused) -> Response:
    """What is none of these is a conflict: it does not stand so that this could be done."""
    code = next((number for kind, number in _STATUS_OF_PROMISE_ERROR if isinstance(error, kind)), 409)
    answer = body(error.code, error.message)
    if isinstance(error, PromiseConflict):
        answer |= {"version": error.commitment.version, "status": error.commitment.state}
    return Response(answer, status=code)


def _api_error(error: exceptions.APIException) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    own = getattr(error, "default_code", "")
    given = error.get_codes()
    code = _CODE_OF_STATUS.get(error.status_code, "error")
    if own in _OWN_CODES:
        code = own
    elif isinstance(given, str) and given in _OWN_CODES:
        code = given
    if isinstance(error, exceptions.ValidationError):
        return Response(body("invalid", InvalidInput.default_detail, _flat(error.detail)), status=error.status_code)
    detail: Words = error.detail if isinstance(error.detail, str) else str(error.default_detail)
    if isinstance(error, exceptions.Throttled):
        detail = TooMany.default_detail
    return Response(body(code, detail, getattr(error, "fields", None)), status=error.status_code, headers=headers)


def _flat(detail: Any) -> dict[str, Words]:
    """The first complaint about each field of a serializer's errors."""
    if isinstance(detail, Mapping):
        return {str(name): _first(words) for name, words in detail.items()}
    return {"body": _first(detail)}


def _first(words: Any) -> Words:
    while isinstance(words, list | tuple | Mapping) and words:
        words = next(iter(words.values() if isinstance(words, Mapping) else words))
    return str(words)
