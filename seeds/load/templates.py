"""A recorded journey with gaps in it: for the ids, dates, numbers, words and hashes of each issue that is stamped."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from common.crypto import decrypt_bytes, encrypt_bytes
from files.models import StoredFile
from issues.enums import Source
from issues.models import Issue
from issues.policies import SAMPLE_EVERY
from journal.models import EventText
from journal.services import digest
from seeds.load.placing import Placing
from seeds.load.recording import ID, HashedEvent, Recorded, Tables, title_of

ISSUES: Final = Issue._meta.db_table
_FILES: Final = StoredFile._meta.db_table
_TEXTS: Final = EventText._meta.db_table
NULL: Final = r"\N"
_DATE: Final = re.compile(r"(?<![0-9])20[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_OWN: Final = (
    "year", "serial", "number", "token", "title", "description", "address", "lexemes", "neighbourhood_id",
    "building_id",
)  # fmt: skip
_DAY_MICROS: Final = 86_400_000_000

Own = Mapping[str, object]
"""The columns that an issue has for itself, ``external_number`` and ``contact_id`` among them."""


class Template:
    """One recording, ready to be stamped. ``other``: how it goes where the supervisor samples it, or does not."""

    def __init__(self, recorded: Recorded, tables: Tables, placing: Placing) -> None:
        self.journey, self.placing = recorded.journey, placing
        self.size, self.sampled = len(recorded.issues), recorded.sampled
        self.other: Template | None = None
        self.counts = {table: len(rows) for table, rows in recorded.rows.items()}
        gaps = _Gaps(recorded, tables)
        self._lines = {table: gaps.lines(table) for table in recorded.rows}
        self._contents = [gaps.content(event) for event in recorded.events]
        self._befores = gaps.befores()
        self._micros = [micros_of(event) for event in recorded.events]
        self._titles, self._dates = gaps.titles, list(gaps.dates.items())

    def for_serial(self, serial: int) -> "Template":
        """This one, or its other where the number decides that."""
        if self.other is None or (serial % SAMPLE_EVERY == 0) == self.sampled:
            return self
        return self.other

    def stamp(self, day: int, firsts: Mapping[str, int], own: Sequence[Own]) -> dict[str, str]:
        """Its rows by table as COPY reads them: logged on ``day``, with ids from ``firsts`` on."""
        shift = day - self.placing.day
        values: dict[str, object] = {name: _iso(ordinal + shift) for ordinal, name in self._dates}
        for table, number in self.counts.items():
            first = firsts[table]
            for place in range(number):
                values[f"{table}{place}"] = first + place
        for place, given in enumerate(own):
            for name, value in given.items():
                values[f"{name}{place}"] = value
        for row, (place, salt) in self._titles.items():
            title = str(values[f"title{place}"])
            values[f"digest{place}"] = digest(salt, title)
            values[f"body{row}"] = rf"\\x{encrypt_bytes(title).hex()}"
        for place in range(self.counts.get(_FILES, 0)):
            values[f"public_id{place}"] = os.urandom(16).hex()
        self._hash(values, shift * _DAY_MICROS)
        return {table: lines % values for table, lines in self._lines.items()}

    def _hash(self, values: dict[str, object], later: int) -> None:
        """Chain the events anew: each hash is made of the one before it and of what the event says."""
        hashes: list[bytes] = []
        for place, content in enumerate(self._contents):
            values["micros"] = self._micros[place] + later
            before = self._befores[place]
            own = hashlib.sha256((hashes[before] if before >= 0 else b"") + (content % values).encode()).digest()
            hashes.append(own)
            values[f"hash{place}"] = own.hex()


def micros_of(event: HashedEvent) -> int:
    """When it happened, in microseconds since 1970."""
    return round(event.at.timestamp() * 1_000_000)


@lru_cache(maxsize=8192)
def _iso(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


class _Gaps:
    """Puts gaps into the text of one recording's rows."""

    def __init__(self, recorded: Recorded, tables: Tables) -> None:
        self._recorded, self._tables = recorded, tables
        self.dates: dict[int, str] = {}
        self._numbers = {issue.number: f"%(number{place})s" for place, issue in enumerate(recorded.issues)}
        self._places_of_titles = {title_of(place): place for place in range(len(recorded.issues))}
        self._hashes = {event.hash.hex(): f"hash{place}" for place, event in enumerate(recorded.events)}
        self._places: dict[tuple[str, int], int] = {}
        for table, rows in recorded.rows.items():
            at = tables.columns[table].index("id")
            for place, row in enumerate(rows):
                self._places[table, int(row[at])] = place
        self.titles: dict[int, tuple[int, str]] = {}
        """Which rows of texts are titles: of which issue, with which salt."""
        for number, row in enumerate(recorded.rows[_TEXTS]):
            text = dict(zip(tables.columns[_TEXTS], row, strict=True))
            words = decrypt_bytes(bytes.fromhex(text["body"].removeprefix(r"\\x")))
            if words in self._places_of_titles:
                place = self._places_of_titles[words]
                self.titles[number] = place, text["salt"]
                self._hashes[digest(text["salt"], words)] = f"digest{place}"

    def befores(self) -> list[int]:
        """For each event the place of the one before it in its chain, -1 for the first."""
        last: dict[str, int] = {}
        found = []
        for place, event in enumerate(self._recorded.events):
            found.append(last.get(event.subject, -1))
            last[event.subject] = place
        return found

    def content(self, event: HashedEvent) -> str:
        """What the event's hash is made of."""
        before, after = event.content.split(f", {micros_of(event)}, ", 1)
        return f"{self.fill(before)}, %(micros)s, {self.fill(after)}"

    def fill(self, text: str) -> str:
        """The text as a format whose values are ``Template.stamp``'s. KeyError for an id of another recording."""
        text = ID.sub(self._id, text.replace("%", "%%"))
        text = _HASH.sub(lambda found: f"%({self._hashes[found[0]]})s" if found[0] in self._hashes else found[0], text)
        text = _DATE.sub(self._date, text)
        for number, gap in self._numbers.items():
            text = text.replace(number, gap)
        for title, place in self._places_of_titles.items():
            text = text.replace(title, f"%(title{place})s")
        return text

    def _id(self, found: re.Match[str]) -> str:
        table = self._tables.names[int(found[1])]
        return f"%({table}{self._places[table, int(found[0])]})s"

    def _date(self, found: re.Match[str]) -> str:
        name = self.dates.setdefault(date.fromisoformat(found[0]).toordinal(), f"date{len(self.dates)}")
        return f"%({name})s"

    def lines(self, table: str) -> str:
        """All rows of the table."""
        columns = self._tables.columns[table]
        rows = []
        for place, row in enumerate(self._recorded.rows[table]):
            own = self._own(table, place, dict(zip(columns, row, strict=True)))
            values = (
                f"%({column}{place})s" if column in own else self.fill(value)
                for column, value in zip(columns, row, strict=True)
            )
            rows.append("\t".join(values) + "\n")
        return "".join(rows)

    def _own(self, table: str, place: int, row: Mapping[str, str]) -> set[str]:
        """Columns whose values are made for each stamped row."""
        if table == _TEXTS:
            return {"body"} if place in self.titles else set()
        if table == _FILES:
            return {"public_id"}
        if table != ISSUES:
            return set()
        own = set(_OWN)
        own |= {"contact_id"} if row["contact_id"] != NULL else set()
        return own | ({"external_number"} if row["source"] == Source.HOTLINE_12345 else set())
