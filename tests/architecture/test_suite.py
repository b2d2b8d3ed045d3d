"""What the suite takes for granted of its tools."""

from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]


@pytest.mark.xdist_group("together")
def test_groups_stay_together(request: pytest.FixtureRequest) -> None:
    """The scheduler knows a group by what it appends to a test's id; pytest 9.2 dropped that without a word.

    It looks behind the last bracket, so that a group whose name holds one is none.
    """
    if hasattr(request.config, "workerinput"):
        grouped = [item.nodeid for item in request.session.items if item.get_closest_marker("xdist_group")]
        assert [nodeid for nodeid in grouped if nodeid.rfind("@") <= nodeid.rfind("]")] == []


def test_what_is_sampled_runs_whole_in_the_long_run() -> None:
    """Each module that tries a sample, or fewer walks, stands in LONG_TESTS of the Makefile, and nothing else does."""
    makefile = (BASE / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    long = next(line for line in makefile.splitlines() if line.startswith("LONG_TESTS :=")).split()[2:]
    sampled = {
        path.relative_to(BASE)
        for path in (BASE / "tests").glob("*/**/test_*.py")
        if "\nfrom tests.support.sampling import" in path.read_text(encoding="utf-8")
    }
    listed = [Path(name) for name in long]
    assert {path for path in sampled if not any(path.is_relative_to(one) for one in listed)} == set()
    assert [one for one in listed if not any(path.is_relative_to(one) for path in sampled)] == []
