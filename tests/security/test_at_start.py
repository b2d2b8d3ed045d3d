"""M4, M5, M6: what the start refuses, and what a real installation behind a terminator says in its headers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
STRONG = "uT3-vX9_qLm2Zk8RwB5nYc7HdJs4Gf6PaE1oWi0x"
OFFICE = {
    "PATH": os.environ["PATH"],
    "DATABASE_URL": "postgres://u:p@127.0.0.1:9/x",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": STRONG,
    "PERSONAL_DATA_KEYS": STRONG,
    "PUBLIC_URL": "https://gov.example.org",
    "TRUSTED_PROXIES": "2",
}
SHOW = """
import json, sys
from govtrack import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def started(*names: str, **changed: str) -> dict[str, object] | str:
    """The settings of an installation, or the last line with which it ends."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        cwd=BASE,
        env=OFFICE | changed,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    found: dict[str, object] = json.loads(done.stdout)
    return found


WEAK = {
    "SECRET_KEY": ("a", "a" * 64, "abcabcabc" * 8, "short-but-mixed-1234"),
    "PERSONAL_DATA_KEYS": ("a", "a" * 64, f"weak,{STRONG}", ",", " , ,"),
    "METRICS_TOKEN": ("prometheus",),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, listed in WEAK.items() for value in listed])
def test_a_weak_secret_ends_the_start_with_one_line(name: str, value: str) -> None:
    line = started("SECRET_KEY", **{name: value})
    assert isinstance(line, str)
    assert f"ImproperlyConfigured: {name}" in line


def test_a_trailing_comma_is_no_key_and_an_old_weak_one_still_reads() -> None:
    found = started("PERSONAL_DATA_KEYS", PERSONAL_DATA_KEYS=f"{STRONG}, old,,")
    assert found == {"PERSONAL_DATA_KEYS": [STRONG, "old"]}


def test_the_demonstration_takes_any_and_never_an_empty_one() -> None:
    local = {"DEMO": "1", "PUBLIC_URL": "http://127.0.0.1:8000", "SECRET_KEY": "x"}
    assert started("PERSONAL_DATA_KEYS", **local, PERSONAL_DATA_KEYS="old,") == {"PERSONAL_DATA_KEYS": ["old"]}
    assert "only commas" in started("PERSONAL_DATA_KEYS", **local, PERSONAL_DATA_KEYS=",")


HTTPS = (
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE",
)  # fmt: skip


def test_https_is_asked_for_everywhere() -> None:
    found = started(*HTTPS)
    assert isinstance(found, dict)
    assert {name: bool(found[name]) for name in HTTPS} == dict.fromkeys(HTTPS, True)
    assert started("DEBUG", "DEMO") == {"DEBUG": False, "DEMO": False}


def test_http_on_this_machine_is_left_alone() -> None:
    found = started(*HTTPS, PUBLIC_URL="http://127.0.0.1:8000", TRUSTED_PROXIES="0")
    assert isinstance(found, dict)
    assert not any(found.values())


def test_no_file_of_compose_opens_a_port_to_the_world_or_believes_it() -> None:
    ports = [line.strip() for line in (BASE / "docker-compose.yml").read_text().splitlines() if line.endswith(':8080"')]
    assert ports == ['- "${COMPOSE_PORT:-127.0.0.1:8080}:8080"']
    proxy = (BASE / "deploy" / "nginx.conf").read_text()
    assert "X-Forwarded-For $forwarded_for;" in proxy
    assert "X-Forwarded-Proto $scheme_for_app;" in proxy
    assert proxy.count("$http_x_forwarded_proto") == proxy.count('map "$from_terminator $http_x_forwarded_proto"') == 1
    assert "/metrics" not in proxy
