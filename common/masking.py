"""How personal data looks to everyone who has not asked for it with a reason."""

import re
from collections.abc import Container, Sequence

from common.digits import Folded
from common.names import NAME, names_in
from common.phones import line_of
from common.rooms import ROOM, rooms_in
from common.scrubbing import cards_in, scrub, without_cards, without_numbers

__all__ = [
    "anonymous",
    "cards_in",
    "mask_name",
    "mask_phone",
    "scrub",
    "without_cards",
    "without_names",
    "without_numbers",
]

_WHOLE = 11


def mask_phone(phone: str) -> str:
    """``13812341234`` → ``138****1234``; of shorter numbers the last third at most, of an extension nothing."""
    digits = re.sub(r"\D", "", line_of(phone))
    if len(digits) >= _WHOLE:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[len(digits) - len(digits) // 3 :] if digits else ""


def mask_name(name: str) -> str:
    """``张三`` → ``张*``, ``张小三`` → ``张*三``, other names keep their first character."""
    name = name.strip()
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}" if len(name) <= 4 else f"{name[0]}***"


def anonymous(text: str, *, keep: Container[str] = (), codes: Sequence[str] = ()) -> str:
    """``scrub`` for readers who may not know who it is: without names of persons and rooms within a building, too.

    ``keep`` and ``codes`` as of ``scrub``.
    """
    return without_names(scrub(text, keep=keep, codes=codes))


def without_names(text: str) -> str:
    """``text`` with every name of a person and every room replaced by what it was."""
    folded = Folded(text)
    shown = "".join(text[place] for place in folded.at)
    found = [(*span, NAME) for span in names_in(shown)] + [(*span, ROOM) for span in rooms_in(folded.letters)]
    parts, last = [], 0
    for start, end, label in sorted(found):
        if folded.at[start] >= last:
            parts += [text[last : folded.at[start]], label]
            last = folded.at[end - 1] + 1
    return "".join([*parts, text[last:]])
