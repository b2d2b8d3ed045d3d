"""Editing a sub-district's word list. Rows are retired, never changed: the journal names each change.

Whoever edits holds the sub-district's row, so that two who add the same word at once come one after the other.
"""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.search import normalise
from communities.models import ColloquialWord, SubDistrict
from communities.word_list import forget
from journal.services import Entry, record

CHANGED: Final = "colloquial_word_changed"
OFFICE: Final = "subdistrict"
_LONGEST: Final = 20


def set_meaning(*, subdistrict_id: int, word: str, means: str, by: User, role: str, at: datetime) -> None:
    """From now on ``word`` stands here for ``means``; without a meaning for nothing but itself.

    Raises ValidationError naming the fields.
    """
    word, means = normalise(word).strip(), normalise(means).strip()
    wrong: dict[str, str] = {}
    if not _is_word(word):
        wrong["word"] = _("请填写 1 至 20 个字的词，中间不留空格")
    if means and not _is_word(means):
        wrong["means"] = _("请填写 1 至 20 个字的词，中间不留空格")
    elif word and means == word:
        wrong["means"] = _("两个词相同")
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=subdistrict_id)
        ColloquialWord.objects.filter(subdistrict_id=subdistrict_id, word=word, retired_at=None).update(retired_at=at)
        row = ColloquialWord.objects.create(subdistrict_id=subdistrict_id, word=word, means=means)
        record(
            Entry(
                subject_kind=OFFICE,
                subject_id=subdistrict_id,
                kind=CHANGED,
                at=at,
                actor_id=by.pk,
                actor_role=role,
                data={"word": row.pk},
            )
        )
    forget()


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= _LONGEST and text.isprintable() and not any(letter.isspace() for letter in text)
