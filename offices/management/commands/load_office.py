"""``manage.py load_office FOLDER_OR_XLSX [--dry-run]``: an office from a workbook or a folder of CSV."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import override

from accounts.models import User
from common.clock import now
from common.sheets import SheetError, Tables, read_folder, read_workbook, safe_cell
from communities.actors import Actor
from offices.importing import load
from offices.services.people import invitation_path


class Command(BaseCommand):
    help = (
        "Imports an office: sub-district, communities, places, organisations, categories, leaders, people. "
        "All or nothing; every wrong row is named in one line. The same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="an .xlsx workbook, or a folder of .csv files")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do, and write nothing")
        parser.add_argument("--links", type=Path, help="where the one-time links of new people go (mode 0600)")

    def handle(self, *args: Any, **options: Any) -> None:
        with override("zh-hans"):
            links = options["links"] or options["source"].absolute().parent / "one-time-links.csv"
            try:
                with transaction.atomic():
                    report = load(_tables(options["source"]), by=Actor.system(), at=now(), dry_run=options["dry_run"])
                    _write_links(report.invited, links)
            except SheetError as error:
                raise CommandError(error.message, returncode=2) from error
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}; nothing was written", returncode=2) from error
        for wrong in report.errors:
            self.stderr.write(str(wrong))
        for sheet, counts in report.counts.items():
            told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
            self.stdout.write(f"{sheet}: {told or 'nothing'}")
        if report.errors:
            raise CommandError(f"{len(report.errors)} rows are wrong; nothing was written", returncode=1)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written")
        elif report.invited:
            self.stdout.write(f"{len(report.invited)} people were invited; their one-time links are in {links}")


def _write_links(people: Sequence[User], path: Path) -> None:
    """The links are as good as passwords: nobody else reads the file, and what an earlier call wrote stays in it."""
    if not people:
        return
    there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with open(there, "a", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        writer = csv.writer(file)
        if os.fstat(file.fileno()).st_size == 0:
            file.write("\ufeff")
            writer.writerow(["账号", "姓名", "一次性链接"])
        for user in people:
            link = f"{settings.PUBLIC_URL}{invitation_path(user)}"
            writer.writerow([user.username, safe_cell(user.display_name), link])


def _tables(source: Path) -> Tables:
    if source.is_dir():
        return read_folder(source)
    if not source.is_file():
        raise CommandError(f"{source} is neither a file nor a folder", returncode=2)
    return read_workbook(source.read_bytes())
