"""The schedule's work on offices."""

from celery import shared_task

from common.clock import now
from common.jobs import watched
from offices.services.comparing import RowsAltered, compare_all
from offices.services.import_runs import carry_out_waiting


@shared_task(name="offices.compare")
def compare() -> None:
    """Compare reference rows with their seals; the job fails where a row was changed past the services."""
    with watched("compare_references") as result:
        found = compare_all(now())
        result.update(offices=found.offices, sealed=found.sealed, altered=found.altered)
        if found.altered:
            raise RowsAltered


@shared_task(name="offices.imports", soft_time_limit=850, time_limit=880)
def imports() -> None:
    """Examine or write the workbooks that wait, and drop those that nobody came back for."""
    with watched("import_offices") as result:
        result.update(done=carry_out_waiting(now()))
