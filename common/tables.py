"""A government ledger (台账) as .xlsx: merged title, unit and date line, 序号 column, A4 landscape."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from common.clock import local
from common.sheets import safe_cell

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIRST: Final = 3
"""The row of the first line: title, unit and date, names of the columns stand above it."""

Cell = str | int | date | datetime


def write_table(
    *,
    name: str,
    title: str,
    unit_line: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Cell]],
    more: tuple[str, Sequence[str]] | None = None,
) -> bytes:
    """The sheet ``name`` with ``columns`` (heading, width in characters) beside 序号, a line for each of ``rows``.

    Nothing becomes a formula or a link. ``more``: a second sheet by its name, with a line for each of these texts.
    """
    import xlsxwriter

    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, last = book.add_worksheet(name), len(columns)
    frame = {"border": 1, "valign": "vcenter", "font_size": 11}
    formats = {
        str: book.add_format({**frame, "text_wrap": True}),
        int: book.add_format({**frame, "align": "center"}),
        date: book.add_format({**frame, "num_format": "yyyy-mm-dd", "align": "left"}),
        datetime: book.add_format({**frame, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
    }
    head = book.add_format({**frame, "bold": True, "align": "center", "bg_color": "#EEF1F4"})
    large = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    sheet.merge_range(0, 0, 0, last, safe_cell(title), large)
    sheet.merge_range(1, 0, 1, last, safe_cell(unit_line), book.add_format({"font_size": 11}))
    for column, words in enumerate((_("序号"), *(heading for heading, _width in columns))):
        sheet.write_string(2, column, words, head)
    row = 2
    for row, cells in enumerate(rows, start=_FIRST):
        sheet.write_number(row, 0, row - 2, formats[int])
        for column, cell in enumerate(cells, start=1):
            _write(sheet, row, column, cell, formats)
    _set_page(sheet, row, [6, *(width for _heading, width in columns)])
    if more:
        beside = book.add_worksheet(more[0])
        beside.set_column(0, 0, 90)
        for index, words in enumerate(more[1]):
            beside.write_string(index, 0, words, book.add_format({"text_wrap": True, "valign": "top"}))
    book.close()
    return output.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: Mapping[type, Any]) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, safe_cell(cell), formats[str])
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, formats[int])
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, local(cell).replace(tzinfo=None), formats[datetime])
    else:
        sheet.write_datetime(row, column, cell, formats[date])


def _set_page(sheet: Any, last_row: int, widths: Sequence[int]) -> None:
    """A4 landscape, one page wide, the head on every page and in view while scrolling."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 28)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 0)
    sheet.print_area(0, 0, last_row, len(widths) - 1)
    sheet.set_footer("&C&P / &N")
