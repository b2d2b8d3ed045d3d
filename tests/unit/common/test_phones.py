"""Telephone numbers: every spelling of one number is one number, and what can be none is refused."""

import contextlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from common.masking import mask_phone
from common.phones import comparable_phone, line_of, normalise_phone, office_phone, shown_phone
from communities.models import Contact
from tests.support.cast import NOW

MOBILE = "13800001111"
LANDLINE = "075786330001"

SPELLINGS = {
    MOBILE: [
        "13800001111", "138 0000 1111", "+86 138-0000-1111", "+8613800001111", "0086 13800001111", "86 138 0000 1111",
        "8613800001111", "013800001111", "（+86）138.0000.1111", "13800001111。", "１３８００００１１１１",
        "\u202a13800001111\u202c", "138\u200b0000\u200b1111", "\ufeff13800001111", "138—0000—1111", "138–0000−1111",
        "138·0000·1111", "138　0000　1111", "电话：13800001111", "手机号 138 0000 1111", "tel:+8613800001111",
    ],
    LANDLINE: [
        "0757-86330001", "+86 757 86330001", "(0757)86330001", "（0757）8633 0001", "075786330001", "0086-757-86330001",
        "0757—86330001", "0757.8633.0001", "0757 8633-0001", "+86 (0)757 86330001", "86-757-86330001", "0757/86330001",
    ],
    "075786330001-8012": [
        "0757-86330001转8012", "0757-86330001-8012", "0757 86330001 ext. 8012", "(0757)86330001 分机：8012",
        "0757—86330001—8012", "0757-86330001#8012", "075786330001x8012",
    ],
    "+85291234567": ["+852 9123 4567", "00852 91234567", "00852-9123-4567", "＋852-91234567"],
    "+85366123456": ["+853 6612 3456", "0085366123456"],
    "+886912345678": ["+886 912 345 678", "00886912345678"],
    "+14155552671": ["+1 (415) 555-2671", "0014155552671"],
    "4008306666": ["400-830-6666", "4008306666"],
    "19900001234": ["199 0000 1234"],
    "": ["", "  ", "---", "\u200b"],
}  # fmt: skip


@pytest.mark.parametrize("canonical", SPELLINGS)
def test_every_spelling_is_one_number(canonical: str) -> None:
    assert {text: normalise_phone(text) for text in SPELLINGS[canonical]} == dict.fromkeys(
        SPELLINGS[canonical], canonical
    )
    assert normalise_phone(canonical) == canonical
    assert normalise_phone(shown_phone(canonical)) == canonical
    assert {comparable_phone(text) for text in SPELLINGS[canonical]} == {line_of(canonical)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1380000111", "11 位，您填写了 10 位"),
        ("138000011166", "您填写了 12 位"),
        ("0000000000", "带区号"),
        ("86330001", "加区号"),
        ("12345", "11 位手机号"),
        ("110", "11 位手机号"),
        ("not a phone", "11 位手机号"),
        ("+85200000000", "11 位手机号"),
        ("757-86330001", "带区号"),
        ("13800001111 13900002222", "您填写了 22 位"),
        ("1" * 5000, "11 位手机号"),
        ("1273000254", "11 位手机号"),
        ("11271009655", "11 位手机号"),
        ("122980020", "11 位手机号"),
    ],
)
def test_what_is_no_number_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        normalise_phone(text)
    assert words in refused.value.messages[0]
    assert comparable_phone(text).isascii()


@given(st.text("0123456789+", min_size=7, max_size=18))
def test_no_digits_break_the_reading(digits: str) -> None:
    """Digits that begin like a prefix for calls abroad are none either, and no error of the library's."""
    with contextlib.suppress(ValidationError):
        assert comparable_phone(normalise_phone(digits)) == line_of(normalise_phone(digits))
    assert comparable_phone(digits)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("12345", "12345"),
        ("110", "110"),
        ("95598、96090", "95598、96090"),
        ("0757-86330001/86330002", "0757-86330001、86330002"),
        ("（0757）86330001转8012", "0757-86330001转8012"),
        ("075786330001", "0757-86330001"),
        ("400-830-6666", "4008306666"),
        ("", ""),
    ],
)
def test_an_office_has_service_numbers_too(text: str, kept: str) -> None:
    assert office_phone(text) == kept
    assert office_phone(kept) == kept


@pytest.mark.parametrize("text", ["2", "手机", "123456", "0757-1"])
def test_an_office_needs_a_number_all_the_same(text: str) -> None:
    with pytest.raises(ValidationError):
        office_phone(text)


def test_an_extension_is_no_part_of_hash_and_tail() -> None:
    one, other = (Contact.of(subdistrict_id=1, name="", phone=phone, address="", at=NOW)
                  for phone in ("075786330001-8012", LANDLINE))  # fmt: skip
    assert one.phone_hash == other.phone_hash
    assert one.phone_last4 == other.phone_last4 == "0001"
    assert one.phone == "075786330001-8012"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        (MOBILE, "138****1111"),
        (LANDLINE, "075****0001"),
        ("075786330001-8012", "075****0001"),
        ("81234567", "****67"),
        ("4008306666", "****666"),
        ("12345", "****5"),
        ("12", "****"),
        ("", ""),
    ],
)
def test_a_mask_shows_a_third_of_a_short_number(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked
