"""The roster as a spreadsheet: a government ledger with title, unit and date line, 序号 column, A4 landscape.

Reading trusts nothing: the size, what the archive would unpack to, the number of its parts and of the sheet's rows are
bounded before a cell is looked at; XML is parsed by defusedxml (openpyxl uses it where it is installed).
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final

from defusedxml import ElementTree
from django.utils.translation import gettext as _

from common.sheets import UNREADABLE, SheetError, check_archive, unreadable
from common.tables import write_table
from deadlines.duty.plan import SheetRow, plain_cell

MAX_BYTES: Final = 1024 * 1024
MAX_ROWS: Final = 500
_MAX_UNPACKED: Final = 16 * 1024 * 1024
_MAX_PARTS: Final = 100
_MAX_COLUMNS: Final = 20
_MAX_LINES: Final = 5000
"""Lines looked at, empty ones too: sheets are often formatted far below what is filled in."""
_HEAD_WITHIN: Final = 10
"""The row of column names stands within this many rows of the top: titles and date lines go before it."""
_LONGEST_CELL: Final = 200
_MAX_MERGED: Final = 2000
_FIRST_DATE: Final = datetime(1901, 1, 1)  # noqa: DTZ001 - cells have no zone
_NO_DATE: Final = datetime(1899, 12, 31)  # noqa: DTZ001
"""The day before the sheet's day 1: hours of 24 and more in a cell that shows a clock alone."""
_LANDLINE: Final = re.compile(r"(?!400|800|1[3-9]\d{9}$)\d{10,11}")
"""An area code without its 0 and a number of seven or eight digits; no mobile number, no 400 or 800."""

COLUMNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("area", ("区域", "值班区域", "社区", "Area")),
    ("starts", ("开始时间", "开始", "上班时间", "From", "Start")),
    ("ends", ("结束时间", "结束", "下班时间", "To", "End")),
    ("clerk", ("值班员", "值班人员", "Duty clerk")),
    ("leader", ("值班领导", "带班领导", "Duty leader")),
    ("phone", ("值班电话", "电话", "Duty phone", "Phone")),
)
"""The columns by field, and the names under which ledgers know them. All but the last two must be there."""
_OPTIONAL: Final = ("leader", "phone")


def read_sheet(upload: IO[bytes]) -> list[SheetRow]:
    """The filled rows of the first sheet. SheetError where it is too large, no workbook, or no roster."""
    from openpyxl import load_workbook

    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SheetError(_("文件超过 1 MB，请只保留值班表一张工作表"))
    check_archive(data, most_unpacked=_MAX_UNPACKED, most_parts=_MAX_PARTS)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except UNREADABLE as error:
        raise SheetError(unreadable()) from error
    try:
        return _rows_of(book.worksheets[0] if book.worksheets else None, data)
    except UNREADABLE as error:
        raise SheetError(unreadable()) from error
    finally:
        book.close()


def _rows_of(sheet: Any, data: bytes) -> list[SheetRow]:
    if sheet is None:
        raise SheetError(unreadable())
    lines = sheet.iter_rows(max_row=_MAX_LINES, max_col=_MAX_COLUMNS)
    numbered = enumerate(lines, start=1)
    places = _find_head(numbered)
    merged = _Merged(data, sheet._worksheet_path)
    rows = []
    for number, cells in numbered:
        own = {name: _text(cells[at], name) if at < len(cells) else "" for name, at in places.items()}
        values = {name: merged.value(number, at + 1, own[name]) for name, at in places.items()}
        if any(own.values()):
            rows.append(SheetRow(number=number, **{name: values.get(name, "") for name, _names in COLUMNS}))
    if not rows:
        raise SheetError(_("表中没有填写任何班次"))
    if len(rows) > MAX_ROWS:
        raise SheetError(_("一次最多导入 %(count)s 行，请分次导入") % {"count": MAX_ROWS})
    return rows


