"""Loading the demonstration, in order: places, organisations, people, history, duty, recent issues."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from common.clock import now
from communities.models import Leader
from deadlines import services as deadlines
from files.processing import prepare_waiting
from issues.models import HistoricRecord
from seeds.demonstration.cast import Cast
from seeds.demonstration.duty import load_duty
from seeds.demonstration.historic import load_historic
from seeds.demonstration.meetings import load_historic_meetings
from seeds.demonstration.promises import load_historic_promises
from seeds.demonstration.recent import is_loaded, load_recent
from seeds.places.organisations import load_categories, load_departments
from seeds.places.people import load_accounts, load_leaders
from seeds.places.places import load_places

_FOR_PHOTOS = 600
"""Seconds in which the photographs are made ready, on the slowest machine; a worker makes what is left."""


def load(*, at: datetime, says: Callable[[str], None]) -> None:
    """Write what is missing of the demonstration as it stands at ``at``; ``says`` is told what was done."""
    deadlines.refresh_calendar(at=at)
    cast = load_reference(at=at)
    leaders = Leader.objects.filter(subdistrict=cast.subdistrict).count()
    historic = HistoricRecord.objects.filter(subdistrict=cast.subdistrict).count()
    says(f"{len(cast.communities)} communities, {leaders} leaders, {historic} historic records")
    if is_loaded(cast.subdistrict):
        says("The recent issues are there already")
        return
    says("Letting some 400 recent issues travel …")
    count, example = load_recent(cast, at)
    prepare_waiting(clock=now, for_seconds=_FOR_PHOTOS)
    if example:
        says(f"{count} recent issues. To try: track {example.number} with the last four digits 1234")


@transaction.atomic
def load_reference(*, at: datetime) -> Cast:
    """Places, organisations, people, historic records and the duty roster."""
    places = load_places()
    departments = load_departments(places.subdistrict, places.communities)
    categories = load_categories(places.subdistrict, departments)
    users = load_accounts(places, departments, at)
    load_leaders(places, users["leader"])
    load_historic(places.subdistrict, places.communities, departments, categories)
    cast = Cast(places, departments, categories, users)
    load_historic_promises(cast, at)
    load_historic_meetings(places.subdistrict)
    load_duty(places.subdistrict, users, deadlines.load_calendar(), at)
    return cast
