"""What an imported sheet would do to the roster, row by row. Pure: the caller brings what is known, nothing is read.

A row that names an area and a beginning that stand on the roster changes that shift; any other row adds one. Nothing is
taken off the roster by an import. Every row is judged against the roster as it would be after all good rows.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from common import dates
from common.clock import SHANGHAI
from common.plain import plain as in_usual_letters
from deadlines.duty.roster import ShiftDraft, draft_of, hours_wrong, overlap_words, phone_kept, phone_wrong
from deadlines.duty.staffing import Area, DutyPerson
from deadlines.models import DutyShift

_TIME: Final = (
    r"(?P<part>凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜间|夜)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?|[时点](?:整|(?P<half>半)|(?P<minutes>\d{1,2})分?)?)"
)
_DAY: Final = (
    r"(?:(?P<year>\d{4})\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?\s*"
    r"(?:\((?:周|星期)?.\)|(?:周|星期|礼拜)[一二三四五六日天])?"
)
_DATE: Final = re.compile(rf"{_DAY}[T ,]*{_TIME}")
_DATE_ALONE: Final = re.compile(_DAY)
_CLOCK: Final = re.compile(rf"[至到]?\s*(?P<next>次日|第二[天日]|翌日|隔日|次晨)?(?:当[日天])?\s*{_TIME}")
_AFTERNOON: Final = frozenset({"下午", "傍晚"})
_NIGHT: Final = frozenset({"晚上", "晚", "夜间", "夜"})
_ACCOUNT: Final = re.compile(r"(.+)\((.+)\)")


class RowOutcome(StrEnum):
    """What becomes of one row."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    EMPTY = "empty"
    REFUSED = "refused"


@dataclass(frozen=True)
class SheetRow:
    """One row of the sheet as text; ``number`` is the sheet's own row number."""

    number: int
    area: str
    starts: str
    ends: str
    clerk: str
    leader: str
    phone: str


