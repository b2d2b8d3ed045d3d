"""The yearly notice is read day by day, agrees with the library on the years it knows, and names what is wrong."""

from datetime import date

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.notice import LONGEST, Notice, parse_notice

NOTICE_2024 = """国务院办公厅关于2024年部分节假日安排的通知

现将2024年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""
NOTICE_2025 = """关于2025年部分节假日安排的通知
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
"""
NOTICE_2026 = """2026年部分节假日安排

各有关单位：2026年放假和调休的日期如下，请据此安排值班。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
2025年11月4日
"""


@pytest.mark.parametrize(("text", "year"), [(NOTICE_2024, 2024), (NOTICE_2025, 2025), (NOTICE_2026, 2026)])
def test_it_agrees_with_the_library_on_every_day(text: str, year: int) -> None:
    notice = parse_notice(text)
    assert notice.problems == ()
    assert notice.year == year
    days = notice.whole_year()
    assert len(days) in (365, 366)
    wrong = {on: work for on, (work, _name) in days.items() if chinese_calendar.is_workday(on) != work}
    assert wrong == {}


def test_days_carry_their_holiday_and_line() -> None:
    notice = parse_notice(NOTICE_2026)
    swap = notice.days[date(2026, 2, 14)]
    assert (swap.workday, swap.name, swap.line) == (True, "春节", 5)
    off = notice.days[date(2026, 10, 7)]
    assert (off.workday, off.name, off.line) == (False, "国庆节", 10)
    assert date(2026, 6, 22) not in notice.days


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("（", "(").replace("）", ")").replace("：", ":"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("周", "星期"),
        lambda text: text.replace("至", "—"),
        lambda text: text.replace("1", "１"),
        lambda text: text.replace("月", "月\u200b").replace("日", "\u200e日"),
        lambda text: text.replace("。\n", "。"),
        lambda text: text.replace("：", "：\n"),
        lambda text: text.replace("一、", "1．").replace("二、", "2．"),
    ],
)
def test_the_way_it_is_pasted_does_not_matter(change: "object") -> None:
    assert callable(change)
    notice = parse_notice(change(NOTICE_2026))
    assert notice.problems == ()
    assert notice.days.keys() == parse_notice(NOTICE_2026).days.keys()


def test_a_holiday_may_reach_into_the_neighbouring_year() -> None:
    notice = parse_notice("2023年部分节假日安排\n一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。")
    assert notice.problems == ()
    assert sorted(notice.days) == [date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2)]
    unnamed = parse_notice("2023年部分节假日安排\n一、元旦：12月31日至1月2日放假调休，共3天。")
    assert sorted(unnamed.days) == sorted(notice.days)


def problems(line: str, year: int = 2026) -> list[tuple[int, str]]:
    found: Notice = parse_notice(f"{year}年部分节假日安排\n\n{line}")
    return [(problem.line, str(problem.text)) for problem in found.problems]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("一、元旦：1月1日（周五）至3日（周六）放假调休，共3天。", "2026-01-01 是星期四，通知写的是星期五"),
        ("一、元旦：1月1日（周四）至3日（周六）放假调休，共4天。", "通知写共4天，按日期是3天"),
        ("一、元旦：1月1日放假2天。", "通知写共2天，按日期是1天"),
        ("二、春节：2月30日至3月3日放假。", "没有这一天：2月30日"),
        ("二、春节：13月1日放假。", "没有这一天：13月1日"),
        ("二、春节：2月15日至23日放假。2月17日上班。", "2026-02-17 既写放假又写上班"),
        ("二、春节：2月25日上班。", "2026-02-25 不是周末，本来就上班"),
        ("二、春节：2月15日至23日。", "没有说明这些日期是放假还是上班"),
        ("二、春节：放假安排另行通知。", ""),
        ("二、春节：待定。", "没有读到日期"),
        ("2月15日至23日放假。", "没有说明是哪个节日"),
        ("二、春节：2月23日至15日放假。", "日期先后不对"),
        ("二、春节：2月15日至5月15日放假。", "日期先后不对"),
        ("二、春节：2029年2月15日放假。", "不在这份通知的年份内"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(line: str, words: str) -> None:
    found = problems(line)
    if not words:
        assert found == [(0, "没有找到放假或上班的日期")]
        return
    assert len(found) == 1
    number, text = found[0]
    assert number == 3
    assert words in text


def test_without_a_year_nothing_is_read() -> None:
    assert [str(one.text) for one in parse_notice("一、元旦：1月1日放假。").problems] == [
        "没有找到年份，请连同标题一起粘贴"
    ]
    assert parse_notice("").days == {}
    assert parse_notice("").whole_year() == {}


def test_advice_closes_no_office() -> None:
    notice = parse_notice(NOTICE_2024)
    assert date(2024, 2, 9) not in notice.days


@given(st.text(alphabet="一二、：:。0123456789月日年放假上班至（）()周六共天元旦 \n２", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    found = parse_notice(f"2026年{text}")
    assert found.days or found.problems


def test_a_long_text_is_refused() -> None:
    assert parse_notice(NOTICE_2026 + "。" * LONGEST).problems


def named(text: str) -> dict[str, bool]:
    """The days that a notice decides about, by month and day; it must be readable and not the year's."""
    notice = parse_notice(text)
    assert notice.problems == ()
    assert not notice.is_yearly
    assert notice.whole_year() == {}
    return {f"{on.month}-{on.day}": work for on, (work, _name) in notice.wanted().items()}


