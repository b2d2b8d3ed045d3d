"""Random walks: whatever happens to a clock in whatever order, its date and its ladder are what the page of rules says.

``LONG=1`` (make test-long) takes ten thousand walks. The walk that fails is named by its number, cut to the steps that
it needs, and printed to be kept in test_found.
"""

import pytest

from tests.support.oracle.walks import Walk, Walker, drawn, shortest, told
from tests.support.sampling import length
from tests.unit.time.found import FOUND
from tests.unit.time.ours import Ours

WALKS = length(400, 10_000)
BATCH = 200


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, WALKS, BATCH))
def test_walks(first: int) -> None:
    for number in range(first, min(first + BATCH, WALKS)):
        walk = drawn(number)
        if _fails(walk):
            least = shortest(walk, _fails)
            print(f"walk {number}, for found.py:\n    {told(least)}")
            Walker(Ours).run(least)
            raise AssertionError(f"walk {number} failed, and holds when cut short")


@pytest.mark.parametrize("walk", FOUND)
def test_found(walk: Walk) -> None:
    Walker(Ours).run(walk)


def _fails(walk: Walk) -> bool:
    try:
        Walker(Ours).run(walk)
    except AssertionError:
        return True
    return False
