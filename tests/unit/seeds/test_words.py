"""The demonstration's texts: every pair of braces can be filled, every category has its words."""

import re
from collections import Counter
from random import Random

import pytest

from issues.enums import Kind, Outcome, RejectReason
from seeds.demonstration.histories import RECIPES
from seeds.demonstration.turns import TURNS
from seeds.demonstration.words import Filler, blocks, notes, patterns
from seeds.places.tables import rows

GIVEN = {
    "area": "碧湖花园",
    "spot": "北门旁",
    "suggested": "水务管理办公室",
    "community": "大德社区",
    "date": "11月20日",
}
TEXTS = [(block, key) for name in ("scenes", "cases", "rejected") for block in blocks(name) for key in block.values] + [
    (block, key) for block in patterns() for key in block.values
]


@pytest.mark.parametrize("seed", range(3))
def test_every_text_can_be_filled(seed: int) -> None:
    for block, key in TEXTS:
        filled = Filler(Random(seed), GIVEN).fill(block.get(key))
        assert not re.search(r"[{}|]", filled) or key == "where", (block.head, key, filled)


def test_every_scene_has_a_history_that_exists() -> None:
    for block in (*blocks("scenes"), *blocks("cases")):
        recipe = block.get("state").split()[0]
        assert recipe in {**RECIPES, **TURNS, "returned2": None}, block.head


def test_every_turn_is_shown_by_a_scene() -> None:
    assert set(TURNS) - {block.get("state").split()[0] for block in blocks("cases")} == {"ordered"}


def test_every_note_can_be_filled() -> None:
    for occasion, lines in notes().items():
        assert len(lines) >= 1, occasion
        for line in lines:
            assert not re.search(r"[{}|]", Filler(Random(1), GIVEN).fill(line)), line


def test_every_main_category_has_at_least_six_patterns() -> None:
    found = Counter(block.head[0][:2] for block in patterns())
    assert {row["code"] for row in rows("categories") if not row["parent"]} == set(found)
    assert min(found.values()) >= 6, found


def test_every_pattern_names_a_category_and_a_kind() -> None:
    codes = {row["code"] for row in rows("categories") if row["parent"]}
    assert {block.head[0] for block in patterns()} <= codes
    assert {block.head[1] for block in patterns()} <= set(Kind.values)


def test_every_pattern_is_whole() -> None:
    for block in patterns():
        assert block.get("title"), block.head
        assert len(block.get("text")) >= 40, block.head
        assert (block.get("outcome") or Outcome.SOLVED) in Outcome.values
        if block.head[1] != Kind.PRAISE:
            assert block.get("progress"), block.head
            assert block.get("reply"), block.head


def test_rejections_name_their_reason() -> None:
    reasons = {block.head[2] for block in blocks("rejected")}
    assert reasons == set(RejectReason.values)


def test_no_telephone_number_and_no_long_digits_stand_in_the_words() -> None:
    for block, key in TEXTS:
        assert not re.search(r"\d{5,}", block.get(key).replace("12345", "")), block.head


class TestFiller:
    def test_the_same_braces_are_filled_alike(self) -> None:
        filler = Filler(Random(4), {})
        first = filler.fill("{红|黄|蓝|绿}")
        assert all(filler.fill("{红|黄|蓝|绿}") == first for _ in range(20))

    def test_a_tag_takes_the_choice_at_the_same_place(self) -> None:
        for seed in range(20):
            filler = Filler(Random(seed), {})
            pair = filler.fill("{A:雨|风}"), filler.fill("{A:湿|凉}")
            assert pair in {("雨", "湿"), ("风", "凉")}

    def test_braces_may_be_nested(self) -> None:
        assert Filler(Random(1), {"x": "二"}).fill("{第{x}次|第{x}次}") == "第二次"

    def test_a_note_is_filled_by_itself(self) -> None:
        filler = Filler(Random(2), GIVEN)
        before = filler.fill("{n:1-9000}")
        filler.note("verify_phone")
        assert filler.fill("{n:1-9000}") == before

    def test_soft_matters_have_notes_of_their_own(self) -> None:
        found = Filler(Random(3), GIVEN, soft=True).raw_note("verify_phone")
        assert found in notes()["verify_phone_soft"]

    def test_an_unknown_name_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            Filler(Random(1), {}).fill("{nobody}")
