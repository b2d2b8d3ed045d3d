"""What the tests of the reminders floor share."""

from collections.abc import Iterator

import pytest

from reminders.reference import forget


@pytest.fixture(autouse=True)
def _fresh_ladder() -> Iterator[None]:
    """No ladder held in the process from an earlier test."""
    forget()
    yield
    forget()
