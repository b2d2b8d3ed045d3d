"""The reply to one deputy, in the words of an official paper, and as a Word file. In Chinese for every reader."""

from dataclasses import dataclass
from datetime import date

from common.clock import local
from common.papers import letter_paper
from proposals.enums import Grade
from proposals.models import ProposalAnswer, ProposalDeputy


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
    return f"{answer.proposal.number}答复{'再次' if answer.kept else ''}-{deputy.called}.docx"


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
    return letter_paper(
        mark=paper.grade,
        title=paper.title,
        to=paper.salutation,
        paragraphs=paper.paragraphs,
        signed=paper.signed,
        on=paper.on,
    )
