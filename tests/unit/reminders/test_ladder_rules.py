"""What may stand on a ladder, what an edit makes of one, and a rung in words."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from common.clock import SHANGHAI
from deadlines.arithmetic import OffsetError
from issues.enums import DeadlineKind
from reminders.ladder import DEFAULT_LADDER, Rung
from reminders.ladder_rules import (
    Edit,
    NoSuchRung,
    apply,
    check,
    find,
    free_ranks,
    key_of,
    meet,
    values_of,
    version_of,
)
from reminders.ladder_words import ROLES, effect_words, offset_words, what_words
from reminders.rungs import effect_of_rung

NOW = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
RUNGS = DEFAULT_LADDER.rungs


def rung(**given: Any) -> Rung:
    values: dict[str, Any] = {
        "ladder": "working",
        "code": "due_today",
        "rank": 12,
        "offset": "due+1wd",
        "roles": ("head",),
        "kinds": frozenset({"handle"}),
    } | given
    return Rung(**values, effect=effect_of_rung(values["code"]))


def test_the_products_own_ladder_stands() -> None:
    for one in RUNGS:
        others = [other for other in RUNGS if other is not one]
        assert check(others, one) == {}, key_of(one)
        assert effect_of_rung(one.code) == one.effect
    assert len({key_of(one) for one in RUNGS}) == len(RUNGS)


def test_no_two_rungs_of_one_deadline_share_a_place() -> None:
    for kind in DeadlineKind:
        for ladder in ("working", "clock"):
            ranks = [one.rank for one in RUNGS if one.ladder == ladder and one.serves(kind)]
            assert len(ranks) == len(set(ranks)), kind


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rank": 5}, "rank"),
        ({"rank": 0}, "rank"),
        ({"rank": 16}, "rank"),
        ({"rank": 9, "code": "order", "kinds": frozenset({"inform"})}, "rank"),
        ({"offset": "due+"}, "offset"),
        ({"offset": "due_day+99999min"}, "offset"),
        ({"offset": "start-1h"}, "offset"),
        ({"offset": "start", "kinds": frozenset({"handle"})}, "kinds"),
        ({"offset": "start", "code": "urge", "kinds": frozenset({"acknowledge"})}, "code"),
        ({"offset": "daily", "code": "urge"}, "code"),
        ({"roles": ()}, "roles"),
        ({"roles": ("mayor",)}, "roles"),
        ({"kinds": frozenset({"holiday"})}, "kinds"),
        ({"levels": frozenset({"low"})}, "levels"),
        ({"channels": ("pigeon",)}, "channels"),
        ({"code": "yellow_card", "kinds": frozenset()}, "kinds"),
        ({"code": "red_card", "kinds": frozenset({"handle", "accept"})}, "kinds"),
        ({"code": "deemed", "kinds": frozenset({"handle"})}, "kinds"),
        ({"code": "deemed", "kinds": frozenset({"acknowledge"}), "levels": frozenset({"critical"})}, "levels"),
        ({"code": "expired", "kinds": frozenset({"handle"})}, "kinds"),
        ({"code": "urge", "kinds": frozenset({"signature"})}, "kinds"),
        ({"code": "order", "kinds": frozenset({"more_info"})}, "kinds"),
    ],
)
def test_what_cannot_stand(given: dict[str, Any], field: str) -> None:
    assert field in check(RUNGS, rung(**given))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"rank": 1},
        {"rank": 6},
        {"offset": "daily"},
        {"offset": "due-6mo"},
        {"offset": "start", "kinds": frozenset({"acknowledge"}), "rank": 12},
        {"code": "order", "rank": 8, "roles": ()},
        {"code": "yellow_card", "kinds": frozenset({"fulfil"}), "rank": 14, "roles": ()},
        {"ladder": "clock", "rank": 9, "kinds": frozenset({"signature"})},
    ],
)
def test_what_can_stand(given: dict[str, Any]) -> None:
    assert check(RUNGS, rung(**given)) == {}


def test_places_are_free_where_no_deadline_has_both() -> None:
    assert free_ranks(RUNGS, rung()) == [1, 6, 7, 8, 12, 13, 14, 15]
    assert free_ranks(RUNGS, rung(kinds=frozenset())) == [8, 15]
    assert free_ranks(RUNGS, rung(kinds=frozenset({"inform"}))) == [1, 2, *range(5, 14)]
    assert not meet(rung(), rung(ladder="clock"))
    assert meet(rung(), rung(kinds=frozenset()))
    assert not meet(rung(kinds=frozenset({"inform"})), rung(kinds=frozenset()))


# Edits


def test_an_edit_adds_changes_or_retires_one_rung() -> None:
    added = apply(RUNGS, Edit(None, rung()), NOW)
    assert set(added) - set(RUNGS) == {rung()}
    changed = apply(RUNGS, Edit("working-5-urge", rung(code="urge", rank=14, ladder="clock")), NOW)
    (new,) = set(changed) - set(RUNGS)
    assert (new.ladder, new.rank, new.offset, new.since) == ("working", 5, "due+1wd", None)
    assert len(changed) == len(RUNGS)
    retired = apply(RUNGS, Edit("clock-5-urge", None), NOW)
    assert [one for one in RUNGS if one not in retired] == [find(RUNGS, "clock-5-urge")]
    with pytest.raises(NoSuchRung):
        apply(retired, Edit("clock-5-urge", rung()), NOW)
    assert [edit.kind for edit in (Edit(None, rung()), Edit("a", rung()), Edit("a", None))] == [
        "add",
        "change",
        "retire",
    ]


def test_what_is_taken_as_passed_stays_so_until_the_time_of_the_rung_is_another() -> None:
    let_pass = apply(RUNGS, Edit(None, rung(), pass_over=True), NOW)
    key = key_of(rung())
    assert find(let_pass, key).since == NOW
    later = NOW.replace(hour=15)
    same_time = apply(let_pass, Edit(key, rung(roles=("handler",))), later)
    assert find(same_time, key).since == NOW
    other_time = apply(let_pass, Edit(key, rung(offset="due+2wd")), later)
    assert find(other_time, key).since is None


def test_the_version_is_that_of_the_whole_ladder() -> None:
    version = version_of(RUNGS)
    assert version == version_of(reversed(RUNGS))
    assert version != version_of(RUNGS[1:])
    assert version != version_of([replace(RUNGS[0], roles=("head",)), *RUNGS[1:]])
    assert values_of(rung(levels=frozenset({"urgent"})))["levels"] == ["urgent"]


# Words


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        ("due", "到期时"),
        ("due+3wd", "到期后3个工作日"),
        ("due+4h", "到期后4小时"),
        ("due-6mo", "到期前6个月"),
        ("due-2wd", "到期前2个工作日"),
        ("start", "开始计时时"),
        ("start+4wh", "开始计时后4个工作小时"),
        ("half", "时限过半时"),
        ("soon-1h", "进入临期前1小时"),
        ("due_day", "到期当天8:30"),
        ("due_day+30min", "到期当天8:30后30分钟"),
        ("twice", "超过两倍时限时"),
        ("twice+1d", "超过两倍时限后1天"),
        ("daily", "每个工作日8:30，直到办完"),
    ],
)
def test_an_offset_in_words(offset: str, words: str) -> None:
    assert offset_words(offset) == words


def test_a_wrong_offset_has_no_words() -> None:
    with pytest.raises(OffsetError):
        offset_words("due+")


def test_everything_on_the_ladder_has_words() -> None:
    for one in RUNGS:
        assert offset_words(one.offset)
        assert what_words(one) == effect_words(one.effect)
        assert set(one.roles) <= set(ROLES)
