"""The databases that are measured, each on the server of DATABASE_URL: ``<name>_bench_<what>``, kept for later runs."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.report import emit, say

BASE = Path(__file__).resolve().parent.parent
BOUND = 3000
BOUND_FROM = 300_000
"""For fewer issues the time goes into recording the journeys that are stamped."""


def url_of(server_url: str, what: str) -> str:
    """The URL of the database for ``what``."""
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"{parts.path or '/govtrack'}_bench_{what}"))


def ensure(server_url: str, what: str, *, issues: int, open_share: float | None = None, anew: bool = False) -> str:
    """The URL of a database with the demonstration and ``issues`` seeded ones; made where there is none yet, or anew.

    Making it is a measure of its own: how many issues a second ``seed_load`` writes.
    """
    url = url_of(server_url, what)
    if not anew and _count(url) >= issues:
        say(f"{what}: using the database of an earlier run")
        return url
    _create(server_url, url)
    environment = {**os.environ, "DATABASE_URL": url}
    for command in (["migrate", "--verbosity=0"], ["load_demo"]):
        _manage(command, environment)
    extra = [] if open_share is None else ["--open-share", str(open_share)]
    began = time.monotonic()
    _manage(["seed_load", "--issues", str(issues), *extra], environment)
    seconds = time.monotonic() - began
    emit(
        f"seed_load_{what}",
        passed=None if issues < BOUND_FROM else issues / seconds >= BOUND,
        issues=issues,
        per_second=issues / seconds,
        bound=BOUND,
    )
    with psycopg2.connect(url) as connection:
        pass
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    connection.close()
    return url


def _manage(command: list[str], environment: dict[str, str]) -> None:
    say(f"manage.py {' '.join(command)}")
    settings = {**environment, "DJANGO_SETTINGS_MODULE": "govtrack.settings"}
    subprocess.run([sys.executable, "manage.py", *command], cwd=BASE, env=settings, stdout=sys.stderr, check=True)


def _count(url: str) -> int:
    try:
        connection = psycopg2.connect(url)
    except psycopg2.OperationalError:
        return 0
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM issues_issue")
            return sum(row[0] for row in cursor.fetchall())
    except psycopg2.Error:
        return 0
    finally:
        connection.close()


def _create(server_url: str, url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    connection = psycopg2.connect(server_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()
