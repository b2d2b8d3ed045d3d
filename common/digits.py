"""The digits of a text: every letter folded to a plain one, and the groups in which digits stand, with what ties them.

Digits of every script become 0–9, dashes, dots and blanks one each, what shows nothing is left out. What lies between
two groups ties them closely (``link``: blanks, dashes, dots, slashes, brackets, a comma), loosely (``gap``: whatever
signs a person puts there, or one letter), or not at all.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from common.plain import INVISIBLE, is_dash, plain

HAN: Final = dict(zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789", strict=True))
_SIGNS: Final = (
    (".·•・。｡‧∙⋅●", "."),
    ("([【〔{", "("),
    (")]】〕}", ")"),
    ("/\\|", "/"),
    (",、", ","),
    ("x×✕✖хХ", "x"),
)
_REMEMBERED: Final = 30_000
_HIDDEN: Final = "\x01"
_WIDEST: Final = 12
_LINK: Final = re.compile(r"[ \-./()]*")
_LOOSE: Final = re.compile(r" ?, ?")

_FAR: Final = "a" * _WIDEST
_NO_TIE: Final = ("L", "N", "Sc")
"""Categories of what parts two numbers: letters, other numbers, signs of money."""


class DigitGroup(NamedTuple):
    """Digits that stand together, from ``start`` to ``end``.

    ``link`` is what lies between them and those before where that ties them closely, ``gap`` the bare signs or the one
    letter there where it may tie them at all; None where it does not.
    """

    start: int
    end: int
    link: str | None
    gap: str | None


class _Folding(dict[int, str]):
    """One plain letter for each letter; learns as it goes."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = folded
        return folded


def _fold(letter: str) -> str:
    digit = HAN.get(letter) or unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    if INVISIBLE.match(letter):
        return _HIDDEN
    if letter.isspace():
        return " "
    if is_dash(letter):
        return "-"
    usual = plain(letter).lower()
    for signs, sign in _SIGNS:
        if letter in signs or (usual and usual in signs):
            return sign
    return usual if len(usual) == 1 else letter if usual.isalnum() else "?"


_FOLDING: Final = _Folding()


@lru_cache(maxsize=256)
def _script(digit: str) -> int:
    """The same for digits that are written together."""
    return ord(digit) // 16 if digit not in HAN else 0


class Folded:
    """A text as plain letters, what shows nothing left out, and where each of them stands."""

    def __init__(self, text: str) -> None:
        letters = text.translate(_FOLDING)
        self.text = text
        self.at: Sequence[int] = range(len(letters))
        if _HIDDEN in letters:
            self.at = [place for place, letter in enumerate(letters) if letter != _HIDDEN]
            letters = letters.replace(_HIDDEN, "")
        self.letters = letters

    def groups(self) -> list[DigitGroup]:
        """The groups of digits; where their script changes or something hidden lies between, a new one begins."""
        groups: list[DigitGroup] = []
        last = 0
        for run in re.finditer("[0-9]+", self.letters):
            for start, end in self._together(*run.span()):
                between = self.letters[last:start] if start - last <= _WIDEST and groups else _FAR
                groups.append(DigitGroup(start, end, *_ties(between)))
                last = end
        return groups

    def _together(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        first, last = self.at[start], self.at[end - 1]
        if last - first == end - start - 1 and self.text[first : last + 1].isascii():
            yield start, end
            return
        for place in range(start + 1, end):
            here, before = self.at[place], self.at[place - 1]
            if here != before + 1 or _script(self.text[here]) != _script(self.text[before]):
                yield start, place
                start = place
        yield start, end


@lru_cache(maxsize=4096)
def _ties(between: str) -> tuple[str | None, str | None]:
    """How two groups hang together: closely, and at all."""
    close = _LINK.fullmatch(between) or _LOOSE.fullmatch(between)
    return between if close else None, _gap(between)


def _gap(between: str) -> str | None:
    bare = between.replace(" ", "")
    if len(bare) == 1 and bare.isalpha():
        return bare
    parted = "%" in bare or any(unicodedata.category(sign).startswith(_NO_TIE) for sign in bare)
    return None if parted else bare or " "
