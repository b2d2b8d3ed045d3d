"""The product's settings, and beside its own domains a made-up one: errands (tests/errands).

Every test runs with both, so that whatever the engine does it does for more than one family.
"""

from ipaddress import ip_network

from govtrack.settings import *  # noqa: F403
from govtrack.settings import INSTALLED_APPS as _OWN

INSTALLED_APPS = [*_OWN, "tests.errands"]

PUBLIC_FORMS_GUARDED = False
"""Tests send forms without having opened them; those of the door and the journeys of browsers have the guard."""
OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
"""The other ends of the channels run beside us."""
