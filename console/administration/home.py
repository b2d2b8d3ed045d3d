"""管理: the way to everything that an administrator sets up."""

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from console.kit.reading import Reader, reader_of
from offices.services.administrators import holding_several

_NAMED: Final = 5


@require_safe
def admin_home(request: HttpRequest) -> HttpResponse:
    """``/console/admin/``: the pages that this person may open (context processor ``nav``)."""
    return render(request, "console/administration/home.html", {"several": _several(reader_of(request))})


def _several(reader: Reader) -> Sequence[str]:
    """Who is more than one of the three administrators where this person keeps people or rights; some of them."""
    areas = reader.access.areas(Permission.SEE_PEOPLE)
    return [user.display_name for user in holding_several(areas)[:_NAMED]] if areas is None or areas else ()
