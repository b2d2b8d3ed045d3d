"""Who is taken for a person: a matrix of challenge, pace, proof, trap and whether they came before."""

from datetime import timedelta
from itertools import product

import pytest

from door.challenges import (
    QUICKEST,
    VALID_FOR,
    Challenge,
    Doubt,
    judge,
    new_challenge,
    read_challenge,
    renewed,
    solves,
)
from tests.support.cast import NOW
from tests.support.puzzles import solved

SECOND = timedelta(seconds=1)
PACES = {"at once": 0 * SECOND, "fast": QUICKEST - SECOND, "slowly": QUICKEST, "a week": VALID_FOR,
         "too old": VALID_FOR + SECOND}  # fmt: skip


def expected(seen: bool, pace: str, proof: bool, trapped: bool) -> Doubt | None:
    """The rules, a second time."""
    if pace == "too old":
        return Doubt.UNKNOWN
    if trapped and not seen:
        return Doubt.TRAPPED
    if pace in ("at once", "fast"):
        return Doubt.FAST
    return None if proof or seen else Doubt.UNSURE


@pytest.mark.parametrize(("seen", "pace", "proof", "trapped"), list(product((0, 1), PACES, (0, 1), (0, 1))))
def test_every_case(seen: bool, pace: str, proof: bool, trapped: bool) -> None:
    token = Challenge("report", NOW, "a-word-of-its-own"[:16], bool(seen)).token()
    answer = solved(token) if proof else ""
    found = judge(form="report", token=token, proof=answer, trapped=trapped, at=NOW + PACES[pace])
    assert found.doubt is expected(seen, pace, proof, trapped)
    assert found.challenge is not None


@pytest.mark.parametrize("way", ["nothing", "of another form", "changed", "made up", "long", "not ascii", "parts"])
def test_what_is_none_of_ours(way: str) -> None:
    token = new_challenge("report", NOW).token()
    given = {
        "nothing": "",
        "of another form": new_challenge("question-1", NOW).token(),
        "changed": token.replace("report.1", "report.0"),
        "made up": "report.1.word.1:signature",
        "long": token * 100,
        "not ascii": "报.告.·.1:é",
        "parts": token.replace(".", "", 1),
    }[way]
    found = judge(form="report", token=given, proof="", trapped=False, at=NOW + QUICKEST)
    assert (found.challenge, found.doubt) == (None, Doubt.UNKNOWN)


@pytest.mark.parametrize(
    "proof", ["", "1", "1.2.3.4.5.6.7.8", "a.b.c.d.e.f.g.h", "9" * 9999, "1.1.1.1.1.1.1.1.1", "١.٢"]
)
def test_no_answer_to_the_puzzle(proof: str) -> None:
    assert not solves("0123456789abcdef", proof)


def test_an_answer_is_good_for_its_word_alone() -> None:
    one, other = new_challenge("report", NOW), new_challenge("report", NOW)
    answer = solved(one.token())
    assert solves(one.word, answer)
    assert not solves(other.word, answer)


def test_whoever_is_asked_again_has_had_the_form_since_then() -> None:
    first = new_challenge("report", NOW)
    fast = renewed("report", first, NOW + SECOND)
    assert (fast.since, fast.seen, fast.word != first.word) == (NOW, False, True)
    slow = renewed("report", fast, NOW + QUICKEST)
    assert (slow.since, slow.seen) == (NOW, True)
    assert read_challenge("report", slow.token()) == slow


def test_nobody_is_asked_more_than_three_times() -> None:
    """The unluckiest person: fast fingers, a browser that fills in every field, no script."""
    challenge, at, asked = new_challenge("report", NOW), NOW, 0
    while True:
        at += 2 * SECOND
        found = judge(form="report", token=challenge.token(), proof="", trapped=True, at=at)
        if found.doubt is None:
            break
        challenge, asked = renewed("report", found.challenge, at), asked + 1
    assert asked <= 3
