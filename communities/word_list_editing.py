"""Editing a sub-district's word list."""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from common.search import normalise
from communities.listed_words import put_word
from communities.models import ColloquialWord
from communities.word_list import forget, word_list

CHANGED: Final = "colloquial_word_changed"
_LONGEST: Final = 20


def set_meaning(*, subdistrict_id: int, word: str, means: str, by: User, role: str, at: datetime) -> None:
    """From now on ``word`` stands here for ``means``; without a meaning for nothing but itself.

    Raises ValidationError naming the fields.
    """
    forget()
    word, means = normalise(word).strip(), normalise(means).strip()
    wrong: dict[str, str] = {}
    if not _is_word(word):
        wrong["word"] = _("请填写 1 至 20 个字的词，中间不留空格")
    if means and not _is_word(means):
        wrong["means"] = _("请填写 1 至 20 个字的词，中间不留空格")
    elif word and means == word:
        wrong["means"] = _("两个词相同")
    elif leads_to := word_list(subdistrict_id).meanings.get(means):
        wrong["means"] = _("“%(means)s”在词表中对应“%(other)s”，请直接填写“%(other)s”，或先停用“%(means)s”") % {
            "means": means,
            "other": leads_to,
        }
    if wrong:
        raise ValidationError(wrong)
    put_word(
        ColloquialWord,
        subdistrict_id=subdistrict_id,
        word=word,
        values={"means": means},
        kind=CHANGED,
        by=by,
        role=role,
        at=at,
    )
    forget()


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= _LONGEST and text.isprintable() and not any(letter.isspace() for letter in text)
