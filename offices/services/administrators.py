"""三员: the three roles of administrators, what keeps them apart, and that somebody always holds them."""

from collections.abc import Collection
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import ADMINISTRATORS, ROLES, Role
from communities.actors import Actor
from communities.models import Membership
from offices.services.errors import NotAdministered, StillNeeded

NEEDED: Final = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
"""Without one of each nobody could let anybody in again."""


def one_by_one(by: Actor) -> Actor:
    """Changes of rights come one after the other in the whole installation; the actor as the last one left them.

    Raises NotAdministered where that one closed the actor's account.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rights', 0))")
    if by.user is None:
        return by
    user = User.objects.get(pk=by.user.pk)
    if not user.works:
        raise NotAdministered(_("您的账号已停用"))
    return Actor.staff(user)


def why_apart(user: User | None, role: str, *, by: Actor) -> str:
    """Why this person may not get that role where the three are kept apart; "" where nothing speaks against it."""
    if not settings.SEPARATE_ADMINS:
        return ""
    if user is not None and user.pk == by.user_id:
        return _("三员分设时不能给自己授权，请由另一位安全管理员操作")
    if user is None or role not in ADMINISTRATORS:
        return ""
    held = _current(user).filter(role__in=ADMINISTRATORS).exclude(role=role).values_list("role", flat=True).first()
    return "" if held is None else _("三员分设：此人已是%(role)s") % {"role": ROLES[Role(held)].label}


def holding_several(subdistrict_ids: Collection[int] | None) -> QuerySet[User]:
    """Who holds more than one of the three roles; of these sub-districts and of the installation, None: anywhere."""
    posts = Q(memberships__ended_at__isnull=True, memberships__role__in=sorted(ADMINISTRATORS))
    if subdistrict_ids is not None:
        posts &= Q(memberships__subdistrict_id__in=subdistrict_ids) | Q(memberships__subdistrict__isnull=True)
    several = User.objects.filter(posts, is_active=True).annotate(roles=Count("memberships__role", distinct=True))
    return several.filter(roles__gt=1).order_by("id")


def check_not_last(user: User, posts: Collection[Membership]) -> None:
    """Somebody else who can sign in holds each of these posts, there or for the installation. Raises StillNeeded."""
    for post in posts:
        if post.role not in NEEDED:
            continue
        there = Q(subdistrict__isnull=True) | Q(subdistrict_id=post.subdistrict_id)
        others = Membership.objects.filter(there, role=post.role, ended_at__isnull=True).exclude(user=user)
        if not any(row.user.works and row.user.has_usable_password() for row in others.select_related("user")):
            words = _("这是最后一位能登录的%(role)s，请先让别人担任") % {"role": ROLES[Role(post.role)].label}
            raise StillNeeded(words)


def current_posts(user: User) -> list[Membership]:
    """What the person is now, anywhere."""
    return list(_current(user))


def _current(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, ended_at__isnull=True)
