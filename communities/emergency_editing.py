"""Editing a sub-district's emergency words."""

import re
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from communities.emergencies import forget
from communities.listed_words import put_word
from communities.models import EmergencyWord, Severity

CHANGED: Final = "emergency_word_changed"
_DIAL: Final = re.compile(r"[0-9][0-9-]{2,19}", re.ASCII)


def set_word(*, subdistrict_id: int, word: str, level: str, dial: str, by: User, role: str, at: datetime) -> None:
    """From now on ``word`` raises ``level`` here and names ``dial``; without a level it raises nothing.

    Raises ValidationError naming the fields.
    """
    word, dial = " ".join(word.split()), dial.strip()
    wrong: dict[str, str] = {}
    if not 2 <= len(word) <= 40 or not word.isprintable():
        wrong["word"] = _("请填写 2 至 40 个字的词")
    if level not in Severity.values:
        wrong["level"] = _("请从列出的选项中选择")
    elif level and not _DIAL.fullmatch(dial):
        wrong["dial"] = _("请填写先拨的电话，例如 119")
    if wrong:
        raise ValidationError(wrong)
    values = {"level": level, "dial": dial if level else ""}
    put_word(
        EmergencyWord,
        subdistrict_id=subdistrict_id,
        word=word,
        values=values,
        facts=values,
        kind=CHANGED,
        by=by,
        role=role,
        at=at,
    )
    forget()
