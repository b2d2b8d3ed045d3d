"""A token for a user name and a password."""

from datetime import timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import TOKEN_LIFETIME, User, issue_token
from api import docs, shapes
from api.base import PublicView, body_of
from api.errors import BadCredentials, TooMany
from api.idempotency import idempotent
from api.inputs import SignInInput, checked
from common.clock import now
from common.http import client_ip


class Tokens(PublicView):
    """Signing programmes in."""

    @docs.sign_in
    @idempotent
    def post(self, request: Request) -> Response:
        """A new token, valid for 90 days. Five failures of one account from one network lock for 15 minutes."""
        values = checked(SignInInput, body_of(request))
        plain = request._request
        AxesProxyHandler.update_request(plain)
        if not AxesProxyHandler.is_allowed(plain, {"username": values["username"]}):
            raise TooMany(_seconds_left(values["username"], client_ip(plain)), _("登录失败次数过多，请稍后再试"))
        user = authenticate(plain, username=values["username"], password=values["password"])
        plain.axes_locked_out = False  # type: ignore[attr-defined]  # or the middleware would answer with a page
        if not isinstance(user, User):
            raise BadCredentials
        at = now()
        return Response({"token": issue_token(user=user, at=at), "expires_at": shapes.moment(at + TOKEN_LIFETIME)})


def _seconds_left(username: str, address: str) -> float:
    last = (
        AccessAttempt.objects.filter(username=username, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    return (last + cool_off - now()).total_seconds() if last else cool_off.total_seconds()
