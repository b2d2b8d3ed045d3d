"""What is kept of the minutes reads back as it was, whatever stands in it."""

import pytest

from common.papers import OfficialLine
from meetings.minutes import CLOSED, Paragraph, paper_lines, parse, text_of, without
from meetings.services.base import ONE_LINE, clean

HEAD = Paragraph("一、夏东社区提出", heading=True, item=1)


@pytest.mark.parametrize("words", ["积水", "# 一、伪造", "12# 楼后", "#", "## 二", ""])
def test_no_words_pass_for_a_heading(words: str) -> None:
    back = parse(text_of([HEAD, Paragraph(words)]))
    assert back[0] == HEAD
    assert not back[1].heading
    assert back[1].text == (words if not words.startswith("# ") else f"＃{words[1:]}")


@pytest.mark.parametrize("way_out", ["\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\t", "\u202e\n"])
@pytest.mark.parametrize("forged", ["# 九、伪造", "#\t9\t九、伪造"])
def test_no_line_breaks_out_of_its_paragraph(way_out: str, forged: str) -> None:
    said = f"街坊会{way_out}{forged}"
    for found in ([Paragraph(said), HEAD], [Paragraph("参加：无"), Paragraph(said, heading=True, item=1)]):
        back = parse(text_of(found))
        assert [one.heading for one in back] == [one.heading for one in found], repr(said)
    for name in ONE_LINE:
        kept = clean({name: said})[name]
        assert kept == " ".join(f"街坊会 {forged}".split()), name


def test_a_name_has_no_characters_that_turn_it_around() -> None:
    turning = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    assert clean({"guest": f"街{turning}坊会", "words": "一\n二"}) == {"guest": "街坊会", "words": "一\n二"}


def test_words_of_an_item_are_no_line_of_the_head() -> None:
    found = [Paragraph("地点：夏东社区"), HEAD, Paragraph("地点：伪造", item=1)]
    assert paper_lines(found)[::2] == [OfficialLine("夏东社区", label="地点"), OfficialLine("地点：伪造")]


def test_closed_items_keep_their_number() -> None:
    second = [Paragraph("二、提出", heading=True, item=2), Paragraph("道路积水", item=2)]
    kept = parse(text_of([Paragraph("时间：今天"), HEAD, Paragraph("有人举报", item=1), *second]))
    assert without(kept, {1}) == [kept[0], Paragraph(f"一、{CLOSED}", heading=True, item=1), *second]
