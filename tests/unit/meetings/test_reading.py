"""What is read out of sentences: figures over labelled ones and over the press's 48 records, and the odd words."""

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from deadlines.sources import built_in
from meetings.reading import Reading, read
from seeds.places.tables import rows

CALENDAR = built_in(2028)
SAID_ON = date(2026, 3, 18)
NAMES = {row["code"]: (row["name_zh"].split("（")[0], row["short_zh"]) for row in rows("departments")}


class Sentence(NamedTuple):
    set: str
    promise: str
    due: str
    department: str
    text: str


def sentences() -> list[Sentence]:
    lines = (Path(__file__).parent / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    return [Sentence(**row) for row in csv.DictReader((one for one in lines if one[:1] != "#"), delimiter="\t")]


SENTENCES = sentences()


def of(text: str, at: date = SAID_ON) -> Reading:
    return read(text, at=at, calendar=CALENDAR, names=NAMES)


def share(right: list[bool]) -> float:
    return sum(right) / len(right)


def test_promises_departments_and_dates_of_seventy_sentences() -> None:
    """The figures stand in docs/rules/meetings.md, the misses by name."""
    found = [(one, of(one.text)) for one in SENTENCES]
    undated = [(one, got) for one, got in found if one.promise == "undated"]
    assert [one.text for one, got in undated if not got.is_undated] == []
    promises = [(one, got) for one, got in found if one.promise != "none"]
    assert share([got.is_promise for _one, got in promises]) >= 0.9
    named = [(one, got) for one, got in found if one.department != "-"]
    right = [got.department is not None and got.department.code == one.department for one, got in named]
    assert share(right) >= 0.9
    dated = [(one, got) for one, got in found if one.promise == "dated"]
    assert share([got.due is not None and got.due.on.isoformat() == one.due for one, got in dated]) >= 0.9
    idle = [got for one, got in found if one.promise == "none"]
    assert share([not got.is_promise for got in idle]) >= 0.8


def test_the_forty_eight_records_of_the_press() -> None:
    """Each of the ten promises without a date is marked, each of the eight with a year is dated; see the misses."""
    found = {row["ref"]: (row["answer"], of(row["promise"], _said_on(row["date"]))) for row in rows("issues")}
    assert len(found) == 48
    undated = {ref for ref, (answer, got) in found.items() if answer == "promised_without_date"}
    assert len(undated) == 10
    assert {ref for ref in undated if not found[ref][1].is_undated} == set()
    years = {ref: got for ref, (answer, got) in found.items() if answer == "promised_with_year"}
    assert {ref for ref, got in years.items() if got.due is None or got.due.on.isoformat()[4:] != "-12-31"} == set()
    others = {ref for ref, (answer, got) in found.items() if not answer.startswith("promised") and got.is_promise}
    assert others == {"G-21", "G-43"}, "read as promises, and told by the press as discussed or planned"


def _said_on(text: str) -> date:
    parts = [int(part) for part in text.split("-")]
    return date(*[*parts, 1, 1][:3])


@pytest.mark.parametrize(
    ("words", "said_on", "due"),
    [
        ("月底前完成清理", "2026-02-10", "2026-02-28"),
        ("年内完成清理", "2026-12-30", "2026-12-31"),
        ("下周五完成清理", "2026-03-20", "2026-03-27"),
        ("周五完成清理", "2026-03-21", "2026-03-27"),
        ("一季度完成清理", "2026-03-31", "2026-03-31"),
        ("一季度完成清理", "2026-04-01", "2027-03-31"),
        ("12月31日前完成清理", "2026-03-18", "2026-12-31"),
        ("1月10日前完成清理", "2026-12-20", "2027-01-10"),
        ("十个工作日内完成清理", "2026-02-13", "2026-03-05"),
        ("二十一天内完成清理", "2026-03-18", "2026-04-08"),
        ("半年内完成清理", "2026-08-31", "2027-02-28"),
        ("一个半月内完成清理", "2026-03-18", "2026-05-03"),
        ("春节前完成清理", "2026-03-18", "2027-02-05"),
        ("2月30日前完成清理", "2026-01-05", "2026-02-28"),
        ("9月底前动工，明年6月底前完成清理", "2026-03-18", "2027-06-30"),
        ("已于3月1日完成清理", "2026-03-18", None),
        ("每周二下午接待群众", "2026-03-18", None),
        ("13月40日前完成清理", "2026-03-18", None),
    ],
)
def test_dates_are_counted_from_the_day_of_the_meeting(words: str, said_on: str, due: str | None) -> None:
    got = of(words, date.fromisoformat(said_on)).due
    assert (got.on.isoformat() if got else None) == due


def test_the_words_that_decided_are_shown() -> None:
    text = "下一步，由市政管理办公室会同水务办尽快补种"
    got = of(text)
    shown = [text[slice(*span)] for span in (got.department.span if got.department else (0, 0), got.verb or (0, 0))]
    assert [*shown, *(text[slice(*span)] for span in got.vague)] == ["市政管理办公室", "下一步", "下一步", "尽快"]


def test_odd_texts_are_read_without_harm() -> None:
    for text in ("", "。。。", "，，，", "将" * 2000, "十" * 2000 + "月", "1月" * 1000, "\x00将", "十十月底前完成"):
        assert isinstance(of(text), Reading), text[:9]
