"""What the sign-in page tells beside its form. Higher floors register in ``AppConfig.ready()``; imports go down."""

from collections.abc import Callable, Sequence
from datetime import datetime

DutyReader = Callable[[datetime], Sequence[str]]
"""A moment → the lines of 今日值班, already translated; () where nobody is on duty. At most one statement."""

_duty: list[DutyReader] = []


def register_duty(reader: DutyReader) -> None:
    """Show what ``reader`` returns as 今日值班."""
    _duty[:] = [reader]


def duty_lines(at: datetime) -> Sequence[str]:
    """Who is on duty at ``at``; () where nobody registered."""
    return _duty[0](at) if _duty else ()
