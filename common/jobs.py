"""Periodic jobs say that they ran, on whatever floor they live; the floor that keeps the record registers itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Recorder(Protocol):
    """Who keeps the record of runs."""

    def started(self, job: str) -> None:
        """A run of ``job`` begins."""

    def finished(self, job: str, result: dict[str, Any]) -> None:
        """It ended well, with these figures."""

    def failed(self, job: str, error: Exception) -> None:
        """It ended with this error. Must not raise: the error itself goes on."""


_recorders: list[Recorder] = []


def register_recorder(recorder: Recorder) -> None:
    """Tell ``recorder`` of every run from now on. Called in ``AppConfig.ready()``."""
    if recorder not in _recorders:
        _recorders.append(recorder)


@contextmanager
def watched(job: str) -> Iterator[dict[str, Any]]:
    """Note start, end or failure, and result of one run of ``job``; the caller fills the dictionary.

    Every job of the schedule does its work inside this, under the name of its entry there.
    """
    for recorder in _recorders:
        recorder.started(job)
    result: dict[str, Any] = {}
    try:
        yield result
    except Exception as error:
        for recorder in _recorders:
            recorder.failed(job, error)
        raise
    for recorder in _recorders:
        recorder.finished(job, result)
