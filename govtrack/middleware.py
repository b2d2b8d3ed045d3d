"""Rights by URL: the one place that lets a person through to a view."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from communities.access import access_of
from govtrack.url_permissions import Open, rule_of


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
        rule = rule_of(request.resolver_match.view_name if request.resolver_match else None)
        if rule in (Open.PUBLIC, Open.BY_API):
            return None
        if rule is None or not request.user.is_authenticated:
            raise PermissionDenied
        if isinstance(rule, Open) or access_of(request.user).has(rule):
            return None
        raise PermissionDenied(_("您没有使用这个页面的权限，可联系本单位管理员"))
