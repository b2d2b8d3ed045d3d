"""What a process holds of rows that seldom change, so that no request and no sweep asks for them again."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

CHECK_AFTER: Final = 60.0
"""Seconds for which nothing is asked of the database: after them every process knows of a change."""


class Held(Generic[K, V]):
    """What ``read`` gives for a key, read again once it is ``CHECK_AFTER`` old. Safe between threads.

    Whoever writes the rows calls ``forget`` for this process; the others follow within ``CHECK_AFTER``.
    """

    def __init__(self, read: Callable[[K], V]) -> None:
        self._read, self._lock = read, Lock()
        self._held: dict[K, tuple[V, float]] = {}

    def of(self, key: K) -> V:
        """The value for ``key``; no statement while it is fresh. What ``read`` raises is raised, and not held."""
        held = self._held.get(key)
        if held is not None and monotonic() - held[1] < CHECK_AFTER:
            return held[0]
        value = self._read(key)
        with self._lock:
            self._held[key] = (value, monotonic())
        return value

    def last(self, key: K) -> V | None:
        """What was held last for ``key``, fresh or not."""
        held = self._held.get(key)
        return held[0] if held is not None else None

    def forget(self) -> None:
        """Drop all, so that the next look asks the database."""
        with self._lock:
            self._held.clear()
