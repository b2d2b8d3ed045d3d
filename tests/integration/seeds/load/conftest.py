"""A world with synthetic issues in it."""

from unittest.mock import patch

import pytest

from communities.models import Category
from seeds.load import journeys, loading
from seeds.load.loading import Loaded, LoadRequest, load
from tests.support.cast import NOW, World

COUNT = 800
OFTEN = (
    (0.12, ("request_suspension", "grant_suspension")),
    (0.50, ("request_extension",)),
    (0.62, ("supervise",)),
    (0.74, ("add_department",)),
    (0.80, ("publish",)),
)
"""The rarer turns and stages more often than in a real load, so that few issues show each of them."""


def seed(world: World) -> Loaded:
    """Seeded issues, one in ten still open; some of them concern a body outside."""
    outside(world)
    with (
        patch.object(journeys, "_UNDER_WAY", OFTEN),
        patch.object(journeys, "_JOINED", 0.3),
        patch.object(journeys, "_PLANNED", 0.2),
        patch.object(journeys, "_EARLY", frozenset()),
        patch.object(loading, "FEWEST", 60),
    ):
        return load(LoadRequest(count=COUNT, seed=7, open_share=0.1), now=NOW, says=lambda line: None)


def outside(world: World) -> None:
    """A category that concerns a body outside."""
    Category.objects.create(
        subdistrict=world.area, code="1203", name_zh="邻里生活噪声", department=world.departments["POLICE"]
    )


@pytest.fixture
def seeded(begun: Loaded) -> Loaded:
    """What seeding said; for tests that begin with ``seed``."""
    return begun
