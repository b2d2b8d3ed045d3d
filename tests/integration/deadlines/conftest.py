"""A sub-district with a department, and nothing held from an earlier test."""

from collections.abc import Iterator

import pytest

from communities.models import Community, Department, SubDistrict
from deadlines import planning
from deadlines.reference import forget


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    forget()
    before, mover = planning.register(None), planning.register_mover(None)
    yield
    planning.register(before)
    planning.register_mover(mover)
    forget()


@pytest.fixture
def area(db: None) -> SubDistrict:
    return SubDistrict.objects.create(code="guicheng", area="桂城", name_zh="桂城街道")


@pytest.fixture
def community(area: SubDistrict) -> Community:
    return Community.objects.create(subdistrict=area, name_zh="夏东社区", kind="urban")


@pytest.fixture
def department(area: SubDistrict) -> Department:
    return Department.objects.create(subdistrict=area, code="MUNICIPAL", name_zh="市政管理办公室", kind="street")
