"""What every view of the API has in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parsers import BoundedJSONParser
from communities.access import Access, access_of
from communities.actors import Actor

if TYPE_CHECKING:
    from accounts.models import User


_JSON = JSONRenderer()


class ApiView(APIView):
    """A view for signed-in callers: answers JSON, a stranger gets 401 and not the login page."""

    parser_classes = [BoundedJSONParser]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The view, exempt from login by default: the API's own permissions answer 401."""
        view: Any = super().as_view(**initkwargs)
        view.login_required = False
        return view

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """JSON, whatever the caller says it accepts: there is nothing else."""
        return _JSON, _JSON.media_type

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """No answer is kept on the way."""
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def access(self) -> Access:
        """The caller's scope."""
        return access_of(self.request.user)

    @property
    def actor(self) -> Actor:
        """The caller as the services know them; only for a view that asks for a sign-in."""
        return Actor.staff(cast("User", self.request.user))


class PublicView(ApiView):
    """A view for residents: nobody signs in, a token or session that comes along is not looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The address may be a secret link: it is named to nobody and found by no search engine."""
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return super().finalize_response(request, response, *args, **kwargs)


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, {} for an empty body. Raises ParseError where it is something else."""
    data = request.data
    if not isinstance(data, Mapping):
        raise ParseError(_("请求内容应为 JSON 对象"), code="parse_error")
    return dict(data)
