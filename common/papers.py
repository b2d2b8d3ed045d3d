"""Official papers as .docx on the page of GB/T 9704-2012, written by the library python-docx.

Of the standard: A4; the text begins 37 mm below the upper and 28 mm from the left edge and takes 156 x 225 mm (5.2.1),
so that 26 mm stay right and 35 mm below; 仿宋 of size 3 (16 pt) unless said otherwise (5.2.2); 22 lines a page of
28 characters (5.2.3). Titles are 小标宋 of size 2 (22 pt), centred (7.3.1); headings of the first order 黑体, and
each paragraph begins two characters in (7.3.3). Page numbers are 宋体 of size 4 (14 pt) between dashes, 7 mm below the
text, odd ones one character from the right and even ones one from the left (7.5). The mark of minutes stands 35 mm
below the upper edge of the text; who attended follows 黑体 and a colon, and goes on below the first name (10.3). The
red that is recommended for it is, like every red head, the office's own affair and not set here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LINES, CHARACTERS = 22, 28
SIZE, TITLE_SIZE, NUMBER_SIZE = Pt(16), Pt(22), Pt(14)
BODY, HEAD, TITLE, NUMBERS = "仿宋", "黑体", "方正小标宋简体", "宋体"
LINE_TWIPS: Final = int(225 / 25.4 * 1440 / LINES)
"""Of one line in twentieths of a point: 579, of which 22 fill the height."""
SPACE: Final = round((156 / 25.4 * 72 / CHARACTERS - SIZE.pt) * 4096)
"""What a character of 16 pt gives up so that 28 stand in a line, in 4096ths of a point: -848."""


@dataclass(frozen=True)
class OfficialLine:
    """One paragraph. ``label`` stands before it in 黑体, with the lines that follow below its first word."""

    text: str
    heading: bool = False
    label: str = ""


def minutes_paper(*, office: str, title: str, lines: Sequence[OfficialLine]) -> bytes:
    """Minutes: whose they are and of what, and their paragraphs."""
    document = _begun(title, office)
    _centred(document.add_paragraph(), f"{office}会议纪要", before=Mm(35))
    _centred(document.add_paragraph(), title)
    document.add_paragraph()
    for line in lines:
        _line(document.add_paragraph(), line)
    return _written(document)


def letter_paper(*, mark: str, title: str, to: str, paragraphs: Sequence[str], signed: str, on: str) -> bytes:
    """A letter: ``mark`` at its upper right in 黑体, title, whom it is to, its words, and who signs it on which day."""
    document = _begun(title, signed)
    _set(_at_the_right(document.add_paragraph()).add_run(mark), HEAD)
    document.add_paragraph()
    _centred(document.add_paragraph(), title)
    document.add_paragraph()
    document.add_paragraph(to)
    for words in paragraphs:
        _line(document.add_paragraph(), OfficialLine(words))
    document.add_paragraph()
    for words in (signed, on):
        _at_the_right(document.add_paragraph()).add_run(words)
    return _written(document)


def _begun(title: str, author: str) -> DocumentFile:
    document = Document()
    _page(document.sections[0])
    _letters(document.styles["Normal"])
    document.settings.odd_and_even_pages_header_footer = True
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, author, ""
    return document


def _written(document: DocumentFile) -> bytes:
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _at_the_right(paragraph: Paragraph) -> Paragraph:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return paragraph


def _page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.right_margin, section.bottom_margin = Mm(26), Mm(35)
    section.footer_distance = Mm(35 - 7) - NUMBER_SIZE
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    for name, value in (("type", "linesAndChars"), ("linePitch", LINE_TWIPS), ("charSpace", SPACE)):
        grid.set(qn(f"w:{name}"), str(value))
    _number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)


def _letters(style: Any) -> None:
    style.font.size = SIZE
    style.font.name = BODY
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    spacing = style.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    spacing.line_spacing = Pt(LINE_TWIPS / 20)


def _centred(paragraph: Paragraph, text: str, before: Mm | None = None) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(2 * LINE_TWIPS / 20)
    if before is not None:
        paragraph.paragraph_format.space_before = before
    _set(paragraph.add_run(text), TITLE, TITLE_SIZE)


def _line(paragraph: Paragraph, line: OfficialLine) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if line.label:
        _set(paragraph.add_run(f"{line.label}："), HEAD)
        paragraph.add_run(line.text)
        _indent(paragraph, leftChars=100 * (len(line.label) + 3), hangingChars=100 * (len(line.label) + 1))
        return
    _indent(paragraph, firstLineChars=200)
    run = paragraph.add_run(line.text)
    if line.heading:
        _set(run, HEAD)
        paragraph.paragraph_format.keep_with_next = True


def _indent(paragraph: Paragraph, **hundredths: int) -> None:
    """In hundredths of a character, as the grid has them."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for name, value in hundredths.items():
        indent.set(qn(f"w:{name}"), str(value))


def _set(run: Run, letters: str, size: Pt | None = None) -> None:
    run.font.name = letters
    element: Any = run._element
    element.rPr.rFonts.set(qn("w:eastAsia"), letters)
    if size is not None:
        run.font.size = size


def _number(paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, one character from its side."""
    paragraph.alignment = side
    _indent(paragraph, **{"rightChars" if side == WD_ALIGN_PARAGRAPH.RIGHT else "leftChars": 100})
    _set(paragraph.add_run("— "), NUMBERS, NUMBER_SIZE)
    run = paragraph.add_run()
    _set(run, NUMBERS, NUMBER_SIZE)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._element.append(part)
    _set(paragraph.add_run(" —"), NUMBERS, NUMBER_SIZE)
