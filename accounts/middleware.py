"""Who is signed in: a session that lasted too long, or of an account that does not work here, is over."""

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.noting import note
from accounts.sessions import is_over, note_activity
from common.clock import now


class AccountMiddleware(AuthenticationMiddleware):
    """``request.user``, read when it is first asked for."""

    def process_request(self, request: HttpRequest) -> None:
        """As Django does; the account is also asked whether it works."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: working_user(request))  # type: ignore[assignment]


def working_user(request: HttpRequest) -> User | AnonymousUser:
    """The signed-in person; nobody, and no session any more, where the account does not work here."""
    known = getattr(request, "_working_user", None)
    if known is None:
        user = get_user(request)
        at = now()
        if isinstance(user, User) and (not user.works or is_over(request.session, at)):
            request.session.flush()
            note(user.pk, "session_over", at)
            user = AnonymousUser()
        elif isinstance(user, User):
            note_activity(request, at)
        known = request._working_user = user  # type: ignore[attr-defined]
    return known
