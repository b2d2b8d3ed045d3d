"""The subjects of deadlines are (kind, id) pairs; this knows where they live and finds rows whose subject is gone.

See docs/adr/0002.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from deadlines import kinds
from deadlines.models import Deadline, DeadlineRule
from deadlines.rules import EXTENSION

Subject = tuple[str, int]
"""A kind and an id."""
M = TypeVar("M", bound=Model)


class Table(NamedTuple):
    """Where the subjects of a kind live. ``made_on_another``: each stands for the subject that its own row names."""

    model_label: str
    made_on_another: bool


_tables: Final[dict[str, Table]] = {}


def register(subject_kind: str, model_label: str, *, made_on_another: bool = False) -> None:
    """Say which model the subjects of this kind live in. The floor that owns them calls it in ``AppConfig.ready()``.

    ``made_on_another``: whoever looks for people and rights asks what the row's ``subject_kind`` and ``subject_id``
    name, as a promise belongs to what it was made on.
    """
    _tables[subject_kind] = Table(model_label, made_on_another)


def registered() -> tuple[str, ...]:
    """The kinds that have a table."""
    return tuple(_tables)


def stand_for_another() -> frozenset[str]:
    """The kinds whose rows were made on another subject."""
    return frozenset(kind for kind, table in _tables.items() if table.made_on_another)


def behind(subjects: Collection[Subject]) -> Mapping[Subject, Subject]:
    """What each subject stands for: itself, or what its row was made on; what is gone is left out of those.

    One statement for each kind among them that was made on another, none where there is none.
    """
    found = {subject: subject for subject in subjects}
    for kind in stand_for_another() & {kind for kind, _pk in subjects}:
        ids = [pk for one, pk in subjects if one == kind]
        rows = apps.get_model(_tables[kind].model_label)._default_manager.filter(pk__in=ids)
        made_on = {(kind, pk): (on, on_id) for pk, on, on_id in rows.values_list("pk", "subject_kind", "subject_id")}
        for pk in ids:
            found.pop((kind, pk))
        found |= made_on
    return found


def orphans(limit: int = 100) -> list[Deadline]:
    """Up to ``limit`` deadlines whose subject does not exist, or whose kind of subject nobody registered."""
    return lost(Deadline.objects.all(), limit)


def lost(rows: QuerySet[M, M], limit: int) -> list[M]:
    """Up to ``limit`` of these, each of which names a subject, where that does not exist or is of no known kind."""
    found = list(rows.exclude(subject_kind__in=_tables).order_by("id")[:limit])
    for kind, table in _tables.items():
        subjects = apps.get_model(table.model_label)._default_manager.filter(pk=OuterRef("subject_id"))
        gone = rows.filter(~Exists(subjects), subject_kind=kind)
        found += gone.order_by("id")[: max(0, limit - len(found))]
    return found


Finder = Callable[[int], Sequence[Model]]
"""At most how many → rows of a higher floor that name what nobody registered."""
_finders: Final[list[Finder]] = []


def register_finder(finder: Finder) -> None:
    """Let ``check_deadlines`` look at rows of a higher floor, too. Called in ``AppConfig.ready()``."""
    _finders.append(finder)


def of_unknown_kind(limit: int = 100) -> list[Model]:
    """Up to ``limit`` rows that name a kind of deadline, or another code, that nobody registered."""
    known = [spec.code for spec in kinds.every()]
    rules = DeadlineRule.objects.filter(~Q(deadline_kind__in=[*known, EXTENSION]), retired_at__isnull=True)
    found: list[Model] = [
        *rules.order_by("id")[:limit],
        *Deadline.objects.exclude(kind__in=known).order_by("id")[:limit],
    ]
    for finder in _finders:
        found += finder(limit)
    return found[:limit]
