"""Reading the yearly notice on public holidays (国务院办公厅关于…年部分节假日安排的通知). Pure: no ORM.

The notice says which days are off (放假) and which weekend days are worked for them (上班, 调休); every other day of
its year is a working day from Monday to Friday. Whatever cannot be read for certain is a problem, named by its line: a
weekday that does not fit its date, a number of days that does not add up, a day that is both off and worked.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

LONGEST: Final = 6000
"""Characters of a notice; the real ones have about 700."""
LONGEST_HOLIDAY: Final = 40
"""Days: nothing longer is a holiday."""
_DAY: Final = timedelta(days=1)

_YEAR: Final = re.compile(r"(20\d\d)年(?:部分)?节假日|(20\d\d)年")
_HEADER: Final = re.compile(r"^\s*(?:[一二三四五六七八九十]+|\d{1,2})\s*[、.]\s*(?P<name>[^:。]{1,30}?)\s*:")
_NEXT_ITEM: Final = re.compile(r"(?<=[。;])\s*(?=[一二三四五六七八九十]{1,3}、[^:。]{1,30}:)")
_DATE: Final = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?!常)(?:\((?P<aside>[^)]*)\))?"
)
_WEEKDAY: Final = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_VERB: Final = re.compile(r"放假|上班|补班|休息")
_RANGE: Final = re.compile(r"^\s*(?:至|到|-|—|–|~|～)+\s*$")
_TOTAL: Final = re.compile(r"共(\d{1,2})天|放假(\d{1,2})天")
_ADVICE: Final = ("鼓励", "建议", "提倡", "可以结合")
"""Sentences that begin so ask for something and close no office."""
_SIGNATURE: Final = re.compile(r"^\s*20\d\d年\d{1,2}月\d{1,2}日\s*$")
_WEEKDAYS: Final = "一二三四五六日"


@dataclass(frozen=True)
class NoticeDay:
    """One day that the notice names."""

    on: date
    workday: bool
    name: str
    line: int


@dataclass(frozen=True)
class Problem:
    """What could not be read, and on which line (from 1; 0: the text as a whole)."""

    line: int
    text: Words


@dataclass(frozen=True)
class Notice:
    """A notice as read. ``days`` are to be used only where there is no problem."""

    year: int | None
    days: Mapping[date, NoticeDay]
    problems: tuple[Problem, ...]

    def whole_year(self) -> dict[date, tuple[bool, str]]:
        """Every day of the year, and those of its neighbours that are named: (is worked, the holiday's name)."""
        if self.year is None:
            return {}
        found: dict[date, tuple[bool, str]] = {}
        on = date(self.year, 1, 1)
        while on.year == self.year:
            found[on] = (on.weekday() < 5, "")
            on += _DAY
        return found | {day.on: (day.workday, day.name) for day in self.days.values()}


def parse_notice(text: str) -> Notice:
    """Read a notice that somebody pasted; nothing is guessed."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    reader = _Reader(_year_of(plain))
    if len(text) > LONGEST:
        reader.problem(0, _("文字过长，请只粘贴通知正文"))
    if reader.year is None:
        reader.problem(0, _("没有找到年份，请连同标题一起粘贴"))
        return Notice(None, {}, tuple(reader.problems))
    for number, line in enumerate(plain.splitlines(), start=1):
        for item in _NEXT_ITEM.split(line):
            reader.read(number, item)
    if not reader.days and not reader.problems:
        reader.problem(0, _("没有找到放假或上班的日期"))
    return Notice(reader.year, reader.days, tuple(reader.problems))


def _year_of(text: str) -> int | None:
    """The year of the title, else the first that is named."""
    found = list(_YEAR.finditer(text))
    titled = next((match[1] for match in found if match[1]), None)
    year = titled or next((match[2] for match in found if match[2]), None)
    return int(year) if year else None


@dataclass(frozen=True)
class _Dated:
    on: date
    start: int
    end: int


class _Reader:
    """Goes through the lines; remembers which holiday they are about."""

    def __init__(self, year: int | None) -> None:
        self.year = year
        self.days: dict[date, NoticeDay] = {}
        self.problems: list[Problem] = []
        self._holiday = ""

    def problem(self, line: int, text: Words) -> None:
        self.problems.append(Problem(line, text))

    def read(self, number: int, line: str) -> None:
        """One line: its header, if any, then its sentences."""
        header = _HEADER.match(line)
        if header:
            self._holiday = header["name"].strip()
            line = line[header.end() :]
            if not _DATE.search(line) and not _VERB.search(line) and line.strip():
                self.problem(number, _("没有读到日期"))
        for sentence in re.split(r"[。;]", line):
            if sentence.strip() and not sentence.strip().startswith(_ADVICE):
                self._sentence(number, sentence)

    def _sentence(self, number: int, sentence: str) -> None:
        """Its clauses, each ended by what happens on its days: 放假 or 上班."""
        if not _DATE.search(sentence) or _SIGNATURE.match(sentence):
            return
        begin = 0
        for verb in _VERB.finditer(sentence):
            clause = sentence[begin : verb.start()]
            if _DATE.search(clause):
                self._clause(number, clause, work=verb[0] in ("上班", "补班"), rest=sentence[verb.start() :])
            begin = verb.end()
        if _DATE.search(sentence[begin:]) and (self._holiday or begin):
            self.problem(number, _("没有说明这些日期是放假还是上班：%(text)s") % {"text": sentence.strip()[:40]})

    def _clause(self, number: int, clause: str, *, work: bool, rest: str) -> None:
        before = len(self.problems)
        spans = list(self._spans(number, clause))
        if len(self.problems) > before:
            return
        if not self._holiday:
            self.problem(number, _("没有说明是哪个节日"))
            return
        total = _TOTAL.search(rest)
        days = [first + _DAY * step for first, last in spans for step in range((last - first).days + 1)]
        if total and not work:
            said = int(total[1] or total[2])
            if said != len(days):
                values = {"said": said, "counted": len(days)}
                self.problem(number, _("通知写共%(said)d天，按日期是%(counted)d天") % values)
                return
        for on in days:
            self._put(number, on, work=work)

    def _put(self, number: int, on: date, *, work: bool) -> None:
        present = self.days.get(on)
        if present is not None and present.workday != work:
            self.problem(number, _("%(day)s 既写放假又写上班") % {"day": on.isoformat()})
        elif work and on.weekday() < 5:
            self.problem(number, _("%(day)s 不是周末，本来就上班") % {"day": on.isoformat()})
        elif present is None:
            self.days[on] = NoticeDay(on, work, self._holiday[:40], number)

    def _spans(self, number: int, clause: str) -> Iterator[tuple[date, date]]:
        """First and last day of each part of 1月1日至3日、5日."""
        dated = list(self._dates(number, clause))
        at = 0
        while at < len(dated):
            first = last = dated[at]
            if at + 1 < len(dated) and _RANGE.match(clause[first.end : dated[at + 1].start]):
                last = dated[at + 1]
                at += 1
            begins = first.on
            if last.on < begins and begins.month == 12 and last.on.month == 1:
                begins = begins.replace(year=begins.year - 1)
            if last.on < begins or (last.on - begins).days >= LONGEST_HOLIDAY:
                self.problem(number, _("日期先后不对：%(text)s") % {"text": clause.strip()[:40]})
            else:
                yield begins, last.on
            at += 1

    def _dates(self, number: int, clause: str) -> Iterator[_Dated]:
        year, month = self.year or 0, 0
        for match in _DATE.finditer(clause):
            if match["year"]:
                year = int(match["year"])
            month = int(match["month"] or month)
            try:
                on = date(year, month, int(match["day"]))
            except ValueError:
                self.problem(number, _("没有这一天：%(text)s") % {"text": match[0]})
                continue
            if abs(on.year - (self.year or 0)) > 1:
                self.problem(number, _("%(day)s 不在这份通知的年份内") % {"day": on.isoformat()})
                continue
            said = _WEEKDAY.search(match["aside"] or "")
            if said and _WEEKDAYS.index(said[1].replace("天", "日")) != on.weekday():
                values = {"day": on.isoformat(), "real": _WEEKDAYS[on.weekday()], "said": said[1]}
                self.problem(number, _("%(day)s 是星期%(real)s，通知写的是星期%(said)s") % values)
                continue
            yield _Dated(on, match.start(), match.end())