CHANGED_MAY = {f"5-{day}": False for day in range(1, 5)} | {"4-28": True, "5-5": True}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (
            "国务院办公厅关于调整2019年劳动节假期安排的通知\n国办发明电〔2019〕3号\n各省、自治区、直辖市人民政府：\n"
            "经国务院批准，现就调整2019年劳动节假期安排通知如下：\n一、劳动节假期安排\n"
            "2019年5月1日（星期三）至4日（星期六）放假调休，共4天。4月28日（星期日）、5月5日（星期日）上班。\n"
            "二、有关工作要求\n节假日期间，各地区要妥善安排好值班。\n2019年3月20日",
            CHANGED_MAY,
        ),
        (
            "国务院办公厅关于调整\n2019年劳动节假期安排的通知\n5月1日至4日放假调休，共4天。4月28日、5月5日上班。",
            CHANGED_MAY,
        ),
        (
            "2027年劳动节放假通知\n劳动节：5月1日（周六）至5日（周三）放假，共5天。",
            {f"5-{d}": False for d in range(1, 6)},
        ),
        ("关于2026年5月9日调休上班的通知\n5月9日（周六）上班，5月11日（周一）放假。", {"5-9": True, "5-11": False}),
        ("2026年5月9日（周六）上班，特此通知。", {"5-9": True}),
        (
            "关于再次更正2026年劳动节安排的通知\n《2026年5月更正通知》已收悉。5月9日（周六）不再上班，5月4日（周一）照常上班。",
            {"5-9": False, "5-4": True},
        ),
        (
            "广西壮族自治区人民政府关于2026年“广西三月三”放假的通知\n4月18日（周六）至21日（周二）全区放假，共4天。",
            {f"4-{day}": False for day in range(18, 22)},
        ),
        (
            "2027年部分节假日安排\n一、元旦：1月1日（周五）至3日（周日）放假，共3天。",
            {f"1-{day}": False for day in range(1, 4)},
        ),
        ("关于2026年元旦假期的通知\n2026年12月31日至1月2日放假，共3天。", {"12-31": False, "1-1": False, "1-2": False}),
        (NOTICE_2026.replace("2026年部分节假日安排", "关于调整2026年部分节假日安排的通知"), None),
        ("\n".join(line for line in NOTICE_2026.splitlines() if "清明" not in line), None),
    ],
)
def test_a_notice_that_is_not_the_years_decides_about_its_own_days(text: str, days: dict[str, bool] | None) -> None:
    found = named(text)
    if days is None:
        assert 20 < len(found) < 50
    else:
        assert found == days


def test_what_a_part_leaves_out_is_said() -> None:
    assert parse_notice("2027年部分节假日安排\n一、元旦：1月1日放假。").missing == (
        "春节",
        "清明节",
        "劳动节",
        "端午节",
        "中秋节",
        "国庆节",
    )
    assert parse_notice(NOTICE_2025).missing == ()


def test_a_swap_without_a_holiday_has_a_name() -> None:
    notice = parse_notice("关于2026年5月9日调休上班的通知\n5月9日（周六）上班。")
    assert notice.days[date(2026, 5, 9)].name == "调休"
    named_by_title = parse_notice("关于调整2026年劳动节安排的通知\n5月9日（周六）上班。")
    assert named_by_title.days[date(2026, 5, 9)].name == "劳动节"


@pytest.mark.parametrize(
    "line",
    [
        "将5月9日（周六）上班调整为5月10日（周日）上班。",
        "《通知》中“5月9日（周六）上班”更正为“5月10日（周日）上班”。",
        "原定5月9日（周六）上班。",
        "取消5月9日（周六）上班。",
        "延长2026年劳动节假期至5月7日（周四），5月8日（周五）起正常上班。",
        "5月4日（周一）下午放假。",
        "5月4日（周一）放假半天。",
        "5月4日（周一）全县中小学放假。",
        "5月1日至5日放假，其中5月9日（周六）调休。",
        "除5月2日外，5月1日至5日放假。",
        "2025年11月4日印发的劳动节放假安排有误。",
        "如遇台风，5月4日放假。",
    ],
)
def test_what_refers_to_other_arrangements_is_refused_in_words(line: str) -> None:
    notice = parse_notice(f"关于调整2026年劳动节安排的通知\n{line}")
    assert [problem.line for problem in notice.problems] == [2] or not notice.days
    assert notice.problems


@pytest.mark.parametrize(
    "text",
    [
        NOTICE_2025 + NOTICE_2026,
        "关于2026年国庆节、2027年元旦放假的通知\n国庆节：10月1日至7日放假。元旦：1月1日放假。",
        "2026年部分节假日安排\n一、元旦：1月1日放假。\n2027年节假日安排\n一、元旦：1月1日放假。",
    ],
)
def test_two_years_are_not_read_as_one(text: str) -> None:
    notice = parse_notice(text)
    assert "两个年份" in str(notice.problems[0].text)
    assert notice.wanted() == {}
