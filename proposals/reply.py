"""The reply to one deputy, in the words of an official paper, and the same as a Word file. In Chinese for every reader.

Source of the form: GB/T 9704-2012 (A4; 37 mm above and 28 mm left of a text block of 156 × 225 mm; 22 lines of 28
characters, 仿宋 of 16 pt; the title 小标宋 of 22 pt). Without the red head, which an office sets itself.
"""

import io
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.clock import local
from proposals.enums import Grade
from proposals.models import ProposalAnswer, ProposalDeputy

_BODY: Final = "仿宋_GB2312"
_TITLE: Final = "方正小标宋简体"
_HEAD: Final = "黑体"
_LINE: Final = 28.95
"""Points: 225 mm for 22 lines."""
_SIZE: Final = 16


@dataclass(frozen=True)
class ReplyPaper:
    """A reply as it is written: ``paragraphs`` of the body below the salutation, then who signs and when."""

    grade: str
    title: str
    salutation: str
    paragraphs: tuple[str, ...]
    signed: str
    on: str

    @property
    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join((self.grade, self.title, self.salutation, *self.paragraphs, self.signed, self.on))


def paper_of(answer: ProposalAnswer, deputy: ProposalDeputy) -> ReplyPaper:
    """The reply to this deputy, or what is told once a promise was kept; the answer with its proposal and its lead."""
    proposal = answer.proposal
    again = bool(answer.kept)
    on = local(answer.reported_at if again and answer.reported_at else answer.answered_at).date()
    what = "承诺事项办理结果的再次答复" if again else "重新答复" if answer.round > 1 else "答复"
    return ReplyPaper(
        grade=f"办理类别：{answer.grade}",
        title=f"关于{proposal.number}代表建议的{what}" if again else f"对{proposal.number}代表建议的{what}",
        salutation=f"{deputy.name}代表：",
        paragraphs=tuple(_body(answer, again=again)),
        signed=proposal.lead.name_zh,
        on=_day(on),
    )


def file_name(answer: ProposalAnswer, deputy: ProposalDeputy) -> str:
    """What the Word file is called."""
    return f"{answer.proposal.number}答复{'再次' if answer.kept else ''}-{deputy.name}.docx"


def _body(answer: ProposalAnswer, *, again: bool) -> list[str]:
    proposal = answer.proposal
    about = f"您提出的关于{proposal.title}的建议（{proposal.number}）"
    if again:
        found = [f"{about}，答复时承诺的事项已经完成，现将情况答复如下：", *_lines(answer.kept)]
        return [*found, "感谢您对我们工作的关心和支持。"]
    found = [f"{about}收悉，现答复如下：", *_lines(answer.words)]
    if answer.grade == Grade.LATER:
        found.append(f"暂时不能解决的原因：{' '.join(answer.reason.split())}")
    if answer.commitment is not None and answer.commitment.due_on is not None:
        promised = " ".join(answer.commitment.text.split()).rstrip("。")
        found.append(f"我单位承诺：{promised}，于{_day(answer.commitment.due_on)}前完成。完成后将再次向您答复。")
    return [*found, "感谢您对我们工作的关心和支持。请您对本答复提出意见。"]


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def as_docx(paper: ReplyPaper) -> bytes:
    """The reply as a Word file."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    document.core_properties.author = paper.signed
    document.core_properties.title, document.core_properties.comments = paper.title, ""

    def add(text: str, *, font: str = _BODY, size: int = _SIZE, align: WD_ALIGN_PARAGRAPH, indent: int = 0) -> None:
        paragraph = document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.alignment, shape.first_line_indent = align, Pt(indent * size)
        shape.space_before = shape.space_after = Pt(0)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(_LINE, size * 1.4))
        run = paragraph.add_run(text)
        run.font.size, run.font.name = Pt(size), font
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    left, right = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    add(paper.grade, font=_HEAD, align=right)
    add("", align=left)
    add(paper.title, font=_TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    add("", align=left)
    add(paper.salutation, align=left)
    for text in paper.paragraphs:
        add(text, align=WD_ALIGN_PARAGRAPH.JUSTIFY, indent=2)
    add("", align=left)
    add(paper.signed, align=right)
    add(paper.on, align=right)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()
