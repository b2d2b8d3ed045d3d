"""What a sentence typed in a meeting promises, by plain rules: who, what, until when. Pure: no ORM.

Nothing is taken over by itself: each proposal carries the words that decided, as a span of the sentence. A promise
without a date is marked at once, with the words that stand in place of the date (下一步, 尽快 …). Rules and figures:
docs/rules/meetings.md#what-is-read-out-of-a-sentence.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from deadlines.calendar import WorkCalendar


class Stretch(NamedTuple):
    """Words of the sentence: ``text[start:end]``."""

    start: int
    end: int


class Named(NamedTuple):
    """An organisation that was found, and by which words."""

    code: str
    span: Stretch


class Dated(NamedTuple):
    """Until when, and which words say so."""

    on: date
    span: Stretch


@dataclass(frozen=True, slots=True)
class Reading:
    """What is proposed. ``verb`` is what makes it a promise, None where nothing is promised.

    ``vague`` are the words that stand where a date should: of a promise without one.
    """

    department: Named | None = None
    verb: Stretch | None = None
    due: Dated | None = None
    vague: tuple[Stretch, ...] = ()

    @property
    def is_promise(self) -> bool:
        """Whether somebody will do something."""
        return self.verb is not None

    @property
    def is_undated(self) -> bool:
        """A promise, and no day by which it can be measured."""
        return self.verb is not None and self.due is None


_CLAUSE: Final = re.compile(r"[^，,。；;！!？?\n]+")
_VAGUE: Final = re.compile(
    r"下一步|下一阶段|下阶段|接下来|今后|后续|随后|尽快|尽早|尽量|抓紧|适时|择机|逐步|陆续|早日|及早|及时|"
    r"稍后|进一步|持续|不断|长期|加快|加大|加强|积极(?!性|参加了)|条件成熟时?|时机成熟时?|有条件时|近期|不久|日后|后面|往后|分批|分步|分期|研究后|视情况|争取|力争|马上|立即"
)
_WILL: Final = re.compile(
    r"将(?!军|近)|会(?=尽|多|帮|派|协|安排|把|马上|派|继续|在|尽快|组织|跟|研究|向|同|再|落实|考虑|加|持续|及时|对|给|于)|承诺|保证|确保|一定|"
    r"负责(?!人)(?=.{0,6}[前内])|计划(?!书|表|生育|经济|外|内|期)|拟(?!定稿)|打算|准备|争取|力争|预计|答应|务必|要(?=组织|把|对|尽|在)|要求.{0,8}(?=完成|整改|到位)"
)
_DOING: Final = re.compile(
    r"推进|推动|推广|加快|落实|完成|解决|安排|组织|研究|制定|制订|建立|搭建|打造|开展|整改|整治|答复|回复|反馈|跟进|协调|增设|增加|"
    r"更换|修复|修好|修剪|维修(?!资金|基金)|抢修|清理|清疏|清运|启动|动工|开工|完工|竣工|交付|铺设|铺开|安装|改造|改建|新建|建设|建成|升级|"
    r"完善|优化|培育|培训|招标|摸查|排查|巡查|检查|核查|核实|调研|勘查|查处|拆除|督促|约谈|对接|收集|整理|汇总|上报|报送|提交|公布|"
    r"公示|出台|印发|召开|举办|举行|讨论|探索|总结|纳入|列入|设立|设置|划定|投入|接通|开通|通车|打通|移交|接管|处理|处置|办理|"
    r"办结|办好|联系|沟通|走访|上门|引进|试点|加装|补种|补植|施划|通报|复查|回访|兑现|争取|搬迁|疏通|加固|配合|配建|自建|助力|助"
)
_DONE: Final = re.compile(
    r"已经?(?!计划|安排在|列入|纳入|将|承诺|答应|拟)|完毕|业已|刚刚?完成|于?(?:上周|上个?月|去年|前年|昨天|昨日|(?<![\d一二三四五六七八九十])日前|此前)|目前正常|"
    r"(?:完成|解决|修好|更换|清理|办结|处理|整改|安装|落成|启用)了|恢复正常|达标"
)
_NOT: Final = re.compile(
    r"不予|不能|无法|不具备|暂不|暂无|没有条件|不属于|不在.{0,6}范围|难以|不可以|不符合|没有计划|未列入|未纳入|不列入|不纳入|不宜|不会|没法"
)
_ASKING: Final = re.compile(
    r"^(?:大家|群众|居民|业主|商户|社区|代表)?(?:都)?(?:建议|希望|请问|盼|恳请|反映|提出|询问|能否|是否可以|可否|期待|呼吁|请求|诉求|认为|觉得|想知道|咨询)|"
    r"能否|可否|是否|吗$|什么时候|何时|怎么办|为什么"
)


def read(text: str, *, at: date, calendar: WorkCalendar, names: Mapping[str, Sequence[str]] | None = None) -> Reading:
    """What ``text``, said on ``at``, promises; ``names``: code of an organisation → what it is called.

    A promise is what a clause says will be done: neither what was done, nor what is refused, nor what is asked for.
    """
    clauses = [Stretch(*found.span()) for found in _CLAUSE.finditer(text)]
    named = _mentions(text, names or {})
    read_ones = ((clause, _promise_in(text, clause, named, at, calendar)) for clause in clauses)
    promising = [(clause, verb) for clause, verb in read_ones if verb is not None]
    department = _department(text, named, promising[0][1] if promising else None)
    if not promising:
        return Reading(department=department)
    due = _due(text, clauses, [clause for clause, _verb in promising], at, calendar)
    vague = () if due else tuple(_vague(text, [clause for clause, _verb in promising]))
    return Reading(department, promising[0][1], due, vague)


def _promise_in(text: str, clause: Stretch, named: Sequence[Named], at: date, calendar: WorkCalendar) -> Stretch | None:
    """What makes this clause a promise: a word of intention; else a deed with a date, a vague word, or its doer."""
    words = text[clause.start : clause.end]
    if _ASKING.search(words) or _NOT.search(words):
        return None
    will, doing = _WILL.search(words), _DOING.search(words)
    if will:
        return _within(clause, *will.span())
    if _DONE.search(words):
        return None
    limits = [one.span for one in _dates(words, at, calendar) if one.on >= at]
    vague = [Stretch(*one.span()) for one in _VAGUE.finditer(words)]
    if limits or (vague and (doing or not _STATE.search(words))):
        return _within(clause, *(doing.span() if doing else [*limits, *vague][0]))
    doing = next((one for one in _DOING.finditer(words) if not _SAYS.match(words, one.start())), None)
    if doing and not _STATE.search(words) and _begins(text, clause, doing.start(), named):
        return _within(clause, *doing.span())
    return None


def _within(clause: Stretch, start: int, end: int) -> Stretch:
    return Stretch(clause.start + start, clause.start + end)


def _begins(text: str, clause: Stretch, start: int, named: Sequence[Named]) -> bool:
    """Whether a deed stands at the beginning of its clause, or right behind who does it."""
    return (
        start <= 1
        or bool(_LED_BY.match(text, clause.start))
        or any(one.span.end == clause.start + start for one in named)
    )


_LED_BY: Final = re.compile(r"在|对|向|为|把|继续|同步|全面|认真|专门|牵头")
"""Before a deed whose doer was named before: 在党支部中打造…."""
_SAYS: Final = re.compile(r"(?:通报|反馈|答复|回复|整理|上报)(?:称|说)?[：:]?$")
"""Somebody speaks: what is said follows behind the comma."""
_STATE: Final = re.compile(r"问题|困难|中$|正在|了|难$|多$|少$|不足|不够|须|需|可以|可向|能够|条件|情况|说明|介绍|的$")
"""How things are, no deed to come."""


def _vague(text: str, clauses: Sequence[Stretch]) -> Iterator[Stretch]:
    for clause in clauses:
        for found in _VAGUE.finditer(text, clause.start, clause.end):
            yield Stretch(*found.span())


# Who

_BEFORE: Final = re.compile(r"(?:由|交由?|转交?给?|请|移交给?|责成|委托|牵头[：:]?)$")
_AFTER: Final = re.compile(
    r"^(?:[（(][^）)]*[）)])?(?:负责|牵头|主办|承办|将|会(?!同)|答复|表示|承诺|回应|计划|拟|正|已|的?同志|主任|：|:)"
)
_BESIDE: Final = re.compile(r"(?:会同|联合|配合|协同|协助|联系|对接|与|和|及|、|同|跟|向|报|督促)$")


def _department(text: str, named: Sequence[Named], verb: Stretch | None) -> Named | None:
    """Who is to do it: named as such (由…, …负责), else named first, and not as who only helps."""
    return max(named, key=lambda one: (_weight(text, one.span, verb), -one.span.start), default=None)


def _mentions(text: str, names: Mapping[str, Sequence[str]]) -> list[Named]:
    """Each place where an organisation is named; of names that overlap the longest."""
    found = [
        Named(code, Stretch(*match.span()))
        for code, called in names.items()
        for name in called
        if name
        for match in re.finditer(re.escape(name), text)
    ]
    found.sort(key=lambda one: (one.span.start - one.span.end, one.span.start))
    kept: list[Named] = []
    for one in found:
        if all(one.span.end <= other.span.start or other.span.end <= one.span.start for other in kept):
            kept.append(one)
    return kept


def _weight(text: str, span: Stretch, verb: Stretch | None) -> int:
    before, after = text[: span.start], text[span.end :]
    weight = 3 if _BEFORE.search(before) else 0
    weight += 2 if _AFTER.search(after) else 0
    weight -= 3 if _BESIDE.search(before) else 0
    return weight + (1 if verb and span.end <= verb.start else 0)


# Until when

_NUMBER: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "半": 0}
_N: Final = r"(\d{1,4}|[零〇一二两三四五六七八九十]{1,3})"
_WEEK: Final = "一二三四五六日"
_FIXED: Final = {"元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "汛期": (4, 15), "汛": (4, 15)}
_SPRING: Final = {2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26)}
"""春节: the first day of the lunar year, as it was published; beyond these years it is not read."""
_PART: Final = {"上旬": 10, "初": 10, "中旬": 20, "中": 20, "下旬": 31, "底": 31, "末": 31, "": 31}

_PATTERNS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "day",
            r"(?:(\d{4})年|(今年|明年))?(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})[日号]",
        ),
        ("day_of_month", r"(本月|这个月|下个?月)(\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"),
        ("quarter", r"(?:(\d{4})年|(今年|明年))?(?:第)?([一二三四1-4])季度"),
        ("half", r"(?:(\d{4})年|(今年|明年))?(上|下)半年"),
        (
            "month",
            r"(?:(\d{4})年|(今年|明年))?(\d{1,2}|[一二三四五六七八九十]{1,3})月(?:份)?(上旬|中旬|下旬|初|中|底|末)?",
        ),
        (
            "this_month",
            r"(?:(本|这个|当)月|(下个?)月)(上旬|中旬|下旬|初|中|底|末)?|(?<![\d一二三四五六七八九十本个下当])月(底|末)",
        ),
        (
            "year",
            r"(?:(\d{4})年|(今年|明年|后年|本年))(?:度)?(?:内|底|末|以?内|前|之前|完成)|(?<![\d半一二两三四五六七八九十])年(内|底|末|终)",
        ),
        ("plain_year", r"(\d{4})年(?:度)?|(今年|明年)"),
        ("weekday", r"(?<!每)(下下|下|本|这)?个?(?:周|星期|礼拜)([一二三四五六日天])"),
        ("week", r"(下下|下|本|这)个?(?:周|星期|礼拜)(末|底)?"),
        ("near", r"(今天|今日|当天|当日|今晚|明天|明日|后天)"),
        ("span", _N + r"(?:个)?(半)?(工作日|天|日|周|星期|月|个月|年)(?:以|之)?(?:内|后)"),
        ("half_span", r"半(?:个)?(月|年)(?:以|之)?内"),
        ("hours", _N + r"(?:个)?小时(?:以|之)?内"),
        ("feast", r"(春节|元旦|五一|劳动节|国庆|汛期|汛)节?(?:假期)?(?:来临|到来)?(?:之|以)?(?:前|期间)"),
    )
)


def _number(text: str) -> int:
    """Digits, or Chinese numerals up to 99; what is no numeral (十十) counts for something near."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _NUMBER[text[-1]]
    return _NUMBER.get(tens, 1) * 10 + _NUMBER.get(ones, 0)


