"""`manage.py serve`: listed here for `manage.py help`; `manage.py` starts the supervisor before Django is set up."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Serve web, worker and beat in the foreground."""

    help = "Serve web, worker and beat in the foreground, with embedded servers where no URL is given (`make run`)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port of the web server."""
        parser.add_argument("--port", type=int, help="the port of the web server (default: PORT, else 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over to the supervisor and end with its exit code."""
        from devhouse.supervisor.command import serve

        port = options.get("port")
        raise SystemExit(serve(settings.BASE_DIR, [] if port is None else ["--port", str(port)]))
