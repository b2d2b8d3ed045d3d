"""Suggesting a category from the words of a matter. Pure: the caller reads the categories.

A suggestion shows the words that decided and is never applied by itself (docs/rules/issues.md#suggestions).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from common.search import normalise
from communities.word_list import WordList

MOST: Final = 3
"""How many categories are suggested at most."""


class Suggestable(Protocol):
    """What of a category counts: its code and its words, separated by spaces."""

    @property
    def code(self) -> str: ...
    @property
    def keywords(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category and the words of the text that speak for it, longest first."""

    category_code: str
    words: tuple[str, ...]


def suggest_category(text: str, categories: Iterable[Suggestable], said: WordList) -> list[Suggestion]:
    """Up to MOST categories that ``text`` speaks for, best first; [] where no word is known.

    What the word list ``said`` knows for a category's word counts like the word itself, and is named as it was said.
    Every place in the text counts once, for the longest word that matches there: 污水外溢 does not count as 污水 too.
    The category with the most matched characters comes first, then the longest word, then the lower code.
    """
    plain = normalise(text)
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for category in categories:
        for word in dict.fromkeys(normalise(category.keywords).split()):
            for form in (word, *said.words_for(word)):
                owners[form].append(category.code)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in _matches(plain, owners):
        for code in owners[word]:
            if word not in found[code]:
                found[code].append(word)
    ranked = sorted(found.items(), key=lambda item: (-sum(map(len, item[1])), -max(map(len, item[1])), item[0]))
    return [Suggestion(code, tuple(sorted(words, key=lambda word: -len(word)))) for code, words in ranked[:MOST]]


def _matches(text: str, words: Iterable[str]) -> list[str]:
    """The words found in ``text``, longest first; what a longer word covers does not count for a shorter one."""
    return [word for _start, word in places_of(text, words)]


def places_of(text: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Where words stand in ``text``, longest first; what a longer word covers does not count for a shorter one."""
    covered = [False] * len(text)
    found = []
    for word in sorted(words, key=lambda word: (-len(word), word)):
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not any(covered[start:end]):
                covered[start:end] = [True] * len(word)
                found.append((start, word))
            start = text.find(word, start + 1)
    return found
