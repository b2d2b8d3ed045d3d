"""Telephone numbers as people give them, in one canonical form.

Canonical are ``13800001111``, ``075786330001``, ``4008306666`` and ``+85291234567``; an extension stands apart,
``075786330001-8012``. Hash and last four digits are those of the line (``line_of``): who calls is known by it.
"""

import re
from typing import Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType

from common.plain import is_dash, plain, says_something

_LABEL: Final = re.compile(
    r"^\W*(?:联系|移动|固定|办公)?(?:电话|手机|座机|固话|tel|phone|mobile)(?:号码?)?[\s:.]*(?=[\d+(])"
)
_EXTENSION: Final = re.compile(r"\W*(?:转|轉|分机|分機|内线|;ext=|ext(?:ension)?|x|#)[\s:.\-]*(?P<extension>\d{1,6})$")
_DASHED: Final = re.compile(r"\s*-\s*(?P<extension>\d{1,6})$")
_FRINGE: Final = " \t\n.,，。、;；:!！?？'\"“”‘’「」《》<>【】*"
_BETWEEN: Final = re.compile(r"[\s\-().\[\]/\\·•・]")
_MOBILE: Final = re.compile(r"0?(1[3-9]\d{9})")
_CANONICAL: Final = re.compile(r"(\+?\d{7,15})-(\d{1,6})")
_AREA: Final = re.compile(r"(0(?:10|2\d|[3-9]\d\d))(\d{7,8})")
_SERVICE: Final = re.compile(r"1[0-2]\d|1[0-2]\d{3}|9[56]\d{3,6}")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
_SEVERAL: Final = re.compile(r"[/,，、;；\n]| 或 |或者?|和")
_LONGEST: Final = 100
_CALLABLE: Final = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})


def normalise_phone(text: str) -> str:
    """The canonical form of a number at which a person can be called back; "" where nothing was given.

    Raises ValidationError where it can be no such number. The 199 0000 range of invented demo numbers counts as one.
    """
    written = _LABEL.sub("", _dashed(text[:_LONGEST].lower())).strip(_FRINGE)
    if not says_something(written):
        return ""
    number = _line(written)
    if number:
        return number
    for pattern in (_EXTENSION, _DASHED):
        found = pattern.search(written)
        line = _line(written[: found.start()]) if found else ""
        if found and line:
            return f"{line}-{found['extension']}"
    raise _wrong(_BETWEEN.sub("", written))


def comparable_phone(text: str) -> str:
    """What ``text`` is compared and looked up by: its line, or its bare digits where it is no number to be called.

    Never raises. Rows from before a rule became stricter keep their digits and are still found by them.
    """
    try:
        return line_of(normalise_phone(text))
    except ValidationError:
        return re.sub(r"[^\d+]", "", plain(text)[:40])


def line_of(phone: str) -> str:
    """A canonical number without its extension."""
    found = _CANONICAL.fullmatch(phone)
    return found[1] if found else phone


def is_mobile(phone: str) -> bool:
    """Whether a canonical number takes short messages: a mobile of the mainland."""
    return _MOBILE.fullmatch(phone) is not None


def shown_phone(phone: str) -> str:
    """A canonical number as it is read: ``0757-86330001转8012``."""
    found = _CANONICAL.fullmatch(phone)
    line, extension = (found[1], found[2]) if found else (phone, "")
    area = _AREA.fullmatch(line)
    line = f"{area[1]}-{area[2]}" if area else line
    return f"{line}转{extension}" if extension else line


def office_phone(text: str) -> str:
    """The phones of an office as they are read, several by 、; service numbers (12345, 95598, 400 …) are such too.

    Raises ValidationError where one of them can be no number.
    """
    parts = (_one_of_office(part) for part in _SEVERAL.split(_dashed(text[:_LONGEST])))
    return "、".join(dict.fromkeys(part for part in parts if part))


def _one_of_office(text: str) -> str:
    written = _LABEL.sub("", text.lower()).strip(_FRINGE)
    digits = _BETWEEN.sub("", written)
    if _SERVICE.fullmatch(digits) or _LOCAL.fullmatch(digits):
        return digits
    return shown_phone(normalise_phone(written))


def _dashed(text: str) -> str:
    """``text`` in plain letters, every kind of dash as a hyphen."""
    return "".join("-" if is_dash(letter) else letter for letter in plain(text)).strip()


def _line(written: str) -> str:
    """The canonical number that is written here without an extension, "" where there is none."""
    digits = _BETWEEN.sub("", written)
    if not re.fullmatch(r"\+?[0-9]{8,18}", digits):
        return ""
    if digits.startswith(("+", "00")):
        return _abroad(digits.removeprefix("+") if digits[0] == "+" else digits[2:])
    found = _domestic(digits)
    return found or (_domestic(digits[2:], trunk=False) if digits.startswith("86") else "")


def _abroad(digits: str) -> str:
    """A number with its country's code; of the mainland without."""
    if digits.startswith("86"):
        return _domestic(digits[2:], trunk=False)
    number = _valid("+" + digits)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else ""


def _domestic(digits: str, *, trunk: bool = True) -> str:
    """A number of the mainland. ``trunk``: a landline must begin with 0, so that a slip is not taken for one."""
    if found := _MOBILE.fullmatch(digits):
        return found[1]
    number = _valid(digits) if len(digits) <= 13 else None
    if number is None:
        return ""
    kind, national = phonenumbers.number_type(number), str(number.national_number)
    if kind == PhoneNumberType.FIXED_LINE:
        return "0" + national if digits.startswith("0") or not trunk else ""
    return national if kind in _CALLABLE and re.fullmatch(r"[48]00\d{7}", national) else ""


def _valid(digits: str) -> phonenumbers.PhoneNumber | None:
    """A number that is given out somewhere, of the mainland where it names no country; None where there is none."""
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _wrong(digits: str) -> ValidationError:
    """What to say of digits that are no number."""
    if re.fullmatch(r"1[3-9]\d*", digits):
        return ValidationError(_("手机号应为 11 位，您填写了 %(n)d 位"), code="phone", params={"n": len(digits)})
    if _LOCAL.fullmatch(digits):
        return ValidationError(_("固定电话请加区号，例如 0757-86330001"), code="phone")
    return ValidationError(_("请输入 11 位手机号或带区号的固定电话"), code="phone")
