"""Finding the numbers of persons in free text, in whatever way they are spelt, and taking them out.

The text is folded and cut into groups of digits (common.digits). From each group on those that hang together closely
are tried as a number, then those with any other signs between them, where they have the sizes in which people part a
phone. Nothing looks further than the longest number, so that the time grows with the text alone.
docs/rules/numbers.md says what counts.
"""

import re
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from common.digits import HAN, Folded

PHONE: Final = "[电话]"
IDENTITY: Final = "[证件号]"
CARD: Final = "[卡号]"

_DIGIT: Final = re.compile(rf"[\d{''.join(HAN)}\u2460-\u2468\u24ea\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]")
_FEWEST: Final = 7
_SHORTEST_CARD: Final = 15
_PHONE_SIZES: Final = frozenset({7, 8, 11})
_CARDS_BEGIN: Final = ("62", "3", "4", "5")
"""With which nearly all bank cards begin, and hardly a telephone that stands beside another."""
_SCATTERED: Final = 15
"""The most digits, and groups, of a phone that is written with signs between them."""
_WHOLE_PHONE: Final = 11
_LONGEST_PHONE: Final = 15
_AROUND: Final = 16
_BLANK: Final = r" {0,4}"
_WHOLE: Final = re.compile(
    r"(?:0086|86|0)?(?P<mobile>1[3-9]\d{9})|(?:0086|86)?(?P<landline>0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8})"
    r"|0086(?P<dialled>(?:10|2\d|[3-9]\d\d)\d{7,8})|00(?P<near>85[23][2-9]\d{7}|8860?[2-9]\d{7,8})"
)
_ORDER: Final = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_BIRTHDAY: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_BORN: Final = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)\d{4}"
    r"(?:19\d\d|20[0-2]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_DATE: Final = re.compile(
    r"(?<![0-9])(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])(?![0-9])", re.ASCII
)
_ASKED_FOR: Final = re.compile(
    r"(?:(?<!\()电话|电话(?!\))|手机|座机|固话|致电|拨打|来电|tel|phone|call|mobile)[^0-9]{0,6}$"
)
_PLUS: Final = re.compile(r"\+[ (]*$")
_HOTLINE: Final = re.compile(r"[48]00\d{7}")
_AMOUNT: Final = re.compile(rf"{_BLANK}(?:元|块|万|亿|米|平方|㎡|吨|度|公|%)")
_MEASURED: Final = re.compile(rf"{_BLANK}(?:mm|cm|m(?![a-z])|毫米|厘米|公分|=)")
_MONEY: Final = frozenset("¥$€£")
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5][05]")
_UNITS: Final = frozenset("元块万亿米吨度年月日号栋楼座幢室层组期户单时点分秒个件人次平台套页集章条项名位至到和与或x")
"""Single letters that count or join numbers; others between the groups of a phone only part it."""
_SHAPES: Final = frozenset({
    (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3), (3, 4, 2, 2), (3, 2, 2, 2, 2), (4, 4, 4), (4, 8),
    (4, 7), (2, 3, 4, 4), (2, 3, 8), (4, 3, 4, 4),
})  # fmt: skip
"""How many digits stand together where people part a phone."""
_LOCAL_SHAPES: Final = frozenset({(4, 4), (3, 4)})
_PRICE: Final = re.compile(rf"{_BLANK}元")
_HOUSES: Final = re.compile(rf"{_BLANK}[号栋楼座幢室层组期户单]")
_EXTENSION: Final = re.compile(
    rf"{_BLANK}\)?{_BLANK}(?:转|轉|分机|分機|内线|ext(?:ension)?|x|#)[ :.\-]{{0,4}}[0-9]{{1,6}}(?![0-9])"
)
_OF_A_LANDLINE: Final = re.compile(
    rf"(?:{_BLANK}-{_BLANK}[0-9]{{1,5}}(?![0-9]))?(?:{_BLANK}[/,]{_BLANK}[0-9]{{7,8}}(?![0-9])|/[0-9]{{1,4}}(?![0-9]))*"
)
_LAST_SIGN: Final = re.compile(r"[ \-./]{0,4}x(?![a-z0-9])")
_CHECK_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10x98765432"
_DOUBLED: Final = {str(digit): 2 * digit - (9 if digit > 4 else 0) for digit in range(10)}
_HALF_HIDDEN: Final = re.compile(r"(?<!\d)[1１][3-9３-９]\d[ \-]?[*＊xX×•]{3,8}[ \-]?\d{2,4}(?!\d)")
"""A phone as it looks masked: its last four digits are part of what proves somebody."""
_TAIL: Final = re.compile(
    r"(?P<word>(?:尾号|尾号码|尾数|后四位|末四位|最后四位|last (?:four|4))\D{0,6})\d{4}(?!\d)", re.I
)
_COMMA_SHAPES: Final = frozenset({(3, 4, 4), (4, 4, 4), (3, 8), (4, 8)})


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A person's number in a text; ``number`` are its digits, of a phone in their canonical form (and X at the end)."""

    start: int
    end: int
    label: str
    number: str