class _Merged:
    """Cells merged over several rows: what stands in the first holds for all of them.

    Read from the sheet's own part, because openpyxl tells merged cells only where it makes an object of each of them,
    and one range may have a thousand million.
    """

    def __init__(self, data: bytes, path: str) -> None:
        from openpyxl.utils.cell import range_boundaries

        self._last: dict[tuple[int, int], int] = {}
        self._running: dict[int, tuple[int, str]] = {}
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path) as part:
            for _event, element in ElementTree.iterparse(part):
                if element.tag.endswith("}mergeCell") and len(self._last) < _MAX_MERGED:
                    first_column, first_row, _column, last_row = range_boundaries(element.get("ref", ""))
                    if first_column and first_row and last_row:
                        self._last[first_row, first_column] = last_row
                element.clear()

    def value(self, row: int, column: int, own: str) -> str:
        """What holds for this cell; to be asked for every row of a column from the top."""
        if (row, column) in self._last:
            self._running[column] = (self._last[row, column], own)
        until, text = self._running.get(column, (0, ""))
        return text if row <= until else own


def _find_head(lines: Iterator[tuple[int, Sequence[Any]]]) -> dict[str, int]:
    """Where each field's column is; reads up to and including the row of column names."""
    best: set[str] = set()
    for number, cells in lines:
        names = [plain_cell(_text(cell, "")).replace(" ", "").casefold() for cell in cells]
        places = {
            field: names.index(name)
            for field, known in COLUMNS
            if (name := next((one for one in map(_folded, known) if one in names), ""))
        }
        wanted = {field for field, _known in COLUMNS if field not in _OPTIONAL}
        if wanted <= set(places):
            return places
        best = max(best, set(places) & wanted, key=len)
        if number >= _HEAD_WITHIN:
            break
    missing = [known[0] for field, known in COLUMNS if field not in _OPTIONAL and field not in best]
    raise SheetError(_("没有找到列：%(columns)s。请使用模板的列名") % {"columns": _("、").join(missing)})


def _folded(name: str) -> str:
    return name.replace(" ", "").casefold()


def _text(cell: Any, field: str) -> str:
    """A cell as text: dates as 2026-11-23 17:30, times as 17:30, whole numbers without a fraction."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        return _moment_text(value.replace(tzinfo=None), shows_clock="h" in str(cell.number_format).lower())
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return _clock_text(
            timedelta(hours=value.hour, minutes=value.minute, seconds=value.second + value.microsecond / 1e6)
        )
    if isinstance(value, timedelta):
        return _clock_text(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and field == "phone":
        return _dialled(value)
    text = "".join(sign for sign in str(value) if sign.isprintable() or sign in "\n\t")
    return " ".join(text.split())[:_LONGEST_CELL]


def _moment_text(value: datetime, *, shows_clock: bool) -> str:
    """A date and time to the nearest minute, a date alone where the cell shows no clock, hours where it has no date."""
    if value < _FIRST_DATE:
        return _clock_text(value - _NO_DATE)
    if not shows_clock and value.time() == time():
        return f"{value:%Y-%m-%d}"
    return f"{value + timedelta(seconds=30):%Y-%m-%d %H:%M}"


def _clock_text(value: timedelta) -> str:
    """Hours and minutes to the nearest minute; 24:00 as such, what is later as the next day's."""
    hours, minutes = divmod(round(value.total_seconds() / 60), 60)
    return f"次日{hours - 24}:{minutes:02}" if (hours, minutes) > (24, 0) else f"{hours:02}:{minutes:02}"


def _dialled(number: int) -> str:
    """A telephone number that the sheet holds as a number, with the 0 of the area code that numbers lose."""
    digits = str(number)
    return f"0{digits}" if _LANDLINE.fullmatch(digits) else digits


@dataclass(frozen=True)
class SheetLine:
    """One shift, or empty hours to fill in, as the ledger prints it."""

    area: str
    starts_at: datetime
    ends_at: datetime
    clerk: str = ""
    leader: str = ""
    phone: str = ""


def write_sheet(*, title: str, unit_line: str, lines: Iterable[SheetLine], notes: Sequence[str] = ()) -> bytes:
    """The roster as .xlsx. ``notes`` go on a second sheet (how to fill it in)."""
    columns = (
        (_("区域"), 18), (_("开始时间"), 18), (_("结束时间"), 18), (_("值班员"), 20), (_("值班领导"), 20),
        (_("值班电话"), 20),
    )  # fmt: skip
    rows = ((line.area, line.starts_at, line.ends_at, line.clerk, line.leader, line.phone) for line in lines)
    more = (_("填写说明"), notes) if notes else None
    return write_table(name=_("值班表"), title=title, unit_line=unit_line, columns=columns, rows=rows, more=more)
