"""Editing a sub-district's emergency words. Rows are retired, never changed: the journal names each change.

Whoever edits holds the sub-district's row, so that two who add the same word at once come one after the other.
"""

import re
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.emergencies import forget
from communities.models import EmergencyWord, Severity, SubDistrict
from journal.services import Entry, record

CHANGED: Final = "emergency_word_changed"
OFFICE: Final = "subdistrict"
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
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=subdistrict_id)
        present = EmergencyWord.objects.filter(subdistrict_id=subdistrict_id, word=word, retired_at=None)
        present.update(retired_at=at)
        row = EmergencyWord.objects.create(
            subdistrict_id=subdistrict_id, word=word, level=level, dial=dial if level else ""
        )
        record(
            Entry(
                subject_kind=OFFICE,
                subject_id=subdistrict_id,
                kind=CHANGED,
                at=at,
                actor_id=by.pk,
                actor_role=role,
                data={"word": row.pk, "level": level, "dial": row.dial},
            )
        )
    forget()
