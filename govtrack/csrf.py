"""The CSRF check, for pages that send no referrer too."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class CsrfMiddleware(CsrfViewMiddleware):
    """Django's check, which also knows what ``Referrer-Policy: no-referrer`` does to a page's own forms."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        """Whether the request comes from this site.

        A page under no-referrer, as secret links need it, posts its own forms with ``Origin: null`` (Fetch standard,
        "append a request Origin header"). Such a request is ours where the browser says so, and where a browser that
        is too old to say anything carries no session that could be misused. The token in cookie and form is checked
        in any case.
        """
        if request.META["HTTP_ORIGIN"] != "null":
            return bool(super()._origin_verified(request))  # type: ignore[misc]  # not in the stubs
        site = request.META.get("HTTP_SEC_FETCH_SITE")
        if site is None:
            return settings.SESSION_COOKIE_NAME not in request.COOKIES
        return bool(site == "same-origin")
