"""Do the rows still say what the journal tells? A domain registers how its rows are replayed from their events."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unexplained:
    """A row that its events do not explain, or events whose row is gone."""

    subject_id: int
    label: str
    problem: str


@dataclass(frozen=True)
class Replayed:
    """One batch: how many rows were replayed, and those that the journal does not explain."""

    rows: int
    unexplained: Sequence[Unexplained]


_REPLAYS: dict[str, Callable[[], Iterator[Replayed]]] = {}


def register(subject_kind: str, replay: Callable[[], Iterator[Replayed]]) -> None:
    """Say how rows of this kind are replayed, batch by batch. Called in ``AppConfig.ready()``."""
    _REPLAYS[subject_kind] = replay


def replay_all() -> Iterator[tuple[str, Replayed]]:
    """Every batch of every registered kind, with the kind."""
    for subject_kind, replay in _REPLAYS.items():
        for batch in replay():
            yield subject_kind, batch