@dataclass(frozen=True)
class PlanRow:
    """A row and what it means: the shift as it would be, the shift that it changes, why it is refused."""

    row: SheetRow
    outcome: RowOutcome
    area: Area | None = None
    draft: ShiftDraft | None = None
    shift: DutyShift | None = None
    reasons: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What the plan is made on: areas (those that the person may write), people, the standing shifts around."""

    areas: Sequence[Area]
    people: Sequence[DutyPerson]
    shifts: Sequence[DutyShift]
    at: datetime
    names: Mapping[int, str] = field(default_factory=dict)


def plain_cell(text: str) -> str:
    """Text as people mean it: in usual letters, without spaces at the ends and the escape of an exported cell."""
    folded = in_usual_letters(text).strip()
    return folded[1:] if len(folded) > 1 and folded[0] == "'" and folded[1] in "=+-@" else folded


def _spelled(name: str) -> str:
    """A name for comparing: ledgers spread 陈 嘉敏 to the width of three characters."""
    return "".join(plain_cell(name).split()).casefold()


def moment_of(text: str, at: datetime, after: datetime | None = None) -> datetime | None:
    """A date with a clock time as ledgers write it; None where it is none, a date alone too.

    ``2026-11-23 17:30``, ``2026/11/23 17:30``, ``2026年11月23日 17时30分``, ``11月23日下午5点半`` (the year that is
    nearest to ``at``); 24:00 is the next midnight, seconds are rounded to the minute. With ``after`` a clock time alone
    is the next such time after it, and 次日8:30 that of the day after its day.
    """
    text = plain_cell(text)
    if after is not None and (found := _CLOCK.fullmatch(text)):
        begun = after.astimezone(SHANGHAI)
        moment = _at_clock(begun, found)
        if moment is None or (moment > after and not found["next"]):
            return moment
        return moment + timedelta(days=1)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    years = [int(found["year"])] if found["year"] else [at.year - 1, at.year, at.year + 1]
    moments = [_moment(year, found) for year in years if 2000 <= year <= 2100]
    real = [moment for moment in moments if moment is not None]
    return min(real, key=lambda moment: abs(moment - at)) if real else None


def _moment(year: int, found: re.Match[str]) -> datetime | None:
    try:
        on = datetime(year, int(found["month"]), int(found["day"]), tzinfo=SHANGHAI)
    except ValueError:
        return None
    return _at_clock(on, found)


def _at_clock(on: datetime, found: re.Match[str]) -> datetime | None:
    """The clock time that was found, on that day; None where no clock shows it.

    晚上1点 is none either: it may be the night before or the one that follows.
    """
    hour, minute = int(found["hour"]), 30 if found["half"] else int(found["minute"] or found["minutes"] or 0)
    if found["part"] in _NIGHT and hour < 5:
        return None
    if (found["part"] in _AFTERNOON and hour < 12) or (found["part"] in _NIGHT and hour <= 12):
        hour += 12
    elif (found["part"] == "中午" and hour < 3) or (found["part"] == "凌晨" and hour == 12):
        hour = (hour + 12) % 24
    second = float(found["second"] or 0)
    if minute > 59 or second >= 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    midnight = datetime.combine(on.date(), time(), SHANGHAI)
    return midnight + timedelta(hours=hour, minutes=minute + (second >= 30))


def _moment_wrong(field: str, text: str, example: str) -> str:
    """Why a time cannot be read."""
    if _DATE_ALONE.fullmatch(plain_cell(text)):
        return _("%(field)s只有日期，请写明几点几分，例如 %(example)s") % {"field": field, "example": example}
    return _("%(field)s看不懂，请按 %(example)s 填写") % {"field": field, "example": example}


def plan_of(rows: Sequence[SheetRow], ground: Ground) -> list[PlanRow]:
    """Every row judged: by itself first, then against the roster and the rows before it."""
    planned: list[PlanRow] = []
    above = ""
    for row in rows:
        above = plain_cell(row.area) or above
        planned.append(_judge(replace(row, area=above), ground))
    return _without_overlaps(planned, ground)


def digest_of(planned: Sequence[PlanRow]) -> str:
    """The same for the same decisions about the same shifts: what a confirmation confirms."""
    told = [
        (row.row.number, row.outcome.value, repr(row.draft), (row.shift.pk, row.shift.version) if row.shift else None)
        for row in planned
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def area_named(name: str, areas: Sequence[Area]) -> Area | None:
    """The area with this name, short name or code; None where there is none or several."""
    wanted = _spelled(name)
    found = [area for area in areas if wanted in map(_spelled, area.names)]
    return found[0] if len(found) == 1 else None


def person_named(name: str, area: Area, people: Sequence[DutyPerson]) -> tuple[int | None, str]:
    """The id of the person with this user name or display name in the area, or why there is none."""
    text = plain_cell(name)
    with_account = _ACCOUNT.fullmatch(text)
    fitting = [person for person in people if person.fits(area)]
    if with_account:
        text = with_account[2].strip()
    by_account = [person for person in fitting if person.username.casefold() == text.casefold()]
    found = by_account or [person for person in fitting if _spelled(person.name) == _spelled(text)]
    if len(found) == 1:
        return found[0].user_id, ""
    if found:
        return None, _("有 %(count)s 人叫“%(name)s”，请改填账号") % {"count": len(found), "name": text}
    return None, _("%(area)s没有“%(name)s”这个工作人员") % {"area": area.name, "name": text}


def _judge(row: SheetRow, ground: Ground) -> PlanRow:
    if not plain_cell(row.clerk) and not plain_cell(row.leader):
        return PlanRow(row, RowOutcome.EMPTY)
    reasons: list[str] = []
    area = area_named(row.area, ground.areas)
    if area is None:
        reasons.append(_("请填写区域") if not row.area else _("没有“%(name)s”这个区域") % {"name": row.area})
    elif not area.kept:
        reasons.append(_("您不能修改%(area)s的值班表") % {"area": area.name})
    starts_at = moment_of(row.starts, ground.at)
    ends_at = moment_of(row.ends, ground.at, starts_at)
    if starts_at is None:
        reasons.append(_moment_wrong(_("开始时间"), row.starts, "2026-03-18 17:30"))
    if ends_at is None:
        reasons.append(_moment_wrong(_("结束时间"), row.ends, "2026-03-19 08:30"))
    if wrong := phone_wrong(plain_cell(row.phone)):
        reasons.append(wrong)
    clerk_id = leader_id = None
    if not plain_cell(row.clerk):
        reasons.append(_("请填写值班员"))
    elif area is not None:
        clerk_id, wrong = person_named(row.clerk, area, ground.people)
        reasons += [wrong] if wrong else []
    if plain_cell(row.leader) and area is not None:
        leader_id, wrong = person_named(row.leader, area, ground.people)
        reasons += [wrong] if wrong else []
    if reasons or area is None or starts_at is None or ends_at is None or clerk_id is None:
        return PlanRow(row, RowOutcome.REFUSED, area, reasons=tuple(reasons))
    draft = ShiftDraft(
        area.subdistrict_id,
        area.community_id,
        starts_at,
        ends_at,
        clerk_id,
        leader_id,
        phone_kept(plain_cell(row.phone)),
    )
    return _against_roster(row, area, draft, ground)


def _against_roster(row: SheetRow, area: Area, draft: ShiftDraft, ground: Ground) -> PlanRow:
    shift = next((s for s in ground.shifts if (*area.key, draft.starts_at) == (*_area(s), s.starts_at)), None)
    if shift is not None and draft_of(shift) == draft:
        return PlanRow(row, RowOutcome.SAME, area, draft, shift)
    wrong, _field = hours_wrong(draft.starts_at, draft.ends_at, ground.at)
    if not wrong and shift is not None and shift.ends_at <= ground.at:
        wrong = _("已经结束的班次不能再改")
    if wrong:
        return PlanRow(row, RowOutcome.REFUSED, area, draft, shift, reasons=(wrong,))
    if shift is None:
        return PlanRow(row, RowOutcome.ADD, area, draft)
    return PlanRow(row, RowOutcome.CHANGE, area, draft, shift, changes=_changes(draft_of(shift), draft, ground))


def _area(shift: DutyShift) -> tuple[int, int | None]:
    return shift.subdistrict_id, shift.community_id


def _changes(before: ShiftDraft, after: ShiftDraft, ground: Ground) -> tuple[str, ...]:
    none = _("无")
    pairs = (
        (_("结束时间"), dates.moment(before.ends_at), dates.moment(after.ends_at)),
        (_("值班员"), ground.names.get(before.clerk_id, "?"), ground.names.get(after.clerk_id, "?")),
        (_("值班领导"), ground.names.get(before.leader_id or 0, none), ground.names.get(after.leader_id or 0, none)),
        (_("值班电话"), before.phone or none, after.phone or none),
    )
    return tuple(
        _("%(field)s：%(was)s → %(now)s") % {"field": label, "was": was, "now": now}
        for label, was, now in pairs
        if was != now
    )


@dataclass(frozen=True)
class _Taken:
    """Hours of one area: of a shift that stays as it is (``row`` None), or of a row that would be written."""

    starts_at: datetime
    ends_at: datetime
    row: int | None
    words: str


def _without_overlaps(planned: list[PlanRow], ground: Ground) -> list[PlanRow]:
    """Refuse rows that overlap, one at a time until none does; of two rows the later one gives way.

    Refusing a change brings the shift's old hours back, so everything is looked at again.
    """
    while True:
        found = _first_overlap(planned, ground)
        if found is None:
            return planned
        index, reason = found
        planned[index] = replace(planned[index], outcome=RowOutcome.REFUSED, reasons=(reason,), changes=())


def _first_overlap(planned: Sequence[PlanRow], ground: Ground) -> tuple[int, str] | None:
    by_area: dict[tuple[int, int | None], list[_Taken]] = {}
    rewritten: set[int] = set()
    for index, row in enumerate(planned):
        if row.outcome in (RowOutcome.ADD, RowOutcome.CHANGE, RowOutcome.SAME) and row.draft is not None:
            if row.shift is not None and row.shift.pk in rewritten:
                return index, _("与表中前面的行重复")
            if row.shift is not None:
                rewritten.add(row.shift.pk)
            words = _("与表中第 %(number)s 行重叠") % {"number": row.row.number}
            gives_way = None if row.outcome is RowOutcome.SAME else index
            taken = _Taken(row.draft.starts_at, row.draft.ends_at, gives_way, words)
            by_area.setdefault(row.draft.area, []).append(taken)
    for shift in ground.shifts:
        if shift.pk not in rewritten:
            words = overlap_words(shift.starts_at, shift.ends_at, ground.names.get(shift.clerk_id, "?"))
            by_area.setdefault(_area(shift), []).append(_Taken(shift.starts_at, shift.ends_at, None, words))
    for spans in by_area.values():
        found = _overlap_in(spans)
        if found is not None:
            return found
    return None


def _overlap_in(taken: list[_Taken]) -> tuple[int, str] | None:
    """The row that has to give way in the first overlap of one area, and whose hours it takes."""
    last: _Taken | None = None
    for span in sorted(taken, key=lambda one: (one.starts_at, one.ends_at)):
        if last is not None and span.starts_at < last.ends_at:
            giving, holding = _later(last, span)
            if giving.row is not None:
                return giving.row, holding.words
        if last is None or span.ends_at > last.ends_at:
            last = span
    return None


def _later(one: _Taken, other: _Taken) -> tuple[_Taken, _Taken]:
    """Of two that overlap the one that gives way first: a row before a standing shift, of two rows the later."""
    if one.row is None or (other.row is not None and other.row > one.row):
        return other, one
    return one, other
