"""The ladder against its model: every rung exactly once, never early, never for paused time, whatever dies.

``JOURNEYS=2000 pytest tests/integration/reminders/model`` runs longer and draws anew each time.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from deadlines import services as deadlines
from deadlines.models import CalendarDay
from reminders.models import LadderRung
from reminders.reference import forget
from tests.integration.reminders.model.machine import Ladders
from tests.support.cast import NOW, World

LONG = "JOURNEYS" in os.environ
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0 if LONG else 300)]

RUNS = int(os.environ.get("JOURNEYS", "10"))
STEPS = 60 if LONG else 40


def test_every_rung_once_never_early_never_for_paused_time(world: World) -> None:
    deadlines.refresh_calendar(at=NOW, first_year=2025, last_year=2028)
    LadderRung.objects.all().delete()
    forget()

    class Bound(Ladders):
        pass

    Bound.world, Bound.known = world, dict(CalendarDay.objects.values_list("on", "workday"))
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONG,
            database=None,
            phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
