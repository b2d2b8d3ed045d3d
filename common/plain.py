"""What a text shows: characters without a look of their own, and other spellings of the same letters and digits.

Copied numbers carry bidi and zero-width characters, input methods write full-width digits. Whatever reads a number, a
phone or the first words of a text reads it through here.
"""

import re
import unicodedata
from typing import Final

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20e3\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_TELLING: Final = ("L", "N", "So")
"""Categories of characters that say something: letters, digits, pictures. Punctuation and signs alone do not."""


def visible(text: str) -> str:
    """``text`` without the characters that show nothing."""
    return INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """``text`` without the characters that show nothing, full-width and other compatible forms as the usual ones."""
    return visible(unicodedata.normalize("NFKC", visible(text)))


def folded(text: str) -> str:
    """``text`` in one line: every break, tab and run of blanks is one space."""
    return " ".join(text.split())


def says_something(text: str) -> bool:
    """Whether anything in it is more than blank, punctuation or a sign."""
    return any(unicodedata.category(letter).startswith(_TELLING) for letter in visible(text))


def is_dash(letter: str) -> bool:
    """Whether people write this between the parts of a number: any hyphen, dash, minus or line."""
    return unicodedata.category(letter) == "Pd" or letter in "_~\u2212\u2500\u2501\u2043\u02d7\u30fc\uff5e\uffe3"
