"""Typed readers of the process environment, and the local file that `make run` writes.

Real environment variables always win. An empty value counts as unset. `.local/env` is read only where
`DATABASE_URL` is unset, that is on a machine that uses the embedded servers: an installation with databases of its
own never depends on a file in the working tree.

This module must stay importable without Django being set up: the supervisor and `manage.py` read it first.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LEAST_CHARACTERS = 32
"""Of a secret: some 190 bits where they are drawn from letters and digits."""
LEAST_DIFFERENT = 10
"""Different characters among them: a random one has over twenty."""
LOCAL_DIR = ".local"
LOCAL_FILE = "env"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


def local_dir(base_dir: Path) -> Path:
    """Where the embedded data, the local secrets and the run-time files of this clone live."""
    return base_dir / LOCAL_DIR


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines of a file; comments and blank lines are skipped, quotes around a value are dropped."""
    values: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return values
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    for line in text.splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def load_local_env(base_dir: Path) -> None:
    """Copy `.local/env` into the environment where `DATABASE_URL` is unset; names already set keep their value."""
    if os.environ.get("DATABASE_URL"):
        return
    for name, value in read_env_file(local_dir(base_dir) / LOCAL_FILE).items():
        if not os.environ.get(name):
            os.environ[name] = value


def env_str(name: str, default: str = "") -> str:
    """The value of `name`, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool = False) -> bool:
    """`1`, `true`, `yes`, `on` and their opposites. Raises ImproperlyConfigured for any other word."""
    word = env_str(name).lower()
    if not word:
        return default
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {word!r}.")


def env_int(name: str, default: int) -> int:
    """A whole number of zero or more. Raises ImproperlyConfigured for anything else."""
    word = env_str(name)
    if not word:
        return default
    if not word.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {word!r}.")
    return int(word)


def env_list(name: str, default: list[str]) -> list[str]:
    """A comma-separated list without empty parts; a copy of `default` where it is unset."""
    parts = [part.strip() for part in env_str(name).split(",")]
    return [part for part in parts if part] or list(default)


def env_networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks as 10.1.0.0/16, comma-separated; none where it is unset. Raises ImproperlyConfigured for others."""
    try:
        return [ip_network(part) for part in env_list(name, default=[])]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error


def required_secret(name: str, *, demo: bool) -> str:
    """A secret that an installation must set. Demo installations fall back to a fixed, public value.

    Raises ImproperlyConfigured with one readable line where the secret is missing outside demo mode.
    """
    value = env_str(name)
    if value:
        return _strong(name, value, demo=demo)
    if not demo:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment (docs/operations.md lists every name)."
        )
    return base64.urlsafe_b64encode(hashlib.sha256(f"govtrack demo {name}".encode()).digest()).decode()


def optional_secret(name: str, *, demo: bool) -> str:
    """A secret that may be unset, ""; where it is set it is a strong one. Raises ImproperlyConfigured."""
    value = env_str(name)
    return _strong(name, value, demo=demo) if value else ""


def required_keys(name: str, *, demo: bool) -> list[str]:
    """Comma-separated secrets, newest first; an empty part is none. Raises ImproperlyConfigured.

    Only the newest has to be strong: what an old and weak one encrypted must stay readable until it is rotated.
    """
    keys = env_list(name, default=[])
    if env_str(name) and not keys:
        raise ImproperlyConfigured(f"{name} holds no key, only commas.")
    return [_strong(name, keys[0], demo=demo), *keys[1:]] if keys else [required_secret(name, demo=demo)]


def _strong(name: str, value: str, *, demo: bool) -> str:
    """The value, where nobody guesses it; in a demonstration any. Raises ImproperlyConfigured."""
    if not demo and (len(value) < LEAST_CHARACTERS or len(set(value)) < LEAST_DIFFERENT):
        raise ImproperlyConfigured(
            f"{name} is too weak: at least {LEAST_CHARACTERS} random characters. "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one."
        )
    return value


def required_url(name: str) -> str:
    """The address of a server. Raises ImproperlyConfigured with one readable line where it is not set."""
    url = env_str(name)
    if not url:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, or go through `manage.py` of a clone, which brings servers."
        )
    return url


def files_storage(base_dir: Path) -> dict[str, Any]:
    """Where uploads are kept, as an entry of STORAGES: `FILES_URL`, by default `.local/files` of this clone.

    `file:///srv/govtrack/files` is a directory of its own; `s3://KEY:SECRET@host:9000/bucket?tls=0&region=…` a bucket
    of any S3-compatible server (`tls` 1 by default, `region` us-east-1, `path` 1: bucket in the path, not in the host
    name). Raises ImproperlyConfigured for anything else.
    """
    url = urlsplit(env_str("FILES_URL"))
    if url.scheme in ("", "file"):
        if url.netloc or (url.path and not url.path.startswith("/")):
            raise ImproperlyConfigured("FILES_URL must be file:///an/absolute/directory or s3://…")
        location = Path(url.path) if url.path else local_dir(base_dir) / "files"
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": location,
                "base_url": None,
                "allow_overwrite": True,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    bucket = url.path.strip("/")
    if url.scheme != "s3" or not (url.username and url.password and url.hostname and bucket) or "/" in bucket:
        raise ImproperlyConfigured(
            "FILES_URL must be s3://KEY:SECRET@host:port/bucket or file:///an/absolute/directory."
        )
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    scheme = "http" if query.get("tls") == "0" else "https"
    port = f":{url.port}" if url.port else ""
    return {
        "BACKEND": "files.s3.PrivateBucket",
        "OPTIONS": {
            "access_key": unquote(url.username),
            "secret_key": unquote(url.password),
            "endpoint_url": f"{scheme}://{url.hostname}{port}",
            "bucket_name": bucket,
            "region_name": query.get("region", "us-east-1"),
            "addressing_style": "virtual" if query.get("path") == "0" else "path",
        },
    }


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Replace `path` by these values at once, readable by its owner alone (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)
