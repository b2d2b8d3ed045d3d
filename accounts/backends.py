"""Who an account's name and password let in."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


class AccountBackend(ModelBackend):
    """Accounts that work here: not closed, and none of the demonstration's where DEMO is off.

    It has the last word: no backend behind it is asked about a password.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User:
        """The person. Raises PermissionDenied."""
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if not isinstance(user, User):
            raise PermissionDenied
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the account works here."""
        return bool(user.works)
