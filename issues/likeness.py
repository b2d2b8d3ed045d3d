"""How alike two matters read: by meaning, as far as the word list knows it. Pure: the caller reads the matters.

A text is taken as what it names in the office's words (``WordList``), the windows of two characters of it so read, and
the single characters of how it was said. What few of the texts at hand share says more than what many do (inverse
document frequency: Spärck Jones 1972, "A statistical interpretation of term specificity"); a long text gains nothing by
its length. How well that does stands in docs/rules/issues.md#suggestions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from common.search import lexemes
from communities.word_list import WordList

ENOUGH: Final = 3
"""So many windows two texts share at least, else they are not alike."""
_READ: Final = 500
"""So many characters of a text are read: it begins with what it is about, and sixty are compared while one types."""
_MEANING: Final = 2.0
_WINDOW: Final = 1.0
_CHARACTER: Final = 0.35


@dataclass(frozen=True, slots=True)
class Likeness:
    """``place``: of the text among those compared. ``shared``: how many windows; ``weight`` ranks."""

    place: int
    shared: int
    weight: float


def most_alike(text: str, others: Sequence[str], said: WordList) -> list[Likeness]:
    """How ``text`` reads beside each of the ``others``; most alike first, those that share nothing left out."""
    typed, read = _marks(text, said), [_marks(other, said) for other in others]
    known = Counter(mark for marks in read for mark in marks)
    rarity = {mark: log(1 + len(others) / number) for mark, number in known.items()}
    found = []
    for place, marks in enumerate(read):
        common = [mark for mark in marks if mark in typed]
        if common:
            weight = sum(marks[mark] * rarity[mark] for mark in common)
            whole = sum(marks[mark] * rarity[mark] for mark in marks)
            shared = sum(marks[mark] == _WINDOW for mark in common)
            found.append(Likeness(place, shared, weight / sqrt(whole)))
    return sorted(found, key=lambda row: (-row.weight, row.place))


def windows_of(text: str, said: WordList) -> frozenset[str]:
    """What of a text is counted: two characters in the office's words, or a word of letters and digits."""
    return frozenset(mark for mark, weight in _marks(text, said).items() if weight == _WINDOW)


def _marks(text: str, said: WordList) -> Mapping[str, float]:
    """All by which a text is known, with what each counts for."""
    text = text[:_READ]
    plainly, named = said.read(text)
    marks = {mark: _WINDOW if len(mark) > 1 else _CHARACTER for mark in lexemes(plainly)}
    marks |= {mark: _CHARACTER for mark in lexemes(text) if len(mark) == 1}
    return marks | {f"={meaning}": _MEANING for meaning in named}
