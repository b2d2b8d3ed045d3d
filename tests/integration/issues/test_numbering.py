"""Numbers are gap-free per area and year: under 32 concurrent creators, and across roll-backs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from issues.models import Issue, NumberSeries
from issues.services.creation import create
from tests.support.cast import NOW, World


@pytest.mark.django_db(transaction=True)
def test_32_concurrent_creators_leave_no_gap(world: World) -> None:
    actor, draft = world.actor("clerk"), world.draft()

    def log(number: int) -> str:
        try:
            return create(draft=draft, by=actor, at=NOW + timedelta(seconds=number)).number
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=32) as pool:
        numbers = sorted(pool.map(log, range(96)))
    assert numbers == [f"桂城-2026-{serial:06d}" for serial in range(1, 97)]
    assert NumberSeries.objects.get(subdistrict=world.area, year=2026).last == 96


@pytest.mark.django_db(transaction=True)
def test_a_roll_back_gives_its_number_back(world: World) -> None:
    first = world.create()
    with transaction.atomic():
        assert world.create().serial == 2
        transaction.set_rollback(True)
    assert world.create().serial == 2
    assert list(Issue.objects.order_by("id").values_list("serial", flat=True)) == [first.serial, 2]


@pytest.mark.django_db
def test_numbers_restart_each_year_and_in_each_area(world: World) -> None:
    assert world.create().number == "桂城-2026-000001"
    assert world.create(at=NOW + timedelta(days=300)).number == "桂城-2027-000001"
    other = world.create(by="outsider", community="pingdi", category="other")
    assert other.number == "大沥-2026-000001"


@pytest.mark.django_db
def test_the_year_is_that_of_shanghai(world: World) -> None:
    new_year = NOW.replace(month=12, day=31, hour=16, minute=30)
    assert world.create(at=new_year).year == 2026
    assert world.create(at=new_year + timedelta(hours=8)).year == 2027
