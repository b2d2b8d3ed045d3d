"""Free text that somebody typed, as it is stored."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.masking import without_cards
from common.plain import visible

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What is no character, and what turns the words behind it around."""


def clean_text(value: Any, *, longest: int) -> str:
    """Text without control characters, trimmed; "" where nothing of it can be seen.

    Raises ValueError with words for the person.
    """
    if not isinstance(value, str):
        raise ValueError(_("请填写文字"))
    text = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    if not visible(text).strip():
        return ""
    if len(text) > longest:
        raise ValueError(_("最多 %(longest)d 个字") % {"longest": longest})
    return text


def is_askable(text: str) -> bool:
    """Whether the database can be asked for what somebody sent: a code that holds a control character is none."""
    return not _CONTROL.search(text)


def kept_text(value: Any, *, longest: int) -> str:
    """As ``clean_text``, without the cards in it (docs/rules/privacy.md#cards-in-the-words): what is stored."""
    return without_cards(clean_text(value, longest=longest))
