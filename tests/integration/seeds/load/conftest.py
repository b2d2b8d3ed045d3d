"""A world with synthetic issues in it."""

from unittest.mock import patch

import pytest

from communities.models import Category
from seeds.load import journeys
from seeds.load.loading import Loaded, LoadRequest, load
from tests.support.cast import NOW, World

COUNT = 2000
OFTEN = (
    (0.12, "suspend"),
    (0.50, "request_extension"),
    (0.62, "supervise"),
    (0.74, "add_department"),
    (0.80, "publish"),
)
"""The rarer turns more often than in a real load, so that 2,000 issues show each of them."""


def seed(world: World) -> Loaded:
    """2,000 seeded issues, one in ten still open; some of them concern a body outside."""
    Category.objects.create(
        subdistrict=world.area, code="1203", name_zh="邻里生活噪声", department=world.departments["POLICE"]
    )
    with patch.object(journeys, "_UNDER_WAY", OFTEN):
        return load(LoadRequest(count=COUNT, seed=7, open_share=0.1), now=NOW, says=lambda line: None)


@pytest.fixture
def seeded(begun: Loaded) -> Loaded:
    """What seeding said; for tests that begin with ``seed``."""
    return begun
