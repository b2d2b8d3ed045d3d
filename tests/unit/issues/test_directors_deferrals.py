"""Deferrals that end more than 180 days after they began, or a third renewal, are the director's to grant."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.clock import SHANGHAI
from issues.policies import needs_director

ASKED = datetime(2026, 3, 18, 10, tzinfo=SHANGHAI)
BEGAN = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


def decides(*, days: int | None, began: Any = None, count: int = 0) -> bool:
    since = (began or ASKED).date()
    until: date | None = None if days is None else since + timedelta(days=days)
    request: Any = SimpleNamespace(asked_at=ASKED, until_on=until)
    issue: Any = SimpleNamespace(suspended_at=began, suspension_count=count)
    return needs_director(issue, request)


@pytest.mark.parametrize("began", [None, BEGAN])
@pytest.mark.parametrize(("days", "director"), [(None, False), (1, False), (180, False), (181, True)])
def test_by_its_length(days: int | None, began: Any, director: bool) -> None:
    assert decides(days=days, began=began) is director


@pytest.mark.parametrize(("count", "director"), [(1, False), (2, False), (3, True), (4, True)])
def test_by_its_renewals(count: int, director: bool) -> None:
    assert decides(days=30, began=BEGAN, count=count) is director
    assert decides(days=30, count=count) is False, "one that was resumed meanwhile begins anew"
