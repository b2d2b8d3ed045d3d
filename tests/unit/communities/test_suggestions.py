"""Category suggestions: the words that decide, and how ties are broken."""

from dataclasses import dataclass

import pytest

from communities.suggestions import MOST, Suggestion, suggest_category
from seeds.places.tables import rows


@dataclass(frozen=True)
class Words:
    code: str
    keywords: str


DEMO = [Words(row["code"], row["keywords"]) for row in rows("keywords")]


def test_the_words_that_decided_are_shown_longest_first() -> None:
    categories = [Words("0301", "积水 雨水口"), Words("0302", "下水道")]
    assert suggest_category("路面积水，雨水口堵了", categories) == [Suggestion("0301", ("雨水口", "积水"))]


def test_a_longer_word_covers_a_shorter_one() -> None:
    categories = [Words("1", "停车"), Words("2", "停车费")]
    assert suggest_category("停车费太高", categories) == [Suggestion("2", ("停车费",))]


def test_a_shorter_word_counts_where_it_stands_alone() -> None:
    categories = [Words("1", "停车"), Words("2", "停车费")]
    assert [found.category_code for found in suggest_category("停车费太高，停车也难", categories)] == ["2", "1"]


def test_equal_matches_go_by_code() -> None:
    categories = [Words("9", "路灯"), Words("1", "路灯")]
    assert [found.category_code for found in suggest_category("路灯不亮", categories)] == ["1", "9"]


def test_full_width_and_case_do_not_matter() -> None:
    assert suggest_category("卡拉ＯＫ太吵", [Words("1", "卡拉OK")]) == [Suggestion("1", ("卡拉ok",))]


@pytest.mark.parametrize("text", ["", "今天天气很好", "。！"])
def test_nothing_is_suggested_without_a_known_word(text: str) -> None:
    assert suggest_category(text, [Words("1", "路灯"), Words("2", "")]) == []


def test_no_more_than_a_few() -> None:
    categories = [Words(str(number), "路灯") for number in range(MOST + 4)]
    assert len(suggest_category("路灯", categories)) == MOST


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("五房沙桥底路面积水，下水道口冒水，电动车过不去", "0301"),
        ("村委会旁路灯连续三晚不亮", "1402"),
        ("楼上半夜吵闹，拖动桌椅", "1203"),
        ("电梯困人十分钟才有人来", "0603"),
        ("三巷闻到煤气味", "1404"),
        ("有人在楼梯间飞线充电", "1003"),
        ("孔溪大街井盖松动，夜间异响", "0304"),
        ("想咨询加装电梯意愿征询怎样做", "0601"),
        ("长者饭堂送餐太迟", "1501"),
        ("自来水发黄，物业未清洗水池", "1403"),
    ],
)
def test_the_demonstrations_words_lead_to_the_right_category(text: str, code: str) -> None:
    assert code in [found.category_code for found in suggest_category(text, DEMO)]
