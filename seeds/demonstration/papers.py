"""The documents of the demonstration: a Word letter, an Excel list and a drawing as PDF, all short and invented."""

import zipfile
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

import xlsxwriter
from PIL import Image, ImageDraw

_WHEN: Final = (2026, 1, 1, 0, 0, 0)
_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

_LETTERS: Final[dict[str, Sequence[str]]] = {
    "现场勘查记录.docx": (
        "现场勘查记录",
        "勘查单位会同社区、楼长到场，查看设施现状，听取居民意见。",
        "一、现状：与反映内容基本一致，已拍照并丈量。",
        "二、原因：设施老化，日常养护间隔过长。",
        "三、意见：先采取临时措施，再按计划实施，完成后由社区核查。",
    ),
    "意见征询汇总.docx": (
        "意见征询汇总",
        "征询对象为本单元全体业主，逐户上门，未见面的电话联系。",
        "同意的户数过半；低层住户主要担心采光、噪声和施工期间出行。",
        "建议补充降噪措施和补偿方案后再次公示。",
    ),
}
_LISTS: Final[dict[str, Sequence[Sequence[str | int]]]] = {
    "充电设施布点清单.xlsx": (
        ("序号", "位置", "端口数", "供电容量（千瓦）", "状态"),
        (1, "东门车棚", 20, 12, "已通电"),
        (2, "南门旧球场", 36, 22, "待报装"),
        (3, "地下车库出入口旁", 16, 10, "消防复核中"),
    ),
}
_DRAWINGS: Final = ("平面示意图.pdf",)
PAPERS: Final = (*_LETTERS, *_LISTS, *_DRAWINGS)
"""The names of the documents."""


@cache
def paper(name: str) -> bytes:
    """The content of a document. KeyError for an unknown one."""
    if name in _LETTERS:
        return _letter(_LETTERS[name])
    if name in _LISTS:
        return _list(_LISTS[name])
    if name in _DRAWINGS:
        return _drawing()
    raise KeyError(name)


def _letter(lines: Sequence[str]) -> bytes:
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    body = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_NAMESPACE}"><w:body>'
        f"{paragraphs}</w:body></w:document>"
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = (("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELATIONS), ("word/document.xml", body))
        for part, text in parts:
            archive.writestr(zipfile.ZipInfo(part, _WHEN), text)
    return out.getvalue()


def _list(rows: Sequence[Sequence[str | int]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("清单")
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, None if number else bold)
        sheet.set_column(1, 4, 18)
    return out.getvalue()


def _drawing() -> bytes:
    """A plan without words: a lane, houses on both sides, gullies and the pipe between them."""
    sheet = Image.new("RGB", (1169, 826), "white")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((60, 60, 1109, 766), outline=(60, 60, 60), width=3)
    draw.rectangle((60, 360, 1109, 470), fill=(226, 226, 224))
    for x in range(90, 1060, 160):
        draw.rectangle((x, 130, x + 120, 320), fill=(240, 230, 210), outline=(120, 110, 90), width=2)
        draw.rectangle((x, 510, x + 120, 700), fill=(240, 230, 210), outline=(120, 110, 90), width=2)
        draw.ellipse((x + 50, 404, x + 72, 426), outline=(30, 90, 160), width=4)
    draw.line((80, 415, 1090, 415), fill=(30, 90, 160), width=4)
    draw.polygon(((1090, 405), (1106, 415), (1090, 425)), fill=(30, 90, 160))
    out = BytesIO()
    sheet.save(out, "PDF", resolution=100)
    return out.getvalue()
