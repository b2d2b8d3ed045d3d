"""``/console/commitments/rates/``: the fulfilment rate of each organisation in one quarter."""

import re
from datetime import date
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commitments.models import Commitment
from commitments.reading import FEW, Quarter, fulfilment, quarter_with
from common.clock import local
from console.kit.reading import reader_of, text_of

_CODE: Final = re.compile(r"(20[0-9]{2})Q([1-4])", re.ASCII)
_SHOWN: Final = 8


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """One statement, whatever the number of promises."""
    reader = reader_of(request)
    this = quarter_with(local(reader.now).date())
    quarter = _asked_for(text_of(request, "quarter", 6)) or this
    found = fulfilment(Commitment.objects.visible_to(reader.access), quarter, reader.now)
    context = {
        "rates": found,
        "few": FEW,
        "title": label_of(quarter),
        "quarters": [
            {"label": label_of(one), "url": f"?quarter={one.code}", "active": one == quarter} for one in _last(this)
        ],
        "list_url": reverse("console-commitments"),
    }
    return render(request, "console/commitments/rates.html", context)


def label_of(quarter: Quarter) -> str:
    """2026年第3季度."""
    return _("%(year)d年第%(n)d季度") % {"year": quarter.first.year, "n": (quarter.first.month + 2) // 3}


def _asked_for(text: str) -> Quarter | None:
    if not text:
        return None
    found = _CODE.fullmatch(text)
    if found is None:
        raise BadRequest(_("筛选条件无效，请清除筛选后重试"))
    return quarter_with(date(int(found[1]), int(found[2]) * 3, 1))


def _last(this: Quarter) -> list[Quarter]:
    found = [this]
    while len(found) < _SHOWN:
        found.append(found[-1].before)
    return found
