"""The rate at which a signed-in caller may use the API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.limits import API_PER_USER, Denied


class ApiThrottle(BaseThrottle):
    """20 requests a second per user with bursts of 300; callers without an account have limits of their own."""

    _denied: Denied | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this request may go on."""
        if not request.user.is_authenticated:
            return True
        answer = API_PER_USER.take(str(request.user.pk))
        self._denied = answer if isinstance(answer, Denied) else None
        return bool(answer)

    def wait(self) -> float | None:
        """Seconds until the next request may come."""
        return None if self._denied is None else self._denied.retry_after