def scrub(text: str, *, keep: Container[str] = (), codes: Sequence[str] = ()) -> str:
    """``text`` with every phone, identity card and bank card replaced by what it was.

    ``keep``: canonical phones of the office, which are part of an answer. ``codes``: numbers of other matters, such as
    an outside number, that stay as they stand.
    """
    text = _without_tails(text, PHONE)
    return _replaced(text, [(found, found.label) for found in _numbers(text, keep, codes)])


def without_numbers(text: str) -> str:
    """``text`` with a blank for every number of a person: what may be searched or become a title."""
    text = _without_tails(text, " ")
    return _replaced(text, [(found, " ") for found in _numbers(text, (), ())])


def cards_in(text: str) -> list[FoundNumber]:
    """The identity and bank cards in ``text``, in order; telephones in a row, and numbers on two lines, are none.

    What is stored goes by this, and cannot be undone; what is read goes by ``scrub``, which rather takes too much.
    """
    if len(_DIGIT.findall(text)) < _SHORTEST_CARD:
        return []
    return [found for found in _Reading(text, (), (), stored=True).numbers() if found.label != PHONE]


def without_cards(text: str) -> str:
    """``text`` with every identity and bank card replaced by what it was and everything else as it stands."""
    return _replaced(text, [(found, found.label) for found in cards_in(text)])


def _without_tails(text: str, instead: str) -> str:
    """``text`` without phones of which a part was hidden already, and without last digits that a word announces."""
    return _TAIL.sub(lambda found: found["word"] + "****", _HALF_HIDDEN.sub(instead, text))


def _replaced(text: str, found: Sequence[tuple[FoundNumber, str]]) -> str:
    parts, last = [], 0
    for number, words in found:
        parts += [text[last : number.start], words]
        last = number.end
    return "".join([*parts, text[last:]]) if found else text


# Finding the numbers


def _numbers(text: str, keep: Container[str], codes: Sequence[str]) -> list[FoundNumber]:
    if len(_DIGIT.findall(text)) < _FEWEST:
        return []
    return list(_Reading(text, keep, codes).numbers())


