"""The product's settings, and beside its own domains a made-up one: errands (tests/errands).

Every test runs with both, so that whatever the engine does it does for more than one family.
"""

from ipaddress import ip_network

from govtrack.settings import *  # noqa: F403
from govtrack.settings import CACHES as _CACHES
from govtrack.settings import DATABASES as _DATABASES
from govtrack.settings import INSTALLED_APPS as _OWN

INSTALLED_APPS = [*_OWN, "tests.errands"]

PUBLIC_FORMS_GUARDED = False
"""Tests send forms without having opened them; those of the door and the journeys of browsers have the guard."""
OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
"""The other ends of the channels run beside us."""

PATIENCE = 60
"""Seconds that tests wait for Redis or for a lock: a busy machine is no outage, and nobody who works at the desk."""
_CACHES["default"]["OPTIONS"] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
_DATABASES["default"]["OPTIONS"]["options"] = (
    f"-c statement_timeout={PATIENCE * 2000} -c lock_timeout={PATIENCE * 1000}"
)
