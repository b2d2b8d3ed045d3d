"""Who sees which of some rows, by the one rule of their ``visible_to``."""

from collections.abc import Callable, Collection, Set

from communities.access import Access

Seen = Callable[[Access, Collection[int]], Set[int]]
"""Which of these ids a person sees; one statement."""


class SeenByScope:
    """Of these rows those that a person sees: asked once a person, at the first of the rows."""

    def __init__(self, ids: Collection[int], seen: Seen) -> None:
        self._ids = list(ids)
        self._seen = seen
        self._found: dict[int, tuple[Access, Set[int]]] = {}

    def shows(self, access: Access, subject_id: int) -> bool:
        """Whether the person's scope shows this row."""
        known = self._found.get(id(access))
        if known is None:
            known = access, self._seen(access, self._ids)
            self._found[id(access)] = known
        return subject_id in known[1]
