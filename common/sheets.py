"""Reading tables that people upload or hand over: a workbook's sheets, or a folder of CSV files, as rows of text.

Nothing is trusted: the size, what the archive would unpack to and the number of rows are bounded before a cell is
looked at; XML is parsed by defusedxml, which openpyxl uses where it is installed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError, ParserCreate

from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_UNPACKED: Final = 200 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_PARTS: Final = 500
MAX_ELEMENTS: Final = 1_000_000
"""XML elements of a workbook, two or three of them a cell."""
MAX_OTHERS: Final = 200_000
"""Those that are no cell and no number: two a text, styles, names. openpyxl makes an object of each."""
MAX_DEPTH: Final = 50
_CELLS: Final = frozenset({("sheetData", "row"), ("row", "c"), ("c", "v"), ("c", "f")})
"""What holds an element of a cell, and that element."""
_CHUNK: Final = 256 * 1024
_MAX_COLUMNS: Final = 40
_LONGEST_CELL: Final = 4000
_HEAD_WITHIN: Final = 10
"""The row of column names stands within this many rows of the top: titles go before it."""


class SheetError(Exception):
    """The file cannot be read; the message is fit for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Line:
    """One row of a table: where it stands, and its cells as text."""

    number: int
    cells: tuple[str, ...]


Tables = Mapping[str, Sequence[Line]]
"""Rows by the name of the sheet, or of the file without its ending."""


def read_workbook(data: bytes) -> Tables:
    """All sheets of an .xlsx. Raises SheetError."""
    from openpyxl import load_workbook

    if len(data) > MAX_BYTES:
        raise SheetError(_("文件超过 10 MB"))
    check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return {sheet.title.strip(): list(_lines(sheet)) for sheet in book.worksheets}
        finally:
            book.close()
    except UNREADABLE as error:
        raise SheetError(unreadable()) from error


def read_folder(folder: Path) -> Tables:
    """All .csv files of a folder, in UTF-8 or, as spreadsheets save them in China, in GB 18030. Raises SheetError."""
    return {path.stem.strip(): list(_csv_lines(path)) for path in sorted(folder.glob("*.csv"))}


def records(
    lines: Sequence[Line], columns: Mapping[str, Iterable[str]], needed: Iterable[str]
) -> list[tuple[int, dict[str, str]]]:
    """The filled rows below the row of column names, by field, with their numbers.

    ``columns``: field → the names that its column may have. Raises SheetError where a ``needed`` one is missing.
    """
    known = {_folded(name): field for field, names in columns.items() for name in names}
    missing: set[str] = set(needed)
    for place, line in enumerate(lines[:_HEAD_WITHIN]):
        found = {known[name]: at for at, cell in enumerate(line.cells) if (name := _folded(cell)) in known}
        if set(needed) <= set(found):
            rows = ((row.number, _record(row, found)) for row in lines[place + 1 :])
            return [(number, values) for number, values in rows if any(values.values())]
        missing = min(missing, set(needed) - set(found), key=len)
    names = _("、").join(next(iter(columns[field])) for field in columns if field in missing)
    raise SheetError(_("没有找到列：%(columns)s。请使用模板的列名") % {"columns": names})


def _record(line: Line, places: Mapping[str, int]) -> dict[str, str]:
    return {field: line.cells[at] if at < len(line.cells) else "" for field, at in places.items()}


def _folded(name: str) -> str:
    return "".join(name.split()).casefold().rstrip("*＊")


UNREADABLE: Final = (
    zipfile.BadZipFile, DefusedXmlException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OverflowError, EOFError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip
"""What openpyxl, zipfile and the XML parser raise over a file that is damaged or made to harm."""


def unreadable() -> str:
    """What is said of such a file."""
    return _("文件无法读取，请下载模板填写，另存为 .xlsx 后再上传")


def check_archive(data: bytes, *, most_unpacked: int = MAX_UNPACKED, most_parts: int = MAX_PARTS) -> None:
    """Refuse what is no .xlsx, and what would unpack to far more than is needed, or to what takes long to read.

    Type and size stand in the directory; then each part is gone through once, and no further than is taken.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise SheetError(_("不是 .xlsx 文件。旧版 .xls 请先在表格软件里另存为 .xlsx"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except UNREADABLE as error:
        raise SheetError(unreadable()) from error
    if len(parts) > most_parts or sum(part.file_size for part in parts) > most_unpacked:
        raise SheetError(_("文件展开后过大"))
    if any(part.flag_bits & 1 for part in parts) or not any(part.filename == "xl/workbook.xml" for part in parts):
        raise SheetError(unreadable())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            scale = _Scale()
            for part in parts:
                scale.weigh(archive, part)
    except UNREADABLE as error:
        raise SheetError(unreadable()) from error


class _Scale:
    """Counts the elements of all parts. Raises SheetError where they are too many, or nested too deep."""

    def __init__(self) -> None:
        self.elements = self.others = 0
        self.path: list[str] = []

    def weigh(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """One part; what is no XML, or breaks off, counts as far as it can be read."""
        parser = ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._begins, self._ends
        parser.EntityDeclHandler = self._declares
        self.path = [""]
        with archive.open(part) as stream:
            try:
                while chunk := stream.read(_CHUNK):
                    parser.Parse(chunk)
            except ExpatError:
                return

    def _begins(self, name: str, _attributes: object) -> None:
        own = name.rpartition(" ")[2]
        self.elements += 1
        self.others += (self.path[-1], own) not in _CELLS
        self.path.append(own)
        if self.elements > MAX_ELEMENTS or self.others > MAX_OTHERS or len(self.path) > MAX_DEPTH:
            raise SheetError(_("文件展开后过大"))

    def _ends(self, _name: str) -> None:
        self.path.pop()

    def _declares(self, *_entity: object) -> None:
        raise SheetError(unreadable())


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: those that begin with = + - @ get an apostrophe before them."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _lines(sheet: Any) -> Iterator[Line]:
    for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=_MAX_COLUMNS, values_only=True), 1):
        if number > MAX_ROWS:
            raise SheetError(_("“%(sheet)s”超过 %(most)s 行") % {"sheet": sheet.title, "most": MAX_ROWS})
        yield Line(number, tuple(map(_text, cells)))


def _csv_lines(path: Path) -> Iterator[Line]:
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise SheetError(_("文件超过 10 MB"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
            if number > MAX_ROWS:
                raise SheetError(_("“%(sheet)s”超过 %(most)s 行") % {"sheet": path.stem, "most": MAX_ROWS})
            yield Line(number, tuple(map(_text, cells[:_MAX_COLUMNS])))
    except csv.Error as error:
        raise SheetError(unreadable()) from error


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, dates as 2026-11-23; lines within a cell stay lines."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    text = "".join(sign for sign in str(value) if sign.isprintable() or sign in "\n\t")
    return text.strip()[:_LONGEST_CELL]