class _Reading:
    """One text on its way: folded, in groups, with the places where no number begins."""

    def __init__(self, text: str, keep: Container[str], codes: Sequence[str], *, stored: bool = False) -> None:
        folded = Folded(text)
        self.text, self.stored = text, stored
        self.letters, self.at, self.groups = folded.letters, folded.at, folded.groups()
        self.digits = "".join(self.letters[group.start : group.end] for group in self.groups)
        self.offsets = [0, *accumulate(group.end - group.start for group in self.groups)]
        self.edges = {end: place for place, end in enumerate(self.offsets[1:])}
        self.stops = self._stops()
        self.keep = keep
        self.dates = {place for date in _DATE.finditer(self.letters) for place in range(*date.span())}
        self.codes = {
            place
            for code in codes
            if code
            for hit in re.finditer(re.escape(code), text)
            for place in range(*hit.span())
        }

    def _stops(self) -> list[int]:
        """For each group, up to which digit the groups hang together closely."""
        stops = self.offsets[1:]
        for place in range(len(self.groups) - 1, 0, -1):
            start, end, link, _gap = self.groups[place]
            if link is not None and ("," not in link or end - start in (4, 8)):
                stops[place - 1] = stops[place]
        return stops

    def numbers(self) -> Iterator[FoundNumber]:
        """The numbers of persons, in order, none within another."""
        last = 0
        for place, group in enumerate(self.groups):
            if group.start < last or self.at[group.start] in self.codes:
                continue
            found = self._from(place)
            if found is None:
                continue
            last = found.end
            if found.number not in self.keep:
                yield replace(found, start=self.at[found.start], end=self.at[found.end - 1] + 1)

    def _from(self, first: int) -> FoundNumber | None:
        """The number that begins with this group: one that a check digit proves, else a phone, else an old card."""
        return self._close(first) or self._scattered(first)

    def _close(self, first: int) -> FoundNumber | None:
        """One whose groups hang together closely."""
        start = self.offsets[first]
        ahead = self.digits[start : min(start + _LONGEST_PHONE, self.stops[first])]
        if len(ahead) < _FEWEST:
            return None
        if ahead[0] != "0":
            for many in (19, 18, 17, 16):
                last = self._reached(first, many)
                if last is not None and (found := self._proven(first, last, self.digits[start : start + many])):
                    return found
        called = self._called(first)
        if (called or _WHOLE.match(ahead)) and self.groups[first].start not in self.dates:
            for many in range(len(ahead), _shortest(called) - 1, -1):
                last = self._reached(first, many)
                if last is not None and (found := self._phone(first, last, ahead[:many], called)):
                    return found
        old = self._reached(first, 15)
        if old is not None and _is_old_card(ahead) and not self._is_several(first, old, ahead):
            return self._found(first, old, IDENTITY, ahead)
        return None

    def _scattered(self, first: int) -> FoundNumber | None:
        """A phone whose groups stand as people write them, with any signs or one same letter between them."""
        start, group = self.offsets[first], self.groups[first]
        ahead = self.digits[start : start + _SCATTERED]
        local = self._called(first) == "word"
        if not (local or _WHOLE.match(ahead)) or group.start in self.dates:
            return None
        found, sizes = None, [group.end - group.start]
        for last in range(first + 1, min(first + _SCATTERED, len(self.groups))):
            following = self.groups[last]
            sizes.append(following.end - following.start)
            if following.gap is None or sum(sizes) > _SCATTERED:
                break
            digits = ahead[: sum(sizes)]
            whole = _WHOLE.fullmatch(digits)
            number = _canonical(whole) if whole else digits if local and tuple(sizes) in _LOCAL_SHAPES else ""
            if number and self._is_spelt(first, last, sizes):
                found = self._found(first, last, PHONE, number)
        return found

    def _is_spelt(self, first: int, last: int, sizes: Sequence[int]) -> bool:
        """Whether groups of these sizes are one phone and not a list, times, amounts or measures."""
        groups = self.groups[first + 1 : last + 1]
        gaps = {group.gap or "" for group in groups}
        if all(group.link is not None for group in groups) or self._is_measured(first, last, gaps):
            return False
        parts = self._parts(first, last)
        padded = any(len(part) > 1 and part[0] == "0" for part in parts[1:])
        letters = [gap for gap in gaps if gap.isalpha()]
        if letters and (len(gaps) > 1 or (letters[0] in _UNITS and not padded)):
            return False
        if tuple(sizes) in _SHAPES | _LOCAL_SHAPES:
            return True
        return len(gaps) == 1 and not letters and (padded or max(sizes) == 1) and len(sizes) > 3

    def _is_measured(self, first: int, last: int, gaps: Collection[str]) -> bool:
        start, end = self.groups[first].start, self.groups[last].end
        before, after = self.letters[max(0, start - 1) : start], self.letters[end : end + 1]
        if before in _MONEY or (before.isascii() and before.isalpha()) or (after.isalpha() and after in gaps):
            return True
        times = all(_TIME.fullmatch(part) for part in self._parts(first, last))
        return times or bool(_AMOUNT.match(self.letters, end) or _MEASURED.match(self.letters, end))

    def _reached(self, first: int, many: int) -> int | None:
        """The group up to which there are so many digits from this one on, all closely together."""
        end = self.offsets[first] + many
        return self.edges.get(end) if end <= self.stops[first] else None

    def _found(self, first: int, last: int, label: str, number: str, end: int = 0) -> FoundNumber:
        """The number with the sign and the bracket that belong to it."""
        start, end = self.groups[first].start, end or self.groups[last].end
        opened = self.letters.count("(", start, end) - self.letters.count(")", start, end)
        for before in range(start - 1, max(-1, start - _AROUND), -1):
            sign = self.letters[before]
            if sign not in "+( ":
                break
            if sign == "+" or (sign == "(" and opened < 0):
                start, opened = before, opened + (sign == "(")
        return FoundNumber(start, end, label, number)

    def _parts(self, first: int, last: int) -> list[str]:
        return [self.letters[group.start : group.end] for group in self.groups[first : last + 1]]

    def _links(self, first: int, last: int) -> list[str]:
        return [group.link or "" for group in self.groups[first + 1 : last + 1]]

    def _loose(self, first: int, last: int) -> bool:
        """Whether a comma stands between its groups, as in a list."""
        return any("," in link for link in self._links(first, last))

    def _proven(self, first: int, last: int, digits: str) -> FoundNumber | None:
        """An identity card by its check digit, a bank card by Luhn's."""
        label, end = "", self.groups[last].end
        sign = _LAST_SIGN.match(self.letters, end) if len(digits) == 17 else None
        if sign and _is_identity(digits + "x"):
            label, end, digits = IDENTITY, sign.end(), digits + "X"
        elif len(digits) == 18 and _is_identity(digits):
            label = IDENTITY
        elif _is_card(digits):
            label = CARD
        return (
            self._found(first, last, label, digits, end)
            if label and not self._is_several(first, last, digits)
            else None
        )

    def _is_several(self, first: int, last: int, digits: str) -> bool:
        """Whether these groups are rather several numbers than one card."""
        if self._loose(first, last):
            return True
        if not self.stored or first == last:
            return False
        groups = self.groups[first : last + 1]
        phones = {group.end - group.start for group in groups} <= _PHONE_SIZES and not digits.startswith(_CARDS_BEGIN)
        return phones or "\n" in self.text[self.at[groups[0].start] : self.at[groups[-1].end - 1]]

    def _called(self, first: int) -> str:
        """What before the group makes any digits a phone: a plus, or the word (as ``word``); "" where nothing does."""
        start, _end, link, _gap = self.groups[first]
        if link is not None:
            return ""
        before = self.letters[max(0, start - _AROUND) : start]
        if _PLUS.search(before):
            return "+"
        return "word" if _ASKED_FOR.search(before) else ""

    def _phone(self, first: int, last: int, digits: str, called: str) -> FoundNumber | None:
        whole = _WHOLE.fullmatch(digits) if len(digits) >= _WHOLE_PHONE else None
        number = _canonical(whole) if whole else self._by_call(last, digits, called)
        if not number or self._is_something_else(first, last):
            return None
        end = self.groups[last].end
        extension = _EXTENSION.match(self.letters, end)
        if extension is None and not (whole and whole["mobile"]):
            extension = _OF_A_LANDLINE.match(self.letters, end)
        return self._found(first, last, PHONE, number, extension.end() if extension else end)

    def _by_call(self, last: int, digits: str, called: str) -> str:
        """A number that only its surroundings make a phone."""
        if called == "+" and len(digits) > _FEWEST:
            return "0" + digits[2:] if digits.startswith("86") else "+" + digits
        after = self.groups[last + 1].link if last + 1 < len(self.groups) else None
        goes_on = after is not None and "," not in after and len(after) < 2
        return digits if called == "word" and not goes_on and not _HOTLINE.fullmatch(digits) else ""

    def _is_something_else(self, first: int, last: int) -> bool:
        """An amount, the numbers of houses, or a list, in the shape of a phone."""
        links, parts = self._links(first, last), self._parts(first, last)
        if not links:
            return False
        if self._loose(first, last) and tuple(map(len, parts)) not in _COMMA_SHAPES:
            return True
        start, end = self.groups[first].start, self.groups[last].end
        if _PRICE.match(self.letters, end) and tuple(map(len, parts)) not in _SHAPES:
            return True
        if links == ["."] and len(parts[-1]) <= 2:
            return bool(_AMOUNT.match(self.letters, end)) or self.letters[max(0, start - 1) : start] in ("¥", "$")
        rising = all(len(part) <= 2 for part in parts) and sorted(set(map(int, parts))) == list(map(int, parts))
        return rising and bool(_HOUSES.match(self.letters, end))


