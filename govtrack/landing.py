"""Where a person arrives after signing in."""

from django.urls import reverse

from accounts.models import User
from accounts.roles import ADMINISTRATORS, Permission
from communities.access import access_of


def landing_of(user: User) -> str:
    """The console for staff, the leaders' home for leaders, the residents' home for an account without a role.

    Who is nothing but an administrator has no matters to work on and begins at 管理.
    """
    access = access_of(user)
    if access.roles and access.roles <= ADMINISTRATORS:
        return reverse("console-admin")
    if access.is_staff:
        return reverse("console-inbox")
    if access.has(Permission.REPORT_AS_LEADER):
        return reverse("leader-home")
    return reverse("home")
