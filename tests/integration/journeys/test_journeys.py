"""Random people do random things on a few matters through half a year; after every step all that must hold, holds.

``LONG=1`` (make test-long) runs longer and draws anew each time.
"""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deadlines import services as deadlines
from deadlines.models import CalendarDay
from tests.integration.journeys.driver import STARTS, Journey
from tests.support.cast import NOW, World
from tests.support.sampling import LONG, length

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0 if LONG else 900)]

RUNS = length(14, 500)
STEPS = length(40, 90)
SEED = st.integers(0, 2**32 - 1)


@pytest.fixture
def known_days(world: World) -> dict[date, bool]:
    """The calendar's table, filled; a dictionary of its days."""
    deadlines.refresh_calendar(at=NOW, first_year=2025, last_year=2028)
    return dict(CalendarDay.objects.values_list("on", "workday"))


@pytest.mark.long
@given(start=st.sampled_from(STARTS), seeds=st.lists(SEED, min_size=STEPS // 2, max_size=STEPS))
@settings(
    max_examples=RUNS,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
def test_random_journeys(world: World, known_days: dict[date, bool], start: str, seeds: list[int]) -> None:
    people = dict(world.people)
    with transaction.atomic():
        journey = Journey(world, dict(known_days), start)
        try:
            for seed in seeds:
                journey.step(seed)
            journey.finish()
        except Exception as error:
            error.add_note("\n".join(journey.trail))
            raise
        finally:
            world.people = people
            deadlines.forget()
            transaction.set_rollback(True)
