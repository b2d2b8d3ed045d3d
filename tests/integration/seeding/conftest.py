"""A world with synthetic issues in it."""

import pytest

from communities.models import Category
from issues.seeding import journeys
from issues.seeding.loading import Loaded, Request, load
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


@pytest.fixture
def seeded(world: World, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """2,000 seeded issues, one in ten still open; some of them concern a body outside."""
    monkeypatch.setattr(journeys, "_UNDER_WAY", OFTEN)
    Category.objects.create(
        subdistrict=world.area, code="1203", name_zh="邻里生活噪声", department=world.departments["POLICE"]
    )
    return load(Request(count=COUNT, seed=7, open_share=0.1), now=NOW, says=lambda line: None)
