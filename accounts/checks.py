"""What `manage.py check --database default` and every migration say about accounts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections


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
