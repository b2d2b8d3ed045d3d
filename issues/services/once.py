"""A form that is sent again (a double tap, an answer that was lost) makes once what it is for."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import gettext as _

from issues.services.errors import InvalidFields
from issues.services.submissions import is_key

Row = TypeVar("Row", bound=models.Model)


def made_before(rows: models.Manager[Row], key: str, values: Mapping[str, Any]) -> Row | None:
    """The row that an earlier sending of this form made of the same values; None without a key, or for the first.

    Within a transaction, which from here on is the only one with this key. Raises InvalidFields where that one said
    something else, or the key is malformed.
    """
    if not key:
        return None
    if not is_key(key):
        raise InvalidFields({"key": _("表单已失效，请刷新页面后重新提交")})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"form:{key}"])
    found = rows.filter(key=key).first()
    if found is not None and any(getattr(found, name) != value for name, value in values.items()):
        raise InvalidFields({"key": _("这张表刚才已经提交过，现在写的内容还没有提交；确是另一件事的，再按一次保存")})
    return found