def _due(
    text: str, clauses: Sequence[Stretch], promising: Sequence[Stretch], at: date, calendar: WorkCalendar
) -> Dated | None:
    """The last date of what is promised: in its own clause, else in the one that leads to it (年内，由…)."""
    found = [one for clause in promising for one in _dates_within(text, clause, at, calendar)]
    if not found:
        for before, clause in pairwise(clauses):
            leads = not _DONE.search(text[before.start : before.end]) and not _ASKING.search(
                text[before.start : before.end]
            )
            if clause in promising and leads:
                found += _dates_within(text, before, at, calendar)
        for clause, after in pairwise(clauses):
            if clause in promising and not found and not _DONE.search(text[after.start : after.end]):
                found += _dates_within(text, after, at, calendar)
    later = [one for one in found if one.on >= at]
    return max(later, key=lambda one: one.on, default=None)


def _dates_within(text: str, clause: Stretch, at: date, calendar: WorkCalendar) -> list[Dated]:
    words = text[clause.start : clause.end]
    return [
        Dated(one.on, Stretch(clause.start + one.span.start, clause.start + one.span.end))
        for one in _dates(words, at, calendar)
    ]


def _dates(words: str, at: date, calendar: WorkCalendar) -> list[Dated]:
    """The dates that these words name, each word in one of them only."""
    found: list[Dated] = []
    taken: list[Stretch] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(words):
            span = Stretch(*match.span())
            if any(span.start < other.end and other.start < span.end for other in taken):
                continue
            on = _READ[name](match, at, calendar)
            if on is not None:
                found.append(Dated(on, span))
                taken.append(span)
    return found


