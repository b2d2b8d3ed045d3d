"""Which channels this installation has."""

from typing import Final

from django.conf import settings

_NOWHERE: Final = frozenset(
    {"django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend", ""}
)


def email_is_configured() -> bool:
    """Whether EMAIL_URL names a way by which e-mail leaves the house."""
    return settings.EMAIL_BACKEND not in _NOWHERE
