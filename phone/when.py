"""今天反映，最迟哪天答复: what the rules promise for a matter that is raised now."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.clock import now
from communities.models import Category
from deadlines.services import load_calendar
from issues.enums import Kind
from issues.wording.limits import latest_if
from phone.shared import chosen_community, findable, public

_KINDS: Final = (Kind.HELP, Kind.COMPLAINT, Kind.ENQUIRY, Kind.SUGGESTION, Kind.REPORT)


@findable
@public
@require_safe
def when(request: HttpRequest) -> HttpResponse:
    """``/when/?kind=&category=``: until when it is taken up and answered, at the latest, by the clocks' own rules."""
    at, community = now(), chosen_community(request)
    subdistrict_id = community.subdistrict_id if community else None
    kind = request.GET.get("kind", "")
    kind = kind if kind in {one.value for one in _KINDS} else Kind.HELP.value
    groups = _groups(subdistrict_id)
    code = request.GET.get("category", "")[:8]
    chosen = next((one for _name, several in groups for one in several if one.code == code), None)
    context = {
        "kinds": [{"code": one.value, "label": one.label, "chosen": one == kind} for one in _KINDS],
        "groups": groups,
        "category": chosen,
        "at": at,
        "steps": latest_if(subdistrict_id=subdistrict_id, kind=kind, category=chosen, at=at, calendar=load_calendar()),
    }
    return render(request, "phone/when.html", context)


def _groups(subdistrict_id: int | None) -> list[tuple[str, list[Category]]]:
    """Categories under their groups, those that every office has where no community is chosen; one statement."""
    rows = Category.objects.filter(retired_at=None, parent__isnull=False).select_related("parent")
    if subdistrict_id is not None:
        rows = rows.filter(subdistrict_id=subdistrict_id)
    groups: dict[str, dict[str, Category]] = {}
    for row in rows.order_by("code", "subdistrict_id"):
        groups.setdefault(row.parent.name if row.parent else _("其他"), {}).setdefault(row.code, row)
    return [(name, list(several.values())) for name, several in groups.items()]