def _safe(year: int, month: int, day: int) -> date | None:
    """That day, or the last one of a month that is shorter; None for what is no month."""
    if not (1 <= month <= 12 and 1 <= day <= 31 and 2000 <= year <= 2100):
        return None
    while day > 28:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
    return date(year, month, day)


def _year(digits: str | None, word: str | None, at: date) -> int | None:
    if digits:
        return int(digits)
    return {"今年": at.year, "本年": at.year, "明年": at.year + 1, "后年": at.year + 2}.get(word or "")


def _day(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    digits, word, month, day = match.groups()
    year = _year(digits, word, at)
    found = _safe(year or at.year, _number(month), _number(day))
    if found and year is None and found < at - timedelta(days=180):
        return _safe(at.year + 1, found.month, found.day)
    return found


def _day_of_month(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    which, day = match.groups()
    return _safe(*_month_after(at, 1 if which.startswith("下") else 0), _number(day))


def _quarter(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    digits, word, number = match.groups()
    year, quarter = _year(digits, word, at), _number(number)
    found = _safe(year or at.year, quarter * 3, 31)
    return _safe(at.year + 1, quarter * 3, 31) if found and year is None and found < at else found


def _half(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    digits, word, half = match.groups()
    year, month = _year(digits, word, at), 6 if half == "上" else 12
    found = _safe(year or at.year, month, 31)
    return _safe(at.year + 1, month, 31) if found and year is None and found < at else found


def _month(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    digits, word, month, part = match.groups()
    year, number = _year(digits, word, at), _number(month)
    found = _safe(year or at.year, number, _PART[part or ""])
    return _safe(at.year + 1, number, _PART[part or ""]) if found and year is None and found < at else found


def _this_month(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    _this, following, part, _bare = match.groups()
    return _safe(*_month_after(at, 1 if following else 0), _PART[part or ""])


def _of_year(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    digits, word = match.group(1), match.group(2)
    return _safe(_year(digits, word, at) or at.year, 12, 31)


def _weekday(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    which, name = match.groups()
    monday = at - timedelta(days=at.weekday())
    weeks = {"下下": 2, "下": 1}.get(which or "", 0)
    found = monday + timedelta(days=7 * weeks + _WEEK.index("日" if name == "天" else name))
    return found + timedelta(days=7) if which is None and found < at else found


def _of_week(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    weeks = {"下下": 2, "下": 1}.get(match.group(1), 0)
    return at - timedelta(days=at.weekday()) + timedelta(days=7 * weeks + (6 if match.group(2) else 4))


def _near(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    return at + timedelta(days={"明": 1, "后": 2}.get(match.group(1)[0], 0))


def _after(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    number, half, unit = _number(match.group(1)), match.group(2), match.group(3)
    if unit == "工作日":
        return calendar.shift_working_days(at, number)
    if unit in ("天", "日"):
        return at + timedelta(days=number)
    if unit in ("周", "星期"):
        return at + timedelta(days=7 * number + (3 if half else 0))
    if unit == "年":
        return _safe(at.year + number, at.month, at.day)
    found = _safe(*_month_after(at, number), at.day)
    return found + timedelta(days=15) if found and half else found


def _half_span(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    return at + timedelta(days=15) if match.group(1) == "月" else _safe(*_month_after(at, 6), at.day)


def _hours(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    return at + timedelta(days=-(-_number(match.group(1)) // 24))


def _feast(match: re.Match[str], at: date, calendar: WorkCalendar) -> date | None:
    """The day before it."""
    for year in (at.year, at.year + 1):
        first = _SPRING.get(year) if match.group(1) == "春节" else _FIXED[match.group(1)]
        if first and date(year, *first) > at:
            return date(year, *first) - timedelta(days=1)
    return None


def _month_after(at: date, months: int) -> tuple[int, int]:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return year, month + 1


_READ: Final = {
    "day": _day,
    "day_of_month": _day_of_month,
    "quarter": _quarter,
    "half": _half,
    "month": _month,
    "this_month": _this_month,
    "year": _of_year,
    "plain_year": _of_year,
    "weekday": _weekday,
    "week": _of_week,
    "near": _near,
    "span": _after,
    "half_span": _half_span,
    "hours": _hours,
    "feast": _feast,
}
