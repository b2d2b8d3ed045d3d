"""What ``/metrics`` says beside the figures of the web server: the lags and ages of reminders, cheap at every scrape.

A scrape never fails: where the database or Redis is away its figures are missing, and ``govtrack_health_up`` is 0.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from django.db import Error as DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.clock import now
from reminders.health import Figures, lag, read_figures, signs_of_life

logger = logging.getLogger(__name__)

_BY_CHANNEL: Final = ["channel", "id"]


class HealthCollector(Collector):
    """Reads the figures anew at every scrape."""

    def describe(self) -> Iterable[Metric]:
        """Nothing is read to register it."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures as gauges."""
        try:
            figures = read_figures(now())
        except DatabaseError as error:
            logger.warning("metrics: the database does not answer (%s)", type(error).__name__)
            yield GaugeMetricFamily("govtrack_health_up", "1 where the database answered.", value=0)
            yield _heartbeats(signs_of_life() or {})
            return
        yield GaugeMetricFamily("govtrack_health_up", "1 where the database answered.", value=1)
        yield from _queues(figures)
        yield from _channels(figures)
        yield from _jobs(figures)
        yield _heartbeats(figures.signs or {})


def _queues(figures: Figures) -> Iterator[Metric]:
    at = figures.at
    yield GaugeMetricFamily(
        "govtrack_sweep_lag_seconds", "Since when the oldest due rung has not fired.", value=lag(at, figures.rung_at)
    )
    yield GaugeMetricFamily(
        "govtrack_fan_out_lag_seconds", "Age of the oldest event nobody was told of.", value=lag(at, figures.event_at)
    )
    yield GaugeMetricFamily("govtrack_dead_letters", "Messages that could not be sent (capped).", value=figures.dead)
    yield GaugeMetricFamily(
        "govtrack_set_aside_events", "Events that could not be told (capped).", value=figures.set_aside
    )
    yield GaugeMetricFamily(
        "govtrack_unknown_subjects", "Due deadlines that never fire: nobody knows their subject.", value=figures.unknown
    )


def _channels(figures: Figures) -> Iterator[Metric]:
    oldest = GaugeMetricFamily(
        "govtrack_outbox_oldest_seconds", "For how long the oldest message that may be sent waits.", labels=_BY_CHANNEL
    )
    waiting = GaugeMetricFamily(
        "govtrack_outbox_waiting", "Messages that may be sent now (capped).", labels=_BY_CHANNEL
    )
    circuit = GaugeMetricFamily("govtrack_circuit_open", "1 while a channel is not tried.", labels=_BY_CHANNEL)
    for channel in figures.channels:
        labels = [channel.kind, str(channel.id)]
        oldest.add_metric(labels, lag(figures.at, channel.oldest_at))
        waiting.add_metric(labels, channel.waiting)
        circuit.add_metric(labels, int(channel.is_open(figures.at)))
    yield from (oldest, waiting, circuit)


def _jobs(figures: Figures) -> Iterator[Metric]:
    age = GaugeMetricFamily("govtrack_job_age_seconds", "Since the last good end of a periodic job.", labels=["job"])
    failing = GaugeMetricFamily("govtrack_job_failing", "1 where its last run failed.", labels=["job"])
    for job in figures.jobs:
        if job.finished_at is not None:
            age.add_metric([job.name], lag(figures.at, job.finished_at))
        failing.add_metric([job.name], int(job.failing))
    if figures.schedule_at is not None:
        age.add_metric(["schedule"], lag(figures.at, figures.schedule_at))
    yield from (age, failing)


def _heartbeats(signs: Mapping[str, float | None]) -> Metric:
    found = GaugeMetricFamily("govtrack_heartbeat_age_seconds", "Since the last sign of life.", labels=["part"])
    for part, age in signs.items():
        if age is not None:
            found.add_metric([part], age)
    return found
