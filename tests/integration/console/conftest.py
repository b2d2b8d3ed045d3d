"""Pages are read at the cast's moment."""

import pytest


@pytest.fixture(autouse=True)
def _frozen(frozen: None) -> None:
    """Every console test stands at ``cast.NOW``."""
