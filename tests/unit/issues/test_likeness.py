"""What reads alike: with and without the word list, and how often the right title is found for what a resident says.

The pairs (``alike_pairs.csv``) were written by somebody who knew neither the list nor the rule. Every other one was
then read to make the list longer; the rest were not, and the share is held for them.
"""

import csv
from pathlib import Path

import pytest

from communities.word_list import DEFAULT_WORDS, WordList
from issues.likeness import most_alike, windows_of

PAIRS = list(csv.DictReader((Path(__file__).parent / "alike_pairs.csv").open(encoding="utf-8")))
TITLES = [pair["title"] for pair in PAIRS]
KNOWN, NONE = WordList(DEFAULT_WORDS), WordList({})


def found_among_first(said: WordList, numbers: range, *, first: int = 3) -> float:
    """The share of the pairs whose title is among the ``first`` for what was said, of all titles."""
    hits = 0
    for number in numbers:
        places = [row.place for row in most_alike(PAIRS[number]["said"], TITLES, said)]
        hits += number in places[:first]
    return hits / len(numbers)


def test_three_of_four_are_found_that_nobody_read_for_the_list() -> None:
    assert len(PAIRS) >= 150
    assert sum(pair["kind"] == "colloquial" for pair in PAIRS) * 2 >= len(PAIRS)
    unread = range(1, len(PAIRS), 2)
    assert found_among_first(KNOWN, unread) >= 0.75
    assert found_among_first(NONE, unread) < found_among_first(KNOWN, unread) - 0.2


def test_what_is_said_otherwise_counts_as_shared() -> None:
    said, titles = "落雨门口水浸街，渠口塞咗", ["路灯不亮", "门前积水，雨水口堵塞", "门口落叶"]
    best = most_alike(said, titles, KNOWN)[0]
    assert (best.place, best.shared) == (1, len(windows_of(said, KNOWN) & windows_of(titles[1], KNOWN)))
    assert best.shared >= 3


@pytest.mark.parametrize("text", ["", "。！", "hello world"])
def test_what_shares_nothing_is_left_out(text: str) -> None:
    assert most_alike(text, ["路灯不亮", ""], KNOWN) == []
    assert most_alike("路灯", [], KNOWN) == []
