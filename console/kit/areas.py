"""Which offices a person sets up, and which of them the page is about."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.models import SubDistrict
from console.kit.reading import Reader, reader_of


@dataclass(frozen=True)
class OfficeSetting:
    """The request, who asks, and the office."""

    request: HttpRequest
    reader: Reader
    office: SubDistrict
    offices: tuple[SubDistrict, ...]

    @property
    def query(self) -> str:
        """What names the office in addresses."""
        return f"?office={self.office.pk}"


def offices_of(reader: Reader, permission: Permission = Permission.MANAGE_OFFICE) -> tuple[SubDistrict, ...]:
    """The offices in which this person has the right."""
    rows = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk")
    areas = reader.access.areas(permission)
    return tuple(rows if areas is None else rows.filter(pk__in=areas))


def setting_of(request: HttpRequest, permission: Permission = Permission.MANAGE_OFFICE) -> OfficeSetting:
    """The office that was asked for (``office``), else the first. PermissionDenied where there is none."""
    reader = reader_of(request)
    offices = offices_of(reader, permission)
    text = request.POST.get("office") or request.GET.get("office", "")
    found = next((row for row in offices if not text or str(row.pk) == text), None)
    if found is None:
        raise PermissionDenied(_("您不能打开这个街道的设置和登记"))
    return OfficeSetting(request, reader, found, offices)
