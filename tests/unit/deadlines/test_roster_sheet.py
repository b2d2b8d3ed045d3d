"""Reading sheets, good and hostile; writing ledgers."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from common.clock import SHANGHAI
from common.sheets import SheetError
from deadlines.duty.sheet import MAX_BYTES, MAX_ROWS, SheetLine, read_sheet, write_sheet

HEAD = ("序号", "区域", "开始时间", "结束时间", "值班员", "值班领导", "值班电话")


def book(*rows: Sequence[Any], title: str = "桂城街道值班表") -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append([title])
    sheet.merge_cells("A1:G1")
    for row in rows:
        sheet.append(list(row))
    output = io.BytesIO()
    made.save(output)
    output.seek(0)
    return output


def refused(upload: io.BytesIO) -> str:
    with pytest.raises(SheetError) as caught:
        read_sheet(upload)
    return caught.value.message


def test_a_ledger_with_title_and_merged_cells() -> None:
    starts = datetime(2026, 3, 19, 17, 30)  # noqa: DTZ001 - cells have no zone
    rows = read_sheet(
        book(HEAD, (1, "桂城街道", starts, time(8, 30), "陈晓琳", None, 75700001000.0), (), (2, None, "x", "y", "a"))
    )
    assert [(row.number, row.area, row.starts, row.ends, row.clerk, row.leader, row.phone) for row in rows] == [
        (3, "桂城街道", "2026-03-19 17:30", "08:30", "陈晓琳", "", "075700001000"),
        (5, "", "x", "y", "a", "", ""),
    ]


def test_columns_in_any_order_and_by_their_other_names() -> None:
    rows = read_sheet(book(("单位：桂城", "日期："), ("值班人员", "社区", "开始", " 结 束 "), ("甲", "夏东", "a", "b")))
    assert (rows[0].clerk, rows[0].area, rows[0].starts, rows[0].ends) == ("甲", "夏东", "a", "b")
    rows = read_sheet(book(("Area", "From", "To", "Duty clerk"), ("c", "a", "b", "d")))
    assert rows[0].clerk == "d"


def test_what_is_missing_is_named() -> None:
    assert (
        refused(book(("序号", "区域", "值班员"), (1, "桂城", "甲")))
        == "没有找到列：开始时间、结束时间。请使用模板的列名"
    )
    assert refused(book(HEAD)) == "表中没有填写任何班次"
    assert "最多导入 500 行" in refused(book(HEAD, *[(n, "桂城", "a", "b", "c") for n in range(MAX_ROWS + 1)]))


def test_a_ledger_that_was_written_reads_back() -> None:
    line = SheetLine(
        "桂城街道",
        datetime(2026, 3, 19, 17, 30, tzinfo=SHANGHAI),
        datetime(2026, 3, 20, 8, 30, tzinfo=SHANGHAI),
        "=HYPERLINK(1)",
        "+甲",
        "0757-1",
    )
    data = write_sheet(title="桂城街道值班表", unit_line="单位：桂城街道", lines=[line], notes=["说明"])
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert sorted(str(area) for area in sheet.merged_cells.ranges) == ["A1:G1", "A2:G2"]
    assert [cell.value for cell in sheet[3]] == list(HEAD)
    assert sheet["E4"].value == "'=HYPERLINK(1)"
    assert sheet["F4"].value == "'+甲"
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize or 0) == 9
    (row,) = read_sheet(io.BytesIO(data))
    assert (row.starts, row.ends, row.phone) == ("2026-03-19 17:30", "2026-03-20 08:30", "0757-1")


def test_a_merged_cell_holds_for_all_its_rows() -> None:
    made = load_workbook(
        book(HEAD, *[(n, "桂城", f"3月{18 + n}日17:30", "次日8:30", f"甲{n}", "乙", 75786330001) for n in range(1, 5)])
    )
    sheet = made.worksheets[0]
    for area in ("B3:B6", "F3:F6", "G3:G6"):
        sheet.merge_cells(area)
    output = io.BytesIO()
    made.save(output)
    rows = read_sheet(io.BytesIO(output.getvalue()))
    assert [(row.area, row.leader, row.phone) for row in rows] == [("桂城", "乙", "075786330001")] * 4


def test_a_blank_cell_that_is_not_merged_stays_blank() -> None:
    rows = read_sheet(book(HEAD, (1, "桂城", "a", "b", "甲", "乙", "1"), (2, None, "a", "b", "丙", None, None)))
    assert (rows[1].area, rows[1].leader, rows[1].phone) == ("", "", "")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (datetime(2026, 3, 19, 13, 59, 59, 700_000), "yyyy-mm-dd hh:mm", "2026-03-19 14:00"),  # noqa: DTZ001
        (datetime(2026, 3, 19, 23, 59, 59, 990_000), "yyyy-mm-dd hh:mm", "2026-03-20 00:00"),  # noqa: DTZ001
        (datetime(2026, 3, 19), "yyyy-mm-dd hh:mm", "2026-03-19 00:00"),  # noqa: DTZ001
        (datetime(2026, 3, 19), "yyyy-mm-dd", "2026-03-19"),  # noqa: DTZ001
        (datetime(2026, 3, 19), 'm"月"d"日"', "2026-03-19"),  # noqa: DTZ001
        (time(13, 59, 59, 700_000), "h:mm", "14:00"),
        (time(23, 59, 59, 700_000), "h:mm", "24:00"),
        (timedelta(hours=24), "[h]:mm", "24:00"),
        (timedelta(hours=32, minutes=30), "[h]:mm", "次日8:30"),
        (1.0, "h:mm", "24:00"),
    ],
)
def test_a_cell_of_time_says_what_it_shows(value: object, form: str, text: str) -> None:
    made = load_workbook(book(HEAD, (1, "桂城", None, "b", "甲")))
    cell = made.worksheets[0]["C3"]
    cell.value, cell.number_format = value, form
    output = io.BytesIO()
    made.save(output)
    (row,) = read_sheet(io.BytesIO(output.getvalue()))
    assert row.starts == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (75786330001, "075786330001"),
        (2012345678, "02012345678"),
        (1012345678, "01012345678"),
        (19900000219, "19900000219"),
        (4001234567, "4001234567"),
        (86330001, "86330001"),
        (12345, "12345"),
    ],
)
def test_a_phone_kept_as_a_number_has_its_zero(number: int, text: str) -> None:
    (row,) = read_sheet(book(HEAD, (1, "桂城", "a", "b", "甲", "", number)))
    assert row.phone == text


# Hostile files


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    output.seek(0)
    return output


def good() -> dict[str, bytes]:
    return parts_of(book(HEAD, (1, "桂城", "a", "b", "c")).getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\x00" * 200,
        b"not a sheet",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    ],
)
def test_no_workbook(data: bytes) -> None:
    assert refused(io.BytesIO(data))


def test_too_large_to_be_a_roster() -> None:
    assert "1 MB" in refused(io.BytesIO(b"PK\x03\x04" + b"\x00" * MAX_BYTES))


def test_an_archive_that_would_fill_the_memory() -> None:
    parts = good() | {"xl/media/bomb.bin": b"\x00" * (20 * 1024 * 1024)}
    assert "展开后过大" in refused(packed(parts))
    many = good() | {f"xl/part{n}.xml": b"<a/>" for n in range(200)}
    assert "展开后过大" in refused(packed(many))


def test_an_archive_of_something_else() -> None:
    assert "无法读取" in refused(packed({"word/document.xml": b"<a/>"}))


@pytest.mark.parametrize(
    "where", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_entities_are_not_expanded(where: str) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'.encode()
    parts = good()
    body = parts[where].split(b"?>", 1)[-1]
    parts[where] = head + body.replace(b"><", b">&a9;<", 1)
    assert "无法读取" in refused(packed(parts))


def test_outside_files_are_not_read() -> None:
    parts = good()
    body = parts["xl/worksheets/sheet1.xml"].split(b"?>", 1)[-1]
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    parts["xl/worksheets/sheet1.xml"] = head + body.replace(b"<v>", b"<v>&f;", 1)
    assert "无法读取" in refused(packed(parts))


@pytest.mark.parametrize("where", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_broken_parts(where: str) -> None:
    parts = good()
    parts[where] = parts[where][: len(parts[where]) // 2]
    assert "无法读取" in refused(packed(parts))
    parts.pop(where)
    assert refused(packed(parts))


def test_a_row_far_below_is_not_walked_to() -> None:
    parts = good()
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    assert len(read_sheet(packed(parts))) == 1


def test_control_characters_and_long_cells_are_cut() -> None:
    (row,) = read_sheet(book(HEAD, (1, "桂城", "a\nb", "b", "长" * 5000)))
    assert row.starts == "a b"
    assert len(row.clerk) == 200
