"""Places that go from one leader to another: what the floors above keep of them by leader goes along."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PlacesHandedOver:
    """From which leader to which, of the same community, and what."""

    leader_id: int
    to_id: int
    building_ids: frozenset[int]
    neighbourhood_ids: frozenset[int]


Follow = Callable[[PlacesHandedOver], None]
_following: Final[list[Follow]] = []


def register(follow: Follow) -> None:
    """Called in the transaction in which the places go."""
    _following.append(follow)


def follow_places(handed: PlacesHandedOver) -> None:
    """Let everything that was registered go along."""
    for follow in _following:
        follow(handed)
