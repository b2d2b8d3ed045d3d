"""Which offices a person sets up, and which of them the page is about."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.roles import Role
from communities.models import SubDistrict
from console.kit.reading import Reader, reader_of


@dataclass(frozen=True)
class OfficeSetting:
    """The request, who asks, and the office."""

    request: HttpRequest
    reader: Reader
    office: SubDistrict
    offices: tuple[SubDistrict, ...]


def offices_of(reader: Reader) -> tuple[SubDistrict, ...]:
    """The offices that this person administers."""
    rows = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk")
    if not reader.access.installation_wide:
        rows = rows.filter(pk__in=[pk for pk, roles in reader.access.subdistrict_roles.items() if Role.ADMIN in roles])
    return tuple(rows)


def setting_of(request: HttpRequest) -> OfficeSetting:
    """The office that was asked for (``office``), else the first. PermissionDenied where there is none."""
    reader = reader_of(request)
    offices = offices_of(reader)
    text = request.POST.get("office") or request.GET.get("office", "")
    found = next((row for row in offices if not text or str(row.pk) == text), None)
    if found is None:
        raise PermissionDenied(_("您不能修改这个街道的设置"))
    return OfficeSetting(request, reader, found, offices)
