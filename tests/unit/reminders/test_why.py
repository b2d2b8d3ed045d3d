"""为什么通知我: one sentence from the reason, whom one stands in for, and the rung."""

import pytest
from django.utils import translation

from deadlines import kinds
from reminders import rungs
from reminders.enums import Reason, RungRole
from reminders.why import listed, places, sentence

URGE = {"rung": "urge", "deadline_kind": "handle", "roles": ["handler", "head"]}


def test_an_event_says_what_one_is_to_it() -> None:
    assert sentence("handler", {}) == "您是承办人。"
    assert sentence("named", {"officer": 4}) == "此事指名给您。"


def test_a_reminder_says_clock_rung_and_whom_it_tells() -> None:
    assert sentence("handler", URGE) == "您是承办人，办理时限的“催办”提醒发给承办人和部门负责人。"


def test_a_reminder_that_told_nobody_in_particular_says_no_more_than_its_name() -> None:
    assert sentence("supervisor", URGE | {"roles": []}) == "您在街道社会治理办，办理时限的“催办”提醒。"


def test_cover_names_whom_one_stands_in_for() -> None:
    assert sentence("handler", {}, covering="陈晓琳") == "您代陈晓琳（承办人）值守。"
    assert sentence("watcher", {}, covering="陈晓琳") == "您代陈晓琳值守。"


def test_rows_from_before_reasons_were_kept_say_so() -> None:
    assert sentence("", {}) == "这条通知发出时还没有记录原因。"


def test_a_communitys_clock_means_the_community() -> None:
    assert places(["desk", "handler", "head"], "accept") == ["社区工作人员", "社区书记"]
    assert places(["handler"], "return_decision") == ["街道社会治理办"]
    assert places([], "return_decision") == []


def test_lists_read_as_people_say_them() -> None:
    assert [listed(words) for words in ([], ["甲"], ["甲", "乙"], ["甲", "乙", "丙"])] == [
        "",
        "甲",
        "甲和乙",
        "甲、乙和丙",
    ]


@pytest.mark.parametrize("reason", ["", *Reason.values])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_reason_and_rung_has_a_sentence(reason: str, language: str) -> None:
    with translation.override(language):
        for rung in [spec.code for spec in rungs.every()]:
            for clock in [spec.code for spec in kinds.every()]:
                data = {"rung": rung, "deadline_kind": clock, "roles": [role.value for role in RungRole]}
                said = sentence(reason, data, covering="陈晓琳" if reason else "")
                assert said
                assert "%(" not in said
