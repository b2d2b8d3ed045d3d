"""Having the worker begin at once: the top floor says how, the schedule makes up for it."""

import logging
from collections.abc import Callable

from django.db import transaction

logger = logging.getLogger(__name__)

_NUDGES: list[Callable[[], object]] = []


def register(nudge: Callable[[], object]) -> None:
    """Call ``nudge`` after every commit that left a photo waiting. It may fail."""
    if nudge not in _NUDGES:
        _NUDGES.append(nudge)


def after_commit() -> None:
    """Wake the worker once this transaction is committed."""
    transaction.on_commit(_wake)


def _wake() -> None:
    for nudge in _NUDGES:
        try:
            nudge()
        except Exception:
            logger.exception("waking the worker failed; the schedule will find the photo")
