"""The oracle says what the product says: dates that people worked out by hand."""

from datetime import date, datetime

from tests.support.oracle.clock import Facts, due_by
from tests.support.oracle.days import SHANGHAI, Days
from tests.support.oracle.rungs import Speaker

SPRING = {date(2026, 2, day): day in (14, 28) for day in (14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 28)}
"""The Spring Festival of 2026: 15 to 23 February off, the 14th and the 28th worked."""
PLAIN = Days({})


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def due(facts: Facts, days: Days = PLAIN) -> str:
    return f"{facts.due(days):%m-%d %H:%M}"


def test_five_working_days_over_the_spring_festival() -> None:
    assert due_by("5wd", at("02-13T10:00"), Days(SPRING)) == at("02-27T17:30")


def test_pause_and_level_commute() -> None:
    """求助 deferred for three working days, then a complaint; or the other way round: 30 March both."""
    first = Facts("handle", "5wd", at("03-11T10:00"))
    first.pause(at("03-12T10:00"))
    first.resume(at("03-17T10:00"))
    first.limit = "10wd"
    second = Facts("handle", "10wd", at("03-11T10:00"))
    second.pause(at("03-12T10:00"))
    second.resume(at("03-17T10:00"))
    assert due(first) == due(second) == "03-30 17:30"


def test_what_was_overdue_stays_so_and_what_was_not_has_a_day() -> None:
    late = Facts("handle", "1wd", at("03-09T10:00"))
    late.pause(at("03-11T10:00"))
    late.resume(at("03-16T10:00"))
    assert due(late) == "03-13 17:30", "a pause forgives no lateness"
    hours = Facts("handle", "2h", at("03-09T10:00"))
    hours.pause(at("03-09T13:00"))
    hours.resume(at("03-09T15:00"))
    assert due(hours) == "03-09 14:00"
    last_minute = Facts("handle", "1wd", at("03-09T10:00"))
    last_minute.pause(at("03-10T17:30"))
    last_minute.resume(at("03-10T18:00"))
    assert due(last_minute) == "03-11 17:30"


def test_the_earliest_cap_wins_and_says_whose_it_is() -> None:
    facts = Facts("handle", "5wd", at("03-11T10:00"), caps={"outside": at("03-16T12:00"), "7": at("03-13T09:00")})
    assert (due(facts), facts.holder(PLAIN)) == ("03-13 09:00", "7")
    del facts.caps["7"]
    assert (due(facts), facts.holder(PLAIN)) == ("03-16 12:00", "outside")
    facts.caps["outside"] = at("03-10T12:00")
    assert due(facts) == "03-11 10:01", "past when it began: handling is due at once"
    facts.kind = "respond"
    assert (due(facts), facts.holder(PLAIN)) == ("03-18 17:30", "")


def test_a_date_set_anew_has_its_own_rungs() -> None:
    """Help due on 18 March: due_soon and due_today were said; extended by three working days, both come again."""
    speaker = Speaker(Facts("handle", "5wd", at("03-11T10:00")))
    speaker.settle(at("03-11T10:00"), PLAIN)
    assert _next(speaker) == ("notice", at("03-16T09:15"))
    wanted = speaker.expected(at("03-18T09:00"), "normal", "in_progress", PLAIN)
    assert wanted is not None
    assert (wanted.code, set(wanted.skipped)) == ("due_today", {"notice", "due_soon"})
    speaker.hear(wanted, at("03-18T09:00"), PLAIN)
    speaker.facts.extended = 3
    speaker.settle(at("03-18T11:00"), PLAIN)
    assert _next(speaker) == ("due_soon", at("03-20T17:30")), "half of the time was said and is past"
    speaker.facts.extended = 0
    speaker.settle(at("03-18T12:00"), PLAIN)
    assert _next(speaker) == ("urge", at("03-18T17:30")), "a date that comes back does not speak twice"


def _next(speaker: Speaker) -> tuple[str, datetime]:
    moment, step = speaker.steps("normal", "in_progress", PLAIN)[0]
    return step.code, moment
