"""Who calls: a programme with a token, or a signed-in person's browser."""

import hmac
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, TokenPurpose, User
from accounts.sessions import PROVEN
from common.clock import now
from common.prepared import Prepared
from communities.duties import Duty, duty_of

DUTY_WORDS = {
    Duty.PASSWORD: _("请先在网页上修改密码"),
    Duty.SECOND_FACTOR: _("请先在网页上设置二次验证"),
}
_VALID: Prepared[ApiToken] = Prepared(
    lambda digest: ApiToken.objects.select_related("user").filter(
        digest=digest, purpose=TokenPurpose.API, revoked_at__isnull=True
    ),
    "a digest",
)


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Token <key>``: the token and its user are read in one statement."""

    keyword = b"token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The caller, None without such a header; raises AuthenticationFailed for a key that is not valid now."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2 or len(parts[1]) > 200:
            raise AuthenticationFailed(_("令牌格式不正确"), code="invalid_token")
        token = self._token(ApiToken.digest_of(parts[1].decode("latin-1")))
        if token is None:
            raise AuthenticationFailed(_("令牌无效或已过期"), code="invalid_token")
        return token.user, token

    @staticmethod
    def _token(digest: str) -> ApiToken | None:
        for token in _VALID(digest):
            if token.user.works and token.expires_at > now() and hmac.compare_digest(token.digest, digest):
                return token
        return None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Token"


class ApiSessionAuthentication(SessionAuthentication):
    """The console's own session; writing calls must carry the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """As Django REST framework does, with a code of our own."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(_("缺少或错误的 CSRF 令牌"), code="csrf_failed") from error

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """The signed-in person; one statement for the session and one for the person."""
        answer: tuple[Any, None] | None = super().authenticate(request)
        duty = duty_of(answer[0], proven=bool(request._request.session.get(PROVEN))) if answer else None
        if duty:
            raise PermissionDenied(DUTY_WORDS[duty], code=duty.value)
        return answer
