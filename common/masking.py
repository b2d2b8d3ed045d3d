"""How personal data looks to everyone who has not asked for it with a reason."""

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def mask_phone(phone: str) -> str:
    """``13812341234`` → ``138****1234``; shorter numbers keep their last two digits."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) >= 8:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:] if digits else ""


def mask_name(name: str) -> str:
    """``张三`` → ``张*``, ``张小三`` → ``张*三``, other names keep their first character."""
    name = name.strip()
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}" if len(name) <= 4 else f"{name[0]}***"


def scrub(text: str, *, keep_landlines: bool = False) -> str:
    """Free text without phone, landline and identity-card numbers: what may be shown outside the case.

    ``keep_landlines`` is for what staff tell a resident: the office to call is part of the answer.
    """
    text = _ID_CARD.sub("******", text)
    text = _PHONE.sub(lambda found: mask_phone(found.group()), text)
    return text if keep_landlines else _LANDLINE.sub("****", text)
