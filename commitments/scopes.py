"""Which subjects of promises a person sees. The floors above know; they register in ``AppConfig.ready()``."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from communities.access import Access

Scope = Callable[[Access], QuerySet[Any, Any]]

_scopes: dict[str, Scope] = {}


def register(subject_kind: str, scope: Scope) -> None:
    """Say which subjects of this kind somebody sees."""
    _scopes[subject_kind] = scope


def on_seen_subjects(access: Access) -> Q:
    """The condition that a promise was made on a subject that this person sees."""
    found = Q(pk__in=[])
    for kind, scope in _scopes.items():
        found |= Q(Exists(scope(access).filter(pk=OuterRef("subject_id"))), subject_kind=kind)
    return found
