"""Papers as .docx stand on the page of the standard (GB/T 9704-2012), measured in the file that was written."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from common.papers import OfficialLine, letter_paper, minutes_paper

LINES = [
    OfficialLine("2026年3月18日", label="时间"),
    OfficialLine("一、夏东社区提出", heading=True),
    OfficialLine("幸福路口积水。"),
]


def test_the_page_leaves_156_by_225_mm_for_22_lines_of_28_characters() -> None:
    document: Any = Document(BytesIO(minutes_paper(office="桂城街道办事处", title="夏东联席会议", lines=LINES)))
    page = document.sections[0]
    found = (
        page.page_width,
        page.page_height,
        page.top_margin,
        page.left_margin,
        page.right_margin,
        page.bottom_margin,
    )
    assert [round(length.mm) for length in found if length] == [210, 297, 37, 28, 26, 35]
    grid = page._sectPr.find(qn("w:docGrid"))
    line, space = int(grid.get(qn("w:linePitch"))) / 20, int(grid.get(qn("w:charSpace"))) / 4096
    height, width = 225 / 25.4 * 72, 156 / 25.4 * 72
    assert 22 * line <= height < 23 * line
    assert abs(28 * (16 + space) - width) < 0.1
    normal = document.styles["Normal"]
    letters = normal.element.rPr.rFonts.get(qn("w:eastAsia"))
    assert (normal.font.size.pt, letters, normal.paragraph_format.line_spacing.pt) == (16, "仿宋", line)


def test_what_stands_on_it_and_in_which_letters() -> None:
    document: Any = Document(BytesIO(minutes_paper(office="桂城街道办事处", title="夏东联席会议", lines=LINES)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts == [
        "桂城街道办事处会议纪要",
        "夏东联席会议",
        "",
        "时间：2026年3月18日",
        "一、夏东社区提出",
        "幸福路口积水。",
    ]
    mark, _title, _empty, labelled, heading, body = document.paragraphs
    assert (round(mark.paragraph_format.space_before.mm), mark.runs[0].font.size.pt) == (35, 22)
    east = [run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in (labelled.runs[0], heading.runs[0])]
    assert east == ["黑体", "黑体"]
    assert body._p.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert document.settings.odd_and_even_pages_header_footer
    page = document.sections[0]
    odd, even = page.footer.paragraphs[0], page.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT)
    assert "PAGE" in odd._p.xml


def test_a_letter_has_its_mark_and_who_signs_it_at_the_right() -> None:
    made = letter_paper(
        mark="办理类别：A", title="答复", to="陈大文代表：", paragraphs=["第一段。"], signed="市政办", on="2026年6月1日"
    )
    document: Any = Document(BytesIO(made))
    shown = [(paragraph.text, paragraph.alignment) for paragraph in document.paragraphs if paragraph.text]
    right, centre = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
    assert shown == [
        *(("办理类别：A", right), ("答复", centre), ("陈大文代表：", None)),
        *(("第一段。", WD_ALIGN_PARAGRAPH.JUSTIFY), ("市政办", right), ("2026年6月1日", right)),
    ]
