"""What a measure says: one JSON object a line on standard output; what goes on meanwhile on standard error.

``BENCH_OUT`` names a file to which the lines are added too, so that hours of measuring outlive a lost terminal.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

missed: list[str] = []
"""The measures of this process that did not keep their bound."""


def emit(measure: str, *, passed: bool | None = None, **figures: Any) -> None:
    """Print one measure. ``passed`` says whether it keeps its bound, None where it has none."""
    line: dict[str, Any] = {"measure": measure}
    if passed is not None:
        line["passed"] = passed
        missed.extend([] if passed else [measure])
    line |= {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
    text = json.dumps(line, ensure_ascii=False)
    print(text, flush=True)
    if kept := os.environ.get("BENCH_OUT"):
        with Path(kept).open("a", encoding="utf-8") as lines:
            lines.write(f"{text}\n")


def say(line: str) -> None:
    """Progress."""
    print(line, file=sys.stderr, flush=True)


def alternate(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[list[float], list[float]]:
    """Measure one, other, one, other …; returns both series."""
    first, second = [], []
    for _round in range(rounds):
        first.append(one())
        second.append(other())
    return first, second


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
