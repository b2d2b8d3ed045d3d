"""The embedded servers, started for real."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from devhouse.embedded import Postgres, binaries, processes, scratch_servers
from devhouse.embedded.identity import UNSHARE, choose_identity, run_as
from devhouse.embedded.ports import is_free

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.long, pytest.mark.serial]
PASSWORD = "embedded-test"
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory that other users may enter, as a clone outside a private home is."""
    for path in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        path.chmod(0o755)
    return tmp_path


def query(url: str, sql: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
            connection.commit()
            return row and row[0]
    finally:
        connection.close()


def test_chinese_trigrams_and_task_queue_settings(home: Path) -> None:
    with scratch_servers(home / "servers") as servers:
        url = servers.postgres.url
        connection = psycopg2.connect(url)
        connection.autocommit = True
        connection.cursor().execute("CREATE EXTENSION pg_trgm")
        connection.close()
        assert query(url, "SELECT cardinality(show_trgm('路灯不亮')) > 0") is True
        client = redis.Redis.from_url(servers.valkey.url)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.close()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=servers.valkey.port).ping()
        root = servers.postgres.root
    assert not root.exists()


def test_data_survives_a_crash(home: Path) -> None:
    server = Postgres(home, password=PASSWORD)
    server.start(with_parent=True)
    query(server.url, "CREATE TABLE kept AS SELECT 7 AS n; SELECT 1")
    server.kill()
    again = Postgres(home, port=server.port, password=PASSWORD)
    again.start(with_parent=True)
    assert query(again.url, "SELECT n FROM kept") == 7
    again.stop()
    assert is_free(again.port)


def test_a_lock_file_of_a_reused_process_id_is_no_obstacle(home: Path) -> None:
    server = Postgres(home, password=PASSWORD, durable=False)
    server.start(with_parent=True)
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n", encoding="utf-8")
    server.identity.own(server.data / "postmaster.pid")
    server.start(with_parent=True)
    server.stop()


def test_a_failure_is_one_line(home: Path) -> None:
    server = Postgres(home, password=PASSWORD, durable=False)
    server.start(with_parent=True)
    server.stop()
    (server.data / "global" / "pg_control").unlink()
    with pytest.raises(Exception, match="postgres server does not start") as raised:
        server.start(with_parent=True)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user has nobody else to become")
@pytest.mark.parametrize("allowed", [("postgres", "nobody"), ("nobody",), ()], ids=["postgres", "nobody", "namespace"])
def test_root_finds_somebody_who_runs_it(home: Path, allowed: tuple[str, ...]) -> None:
    if not allowed and not shutil.which("unshare"):
        pytest.fail("unshare is missing: util-linux is essential in Debian")
    identity = choose_identity(binaries.postgres_bin() / "postgres", home, allowed=allowed)
    done = run_as(identity, ["/bin/sh", "-c", "id -u"], timeout=60)
    assert int(done.stdout) != 0
    server = Postgres(home, password=PASSWORD, durable=False)
    server._identity = identity
    server.start(with_parent=True)
    assert query(server.url, "SELECT 1") == 1
    server.stop()


def test_an_ordinary_user_just_runs_it(home: Path) -> None:
    """Under root the ordinary user is made by a user namespace, in which root's files are theirs."""
    code = (
        "import os; from pathlib import Path; from devhouse.embedded import scratch_servers\n"
        "assert os.geteuid() != 0\n"
        f"with scratch_servers(Path({str(home / 'user')!r})) as servers:\n"
        "    assert servers.postgres.identity.prefix == () and servers.postgres.identity.user is None\n"
        "print('served')\n"
    )
    prefix = [word.replace("65534", "1000") for word in UNSHARE] if AS_ROOT else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.stdout == "served\n", done.stderr


def session(base: Path) -> "subprocess.Popen[str]":
    """A command that prints the URL of a clone's embedded servers and uses them until its input ends."""
    code = (
        "import os, sys; from pathlib import Path; from devhouse.embedded import embedded_session\n"
        f"with embedded_session(Path({str(base)!r})):\n"
        "    print(os.environ['DATABASE_OWNER_URL'], flush=True); sys.stdin.read()\n"
    )
    hidden = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_commands_share_the_servers_and_the_last_one_stops_them(home: Path) -> None:
    first = session(home)
    assert first.stdout is not None
    url = first.stdout.readline()
    second = session(home)
    assert second.stdout is not None
    assert second.stdout.readline() == url
    first.communicate()
    assert query(url.strip(), "SELECT 1") == 1
    second.communicate()
    assert processes.read_state(home / ".local" / "run" / "postgres.json") is None
    assert (home / ".local" / "env").stat().st_mode & 0o777 == 0o600


def test_servers_of_a_killed_command_are_used_and_stopped_by_the_next(home: Path) -> None:
    first = session(home)
    assert first.stdout is not None
    url = first.stdout.readline()
    first.kill()
    first.wait()
    assert query(url.strip(), "SELECT 1") == 1
    second = session(home)
    assert second.stdout is not None
    assert second.stdout.readline() == url
    second.communicate()
    assert processes.read_state(home / ".local" / "run" / "postgres.json") is None
