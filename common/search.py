"""Chinese full-text search without a dictionary: two-character windows made in Python.

PostgreSQL's own parsers do not split Chinese. Every run of Chinese characters is cut into overlapping pairs
(路灯不亮 → 路灯, 灯不, 不亮) plus its single characters; runs of letters and digits are kept whole, lower-cased.
A query is the conjunction of the windows of its words, so it finds what LIKE would find, from an index.
"""

import re

from common.plain import plain

_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+")
MAX_LEXEMES = 2000
_SHORT = 4


def normalise(text: str) -> str:
    """Full-width letters and digits become half-width, everything lower case; what shows nothing is left out."""
    return plain(text).lower()


def lexemes(*texts: str) -> list[str]:
    """The windows under which ``texts`` are found, without repeats, at most MAX_LEXEMES."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _RUNS.findall(normalise(text)):
            if run[0].isascii():
                found[run] = None
                continue
            found.update(dict.fromkeys(run))
            found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
        if len(found) >= MAX_LEXEMES:
            break
    return list(found)[:MAX_LEXEMES]


def query(text: str) -> str:
    """``text`` as a ``tsquery`` (lexemes joined by &); "" where nothing in it can be searched.

    Letters and digits match as prefixes, so that a half-typed number already finds; short ones with a digit (12, 5G)
    match only themselves, because too much begins with them.
    """
    parts: dict[str, None] = {}
    for run in _RUNS.findall(normalise(text)[:100]):
        if run[0].isascii():
            whole = len(run) < _SHORT and not run.isalpha()
            parts[f"'{run}'" if whole else f"'{run}':*"] = None
        elif len(run) == 1:
            parts[f"'{run}'"] = None
        else:
            parts.update(dict.fromkeys(f"'{run[i : i + 2]}'" for i in range(len(run) - 1)))
    return " & ".join(parts)
