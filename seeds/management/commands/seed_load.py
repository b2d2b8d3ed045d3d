"""``manage.py seed_load --issues N``: synthetic issues for load and performance."""

import signal
from argparse import ArgumentTypeError
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from psycopg2.errors import LockNotAvailable, QueryCanceled

from common.clock import now
from common.ownership import as_owner
from seeds.load.loading import MOST_NUMBERS, CannotSeed, Loaded, LoadRequest, load
from seeds.load.reference import NothingToSeed

MOST: int = 3 * MOST_NUMBERS


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"a whole number from 1 to {MOST:,}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ArgumentTypeError("a number from 0 to 1")
    return share


class _OneLine(CommandParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        if self.called_from_command_line:
            self.exit(2, f"seed_load: {message}\n")
        raise CommandError(message, returncode=2)


class Command(BaseCommand):
    help = (
        "Adds N synthetic issues, spread over the last three years, with their events, deadlines, departments and "
        "contacts: journeys that the services carry out, stamped by COPY in one transaction, all or none. "
        "From 50,000 issues on the indexes are built at the end; until then other sessions wait for them."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _OneLine
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--issues", type=_count, required=True, metavar="N", help="how many issues to add")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same mixture")
        parser.add_argument(
            "--open-share", type=_share, default=0.035, metavar="X", help="how many are still open (default 0.035)"
        )
        parser.add_argument("--subdistrict", default="", metavar="CODE", help="default: the first that has staff")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        request = LoadRequest(options["issues"], options["seed"], options["open_share"], options["subdistrict"])
        try:
            with as_owner():  # it builds indexes anew and brings its own chains
                loaded = load(request, now=now(), says=self._says)
        except (NothingToSeed, CannotSeed) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("Interrupted: nothing was written.", returncode=130) from error
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise CommandError("Interrupted: nothing was written.", returncode=130) from error
            if isinstance(error.__cause__, LockNotAvailable):
                raise CommandError("Another session holds the tables of issues: nothing was written.") from error
            raise
        finally:
            self._says("")
        self.stdout.write(_said(loaded))

    def _says(self, line: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{line:<70}\r", ending="")
            self.stderr.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _said(loaded: Loaded) -> str:
    rate = loaded.issues / loaded.seconds
    return (
        f"{loaded.issues:,} issues ({loaded.first_number} to {loaded.last_number}), {loaded.events:,} events and "
        f"{loaded.deadlines:,} deadlines in {loaded.seconds:.1f} s: {rate:,.0f} issues a second"
    )
