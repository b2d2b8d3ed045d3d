"""Workbooks made to harm: refused before openpyxl reads them, at every door that takes one."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from common.sheets import MAX_DEPTH, MAX_ELEMENTS, MAX_OTHERS, SheetError, read_workbook
from deadlines.duty.sheet import read_sheet

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TABLE = f"<worksheet {MAIN}><sheetData>%s</sheetData></worksheet>"
SHARED = f"<sst {MAIN}>%s</sst>"
DOORS: tuple[Callable[[bytes], Any], ...] = (read_workbook, lambda data: read_sheet(io.BytesIO(data)))


def workbook(**parts: str) -> bytes:
    """A workbook of one empty sheet with these parts besides."""
    book, output = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(book)
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in whole.namelist():
            archive.writestr(name, whole.read(name))
        for name, text in parts.items():
            archive.writestr(f"xl/{name}.xml", text)
    return output.getvalue()


@pytest.mark.parametrize("door", DOORS, ids=["office", "duty"])
@pytest.mark.parametrize("part", [
    SHARED % ("<si><t>a</t></si>" * (MAX_OTHERS // 2 + 1)),
    SHARED % f"<si>{'<t>a</t>' * MAX_OTHERS}</si>",
    SHARED % ("<si>" * MAX_DEPTH + "</si>" * MAX_DEPTH),
    TABLE % ('<row><c t="inlineStr"><is><t>a</t></is></c></row>' * (MAX_OTHERS // 2 + 1)),
    TABLE % ("<row/>" * (MAX_ELEMENTS + 1)),
    f"<!DOCTYPE l [<!ENTITY a 'aa'>]>{SHARED % '<si><t>&amp;</t></si>'}",
    SHARED % ("<si>" * (MAX_DEPTH + 1)) + "\x00 broken",
], ids=["texts", "one text", "deep", "inline", "rows", "entity", "broken"])  # fmt: skip
@pytest.mark.long
def test_it_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, door: Callable[[bytes], Any], part: str
) -> None:
    data = workbook(hidden=part)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **more: pytest.fail("openpyxl was asked"))
    with pytest.raises(SheetError):
        door(data)


def test_a_table_of_numbers_and_texts_is_read() -> None:
    book, output = openpyxl.Workbook(), io.BytesIO()
    for number in range(2_000):
        book.worksheets[0].append([f"第{number}行", number, "甲", "乙"])
    book.save(output)
    assert len(read_workbook(output.getvalue())["Sheet"]) == 2_000
