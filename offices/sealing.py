"""Seals on reference rows: a keyed digest each, written with every change, so that a change past the services shows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from common.clock import now
from common.crypto import lookup_hash, lookup_hashes
from communities.models import SubDistrict
from offices.kinds import KINDS, OFFICE, ReferenceKind
from offices.models import RowSeal


def snapshot(kind: ReferenceKind, row: Any) -> dict[str, Any]:
    """What the form of this row shows: ids of rows, numbers, words."""
    form = kind.form_for(None, row)
    return {
        name: getattr(row, f"{name}_id") if name in form.of_office else form.get_initial_for_field(field, name)
        for name, field in form.fields.items()
    }


def digest_of(kind: ReferenceKind, row: Any) -> str:
    """The digest of the row as it stands: its version to whoever edits it, its seal in the database."""
    return lookup_hash(_content_of(kind, row))


def _content_of(kind: ReferenceKind, row: Any) -> str:
    retired = row.retired_at.astimezone(UTC).isoformat() if row.retired_at else ""
    shown = {name: value for name, value in snapshot(kind, row).items() if value or name not in kind.added}
    return json.dumps([kind.code, row.pk, retired, shown], ensure_ascii=False, sort_keys=True)


def put_seal(kind: ReferenceKind, row: Any, at: datetime) -> None:
    """Seal the row as it stands."""
    RowSeal.objects.update_or_create(
        kind=kind.code, row_id=row.pk, defaults={"digest": digest_of(kind, row), "sealed_at": at}
    )


@dataclass(frozen=True)
class Altered:
    """A row that is not as it was written; ``unsealed``: nobody wrote it through the services. ``digest``: as it is."""

    kind: str
    row_id: int
    unsealed: bool
    digest: str


def altered(office: SubDistrict) -> Iterator[Altered]:
    """Rows of the office that something else than the services wrote."""
    for kind in (OFFICE, *KINDS.values()):
        seals = dict(RowSeal.objects.filter(kind=kind.code).values_list("row_id", "digest"))
        for row in kind.rows_of(office).iterator(chunk_size=500):
            known, digests = seals.get(row.pk), lookup_hashes(_content_of(kind, row))
            if known not in digests:
                yield Altered(kind.code, row.pk, known is None, digests[0])


def rotate_seals() -> int:
    """Seal with the newest key what still is as an older one sealed it; what was altered stays so. Returns how many."""
    at, renewed = now(), 0
    for office in SubDistrict.objects.order_by("pk"):
        with transaction.atomic():
            SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=office.pk)
            for kind in (OFFICE, *KINDS.values()):
                seals = dict(RowSeal.objects.filter(kind=kind.code).values_list("row_id", "digest"))
                for row in kind.rows_of(office).iterator(chunk_size=500):
                    if seals.get(row.pk) in lookup_hashes(_content_of(kind, row))[1:]:
                        put_seal(kind, row, at)
                        renewed += 1
    return renewed


@transaction.atomic
def seal_all(office: SubDistrict, at: datetime) -> int:
    """Seal what is there, as an installation does once that had no seals; returns how many rows."""
    seals = [
        RowSeal(kind=kind.code, row_id=row.pk, digest=digest_of(kind, row), sealed_at=at)
        for kind in (OFFICE, *KINDS.values())
        for row in kind.rows_of(office).iterator(chunk_size=500)
    ]
    RowSeal.objects.bulk_create(
        seals,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kind", "row_id"],
        update_fields=["digest", "sealed_at"],
    )
    return len(seals)
