"""A world with synthetic issues in it."""

import pytest

from issues.seeding.loading import Loaded, Request, load
from tests.support.cast import NOW, World

COUNT = 2000


@pytest.fixture
def seeded(world: World) -> Loaded:
    """2,000 seeded issues, one in ten still open."""
    return load(Request(count=COUNT, seed=7, open_share=0.1), now=NOW, says=lambda line: None)
