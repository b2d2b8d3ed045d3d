"""Write .env for docker-compose: fresh secrets, an empty office; with DEMO=1 the demonstration, on loopback alone.

An existing file keeps what it says; secrets that it does not have yet are added.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / ".env"
SECRETS = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "REDIS_PASSWORD")
"""Without one of them docker-compose.yml refuses to start."""

DEMONSTRATION = {"DEMO": "1", "GOVTRACK_TARGET": "demo", "COMPOSE_PORT": "127.0.0.1:8080"}
"""Its accounts and password are published: nobody else reaches it."""


def values(*, demo: bool) -> dict[str, str]:
    """Fresh values for every name that docker-compose.yml insists on."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "POSTGRES_APP_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "DEMO": "",
        "PUBLIC_URL": "http://127.0.0.1:8080",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "TRUSTED_PROXIES": "1",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        **(DEMONSTRATION if demo else {}),
    }


def write(path: Path, content: dict[str, str]) -> None:
    """Write NAME=value lines, readable by the owner alone. Raises FileExistsError where there is a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in content.items())


def complete(path: Path, content: dict[str, str]) -> list[str]:
    """Add the SECRETS that an existing file does not name; returns their names."""
    known = {line.partition("=")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()}
    missing = [name for name in SECRETS if name not in known]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"\n{name}={content[name]}\n" for name in missing)
    return missing


def main() -> int:
    """Never replaces a file: the keys in it may be the only ones that read the data."""
    demo = os.environ.get("DEMO", "") not in ("", "0")
    try:
        write(TARGET, values(demo=demo))
    except FileExistsError:
        added = complete(TARGET, values(demo=demo))
        print(f".env exists already: {'added ' + ', '.join(added) if added else 'it stays as it is'}.")
        return 0
    what = "the demonstration, on 127.0.0.1" if demo else "an empty office; DEMO=1 writes the demonstration"
    print(f"Wrote .env ({what}). Start with: docker-compose up --build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
