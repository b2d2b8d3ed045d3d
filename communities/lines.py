"""The phones of an office and of the organisations that it names: no person's, and part of an answer."""

import re
from functools import cached_property
from typing import Final

from common.phones import comparable_phone
from communities.models import Community, Department, SubDistrict

_SEVERAL: Final = re.compile(r"[/,，、;；\n]")
_AREA: Final = re.compile(r"0(?:10|2\d|[3-9]\d\d)(\d{7,8})")


class OfficeLines:
    """Whether a canonical phone, or its digits without the area code, is one of a sub-district's offices.

    One statement, and none before the first phone is asked about: most texts name none.
    """

    def __init__(self, subdistrict_id: int) -> None:
        self._subdistrict_id = subdistrict_id

    def __contains__(self, number: object) -> bool:
        return number in self._lines

    @cached_property
    def _lines(self) -> frozenset[str]:
        mine = {"subdistrict_id": self._subdistrict_id}
        offices = SubDistrict.objects.filter(pk=self._subdistrict_id).values_list("duty_phone")
        communities = Community.objects.filter(**mine).values_list("phone")
        departments = Department.objects.filter(**mine).values_list("phone")
        numbers = {
            comparable_phone(part)
            for (phone,) in offices.union(communities, departments)
            for part in _SEVERAL.split(phone)
            if part.strip()
        }
        local = {found[1] for found in map(_AREA.fullmatch, numbers) if found}
        return frozenset(numbers | local)
