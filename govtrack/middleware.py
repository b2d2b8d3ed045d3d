"""Rights by URL: the one place that lets a person through to a view. And what no view has to reckon with."""

import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.messages import ERROR, SUCCESS, WARNING, get_messages
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve, reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from accounts import drafts
from accounts.models import User
from accounts.roles import Permission
from accounts.sessions import PROVEN
from common.contention import gave_way
from common.http import REOPENABLE
from communities.access import access_of
from communities.duties import Duty, duty_of
from govtrack import error_pages
from govtrack.charset import FOREIGN
from govtrack.url_permissions import Open, rule_of


def _duty(request: HttpRequest) -> Duty | None:
    user = request.user
    return duty_of(user, proven=bool(request.session.get(PROVEN))) if isinstance(user, User) else None


DUTY_PAGES = {Duty.PASSWORD: "account-password", Duty.SECOND_FACTOR: "account-second-factor"}
BEFORE_ALL = frozenset({*DUTY_PAGES.values(), "logout", "set_language", "preferences"})
"""All that is open to whoever has to do something else first."""


class DraftMiddleware:
    """Say that the server took what a form of the console held, so that the browser forgets its draft.

    What was refused is shown again, or led on with a warning: then the draft stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and getattr(request, "reached_its_view", False):
            token, how = request.POST.get(drafts.FIELD, ""), _taken(request, response)
            if how and _DRAFT.fullmatch(token):
                name, secure = f"{drafts.COOKIE}{token}", settings.SESSION_COOKIE_SECURE
                response.set_cookie(name, how, max_age=drafts.TAKEN_FOR, samesite="Lax", secure=secure)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Who has to sign in again, or may not, is sent elsewhere before: nothing was taken then."""
        request.reached_its_view = True  # type: ignore[attr-defined]


def _taken(request: HttpRequest, response: HttpResponse) -> str:
    """``gone``: the form led on; ``shown``: its answer is a page, which may show it again; "" where it was refused."""
    if response.status_code == HTTPStatus.OK:
        return "shown"
    if not isinstance(response, HttpResponseRedirectBase):
        return ""
    levels = {one.level for one in getattr(get_messages(request), "_queued_messages", ())}
    return "" if levels & {WARNING, ERROR} and SUCCESS not in levels else "gone"


_DRAFT = re.compile("[0-9a-f]{16}")


class UrlPermissionMiddleware:
    """Ask govtrack.url_permissions before every view; it stands behind the middleware that asks people to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view run; PermissionDenied is answered with 403."""
        name = request.resolver_match.view_name if request.resolver_match else None
        rule = rule_of(name)
        if rule in (Open.PUBLIC, Open.BY_API):
            return None
        if rule is None or not request.user.is_authenticated:
            raise PermissionDenied
        duty = _duty(request)
        if duty and name not in BEFORE_ALL:
            return HttpResponseRedirect(reverse(DUTY_PAGES[duty]))
        if isinstance(rule, Open) or access_of(request.user).has(rule):
            return None
        if rule is Permission.REPORT_AS_LEADER:
            raise PermissionDenied(_("此页面供楼长、巷长、街长使用"))
        raise PermissionDenied(_("您没有使用这个页面的权限，可联系本单位管理员"))


PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone",
                 "payment", "usb")
)  # fmt: skip
"""Photos come through the file field, which asks the person itself."""
NUL = "\x00"
STAND_IN = "\x01"
"""What stands for a NUL character: a form refuses it like any control character, and the database takes it."""


class NulMiddleware:
    """No page meets a NUL character: the database refuses it. The API has its own inputs and answers 400 itself.

    An address with one leads nowhere; in the query it is replaced. Forms refuse it themselves. Nor does a page meet a
    body that is not UTF-8.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            raise Http404
        if request.META.get(FOREIGN):
            raise BadRequest(_("提交的内容须为 UTF-8 编码"))
        if not request.path_info.startswith("/api/") and "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _without_nul(values: QueryDict) -> QueryDict:
    """The same where there is none."""
    if not any(NUL in name or any(NUL in value for value in listed) for name, listed in values.lists()):
        return values
    clean = QueryDict(mutable=True, encoding=values.encoding)
    for name, listed in values.lists():
        clean.setlist(name.replace(NUL, STAND_IN), [value.replace(NUL, STAND_IN) for value in listed])
    clean._mutable = False
    return clean


class ContentionMiddleware:
    """Whoever gives way to another transaction reads so (409), wherever it happened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """None for every other exception."""
        return error_pages.busy(request) if gave_way(error) else None


class OwnSessionMiddleware(SessionMiddleware):
    """Sessions by cookie; one that holds a NUL character is none of ours, and the database is not asked for it."""

    def process_request(self, request: HttpRequest) -> None:
        """As Django does, without such a cookie."""
        if NUL in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        super().process_request(request)


class HeadersMiddleware:
    """What every answer says that does not say otherwise: nobody keeps it, and it may use nothing of the device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class LeftBehindMiddleware:
    """Lead whoever opens the address of a form, which takes no GET, to the nearest page above it.

    Such an address stays in the address bar where a form was shown again: F5, another language, a copied link.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and asked:
            return HttpResponseRedirect(escape_uri_path(_above(request.path)))
        return response


def _above(path: str) -> str:
    """The nearest address above that is one of ours."""
    while path != "/":
        path = f"{path.rstrip('/').rpartition('/')[0]}/"
        with suppress(Resolver404):
            resolve(path)
            return path
    return path


class BackMiddleware:
    """Let Back find a blank form as it was left, although a cookie has changed meanwhile; it stands outermost.

    A browser takes a stored page only where everything that ``Vary`` names is as it was; a report sets cookies. The
    response is private and revalidated on every other visit (phone.again.reopenable).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.pop(REOPENABLE, None):
            response.headers.pop("Vary", None)
        return response


class CompressMiddleware(GZipMiddleware):
    """Words are sent small, with Django's random bytes against guessing by length; pictures and files as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compressed where it is a page that was made whole, and the browser takes it; the API answers as it is."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/"):
            return response
        return super().process_response(request, response)
