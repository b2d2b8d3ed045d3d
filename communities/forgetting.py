"""What an office keeps of persons besides its matters: each room above registers how its own is forgotten in time.

The night that takes the persons out of matters goes on with these (docs/privacy.md#retention).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Protocol


class Forget(Protocol):
    """Takes the persons out of the next rows of an office."""

    def __call__(self, *, subdistrict_id: int, before: date, at: datetime) -> int:
        """Of days before ``before``, the oldest first, so many as one transaction holds; how many it were, 0: none."""


_forgetting: Final[dict[str, Forget]] = {}


def register(kind: str, forget: Forget) -> None:
    """``kind``: how the subjects are known, under which the night counts them."""
    _forgetting[kind] = forget


def forgetting() -> Mapping[str, Forget]:
    """All that was registered."""
    return _forgetting
