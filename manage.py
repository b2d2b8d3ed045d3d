#!/usr/bin/env python
"""Entry point for the commands of Django and of this product.

Where `DATABASE_URL` is unset, the embedded servers of this clone are used: those that `make run` started, else the
command's own. `manage.py serve` is what `make run` calls.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
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


def use_virtual_environment() -> None:
    """Go on with the interpreter of .venv where this one lacks Django (`python3 manage.py …` in a fresh shell)."""
    python = BASE_DIR / ".venv" / "bin" / "python"
    try:
        import django  # noqa: F401
    except ImportError:
        if python.is_file() and Path(sys.prefix) != BASE_DIR / ".venv":
            os.execv(python, [str(python), *sys.argv])
        sys.exit("Django is not installed: run `make run` once, or install requirements.txt.")


def servers_for(arguments: list[str]) -> AbstractContextManager[None]:
    """The embedded servers for this command, or nothing where it needs none."""
    from govtrack import embedded, env
    from govtrack.embedded import binaries

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govtrack.settings")
    env.load_local_env(BASE_DIR)
    complete = env.env_str("DATABASE_URL") and env.env_str("REDIS_URL")
    if complete or not binaries.installed():
        return nullcontext()
    if _needs_no_database(arguments):
        embedded.ensure_local_env(BASE_DIR)
        os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing")
        os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:9/0")
        return nullcontext()
    return embedded.embedded_session(BASE_DIR)


def _needs_no_database(arguments: list[str]) -> bool:
    if not arguments or arguments[0].startswith("-") or {"-h", "--help"} & {*arguments}:
        return True
    return arguments[0] in NO_DATABASE and "--database" not in arguments


def main() -> None:
    """Run one command; a broken configuration or a missing server is one line on standard error."""
    use_virtual_environment()
    from django.core.exceptions import ImproperlyConfigured

    from govtrack.embedded import EmbeddedError

    try:
        if sys.argv[1:2] == ["serve"]:
            from govtrack.supervisor.command import serve

            sys.exit(serve(BASE_DIR, sys.argv[2:]))
        with servers_for(sys.argv[1:]):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EmbeddedError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
