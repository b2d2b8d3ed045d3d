"""What others subscribe to, opened with two readers: the library that writes it, and one that is no kin of it."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from common.calendars import CalendarEntry, written
from common.clock import SHANGHAI

AT = datetime(2026, 3, 18, 9, 30, tzinfo=SHANGHAI)
LONG = "夏东社区联席会议：幸福路口积水、加装电梯、停车；请各单位派熟悉情况的人参加, 带上\\图纸\n第二行" * 3
ENTRIES = (
    CalendarEntry(
        "meeting-7", 4, date(2026, 3, 31), LONG, "https://gov.example/meetings/7/", time(14, 30), "夏东社区, 二楼"
    ),
    CalendarEntry("meeting-8", 2, date(2026, 4, 7), "城市论坛", "https://gov.example/meetings/8/", cancelled=True),
    CalendarEntry(
        "commitment-9", 0, date(2026, 12, 31), "清疏", "https://gov.example/promises/9/", busy=False, tentative=True
    ),
)


def sent() -> bytes:
    return written("会议和承诺", ENTRIES, host="gov.example", at=AT)


def test_lines_are_folded_by_octets_and_end_as_the_standard_says() -> None:
    lines = sent().split(b"\r\n")
    assert (lines[-1], b"\n" in b"".join(lines), b"\r" in b"".join(lines)) == (b"", False, False)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()


def test_both_readers_read_the_same() -> None:
    ours = list(Calendar.from_ical(sent()).walk("VEVENT"))
    theirs = vobject.readOne(sent().decode()).vevent_list
    assert [read_here(event) for event in ours] == [read_there(event) for event in theirs]
    first, second, third = map(read_here, ours)
    assert first == (
        "meeting-7@gov.example", 4, datetime(2026, 3, 31, 6, 30, tzinfo=UTC), LONG, "CONFIRMED", "夏东社区, 二楼",
    )  # fmt: skip
    assert second[1:5] == (2, date(2026, 4, 7), "城市论坛", "CANCELLED")
    assert (third[2], third[4]) == (date(2026, 12, 31), "TENTATIVE")


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("停电\r\nEND:VEVENT\r\nBEGIN:VALARM", "停电\nEND:VEVENT\nBEGIN:VALARM"),
        ("停电\rX-EVIL:1\u2028\x85", "停电\nX-EVIL:1\n"),
        ("\x07铃\x00\x1b[2J", "铃[2J"),
        ("a;b,c\\n:d", "a;b,c\\n:d"),
        ("😀" * 60, "😀" * 60),
    ],
)
def test_words_stay_words(words: str, read: str) -> None:
    """Nothing that is written in a title, a place or a note begins a line of its own or breaks a character."""
    entry = CalendarEntry("m-1", 0, date(2026, 1, 1), words, "https://gov.example/", place=words, description=words)
    made = written("会议", [entry], host="gov.example", at=AT)
    assert max(map(len, made.split(b"\r\n"))) <= 75
    [here], [there] = Calendar.from_ical(made).walk("VEVENT"), vobject.readOne(made.decode()).vevent_list
    assert {str(here[name]) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")} == {read}
    assert {there.summary.value, there.location.value, there.description.value} == {read}


def read_here(event: Any) -> tuple[Any, ...]:
    place = str(event.get("LOCATION", ""))
    return (
        str(event["UID"]), int(event["SEQUENCE"]), event.decoded("DTSTART"), str(event["SUMMARY"]),
        str(event["STATUS"]), place,
    )  # fmt: skip


def read_there(event: Any) -> tuple[Any, ...]:
    place = event.location.value if hasattr(event, "location") else ""
    return (
        event.uid.value, int(event.sequence.value), event.dtstart.value, event.summary.value, event.status.value, place,
    )  # fmt: skip
