"""The schedule's work on accounts."""

from celery import shared_task

from accounts.cleaning import clean
from common.clock import now
from common.jobs import watched


@shared_task(name="accounts.clean")
def clean_accounts() -> None:
    """Delete sessions, tokens, recovery codes and devices that are over."""
    with watched("clean_accounts") as result:
        result.update(clean(now()))
