"""How personal data looks to everyone who has not asked for it with a reason."""

import re

from common.phones import line_of
from common.scrubbing import scrub, without_numbers

__all__ = ["mask_name", "mask_phone", "scrub", "without_numbers"]

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
