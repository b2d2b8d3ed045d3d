"""The texts that one form brings, by the one rule of the house."""

from collections.abc import Collection, Mapping
from typing import Any

from common.plain import folded, visible
from common.texts import kept_text
from issues.services.errors import InvalidFields, Words

NOTHING: Mapping[str, Words] = {}


def read_texts(
    given: Mapping[str, Any],
    *,
    longest: Mapping[str, int],
    one_line: Collection[str] = (),
    required: Mapping[str, Words] = NOTHING,
) -> dict[str, str]:
    """Each text as it is stored (``common.texts.kept_text``), at most ``longest`` characters.

    Of the names in ``one_line`` without breaks, and without what shows nothing or turns the line around (bidi): they
    stand in a line of a paper. ``required``: what is said where one is empty. Raises InvalidFields naming every one
    that is wrong.
    """
    found: dict[str, str] = {}
    wrong: dict[str, Words] = {}
    for name, value in given.items():
        try:
            line = folded(visible(value)) if name in one_line and isinstance(value, str) else value
            found[name] = kept_text(line, longest=longest[name])
        except ValueError as error:
            wrong[name] = error.args[0]
        else:
            if not found[name] and name in required:
                wrong[name] = required[name]
    if wrong:
        raise InvalidFields(wrong)
    return found
