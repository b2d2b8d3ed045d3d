"""What every page's frame shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from reminders.querysets import unread_count

from accounts.roles import Permission, Role
from communities.access import access_of
from communities.models import Membership

ELDER_SIZES = ("22", "26", "30")
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Nav:
    """The console's header."""

    organisation: str
    area: str
    user_name: str
    role_label: str
    unread: str
    can_create: bool


def _nav(request: HttpRequest) -> Nav | None:
    user = request.user
    if not user.is_authenticated:
        return None
    membership = (
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .select_related("subdistrict", "community", "department")
        .order_by("id")
        .first()
    )
    organisation = area = label = ""
    if membership is not None:
        place = membership.department or membership.community or membership.subdistrict
        organisation = place.name if place else ""
        area = membership.subdistrict.name if membership.subdistrict else ""
        label = str(Role(membership.role).label)
    unread = unread_count(user.pk)
    return Nav(
        organisation=organisation,
        area=area or _("街道"),
        user_name=user.display_name,
        role_label=label,
        unread="" if not unread else str(unread) if unread < 100 else "99+",
        can_create=access_of(user).has(Permission.CREATE_ISSUE),
    )


def nav(request: HttpRequest) -> dict[str, Any]:
    """``nav``: who is signed in, where, and how much is unread; read only where a template uses it."""
    return {"nav": SimpleLazyObject(lambda: _nav(request))}


def preferences(request: HttpRequest) -> dict[str, Any]:
    """Theme, letter size of 长辈版 and keyboard shortcuts, from cookies."""
    elder, theme = request.COOKIES.get("elder", ""), request.COOKIES.get("theme", "")
    return {
        "elder": elder if elder in ELDER_SIZES else "",
        "theme": theme if theme in THEMES else "",
        "keys_off": request.COOKIES.get("keys") == "off",
    }


def site(request: HttpRequest) -> dict[str, Any]:
    """``site``: the office's name and its registrations, for the residents' pages; from the environment."""
    return {"site": settings.SITE}
