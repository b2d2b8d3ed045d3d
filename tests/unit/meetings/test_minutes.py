"""What is kept of the minutes reads back as it was, whatever stands in it."""

import pytest

from meetings.minutes import Paragraph, parse, text_of


@pytest.mark.parametrize("words", ["积水", "# 一、伪造", "12# 楼后", "#", "## 二", ""])
def test_no_words_pass_for_a_heading(words: str) -> None:
    head = Paragraph("一、夏东社区提出", heading=True)
    back = parse(text_of([head, Paragraph(words)]))
    assert back[0] == head
    assert not back[1].heading
    assert back[1].text == (words if not words.startswith("# ") else f"＃{words[1:]}")
