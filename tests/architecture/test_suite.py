"""What the suite takes for granted of its tools."""

import pytest


@pytest.mark.xdist_group("together")
def test_groups_stay_together(request: pytest.FixtureRequest) -> None:
    """The scheduler knows a group by what it appends to the test's id; pytest 9.2 dropped that without a word."""
    assert not hasattr(request.config, "workerinput") or request.node.nodeid.endswith("@together")
