"""What an event says of the fields of its action, by their labels."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from issues.enums import Check
from issues.fields import Choice, Code, Day, Field, Flag, PointInTime, Text, Whole, field_of, label_of
from issues.timeline.facts import Names, said_of
from issues.workflow import TABLE, Party


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (Choice(Check, label="方式"), "phone", "方式："),
        (Flag(label="已到现场"), True, "已到现场"),
        (Day(label="日期"), "2026-03-18", "日期：3月18日"),
        (PointInTime(label="时间"), datetime(2026, 3, 18, 2, tzinfo=UTC).isoformat(), "时间：3月18日"),
        (Whole(9, label="户数"), 3, "户数：3"),
        (Text(label="说明"), "写了什么", ""),
        (Code(label="单位"), 7, ""),
    ],
)
def test_a_value_reads_by_the_label_of_its_field(field: Field, value: Any, words: str) -> None:
    with translation.override("zh-hans"):
        said = said_of(field)(value, Names())
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_every_field_that_somebody_fills_in_has_a_label() -> None:
    people = [row for row in TABLE if row.who - {Party.TIME}]
    assert all(label_of(row.action, name) for row in people for name in (*row.required, *row.optional, "note"))


def test_a_field_may_have_words_of_its_own_in_an_action() -> None:
    assert label_of("reply", "note") == "答复内容"
    assert label_of("dispatch", "department") == "承办单位"
    assert label_of("add_department", "department") == "协办单位"
    assert label_of("edit", "attachments") == ""
    assert isinstance(field_of("return", "reason"), Choice)
    assert isinstance(field_of("redo", "reason"), Text)
