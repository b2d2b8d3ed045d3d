"""Words that a sub-district adds to a list of the product or changes in it. Rows are retired, never changed.

Whoever edits holds the sub-district's row, so that two who add the same word at once come one after the other.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import transaction

from accounts.models import User
from communities.models import ColloquialWord, EmergencyWord, SubDistrict
from journal.services import Entry, record

OFFICE: Final = "subdistrict"


def put_word(
    model: type[EmergencyWord | ColloquialWord],
    *,
    subdistrict_id: int,
    word: str,
    values: Mapping[str, str],
    kind: str,
    by: User,
    role: str,
    at: datetime,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """From now on ``word`` stands here with ``values``, its other columns.

    The journal names the row, and ``facts`` of it, under ``kind``.
    """
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=subdistrict_id)
        rows = model._default_manager.filter(subdistrict_id=subdistrict_id, word=word)
        rows.filter(retired_at=None).update(retired_at=at)
        row = rows.create(subdistrict_id=subdistrict_id, word=word, **values)
        record(
            Entry(
                subject_kind=OFFICE,
                subject_id=subdistrict_id,
                kind=kind,
                at=at,
                actor_id=by.pk,
                actor_role=role,
                data={"word": row.pk, **facts},
            )
        )
