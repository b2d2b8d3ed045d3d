"""What every page's frame shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.forms import ELDER_SIZES, THEMES
from accounts.models import User
from accounts.roles import ROLES, Permission, Role
from common.clock import now
from communities.access import access_of
from communities.models import Membership
from communities.sites import own_names
from govtrack.admin_pages import AdminGroup, admin_groups
from issues.supervision.desk import areas_of
from reminders.querysets import unread_count

_MANY = 100


@dataclass(frozen=True)
class Nav:
    """The console's header. ``mark`` is the area's first character; ``unread_text`` is "" where nothing is unread."""

    product: str
    organisation: str
    area: str
    mark: str
    user_name: str
    role_label: str
    unread: int
    unread_text: str
    can_create: bool
    create_first: bool
    supervises: bool
    owes: bool
    rights: bool
    admin_groups: tuple[AdminGroup, ...]


def _nav(request: HttpRequest) -> Nav | None:
    """Two statements: the memberships with their places, and the number of unread notifications."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    memberships = list(
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .select_related("subdistrict", "community", "department")
        .order_by("id")
    )
    first = min(memberships, key=lambda row: ROLES[Role(row.role)].shown, default=None)
    place = (first.department or first.community or first.subdistrict) if first else None
    area = first.subdistrict.name if first and first.subdistrict else ""
    unread = unread_count(user.pk, now())
    access = access_of(user)
    return Nav(
        product=_("%(area)s社区治理") % {"area": area},
        organisation=place.name if place and place.name != area else "",
        area=area,
        mark=first.subdistrict.name_zh[:1] if first and first.subdistrict else "",
        user_name=user.display_name,
        role_label=str(Role(first.role).label) if first else "",
        unread=unread,
        unread_text="" if not unread else str(unread) if unread < _MANY else f"{_MANY - 1}+",
        can_create=access.has(Permission.CREATE_ISSUE),
        create_first=bool(access.community_ids),
        supervises=bool(areas_of(access)),
        owes=bool(access.department_ids),
        rights=bool(access.community_ids or access.confided_subdistrict_ids),
        admin_groups=admin_groups(access),
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


@dataclass(frozen=True)
class Site:
    """Who runs this. ``name`` is the office's, "" where there are several; ``mark`` its first character."""

    name: str
    host: str
    icp: str
    police: str
    mark: str


def _site() -> Site:
    own, given = own_names(), settings.SITE
    name = given["name"] or own.name
    return Site(
        name=name,
        host=given["host"] or (_("%(office)s办事处") % {"office": name} if name else ""),
        icp=given["icp"],
        police=given["police"],
        mark=(given["name"] or own.zh)[:1] or "诉",
    )


def site(request: HttpRequest) -> dict[str, Any]:
    """``site``: the office's name and registrations: of the environment, else the office's own."""
    return {"site": SimpleLazyObject(_site)}
