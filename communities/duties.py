"""What a person has to do before anything else: set another password, set up the second factor."""

from enum import StrEnum

from django.conf import settings

from accounts.models import User
from accounts.roles import ROLES
from communities.access import access_of


class Duty(StrEnum):
    """What comes first."""

    PASSWORD = "password_due"  # noqa: S105 - a code of the API
    SECOND_FACTOR = "second_factor_due"


def duty_of(user: User, *, proven: bool) -> Duty | None:
    """What this person has to do first; None where nothing. ``proven``: the second factor was asked and right."""
    if user.password_due:
        return Duty.PASSWORD
    if settings.DEMO or proven:
        return None
    needed = any(ROLES[role].second_factor for role in access_of(user).roles)
    return Duty.SECOND_FACTOR if needed else None
