"""The application's clocks without a database."""

import pytest

from deadlines import services
from reminders import reference
from reminders.ladder import DEFAULT_LADDER


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What services write stays in the row, and the ladder is the product's."""
    monkeypatch.setattr(services, "write", list)
    monkeypatch.setattr(reference, "load_ladder", lambda _subdistrict: DEFAULT_LADDER)
