"""A form that is sent again (a double tap, an answer that was lost) makes once what it is for."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import gettext as _

from issues.services.errors import InvalidFields
from issues.services.submissions import is_key

Row = TypeVar("Row", bound=models.Model)


def made_before(
    rows: models.Manager[Row],
    key: str,
    values: Mapping[str, Any],
    same: Callable[[Row], bool] = lambda _row: True,
) -> Row | None:
    """The row that an earlier sending of this form made of the same values; None without a key, or for the first.

    ``same`` compares what is no column of the row. Within a transaction, which from here on is the only one with this
    key. Raises InvalidFields where that one said something else, or the key is malformed; the form then comes back
    under a new key.
    """
    if not key:
        return None
    if not is_key(key):
        raise InvalidFields({"key": _("这张表已失效，内容还没有提交，请再提交一次")})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"form:{key}"])
    found = rows.filter(key=key).first()
    if found is None:
        return None
    if any(getattr(found, name) != value for name, value in values.items()) or not same(found):
        raise InvalidFields({"key": _("这张表刚才已经提交过，现在写的内容还没有提交；确是另一件事的，请再提交一次")})
    return found
