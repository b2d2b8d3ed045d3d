"""Refusals as pages: in the console's look for its paths, in the residents' look for the others, JSON for the API."""

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from common.contention import BUSY
from communities.access import access_of

_CONSOLE: Final = ("/console/", "/login/", "/logout/")
_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "invalid",
    HTTPStatus.FORBIDDEN: "permission_denied",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONFLICT: "busy",
    HTTPStatus.INTERNAL_SERVER_ERROR: "error",
}


def _words(error: Exception | None, kinds: type[Exception]) -> str:
    """What our own code gave as the reason; never the text of another exception."""
    text = error.args[0] if isinstance(error, kinds) and error.args else ""
    return str(text) if isinstance(text, str | Promise) else ""


def _page(request: HttpRequest, status: HTTPStatus, message: str = "", **more: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        detail = message or str(status.phrase)
        return JsonResponse({"code": _CODES[status], "detail": detail, "fields": {}}, status=status)
    face = "console/errors" if _in_console(request) else "phone"
    context: dict[str, Any] = {"message": message, "site": settings.SITE, **more}
    answer = render(request, f"{face}/{status.value}.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _in_console(request: HttpRequest) -> bool:
    """Whether the person is at a console page and, where signed in, may use the console at all."""
    user = getattr(request, "user", None)
    stranger = user is None or not user.is_authenticated
    return request.path.startswith(_CONSOLE) and (stranger or _works_at_desk(request))


def _works_at_desk(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and access_of(user).is_staff


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be understood."""
    return _page(request, HTTPStatus.BAD_REQUEST, _words(exception, BadRequest))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a member without the right."""
    return _page(request, HTTPStatus.FORBIDDEN, _words(exception, PermissionDenied), console=_works_at_desk(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here for this person."""
    said = _words(exception, Http404) if request.resolver_match else ""
    return _page(request, HTTPStatus.NOT_FOUND, said)


def busy(request: HttpRequest) -> HttpResponse:
    """409: somebody else holds what was to be written; nothing was."""
    return _page(request, HTTPStatus.CONFLICT, str(BUSY))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without a context processor, so that a failing database cannot fail this page as well."""
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "error", "detail": _("系统出了问题，请稍后再试"), "fields": {}}, status=500)
    face = "console/errors" if request.path.startswith(_CONSOLE) else "phone"
    return HttpResponse(loader.get_template(f"{face}/500.html").render({}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 where the form's token is missing or old: the page must be loaded again."""
    message = _("页面已过期，没有提交。请返回上一页刷新后再提交。")
    return _page(request, HTTPStatus.FORBIDDEN, message, stale=True)
