"""Which sub-district a page of the administration is about."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.models import SubDistrict
from console.kit.reading import Reader


def administered(reader: Reader, permission: Permission, text: str) -> SubDistrict:
    """The sub-district whose id ``text`` is, else the first for which this person has it. Raises PermissionDenied."""
    rows = SubDistrict.objects.filter(retired_at=None).order_by("pk")
    areas = reader.access.areas(permission)
    if areas is not None:
        rows = rows.filter(pk__in=areas)
    found = next((row for row in rows if not text or str(row.pk) == text), None)
    if found is None:
        raise PermissionDenied(_("您不能修改这个街道的设置"))
    return found
