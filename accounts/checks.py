"""What `manage.py check --database default` and every migration say about accounts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections

from accounts.roles import ADMINISTRATORS


@register(Tags.database)
def demo_accounts(databases: Sequence[str] | None = None, **_more: Any) -> list[CheckMessage]:
    """Accounts of the demonstration in an installation that is none: they do not work, and should be closed."""
    if settings.DEMO or not databases:
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_user WHERE demo AND is_active")
            row = cursor.fetchone()
    except DatabaseError:
        return []  # before the first migration there is nobody
    if not row or not row[0]:
        return []
    return [
        checks.Warning(
            f"{row[0]} accounts of the demonstration are in this database; DEMO is off, so none of them works.",
            hint="Make real accounts; nobody signs in with the published names and password.",
            id="accounts.W001",
        )
    ]


@register(Tags.database)
def administrators_apart(databases: Sequence[str] | None = None, **_more: Any) -> list[CheckMessage]:
    """Whoever holds two of the three administrators' roles although SEPARATE_ADMINS keeps them apart."""
    if not settings.SEPARATE_ADMINS or not databases:
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(_SEVERAL, [sorted(ADMINISTRATORS)])
            names = [row[0] for row in cursor.fetchall()]
    except DatabaseError:
        return []  # before the first migration there is nobody
    if not names:
        return []
    return [
        checks.Error(
            f"SEPARATE_ADMINS is on, and somebody is more than one administrator: {', '.join(names)}.",
            hint="Start without it, end all but one of these posts on the page 人员, then set it again.",
            id="accounts.E001",
        )
    ]


_SEVERAL = """
SELECT u.username FROM accounts_user u JOIN communities_membership m ON m.user_id = u.id
WHERE u.is_active AND m.ended_at IS NULL AND m.role = ANY(%s)
GROUP BY u.username HAVING count(DISTINCT m.role) > 1 ORDER BY u.username
"""
