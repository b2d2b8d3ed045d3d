"""Reading a notice on public holidays (关于…年部分节假日安排的通知, and what changes it later). Pure: no ORM.

A notice says which days are off (放假) and which are worked (上班, 调休). The **yearly** one arranges every holiday
of its year: then every other day of that year is a working day from Monday to Friday. Any other notice (one that
changes or corrects, of one holiday, of a province, a part of the yearly one) decides about the days that it names and
no others. Whatever cannot be read for certain is a problem, named by its line: a weekday that does not fit its date, a
number of days that does not add up, a day that is both off and worked, half days, quoted and replaced arrangements.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.plain import plain

Words = str | Promise

LONGEST: Final = 6000
"""Characters of a notice; the real ones have about 700."""
LONGEST_HOLIDAY: Final = 40
"""Days: nothing longer is a holiday."""
_DAY: Final = timedelta(days=1)

HOLIDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "元旦": ("元旦", "新年"),
    "春节": ("春节",),
    "清明节": ("清明",),
    "劳动节": ("劳动", "五一"),
    "端午节": ("端午",),
    "中秋节": ("中秋",),
    "国庆节": ("国庆", "十一"),
}
"""What a yearly notice arranges, and the words by which each is known."""
_HOLIDAY: Final = "|".join(word for words in HOLIDAYS.values() for word in words)

_TITLE: Final = re.compile(r"\s*(?P<title>[^。:;,]{0,120}?(?:(?<!特此)通知|公告|通告|的函|安排))\s*(?:\n|。|$)")
_AMENDS: Final = re.compile(r"调整|更正|补充|修改|修订|变更|延长|取消|推迟|提前")
_YEARLY: Final = re.compile(r"节假日")
_TITLED_YEAR: Final = re.compile(rf"(20\d\d)年(?!\s*\d)[^\d。]{{0,16}}?(?:节|假|调休|{_HOLIDAY})")
_ANY_YEAR: Final = re.compile(r"(20\d\d)年(?!\d{1,2}月\d{1,2}日(?:印发|发布|下发|公布))")
_HEADER: Final = re.compile(
    rf"^\s*(?:(?:\(?(?:[一二三四五六七八九十]+|\d{{1,2}})\)?\s*[、.]?|(?={_HOLIDAY}))\s*)(?P<name>[^:。,\d()]{{1,30}}?)\s*(?::|$)"
)
_NEXT_ITEM: Final = re.compile(r"(?<=[。;])\s*(?=[一二三四五六七八九十]{1,3}、[^:。]{1,30}:)")
_DATE: Final = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?!常)(?:\((?P<aside>[^)]*)\))?"
)
_WEEKDAY: Final = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_NOT: Final = "不再|不用|不必|无需|不需|不|取消"
_VERB: Final = re.compile(
    rf"(?P<negated>(?:{_NOT})(?:调休|安排)?)?(?P<verb>放假|上班|补班|休息|补休)"
    r"|(?<!放假)(?<!不)调休(?!放假|上班|补班|休息)"
)
_RANGE: Final = re.compile(r"^\s*(?:至|到|-|—|–|~|～)+\s*$")
_LIST: Final = re.compile(r"^[\s、,和及与]*$")
_BEFORE_VERB: Final = re.compile(
    r"^(?:[\s,的]|全[国省市区县]|统一|均|都|应|仍|也|为|是|要|须|正常|照常|继续|恢复|法定|节日|调休|共?\d{1,2}天)*$"
)
_AFTER_VERB: Final = re.compile(r"^[^,。;]*(?:半天|半日|上午|下午)|^的")
_REFERS: Final = re.compile(r"原(?!因|则)|除(?!夕)|取消|撤销|废止|如[遇果]|若|每[周月]|以前|之前|以后|之后")
_REPLACES: Final = re.compile(
    r"(?:更正|修改|调整|变更|修订|更改|改)[为在到至成]|[调移]至|(?:推迟|提前|顺延|延后|延长)[^,。;]*?[至到]|不再执行"
)
_MENTIONED: Final = re.compile(r"^\s*(?:印发|发布|下发|公布|起?施行|起?执行)")
_TOTAL: Final = re.compile(r"共(\d{1,2})天|放假(\d{1,2})天")
_ADVICE: Final = ("鼓励", "建议", "提倡", "可以结合")
"""Sentences that begin so ask for something and close no office."""
_SIGNATURE: Final = re.compile(r"^\s*20\d\d年\d{1,2}月\d{1,2}日\s*$", re.MULTILINE)
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
    """A notice as read. ``days`` are to be used only where there is no problem.

    ``amends``: its title says that it changes what was arranged. ``missing``: the holidays that it does not arrange.
    """

    year: int | None
    days: Mapping[date, NoticeDay]
    problems: tuple[Problem, ...]
    amends: bool = False
    missing: tuple[str, ...] = ()

    @property
    def is_yearly(self) -> bool:
        """Whether it decides about every day of its year, not only about those that it names."""
        return self.year is not None and not self.amends and not self.missing

    def wanted(self) -> dict[date, tuple[bool, str]]:
        """Every day that it decides about: (is worked, the holiday's name)."""
        named = {day.on: (day.workday, day.name) for day in self.days.values()}
        return self.whole_year() | named

    def whole_year(self) -> dict[date, tuple[bool, str]]:
        """Every day of the year, and those of its neighbours that are named; nothing where it is not the yearly one."""
        if self.year is None or not self.is_yearly:
            return {}
        found: dict[date, tuple[bool, str]] = {}
        on = date(self.year, 1, 1)
        while on.year == self.year:
            found[on] = (on.weekday() < 5, "")
            on += _DAY
        return found | {day.on: (day.workday, day.name) for day in self.days.values()}


def parse_notice(text: str) -> Notice:
    """Read a notice that somebody pasted; nothing is guessed."""
    said = plain(text[:LONGEST])
    titled = _TITLE.match(said)
    title = titled["title"] if titled else said.strip().split("\n", 1)[0]
    amends = bool(_AMENDS.search(title))
    years = _years_of(said)
    reader = _Reader(years[0] if years else None, fallback=_holiday_of(title), yearly=_is_yearly(title, amends))
    if len(text) > LONGEST:
        reader.problem(0, _("文字过长，请只粘贴通知正文"))
    if len(years) > 1:
        reader.problem(0, _("文中有两个年份的安排，请一次只粘贴一年的通知"))
    if reader.year is None:
        reader.problem(0, _("没有找到年份，请连同标题一起粘贴"))
    if reader.year is None or len(years) > 1:
        return Notice(None, {}, tuple(reader.problems))
    for number, line in enumerate(_body(said, titled).splitlines(), start=1):
        for item in _NEXT_ITEM.split(line):
            reader.read(number, item)
    if not reader.days and not reader.problems:
        reader.problem(0, _("没有找到放假或上班的日期"))
    return Notice(reader.year, reader.days, tuple(reader.problems), amends, _missing(reader.days))


def _body(said: str, titled: re.Match[str] | None) -> str:
    """The text without its title, which names days that it does not arrange; the lines keep their numbers."""
    end = titled.end("title") if titled else 0
    return "\n" * said.count("\n", 0, end) + said[end:]


def _is_yearly(title: str, amends: bool) -> bool:
    return not amends and bool(_YEARLY.search(title))


def _missing(days: Mapping[date, NoticeDay]) -> tuple[str, ...]:
    """The holidays of which no day is off."""
    names = {day.name for day in days.values() if not day.workday}
    return tuple(
        holiday for holiday, words in HOLIDAYS.items() if not any(word in name for name in names for word in words)
    )


def _holiday_of(title: str) -> str:
    """What days are called whose line names no holiday: by the one holiday of the title, else as a swap.

    A title that speaks of all holidays names none.
    """
    found = [holiday for holiday, words in HOLIDAYS.items() if any(word in title for word in words)]
    if len(found) == 1:
        return found[0]
    return "" if _YEARLY.search(title) else "调休"


def _years_of(text: str) -> list[int]:
    """The years whose holidays it speaks of, else the first year that it names."""
    titled = sorted({int(match[1]) for match in _TITLED_YEAR.finditer(text)})
    if titled:
        return titled
    return [int(match[1]) for match in _ANY_YEAR.finditer(_SIGNATURE.sub("", text))][:1]


@dataclass(frozen=True)
class _Dated:
    on: date
    start: int
    end: int
    year_said: bool


class _Reader:
    """Goes through the lines; remembers which holiday they are about."""

    def __init__(self, year: int | None, *, fallback: str, yearly: bool) -> None:
        self.year = year
        self.days: dict[date, NoticeDay] = {}
        self.problems: list[Problem] = []
        self._yearly = yearly
        self._fallback = fallback
        self._holiday = ""

    def problem(self, line: int, text: Words) -> None:
        self.problems.append(Problem(line, text))

    def _unclear(self, line: int, text: str) -> None:
        values = {"text": text.strip()[:40]}
        self.problem(line, _("这一句读不准：%(text)s。请只留下放假、上班的日期，或用“调整一天”逐日录入") % values)

    def read(self, number: int, line: str) -> None:
        """One line: its header, if any, then its sentences."""
        header = _HEADER.match(line)
        if header and not _VERB.search(header["name"]):
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
        if _REPLACES.search(sentence):
            self._unclear(number, sentence)
            return
        begin = 0
        for verb in _VERB.finditer(sentence):
            clause = sentence[begin : verb.start()]
            if _DATE.search(clause):
                self._clause(number, clause, verb, sentence[verb.end() :])
            begin = verb.end()
        left = list(_DATE.finditer(sentence, begin))
        if left and (self._holiday or begin) and not _MENTIONED.match(sentence[left[-1].end() :]):
            self.problem(number, _("没有说明这些日期是放假还是上班：%(text)s") % {"text": sentence.strip()[:40]})

    def _clause(self, number: int, clause: str, verb: re.Match[str], after: str) -> None:
        if verb["verb"] is None:
            self.problem(number, _("没有说明这些日期是放假还是上班：%(text)s") % {"text": clause.strip()[:40]})
            return
        dates = list(_DATE.finditer(clause))
        before, between = clause[: dates[0].start()], clause[dates[-1].end() :]
        if _REFERS.search(before) or not _BEFORE_VERB.match(between) or _AFTER_VERB.match(after):
            self._unclear(number, clause + verb[0])
            return
        work = (verb["verb"] in ("上班", "补班")) != bool(verb["negated"])
        self._days(number, clause, work=work, rest=verb[0] + _DATE.split(after, maxsplit=1)[0])

    def _days(self, number: int, clause: str, *, work: bool, rest: str) -> None:
        problems = len(self.problems)
        spans = list(self._spans(number, clause))
        if len(self.problems) > problems:
            return
        if not self._holiday and not self._fallback:
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
        elif work and self._yearly and on.weekday() < 5:
            self.problem(number, _("%(day)s 不是周末，本来就上班") % {"day": on.isoformat()})
        elif present is None:
            self.days[on] = NoticeDay(on, work, (self._holiday or self._fallback)[:40], number)

    def _spans(self, number: int, clause: str) -> Iterator[tuple[date, date]]:
        """First and last day of each part of 1月1日至3日、5日."""
        dated = list(self._dates(number, clause))
        at = 0
        while at < len(dated):
            first = last = dated[at]
            if at + 1 < len(dated) and _RANGE.match(clause[first.end : dated[at + 1].start]):
                last = dated[at + 1]
                at += 1
            begins, ends = first.on, last.on
            if ends < begins and begins.month == 12 and ends.month == 1:
                begins, ends = (
                    (begins, ends.replace(year=ends.year + 1))
                    if first.year_said
                    else (begins.replace(year=begins.year - 1), ends)
                )
            if ends < begins or (ends - begins).days >= LONGEST_HOLIDAY:
                self.problem(number, _("日期先后不对：%(text)s") % {"text": clause.strip()[:40]})
            elif at + 1 < len(dated) and not _LIST.match(clause[last.end : dated[at + 1].start]):
                self._unclear(number, clause)
            else:
                yield begins, ends
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
            if not self._belongs(on):
                self.problem(number, _("%(day)s 不在这份通知的年份内") % {"day": on.isoformat()})
                continue
            said = _WEEKDAY.search(match["aside"] or "")
            if said and _WEEKDAYS.index(said[1].replace("天", "日")) != on.weekday():
                values = {"day": on.isoformat(), "real": _WEEKDAYS[on.weekday()], "said": said[1]}
                self.problem(number, _("%(day)s 是星期%(real)s，通知写的是星期%(said)s") % values)
                continue
            yield _Dated(on, match.start(), match.end(), bool(match["year"]))

    def _belongs(self, on: date) -> bool:
        """Whether it lies in the year, in the December before or the January after."""
        year = self.year or 0
        return on.year == year or (on.year, on.month) in ((year - 1, 12), (year + 1, 1))
