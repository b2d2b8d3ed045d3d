"""The word list: how a text reads in the office's words, and how a search may have been written."""

import pytest

from common.search import normalise
from communities.word_list import DEFAULT_WORDS, WordList

SAID = WordList({"水浸": "积水", "水浸街": "积水", "坑渠": "下水道", "下水": "排水", "lift": "电梯"})


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        ("门口水浸街", "门口积水"),
        ("下水道堵了", "下水道堵了"),
        ("坑渠反味，下水慢", "下水道反味，排水慢"),
        ("Ｌｉｆｔ坏了", "电梯坏了"),
        ("", ""),
    ],
)
def test_the_longest_word_counts_and_the_offices_own_words_stay(text: str, plainly: str) -> None:
    assert SAID.read(text)[0] == normalise(plainly)


def test_a_search_is_read_in_every_form_of_its_first_known_word() -> None:
    assert SAID.readings("水浸 夏南") == ["水浸 夏南", "积水 夏南", "水浸街 夏南"]
    assert SAID.readings("积水") == ["积水", "水浸", "水浸街"]
    assert SAID.readings("路灯") == ["路灯"]
    many = WordList({f"说法{number}": "规范" for number in range(40)})
    assert len(many.readings("规范")) == 12


def test_every_word_of_the_product_has_one_meaning_that_is_no_word_itself() -> None:
    assert len(DEFAULT_WORDS) > 400
    for word, meaning in DEFAULT_WORDS.items():
        assert (word, meaning) == (normalise(word), normalise(meaning))
        assert word != meaning
        assert meaning not in DEFAULT_WORDS, (word, meaning)


def test_an_empty_list_changes_nothing() -> None:
    assert WordList({}).read("水浸") == ("水浸", set())
    assert WordList({}).readings("水浸") == ["水浸"]


def test_a_meaning_that_is_a_word_itself_leads_on_and_a_circle_ends() -> None:
    said = WordList({"黑灯": "街灯", "街灯": "路灯", "甲": "乙", "乙": "甲"})
    assert said.read("黑灯瞎火") == ("路灯瞎火", {"路灯"})
    assert said.read("甲乙")[0] in {"甲甲", "甲乙", "乙甲", "乙乙"}


def test_a_single_character_is_read_and_neither_searched_for_nor_a_categorys_word() -> None:
    said = WordList({"灯": "路灯", "街灯": "路灯"})
    assert said.read("条街冇灯") == ("条街冇路灯", {"路灯"})
    assert said.readings("路灯") == ["路灯", "街灯"]
    assert said.readings("灯") == ["灯"]
    assert said.words_for("路灯") == ["街灯"]
