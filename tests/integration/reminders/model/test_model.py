"""Every clock and its ladder against the oracle: dates to the minute, every rung once for a date, whatever dies.

``LONG=1`` (make test-long) takes five hundred walks. One that fails is named by its number, with all that was done in
it, and drawn again by ``-k "walks[7]"`` of the numbers of its block, or cut to what it needs by ``shortest``.
"""

from datetime import date

import pytest

from deadlines import services as deadlines
from deadlines.models import CalendarDay
from reminders.models import LadderRung
from reminders.reference import forget
from tests.integration.reminders.model.machine import Walker, drawn
from tests.support.cast import NOW, World
from tests.support.sampling import LONG, length

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0 if LONG else 900)]

WALKS = length(2, 500)
LENGTH = length(40, 60)
BLOCK = 3


@pytest.fixture
def known(world: World) -> dict[date, bool]:
    """The calendar's table, filled, and the product's ladder; a dictionary of its days."""
    deadlines.refresh_calendar(at=NOW, first_year=2025, last_year=2028)
    LadderRung.objects.all().delete()
    forget()
    return dict(CalendarDay.objects.values_list("on", "workday"))


@pytest.mark.parametrize("first", range(0, WALKS, BLOCK))
def test_walks(world: World, known: dict[date, bool], first: int) -> None:
    for number in range(first, min(first + BLOCK, WALKS)):
        try:
            Walker(world, known).run(drawn(number, LENGTH))
        except Exception as error:
            error.add_note(f"walk {number} of length {LENGTH}")
            raise
