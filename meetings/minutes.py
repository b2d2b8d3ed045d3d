"""The words of the minutes, made of what was typed. In Chinese whatever the reader's language: an official paper."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.papers import OfficialLine
from common.plain import folded
from meetings.models import Invitation, Meeting, MeetingItem, listed

_LABELS = ("时间", "地点", "召集", "参加", "缺席", "其他")
NOTHING_SAID = "会上未答复。"
CLOSED = "（本项涉及保密事项）"
"""Stands in the place of an item of a confidential matter, so that the others keep their numbers."""
NOTHING = "无"
FIELDS: Final = {
    "words": "问题", "raised_by": "提出人", "community": "提出社区", "category": "类别", "answer": "答复",
    "answer_kind": "答复类型", "department": "承办单位", "answered_by": "答复人", "due_on": "期限",
}  # fmt: skip
"""What can be corrected, as a correction calls it (``recording.FIELDS``)."""
_DATED = "（%s）"
_HEADING = "# "
_KEPT_HEADING = re.compile(r"#\t(\d+)\t(.*)", re.ASCII)
"""As a heading is kept, with the number of its item. Tabs: no line of words has one."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: a heading, or words under it.

    ``item`` is the number of the item that it is of: 0 at the head, None where a text does not say, as those that were
    confirmed before numbers were kept.
    """

    text: str
    heading: bool = False
    item: int | None = 0


def paragraphs(meeting: Meeting, invited: Iterable[Invitation], items: Sequence[MeetingItem]) -> list[Paragraph]:
    """Head, who came, and each item with what was answered, numbered as they were raised."""
    found = [Paragraph(f"时间：{_day(meeting.on)}{f' {meeting.starts:%H:%M}' if meeting.starts else ''}")]
    if meeting.place or meeting.community:
        found.append(Paragraph(f"地点：{meeting.place or (meeting.community.name_zh if meeting.community else '')}"))
    if meeting.convener:
        found.append(Paragraph(f"召集：{meeting.convener.name_zh}"))
    invited = listed(invited)
    came = [one.called for one in invited if one.present]
    found.append(Paragraph(f"参加：{'、'.join(came) or '未记录'}"))
    absent = [one.called for one in invited if one.invited and not one.present]
    if absent:
        found.append(Paragraph(f"缺席：{'、'.join(absent)}"))
    if meeting.beside:
        found.append(Paragraph(f"其他：{meeting.beside}"))
    shown = {item.number: item for item in items}
    raised = meeting.items.count()
    for place in range(1, raised + 1):
        found += _of_item(shown[place]) if place in shown else [_closed(place, _numeral(place))]
    if not raised:
        found.append(Paragraph("会上没有提出事项。"))
    return found


def text_of(found: Iterable[Paragraph]) -> str:
    """As it is kept when the convener confirms it: a line each, headings marked; no words can pass for one."""
    return "\n".join(f"#\t{one.item}\t{folded(one.text)}" if one.heading else _plain(one.text) for one in found)


def parse(text: str) -> list[Paragraph]:
    """What was kept, as paragraphs again."""
    found: list[Paragraph] = []
    for line in text.split("\n"):
        if kept := _KEPT_HEADING.fullmatch(line):
            found.append(Paragraph(kept[2], heading=True, item=int(kept[1])))
        elif line.startswith(_HEADING):
            found.append(Paragraph(line.removeprefix(_HEADING), heading=True, item=None))
        else:
            found.append(Paragraph(line, item=found[-1].item if found else 0))
    return found


def without(found: Iterable[Paragraph], closed: Container[int]) -> list[Paragraph]:
    """These with ``CLOSED`` in the place of the items ``closed``; of a text without numbers in that of every item."""
    shown: list[Paragraph] = []
    for one in found:
        if one.item == 0 or (one.item is not None and one.item not in closed):
            shown.append(one)
        elif one.heading:
            shown.append(_closed(one.item, one.text.partition("、")[0]))
    return shown


def shown_text(found: Iterable[Paragraph]) -> str:
    """As the API tells them: a line each, headings after ``#``."""
    return "\n".join(f"{_HEADING}{one.text}" if one.heading else one.text for one in found)


def _plain(text: str) -> str:
    """One line that is no heading."""
    line = folded(text)
    return f"＃{line[1:]}" if line.startswith(_HEADING) else line


def _closed(number: int | None, numeral: str) -> Paragraph:
    return Paragraph(f"{numeral}、{CLOSED}", heading=True, item=number)


def paper_lines(found: Iterable[Paragraph]) -> list[OfficialLine]:
    """As lines of an official paper: what stands at its head has its label before it."""
    lines = []
    for one in found:
        label, colon, rest = one.text.partition("：")
        if colon and label in _LABELS and one.item == 0:
            lines.append(OfficialLine(rest, label=label))
        else:
            lines.append(OfficialLine(one.text, heading=one.heading))
    return lines


def _of_item(item: MeetingItem) -> Iterable[Paragraph]:
    number = item.number
    yield Paragraph(f"{_numeral(number)}、{_who_raised(item)}提出", heading=True, item=number)
    yield Paragraph(item.words, item=number)
    yield Paragraph(_answer(item), item=number)


def correction(number: int, reason: str, changes: Iterable[tuple[str, str, str]]) -> str:
    """What was corrected of an item, why, and of each field what it was and what it is; "" is nothing."""
    said = "".join(f"{FIELDS[name]}：原为{_quoted(was)}，改为{_quoted(now)}。" for name, was, now in changes)
    return f"更正第{number}项（{folded(reason)}）。{said}"


def addition(item: MeetingItem, reason: str) -> str:
    """What was added after the convener had confirmed, why, and what it says."""
    raised, words, answer = (folded(one.text) for one in _of_item(item))
    return f"补记第{item.number}项（{folded(reason)}）。{raised.partition('、')[2]}：{words}。{answer}"


def shown_value(value: object) -> str:
    """A day, the name of a row, or words, as a correction tells them."""
    if value is None or value == "":
        return ""
    return _day(value) if isinstance(value, date) else str(getattr(value, "name_zh", value))


def _quoted(text: str) -> str:
    return f"“{folded(text)}”" if text else NOTHING


def _who_raised(item: MeetingItem) -> str:
    return f"{item.community.name_zh if item.community else ''}{item.raised_by}"


def _answer(item: MeetingItem) -> str:
    if not item.answer:
        return NOTHING_SAID
    who = f"{item.department.name_zh if item.department else ''}{item.answered_by}"
    said = [str(item.get_answer_kind_display())] if item.answer_kind else []
    if item.due_on:
        said.append(f"期限{_day(item.due_on)}")
    elif item.is_open:
        said.append("未定期限")
    return f"{who}答复：{item.answer}{_DATED % '，'.join(said) if said else ''}"


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
