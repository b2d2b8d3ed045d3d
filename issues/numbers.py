"""Reading an issue's number as people write it: 桂城-2026-000123, 桂城2026000123, 2026-123, 123, ＃１２３."""

import re
from dataclasses import dataclass

from common.search import normalise

_FULL = re.compile(r"(?P<area>[\u3400-\u9fff]{1,20})?-?(?P<year>20\d{2})-?(?P<serial>\d{6})")
_WITH_YEAR = re.compile(r"(?P<area>[\u3400-\u9fff]{1,20})?-?(?P<year>20\d{2})-(?P<serial>\d{1,6})")
_SHORT = re.compile(r"(?P<area>[\u3400-\u9fff]{1,20})?-?(?P<year>)(?P<serial>\d{1,6})")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u30fc_/]")


@dataclass(frozen=True)
class WrittenNumber:
    """What a person wrote: the area may be missing, the year defaults to the current one."""

    area: str
    year: int
    serial: int


def read_number(text: str, *, this_year: int) -> WrittenNumber | None:
    """The number in ``text`` with or without hyphens, short, in full-width digits, with spaces; None where it is none."""
    plain = _DASHES.sub("-", re.sub(r"\s", "", normalise(text)[:60])).strip("#-")
    for form in (_FULL, _WITH_YEAR, _SHORT):
        found = form.fullmatch(plain)
        if found:
            serial = int(found["serial"])
            year = int(found["year"]) if found["year"] else this_year
            return WrittenNumber(area=found["area"] or "", year=year, serial=serial) if serial else None
    return None
