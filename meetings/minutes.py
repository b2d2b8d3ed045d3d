"""The words of the minutes, made of what was typed. In Chinese whatever the reader's language: an official paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from common.papers import OfficialLine
from meetings.models import Invitation, Meeting, MeetingItem

_LABELS = ("时间", "地点", "召集", "参加", "缺席", "其他")
NOTHING_SAID = "会上未答复。"
_DATED = "（%s）"
_HEADING = "# "


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: a heading, or words under it."""

    text: str
    heading: bool = False


def paragraphs(meeting: Meeting, invited: Iterable[Invitation], items: Sequence[MeetingItem]) -> list[Paragraph]:
    """Head, who came, and each item with what was answered, numbered as they were raised."""
    found = [Paragraph(f"时间：{_day(meeting.on)}{f' {meeting.starts:%H:%M}' if meeting.starts else ''}")]
    if meeting.place or meeting.community:
        found.append(Paragraph(f"地点：{meeting.place or (meeting.community.name_zh if meeting.community else '')}"))
    if meeting.convener:
        found.append(Paragraph(f"召集：{meeting.convener.name_zh}"))
    invited = list(invited)
    came = [one.called for one in invited if one.present]
    found.append(Paragraph(f"参加：{'、'.join(came) or '未记录'}"))
    absent = [one.called for one in invited if one.invited and not one.present]
    if absent:
        found.append(Paragraph(f"缺席：{'、'.join(absent)}"))
    if meeting.beside:
        found.append(Paragraph(f"其他：{meeting.beside}"))
    for place, item in enumerate(items, 1):
        found += _of_item(place, item)
    if not items:
        found.append(Paragraph("会上没有提出事项。"))
    return found


def text_of(found: Iterable[Paragraph]) -> str:
    """As it is kept when the convener confirms it: a line each, headings marked; no words can pass for one."""
    return "\n".join(f"{_HEADING}{one.text}" if one.heading else _plain(one.text) for one in found)


def parse(text: str) -> list[Paragraph]:
    """What was kept, as paragraphs again."""
    return [Paragraph(line.removeprefix(_HEADING), line.startswith(_HEADING)) for line in text.split("\n")]


def _plain(text: str) -> str:
    return f"＃{text[1:]}" if text.startswith(_HEADING) else text


def paper_lines(found: Iterable[Paragraph]) -> list[OfficialLine]:
    """As lines of an official paper: what stands at its head has its label before it."""
    lines = []
    for one in found:
        label, colon, rest = one.text.partition("：")
        if colon and label in _LABELS and not one.heading:
            lines.append(OfficialLine(rest, label=label))
        else:
            lines.append(OfficialLine(one.text, heading=one.heading))
    return lines


def _of_item(place: int, item: MeetingItem) -> Iterable[Paragraph]:
    who = "".join(part for part in (item.community.name_zh if item.community else "", item.raised_by))
    yield Paragraph(f"{_numeral(place)}、{who}提出" if who else f"{_numeral(place)}、提出", heading=True)
    yield Paragraph(_one_line(item.words))
    yield Paragraph(_answer(item))


def _answer(item: MeetingItem) -> str:
    if not item.answer:
        return NOTHING_SAID
    who = f"{item.department.name_zh if item.department else ''}{item.answered_by}"
    said = [str(item.get_answer_kind_display())] if item.answer_kind else []
    if item.due_on:
        said.append(f"期限{_day(item.due_on)}")
    elif item.is_open:
        said.append("未定期限")
    return f"{who}答复：{_one_line(item.answer)}{_DATED % '，'.join(said) if said else ''}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _numeral(number: int) -> str:
    """一, 十一, 一百二十: as official papers number their parts."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
