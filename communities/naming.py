"""Names of places: their pinyin for type-ahead, a first proposal for English names and codes, and how they are counted.

The library reads 50,000 phrases when it is loaded, for half a second: whoever needs it loads it.
"""

import re
from typing import Final

_READINGS: Final = {"圩": "xu", "涌": "chong"}
"""Characters whose reading in place names of the Pearl River delta is not the dictionary's first."""


def syllables(text: str) -> list[str]:
    """The pinyin of each character; runs of other characters stay whole."""
    from pypinyin import lazy_pinyin

    return [_READINGS.get(sign, found) for sign, found in _paired(text, lazy_pinyin([*text]))]


def _paired(text: str, found: list[str]) -> list[tuple[str, str]]:
    return list(zip([*text], found, strict=True))


def in_one_word(text: str) -> str:
    """The pinyin in one word, as on road signs: 东二 → Dong'er."""
    first, *rest = syllables(text)
    return (first + "".join(f"'{part}" if part[0] in "aeo" else part for part in rest)).capitalize()


def initials(text: str) -> str:
    """First letters for type-ahead: 碧湖花园 → bhhy. Digits and letters stay, signs are left out."""
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin([*text], style=Style.FIRST_LETTER)
    found = (_READINGS[sign][0] if sign in _READINGS else letter for sign, letter in _paired(text, letters))
    return "".join(letter for letter in found if letter.isalnum()).lower()


def code_of(text: str) -> str:
    """Letters and digits of the pinyin, as codes are written: 夏东 → XIADONG."""
    return "".join(letter for letter in in_one_word(text).upper() if letter.isascii() and letter.isalnum())


def as_counted(name: str) -> list[tuple[int, str]]:
    """By which names are put in order as people count: 3栋 before 10栋."""
    return [(int(part) if part.isdecimal() else 0, part) for part in re.findall(r"\d+|\D+", name)]