def _shortest(called: str) -> int:
    return _FEWEST if called else _WHOLE_PHONE


def _canonical(found: re.Match[str]) -> str:
    """The number as it is stored."""
    if found["mobile"] or found["landline"]:
        return found["mobile"] or found["landline"]
    return "0" + found["dialled"] if found["dialled"] else "+" + found["near"]


def _is_identity(digits: str) -> bool:
    """A right check digit, or a province and a birthday, as where one digit was mistyped.

    An order's number that begins with its date, and holds no birthday, is none.
    """
    if _BORN.match(digits):
        return True
    if digits[0] == "0" or (_ORDER.match(digits) and not _BIRTHDAY.match(digits, 6)):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_CHECK_WEIGHTS, digits[:17], strict=True))
    return _CHECK_DIGITS[total % 11] == digits[17]


def _is_old_card(digits: str) -> bool:
    """15 digits with a birthday of the last century in their midst."""
    if len(digits) != 15 or digits[0] == "0" or _ORDER.match(digits):
        return False
    month, day = int(digits[8:10]), int(digits[10:12])
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


def _is_card(digits: str) -> bool:
    """Luhn's sum, and a first digit with which banks' cards begin."""
    if not re.match(r"[3-9]|2[2-7]", digits):
        return False
    return (sum(map(int, digits[-1::-2])) + sum(_DOUBLED[digit] for digit in digits[-2::-2])) % 10 == 0
