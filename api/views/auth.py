"""A token for a user name and a password, and its end."""

from datetime import datetime
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.devices import note_program
from accounts.models import TOKEN_LIFETIME, User, issue_token
from accounts.own import end_token
from accounts.second_factor import verify
from accounts.signing_in import SignInError, check_code, sign_in
from api import docs, shapes
from api.authentication import DUTY_WORDS, ApiTokenAuthentication
from api.base import PublicView, body_of
from api.errors import BadCredentials, TooMany
from api.idempotency import idempotent
from api.inputs import SignInInput, cleaned_values
from common.clock import now
from communities.duties import duty_of


class Tokens(PublicView):
    """Signing programmes in and out."""

    def get_authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Token"

    @docs.sign_in
    @idempotent
    def post(self, request: Request) -> Response:
        """A new token, valid for 90 days. Five failures of one account from one network lock for 15 minutes."""
        values = cleaned_values(SignInInput, body_of(request))
        at = now()
        try:
            user, asked = sign_in(
                request=request._request,
                username=values["username"],
                password=values["password"],
                door="token",
                at=at,
            )
            if asked:
                self._check_code(request, user, values.get("code", ""), at)
        except SignInError as refused:
            if refused.retry_after:
                raise TooMany(refused.retry_after, _("登录失败次数过多，请稍后再试")) from refused
            raise BadCredentials from refused
        duty = duty_of(user, proven=asked)
        if duty:
            raise PermissionDenied(DUTY_WORDS[duty], code=duty.value)
        note_program(request._request, user, at)
        return Response({"token": issue_token(user=user, at=at), "expires_at": shapes.moment(at + TOKEN_LIFETIME)})

    @staticmethod
    def _check_code(request: Request, user: User, code: str, at: datetime) -> None:
        if not code:
            raise NotAuthenticated(_("请同时提供二次验证的验证码"), code="code_required")
        check_code(request=request._request, user=user, verify=lambda: verify(user, code, at), door="token", at=at)

    @docs.sign_out
    def delete(self, request: Request) -> Response:
        """End the token that the call carries; 401 without one."""
        found = ApiTokenAuthentication().authenticate(request)
        if found is None:
            raise NotAuthenticated
        user, token = found
        end_token(user, token.pk, at=now())
        return Response(status=HTTPStatus.NO_CONTENT)
