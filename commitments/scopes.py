"""Which subjects and sources of promises a person sees. The floors above know; they register in ``AppConfig.ready()``.

A promise made on a matter is seen by who sees the matter; one that a meeting item, a question or a proposal brought
about by who sees that. A kind that nobody registered shows its promises to nobody by itself.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from django.core.exceptions import EmptyResultSet
from django.db.models import OuterRef, Q, QuerySet
from django.utils.functional import Promise

from common.looked_up import LookedUp, LookedUpIn
from communities.access import Access
from communities.actors import Actor

Scope = Callable[[Access], QuerySet[Any, Any]]

Concealed = Callable[[], QuerySet[Any, Any]]

_scopes: dict[str, Scope] = {}
_concealed: dict[str, Concealed] = {}


def register(subject_kind: str, scope: Scope, concealed: Concealed | None = None) -> None:
    """Say which subjects of this kind somebody sees, and which of them have to do with a confidential matter.

    ``scope`` asks nothing but what it is given: no clock, no setting, no database.
    """
    _scopes[subject_kind] = scope
    if concealed is not None:
        _concealed[subject_kind] = concealed


def on_seen_subjects(access: Access) -> Q:
    """The condition that a promise was made on, or comes from, something that this person sees.

    Whatever it was made on is its source, too.
    """
    found = Q(pk__in=[])
    for kind, scope in _scopes.items():
        if (ids := _ids(scope, access)) is not None:
            found |= Q(source_kind=kind) & Q(LookedUpIn("source_id", *ids))
    return found


@lru_cache(maxsize=512)
def _ids(scope: Scope, access: Access) -> tuple[str, tuple[Any, ...]] | None:
    """The statement for the ids of what somebody sees, which hangs on nothing but ``access``; None: of nothing."""
    try:
        statement, values = scope(access).order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    return statement, tuple(values)


def from_concealed_sources() -> Q:
    """The condition that a promise comes from something confidential: the public reads no word of it."""
    found = Q(pk__in=[])
    for kind, rows in _concealed.items():
        found |= Q(source_kind=kind) & Q(LookedUp(rows().filter(pk=OuterRef("source_id"))))
    return found


class SourceAbout(NamedTuple):
    """A source as lists name it: its number or title, and its page of this site ("" where there is none)."""

    label: str
    url: str


class PromiseSource(Protocol):
    """What promises come from, of one kind."""

    @property
    def kind(self) -> str:
        """As promises know it."""

    @property
    def label(self) -> Promise:
        """What such a thing is called."""

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """Those of these that this person sees; one statement at most."""

    def hold(self, subject_id: int) -> None:
        """Lock one on which a promise was made, before the promise itself is locked."""

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """A promise made on one was not kept after all and runs on: say so in its journal. It is held."""


Kept = Callable[..., None]
"""What a source does when a promise that came from it was kept: ``(source_id, commitment_id, kept=, by=, at=)``."""
_sources: Final[dict[str, PromiseSource]] = {}
_kept: Final[dict[str, Kept]] = {}


def register_source(source: PromiseSource) -> None:
    """Let promises name what they come from."""
    _sources[source.kind] = source


def when_kept(source_kind: str, follow: Kept) -> None:
    """Tell this kind of source when a promise that stands for itself was confirmed as kept.

    And (``kept`` False) that it was not kept after all.
    """
    _kept[source_kind] = follow


def tell_kept(
    source_kind: str, source_id: int | None, commitment_id: int, *, kept: bool, by: Actor, at: datetime
) -> None:
    """As ``when_kept`` says; in the same transaction, after the promise itself was locked and written."""
    follow = _kept.get(source_kind)
    if follow is not None and source_id is not None:
        follow(source_id, commitment_id, kept=kept, by=by, at=at)


def source_of(kind: str) -> PromiseSource | None:
    """The kind of source with this code; None where nobody registered it."""
    return _sources.get(kind)


def sources() -> tuple[PromiseSource, ...]:
    """All kinds of sources."""
    return tuple(_sources.values())


def about_sources(access: Access, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], SourceAbout]:
    """The sources that this person sees, by kind and id; one statement a kind."""
    found: dict[tuple[str, int], SourceAbout] = {}
    for kind, source in _sources.items():
        ids = {pk for one, pk in wanted if one == kind}
        if ids:
            found |= {(kind, pk): about for pk, about in source.about(access, ids).items()}
    return found
