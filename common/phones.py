"""Telephone numbers as people give them."""

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def normalise_phone(text: str) -> str:
    """Digits of a Chinese number: ``199 0000 0219``, ``+86…`` and full-width digits become ``19900000219``.

    Raises ValidationError where it can be no number that a person could be reached at. The 199 0000 range of
    invented demo numbers counts as reachable.
    """
    cleaned = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    if not cleaned:
        return ""
    cleaned = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", cleaned)
    if re.fullmatch(r"1[3-9]\d{9}", cleaned):
        return cleaned
    try:
        number = phonenumbers.parse(cleaned, "CN")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("请输入 11 位手机号或带区号的固定电话"), code="phone") from error
    if not phonenumbers.is_possible_number(number) or not re.fullmatch(r"\+?\d{7,15}", cleaned):
        raise ValidationError(_("请输入 11 位手机号或带区号的固定电话"), code="phone")
    return cleaned
