"""The words of a reply to a deputy: by grade, the second time, and once a promise was kept."""

from datetime import date, datetime
from typing import Any

import pytest

from commitments.models import Commitment
from common.clock import SHANGHAI
from communities.models import Department
from proposals.models import Proposal, ProposalAnswer, ProposalDeputy
from proposals.reply import file_name, paper_of

AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
DEPUTY = ProposalDeputy(name="陈大文")


def answer(grade: str, **more: Any) -> ProposalAnswer:
    lead = Department(name_zh="市政管理办公室")
    proposal = Proposal(number="桂城〔2026〕15号", title="加快幸福路改造", lead=lead)
    given: dict[str, Any] = {"round": 1, "words": "第一段。\n\n 第二段。", "answered_at": AT} | more
    return ProposalAnswer(proposal=proposal, grade=grade, **given)


def test_it_is_addressed_to_one_deputy_and_signed_by_the_lead() -> None:
    paper = paper_of(answer("A"), DEPUTY)
    assert (paper.grade, paper.title, paper.salutation) == (
        *("办理类别：A", "对桂城〔2026〕15号代表建议的答复", "陈大文代表："),
    )
    assert paper.paragraphs[1:3] == ("第一段。", "第二段。")
    assert (paper.signed, paper.on) == ("市政管理办公室", "2026年6月1日")
    assert file_name(answer("A"), DEPUTY) == "桂城〔2026〕15号答复-陈大文.docx"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer("C", reason="资金未落实"), "暂时不能解决的原因：资金未落实"),
        (
            answer("B", commitment=Commitment(text="年底前改造完。", due_on=date(2026, 12, 31))),
            "我单位承诺：年底前改造完，于2026年12月31日前完成。完成后将再次向您答复。",
        ),
        (answer("D", round=2), "对桂城〔2026〕15号代表建议的重新答复"),
        (answer("B", kept="已改造完。", reported_at=AT.replace(month=12)), "2026年12月1日"),
        (answer("B", kept="已改造完。", reported_at=AT), "答复时承诺的事项已经完成，现将情况答复如下："),
    ],
)
def test_what_it_says(given: ProposalAnswer, words: str) -> None:
    assert words in paper_of(given, DEPUTY).text
