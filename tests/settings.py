"""The product's settings, and beside its own domains a made-up one: errands (tests/errands).

Every test runs with both, so that whatever the engine does it does for more than one family.
"""

from govtrack.settings import *  # noqa: F403
from govtrack.settings import INSTALLED_APPS as _OWN

INSTALLED_APPS = [*_OWN, "tests.errands"]
