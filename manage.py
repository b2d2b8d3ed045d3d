#!/usr/bin/env python
"""Entry point for the commands of Django and of this product.

In a clone, where `DATABASE_URL` is unset, the embedded servers are used: those that `make run` started, else the
command's own. `manage.py serve` is what `make run` calls.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent


def use_virtual_environment() -> None:
    """Go on with the interpreter of .venv where this one lacks Django (`python3 manage.py …` in a fresh shell)."""
    python = BASE_DIR / ".venv" / "bin" / "python"
    try:
        import django  # noqa: F401
    except ImportError:
        if python.is_file() and Path(sys.prefix) != BASE_DIR / ".venv":
            os.execv(python, [str(python), *sys.argv])
        sys.exit("Django is not installed: run `make run` once, or install requirements.txt.")


def execute() -> None:
    """Django's command line."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def main() -> None:
    """Run one command; a broken configuration or a missing server is one line on standard error."""
    use_virtual_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govtrack.settings")
    from django.core.exceptions import ImproperlyConfigured

    try:
        if find_spec("devhouse") is None:  # an image
            execute()
        else:
            from devhouse import commands

            commands.run(BASE_DIR, sys.argv[1:], execute)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
