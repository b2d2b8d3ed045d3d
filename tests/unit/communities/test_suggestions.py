"""Category suggestions: the words that decide, and how ties are broken."""

from dataclasses import dataclass

import pytest

from communities.suggestions import MOST, Suggestion, suggest_category
from communities.word_list import DEFAULT_WORDS, WordList
from seeds.places.tables import rows


@dataclass(frozen=True)
class Words:
    code: str
    keywords: str


NONE = WordList({})
DEMO = [Words(row["code"], row["keywords"]) for row in rows("keywords")]


def test_the_words_that_decided_are_shown_longest_first() -> None:
    categories = [Words("0301", "积水 雨水口"), Words("0302", "下水道")]
    assert suggest_category("路面积水，雨水口堵了", categories, NONE) == [Suggestion("0301", ("雨水口", "积水"))]


def test_a_longer_word_covers_a_shorter_one() -> None:
    categories = [Words("1", "停车"), Words("2", "停车费")]
    assert suggest_category("停车费太高", categories, NONE) == [Suggestion("2", ("停车费",))]


def test_a_shorter_word_counts_where_it_stands_alone() -> None:
    categories = [Words("1", "停车"), Words("2", "停车费")]
    assert [found.category_code for found in suggest_category("停车费太高，停车也难", categories, NONE)] == ["2", "1"]


def test_equal_matches_go_by_code() -> None:
    categories = [Words("9", "路灯"), Words("1", "路灯")]
    assert [found.category_code for found in suggest_category("路灯不亮", categories, NONE)] == ["1", "9"]


def test_full_width_and_case_do_not_matter() -> None:
    assert suggest_category("卡拉ＯＫ太吵", [Words("1", "卡拉OK")], NONE) == [Suggestion("1", ("卡拉ok",))]


@pytest.mark.parametrize("text", ["", "今天天气很好", "。！"])
def test_nothing_is_suggested_without_a_known_word(text: str) -> None:
    assert suggest_category(text, [Words("1", "路灯"), Words("2", "")], NONE) == []


def test_no_more_than_a_few() -> None:
    categories = [Words(str(number), "路灯") for number in range(MOST + 4)]
    assert len(suggest_category("路灯", categories, NONE)) == MOST


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
    assert code in [found.category_code for found in suggest_category(text, DEMO, WordList(DEFAULT_WORDS))]


def test_what_residents_say_counts_like_the_categorys_word_and_is_named_as_it_was_said() -> None:
    said = WordList({"水浸": "积水", "水浸街": "积水"})
    categories = [Words("0301", "积水"), Words("0302", "下水道")]
    assert suggest_category("落雨就水浸街", categories, said) == [Suggestion("0301", ("水浸街",))]
