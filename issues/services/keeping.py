"""Identity and bank cards that somebody typed: what is said of them, and keeping the whole where there is a reason.

The words themselves are stored without them (``issues.fields.Text``). See docs/rules/privacy.md#cards-in-the-words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from common.masking import cards_in
from common.scrubbing import CARD, IDENTITY, FoundNumber
from communities.models import Contact
from issues.fields import FREE_TEXTS, KEEP
from issues.services.errors import InvalidFields

_CODES: Final[Mapping[str, str]] = {IDENTITY: "identity", CARD: "bank_card"}
_COUNTED: Final[Mapping[str, Any]] = {
    IDENTITY: ngettext_lazy("%(n)d 个证件号", "%(n)d 个证件号", "n"),
    CARD: ngettext_lazy("%(n)d 个银行卡号", "%(n)d 个银行卡号", "n"),
}
KINDS: Final[Mapping[str, Promise]] = {"identity": gettext_lazy("证件号"), "bank_card": gettext_lazy("银行卡号")}
"""Of what kind a number is, as events and contacts name it."""


def typed_in(values: Mapping[str, Any]) -> list[FoundNumber]:
    """The cards in the free texts among ``values``, each number once."""
    texts = [value for name, value in values.items() if name in FREE_TEXTS and isinstance(value, str)]
    return list({card.number: card for text in texts for card in cards_in(text)}.values())


def named(cards: Sequence[FoundNumber]) -> str:
    """``2 个证件号、1 个银行卡号``, without a digit of them; "" of none."""
    counted = Counter(card.label for card in cards)
    return _("、").join(str(words % {"n": counted[label]}) for label, words in _COUNTED.items() if counted[label])


def told_after(values: Mapping[str, Any]) -> str:
    """What is said to the person once ``values`` are stored; "" where they hold no card."""
    cards = typed_in(values)
    if not cards:
        return ""
    if values.get(KEEP):
        return _("识别到 %(cards)s：文字里已遮盖，完整号码已加密保存") % {"cards": named(cards)}
    return _("识别到 %(cards)s：为保护个人信息已遮盖，没有保存") % {"cards": named(cards)}


def keep(contact: Contact | None, values: Mapping[str, Any], reason: str) -> list[str]:
    """Put the cards in ``values`` beside the contact, not yet saved; returns their kinds, for the event.

    Raises InvalidFields where there is no card or no contact.
    """
    cards = typed_in(values)
    if not cards:
        raise InvalidFields({KEEP: _("文字里没有识别到证件号或银行卡号，无须保留")})
    if contact is None:
        raise InvalidFields({KEEP: _("匿名件没有反映人资料，不能保留完整号码")})
    lines = [*contact.numbers.splitlines(), *(f"{_CODES[card.label]} {card.number}" for card in cards)]
    contact.numbers, contact.numbers_reason = "\n".join(dict.fromkeys(lines)), reason
    return sorted({_CODES[card.label] for card in cards})


def kept_numbers(contact: Contact) -> list[str]:
    """``证件号 11010519491231002X``, whole, in the active language: for who asked with a reason."""
    found = [line.partition(" ") for line in contact.numbers.splitlines()]
    return [f"{KINDS[code]} {number}" for code, _blank, number in found]
