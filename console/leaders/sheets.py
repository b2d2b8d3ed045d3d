"""``/console/directory/codes/``: codes of buildings, several a page of A4; each opens a report there."""

from http import HTTPStatus
from typing import Any, Final

import segno
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from communities.models import Building, Community
from communities.naming import as_counted
from console.kit.choices import pinyin_keys
from console.kit.form_fields import error_items
from console.kit.reading import Reader, reader_of, text_of
from console.kit.shapes import ChoiceShape, FieldShape, error_title
from console.kit.typed import chosen

MOST: Final = 300


@require_http_methods(["GET", "HEAD", "POST"])
def building_codes(request: HttpRequest) -> HttpResponse:
    """``?community=`` lists its buildings; POST makes the sheet of those that were ticked, of all where none was."""
    reader = reader_of(request)
    communities = _communities(reader)
    if not communities:
        raise PermissionDenied(_("楼栋二维码由本社区或街道社会治理办打印"))
    community = chosen(communities, text_of(request, "community", 18)) or communities[0]
    found = Building.objects.filter(community=community, retired_at__isnull=True).select_related("neighbourhood")
    rows = sorted(found, key=lambda row: (row.neighbourhood.name, row.neighbourhood_id, as_counted(row.name)))
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        ticked = set(request.POST.getlist("building"))
        wanted = [row for row in rows if str(row.pk) in ticked] if ticked else rows
        if 0 < len(wanted) <= MOST:
            codes = [_code(row) for row in wanted]
            return render(request, "console/leaders/codes.html", {"codes": codes, "community": community})
        wrong["building"] = [
            _("一次最多 %(n)d 栋，请分几次打印") % {"n": MOST} if wanted else _("这个社区还没有登记楼栋")
        ]
    field = FieldShape(
        *("building", _("楼栋"), "many", request.POST.getlist("building")),
        choices=[_choice(row) for row in rows], placeholder=_("小区、楼栋或拼音首字母"),
        help=_("都不选，打印全社区的楼栋"), errors=wrong.get("building", ()),
    )  # fmt: skip
    context: dict[str, Any] = {
        "communities": communities,
        "community": community,
        "field": field if rows else None,
        "errors": error_items([field], wrong),
        "error_title": error_title(len(wrong)),
    }
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    return render(request, "console/leaders/choose_codes.html", context, status=status)


def _communities(reader: Reader) -> list[Community]:
    access = reader.access
    rows = Community.objects.filter(retired_at__isnull=True)
    if not access.installation_wide:
        near = Q(pk__in=access.community_ids) | Q(subdistrict_id__in=access.whole_subdistrict_ids)
        rows = rows.filter(near)
    return list(rows.order_by("subdistrict_id", "initials", "id"))


def _choice(row: Building) -> ChoiceShape:
    around = row.neighbourhood
    return ChoiceShape(str(row.pk), row.name, group=around.name, keys=f"{around.initials} {pinyin_keys(around.name)}")


def _code(row: Building) -> dict[str, str]:
    link = f"{settings.PUBLIC_URL}{reverse('report')}?building={row.pk}"
    return {
        "place": row.neighbourhood.name,
        "building": row.name,
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"),
    }
