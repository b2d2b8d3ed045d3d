"""The daily comparison of reference rows with their seals: what another hand changed is found, told and taken over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from communities.actors import Actor
from communities.models import SubDistrict
from journal.models import Event
from journal.services import Entry, record
from offices.kinds import OFFICE, ReferenceKind
from offices.sealing import altered, digest_of, put_seal, seal_all
from offices.services.references import hold

SEALED: Final = "references_sealed"
ALTERED: Final = "reference_altered"
ACCEPTED: Final = "reference_accepted"


class RowsAltered(Exception):  # noqa: N818 - what the health page says of the job
    """Rows are not as the services wrote them; the journal of each says so."""


@dataclass(frozen=True)
class Compared:
    """What one comparison found."""

    offices: int
    sealed: int
    altered: int


def compare_all(at: datetime) -> Compared:
    """Every office: sealed where it never was, else compared; each altered row has an event, once for what it is."""
    offices = list(SubDistrict.objects.order_by("pk"))
    results = [_compare(office, at) for office in offices]
    return Compared(len(offices), sum(sealed for sealed, _found in results), sum(found for _sealed, found in results))


@transaction.atomic
def _compare(office: SubDistrict, at: datetime) -> tuple[int, int]:
    """Rows that were sealed now, rows that are altered."""
    SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=office.pk)
    if not Event.objects.of(OFFICE.code, office.pk).filter(kind=SEALED).exists():
        sealed = seal_all(office, at)
        record(Entry(subject_kind=OFFICE.code, subject_id=office.pk, kind=SEALED, at=at, data={"rows": sealed}))
        return sealed, 0
    found = list(altered(office))
    for row in found:
        _note(row.kind, row.row_id, row.digest, at)
    return 0, len(found)


def _note(kind: str, row_id: int, digest: str, at: datetime) -> None:
    """An event that says what was found; the same finding is not said every day."""
    last = Event.objects.of(kind, row_id).order_by("-seq").first()
    if last is None or last.kind != ALTERED or last.data.get("digest") != digest[:16]:
        record(Entry(subject_kind=kind, subject_id=row_id, kind=ALTERED, at=at, data={"digest": digest[:16]}))


def is_altered(kind: ReferenceKind, row_id: int) -> bool:
    """Whether the last thing known of this row is that another hand changed it. One statement."""
    kinds: Iterable[str] = Event.objects.of(kind.code, row_id).order_by("-seq").values_list("kind", flat=True)[:1]
    return list(kinds) == [ALTERED]


@transaction.atomic
def accept(kind: ReferenceKind, *, office: SubDistrict, pk: int, by: Actor, at: datetime) -> None:
    """Somebody answers for the row as it stands: it is sealed so. Raises NotAdministered."""
    hold(office, by)
    row = kind.rows_of(office).get(pk=pk)
    put_seal(kind, row, at)
    record(
        Entry(
            subject_kind=kind.code,
            subject_id=pk,
            kind=ACCEPTED,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": office.pk, "digest": digest_of(kind, row)[:16]},
        )
    )
