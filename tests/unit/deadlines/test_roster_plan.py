"""Reading what ledgers write, and planning an import: pure, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import SHANGHAI
from common.sheets import safe_cell
from deadlines.calendar import WorkCalendar
from deadlines.duty.plan import Ground, PlanRow, RowOutcome, SheetRow, digest_of, moment_of, plan_of
from deadlines.duty.staffing import Area, DutyPerson, Span, duty_hours, uncovered_spans
from deadlines.models import DutyShift

NOW = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
STREET = Area(1, None, "桂城街道", frozenset({"桂城街道", "桂城", "街道"}), kept=True, duty_phone="0757-1")
XIADONG = Area(1, 11, "夏东社区", frozenset({"夏东社区", "夏东"}), kept=True)
DADE = Area(1, 12, "大德社区", frozenset({"大德社区", "大德"}), kept=False)


def person(pk: int, username: str, name: str, *communities: int, street: bool = False) -> DutyPerson:
    return DutyPerson(pk, username, name, 1, frozenset(communities), street, "")


PEOPLE = (
    person(1, "clerk", "陈晓琳", 11),
    person(2, "secretary", "李伟强", 11),
    person(3, "clerk2", "黄洁仪", 12),
    person(4, "deputy", "郑国栋", street=True),
    person(5, "wang1", "王芳", 11),
    person(6, "wang2", "王芳", 11),
)


def on(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=SHANGHAI)


def row(number: int = 4, **given: str) -> SheetRow:
    usual = {
        "area": "桂城街道",
        "starts": "2026-03-19 17:30",
        "ends": "2026-03-20 08:30",
        "clerk": "陈晓琳",
        "leader": "",
        "phone": "",
    }
    return SheetRow(number=number, **(usual | given))


def shift(pk: int, starts_at: datetime, ends_at: datetime, **given: object) -> DutyShift:
    values = {"subdistrict_id": 1, "community_id": None, "clerk_id": 1, "leader_id": None, "phone": ""} | given
    return DutyShift(pk=pk, starts_at=starts_at, ends_at=ends_at, **values)


def planned(*rows: SheetRow, shifts: tuple[DutyShift, ...] = ()) -> list[PlanRow]:
    names = {one.user_id: one.name for one in PEOPLE}
    return plan_of(rows, Ground((STREET, XIADONG, DADE), PEOPLE, shifts, NOW, names))


# Moments


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-19 17:30",
        "2026/3/19 17:30",
        "2026.3.19 17:30",
        "2026年3月19日 17:30",
        "2026年3月19日17:30",
        "3月19日17:30",
        "3月19日（周四）17:30",
        "２０２６－０３－１９　１７：３０",
        "2026-03-19T17:30:00",
        "2026-03-19 17:29:59.7",
        "2026-03-19 17:30:12",
        "3月19日17时30分",
        "３月１９日　１７时３０分",
        "3月19日周四下午5点半",
        "2026年3月19日（星期四） 17点30分",
        "3月 19日 晚5:30",
        "\u200e2026-03-19\u200b 17:30",
    ],
)
def test_a_moment_as_ledgers_write_it(text: str) -> None:
    assert moment_of(text, NOW) == on(19, "17:30")


def test_a_clock_time_alone_follows_the_beginning() -> None:
    assert moment_of("08:30", NOW, on(19, "17:30")) == on(20, "08:30")
    assert moment_of("22:00", NOW, on(19, "17:30")) == on(19, "22:00")
    assert moment_of("24:00", NOW, on(19, "17:30")) == on(20, "00:00")
    assert moment_of("2026-03-19 24:00", NOW) == on(20, "00:00")
    assert moment_of("08:30", NOW) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("次日8:30", on(20, "08:30")),
        ("次日 ８：３０", on(20, "08:30")),
        ("至次日8时30分", on(20, "08:30")),
        ("第二天早上8点半", on(20, "08:30")),
        ("次日18:00", on(20, "18:00")),
        ("当日22时", on(19, "22:00")),
        ("22点整", on(19, "22:00")),
        ("8点半", on(20, "08:30")),
        ("晚上10点", on(19, "22:00")),
        ("晚12点", on(20, "00:00")),
        ("下午12点半", on(20, "12:30")),
        ("２４：００", on(20, "00:00")),
        ("次日24:00", on(21, "00:00")),
        ("21:59:59.7", on(19, "22:00")),
    ],
)
def test_a_clock_time_as_ledgers_write_it(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW, on(19, "17:30")) == moment


@pytest.mark.parametrize("text", ["2026-03-19", "3月19日", "2026/3/19", "3月19日（周四）"])
def test_a_date_alone_is_refused_and_said_so(text: str) -> None:
    [found] = planned(row(starts=text))
    assert found.outcome is RowOutcome.REFUSED
    assert "开始时间只有日期" in found.reasons[0]
    assert "结束时间只有日期" in planned(row(ends=text))[0].reasons[0]


@pytest.mark.parametrize("name", ["陈 晓琳", "陈　晓　琳", "陈晓琳 ", "CLERK", "陈 晓琳(clerk)", "\u202d陈\u200b晓琳"])
def test_a_name_spread_by_spaces_is_found(name: str) -> None:
    [found] = planned(row(clerk=name, area="桂城 街道"))
    assert found.draft is not None
    assert found.draft.clerk_id == 1


def test_the_nearest_year_is_meant() -> None:
    at = datetime(2026, 12, 30, 9, 0, tzinfo=SHANGHAI)
    assert moment_of("1月2日 08:30", at) == datetime(2027, 1, 2, 8, 30, tzinfo=SHANGHAI)
    assert moment_of("12月28日 08:30", at) == datetime(2026, 12, 28, 8, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        *("", "明天", "2026-02-30 08:30", "2026-03-19 25:00", "2026-03-19 08:61", "46100.7", "9999-1-1 1:00"),
        *("3月19日晚上1点", "3月19日夜间0:30", "3月19日晚3时"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    assert moment_of(text, NOW) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = moment_of(text, NOW, NOW)
    assert found is None or found.tzinfo is not None
    assert [one.outcome for one in planned(row(starts=text, ends=text, area=text, phone=text))] == [RowOutcome.REFUSED]


# Hours


def test_duty_hours_are_those_outside_office_time() -> None:
    calendar = WorkCalendar({date(2026, 3, 20): (True, False), date(2026, 3, 21): (False, False)})
    assert duty_hours(calendar, date(2026, 3, 20), date(2026, 3, 21)) == [
        Span(on(20, "12:00"), on(20, "14:00")),
        Span(on(20, "17:30"), on(21, "08:30")),
        Span(on(21, "08:30"), on(21, "17:30")),
        Span(on(21, "17:30"), on(22, "08:30")),
    ]


def test_gaps_are_what_nobody_covers() -> None:
    night = Span(on(20, "17:30"), on(21, "08:30"))
    assert uncovered_spans([night], []) == [night]
    assert uncovered_spans([night], [Span(on(20, "17:00"), on(21, "09:00"))]) == []
    assert uncovered_spans(
        [night], [Span(on(20, "20:00"), on(20, "22:00")), Span(on(21, "06:00"), on(21, "08:30"))]
    ) == [
        Span(on(20, "17:30"), on(20, "20:00")),
        Span(on(20, "22:00"), on(21, "06:00")),
    ]


SPANS = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 30)).map(
        lambda pair: Span(NOW + timedelta(hours=pair[0]), NOW + timedelta(hours=pair[0] + pair[1]))
    ),
    max_size=8,
)


@given(SPANS)
def test_every_hour_is_either_covered_or_a_gap(taken: list[Span]) -> None:
    whole = Span(NOW, NOW + timedelta(hours=100))
    found = uncovered_spans([whole], taken)
    for hour in range(100):
        moment = NOW + timedelta(hours=hour, minutes=30)
        covered = any(span.starts_at <= moment < span.ends_at for span in taken)
        missing = sum(span.starts_at <= moment < span.ends_at for span in found)
        assert missing == (0 if covered else 1)


# Plans


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+86 757 00001000", "0757-00001000"),
        ("（0757）0000—1000转12", "0757-00001000转12"),
        ("12345", "12345"),
        ("13800001111、95598", "13800001111、95598"),
    ],
)
def test_a_phone_is_written_in_one_way(typed: str, kept: str) -> None:
    (found,) = planned(row(phone=typed))
    assert found.draft is not None
    assert found.draft.phone == kept


def test_a_phone_that_can_be_none_is_refused_in_words() -> None:
    (found,) = planned(row(phone="1380000111"))
    assert found.outcome == RowOutcome.REFUSED
    assert "您填写了 10 位" in "".join(found.reasons)


def test_a_good_row_is_added() -> None:
    (found,) = planned(row(leader="郑国栋", phone="0757-00001000"))
    assert found.outcome is RowOutcome.ADD
    assert found.draft is not None
    assert (found.draft.clerk_id, found.draft.leader_id, found.draft.community_id) == (1, 4, None)


def test_people_are_found_by_account_or_name_within_the_area() -> None:
    for name in ("clerk", "CLERK", "陈晓琳", "陈晓琳（clerk）", " 陈晓琳 "):
        assert planned(row(clerk=name))[0].outcome is RowOutcome.ADD, name
    assert planned(row(area="夏东", clerk="郑国栋"))[0].outcome is RowOutcome.ADD
    assert planned(row(area="夏东", clerk="黄洁仪"))[0].reasons == ("夏东社区没有“黄洁仪”这个工作人员",)
    assert planned(row(clerk="王芳"))[0].reasons == ("有 2 人叫“王芳”，请改填账号",)
    assert planned(row(clerk="王芳（wang2）"))[0].outcome is RowOutcome.ADD


def test_every_mistake_of_a_row_is_named() -> None:
    (found,) = planned(row(area="不存在", starts="?", ends="?", clerk="", leader="某人", phone="手机"))
    assert found.outcome is RowOutcome.REFUSED
    assert len(found.reasons) == 5


def test_areas_of_others_are_refused_and_merged_cells_carry_on() -> None:
    assert planned(row(area="大德社区", clerk="黄洁仪"))[0].reasons == ("您不能修改大德社区的值班表",)
    found = planned(row(area="夏东社区"), row(5, area="", starts="2026-03-20 17:30", ends="08:30"))
    assert [one.area for one in found] == [XIADONG, XIADONG]


def test_rows_without_people_are_left_out() -> None:
    assert planned(row(clerk="", leader=""))[0].outcome is RowOutcome.EMPTY


@pytest.mark.usefixtures("frozen")
def test_the_same_beginning_changes_a_shift_and_the_same_shift_nothing() -> None:
    standing = shift(7, on(19, "17:30"), on(20, "08:30"))
    assert planned(row(), shifts=(standing,))[0].outcome is RowOutcome.SAME
    twice = planned(row(4), row(5, clerk="李伟强"), shifts=(standing,))
    assert [one.outcome for one in twice] == [RowOutcome.SAME, RowOutcome.REFUSED]
    assert twice[1].reasons == ("与表中前面的行重复",)
    (found,) = planned(row(clerk="李伟强", ends="22:00"), shifts=(standing,))
    assert found.outcome is RowOutcome.CHANGE
    assert found.changes == ("结束时间：3月20日（周五）08:30 → 3月19日（周四）22:00", "值班员：陈晓琳 → 李伟强")


@pytest.mark.usefixtures("frozen")
def test_overlaps_with_the_roster_and_within_the_sheet() -> None:
    standing = shift(7, on(19, "20:00"), on(20, "08:30"))
    (found,) = planned(row(), shifts=(standing,))
    assert found.reasons == ("与已排班次重叠：3月19日（周四）20:00 至 3月20日（周五）08:30，陈晓琳",)
    rows = planned(row(4), row(5, starts="2026-03-20 08:00", ends="12:00"), row(6, area="夏东"))
    assert [one.outcome for one in rows] == [RowOutcome.ADD, RowOutcome.REFUSED, RowOutcome.ADD]
    assert rows[1].reasons == ("与表中第 4 行重叠",)
    assert [one.outcome for one in planned(row(4), row(5))] == [RowOutcome.ADD, RowOutcome.REFUSED]


def test_a_new_shift_may_take_what_a_change_gives_up() -> None:
    standing = shift(7, on(19, "17:30"), on(20, "08:30"))
    first, second = row(4, ends="22:00"), row(5, starts="2026-03-19 22:00", ends="2026-03-20 08:30")
    assert [one.outcome for one in planned(second, first, shifts=(standing,))] == [RowOutcome.ADD, RowOutcome.CHANGE]
    # the change overlaps something else: refused, the old hours are back, and the new shift has no room
    blocker = shift(8, on(20, "08:30"), on(20, "12:00"))
    longer = row(4, ends="2026-03-20 10:00")
    found = planned(longer, row(5, starts="2026-03-20 07:00", ends="08:00"), shifts=(standing, blocker))
    assert [one.outcome for one in found] == [RowOutcome.REFUSED, RowOutcome.REFUSED]


def test_the_past_is_not_rewritten() -> None:
    assert planned(row(starts="2026-03-16 17:30", ends="08:30"))[0].reasons == ("这段时间已经过去",)
    over = shift(7, on(16, "17:30"), on(17, "08:30"))
    (found,) = planned(row(starts="2026-03-16 17:30", ends="2026-03-18 11:00"), shifts=(over,))
    assert found.reasons == ("已经结束的班次不能再改",)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=12),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6),
)
def test_what_is_written_never_overlaps(wanted: list[tuple[int, int]], there: list[tuple[int, int]]) -> None:
    def at(hours: int) -> datetime:
        return on(20, "00:00") + timedelta(hours=hours)

    standing: list[DutyShift] = []
    for start, length in sorted(there):
        if not standing or standing[-1].ends_at <= at(start):
            standing.append(shift(len(standing) + 1, at(start), at(start + length)))
    rows = [
        row(4 + n, starts=f"{at(start):%Y-%m-%d %H:%M}", ends=f"{at(start + length):%Y-%m-%d %H:%M}")
        for n, (start, length) in enumerate(wanted)
    ]
    found = planned(*rows, shifts=tuple(standing))
    written = [one for one in found if one.outcome in (RowOutcome.ADD, RowOutcome.CHANGE, RowOutcome.SAME)]
    replaced = {one.shift.pk for one in written if one.shift}
    spans = {(one.draft.starts_at, one.draft.ends_at) for one in written if one.draft}
    spans |= {(one.starts_at, one.ends_at) for one in standing if one.pk not in replaced}
    ordered = sorted(spans)
    assert all(first[1] <= second[0] for first, second in pairwise(ordered))


def test_a_digest_tells_when_the_roster_moved_on() -> None:
    standing = shift(7, on(19, "17:30"), on(20, "08:30"), version=1)
    changed = replace(row(), clerk="李伟强")
    first = digest_of(planned(changed, shifts=(standing,)))
    assert first == digest_of(planned(changed, shifts=(standing,)))
    standing.version = 2
    assert first != digest_of(planned(changed, shifts=(standing,)))
    assert first != digest_of(planned(changed))


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"值{text}") == f"值{text}"
