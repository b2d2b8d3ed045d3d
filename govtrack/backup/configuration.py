"""How the installation is set, without a key or a password: what an operator needs to set it up again elsewhere."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from govtrack import env

NAMES: Final = (
    *("PUBLIC_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", "OUTBOUND_NETWORKS", "HSTS_SUBDOMAINS"),
    *("DEMO", "PORT", "WEB_WORKERS", "WEB_THREADS", "WORKER_PROCESSES", "CONN_MAX_AGE", "LOG_FORMAT"),
    *("SITE_NAME", "SITE_HOST", "SITE_ICP", "SITE_POLICE", "DEFAULT_FROM_EMAIL"),
    *("SEAL_TO", "SESSION_IDLE_MINUTES", "SEPARATE_ADMINS", "BACKUP_RECIPIENT"),
)
"""Kept as they are. A name that stands in neither list is not kept: a new one is a secret until somebody says no."""
ADDRESSES: Final = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "FILES_URL")
"""Kept without user, password and parameters."""


def text() -> str:
    """NAME=value lines of what is set."""
    return "".join(f"{name}={value}\n" for name, value in _values())


def _values() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        if value := env.env_str(name):
            yield name, value
    for name in ADDRESSES:
        if value := env.env_str(name):
            yield name, _bare(value)


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def differences(kept: str) -> list[str]:
    """The lines of ``kept`` that are not what is set here, addresses of servers left out: those are meant to differ."""
    here = text().splitlines()
    return [line for line in kept.splitlines() if line not in here and line.partition("=")[0] in NAMES]
