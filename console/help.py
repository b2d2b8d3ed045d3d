"""Help: shortcuts and what the marks mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from console.kit.reading import reader_of
from deadlines.enums import Level
from issues.enums import Kind
from issues.wording.limits import limits_if, promise_text


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """``/console/help/``: the times of a level are those of the reader's own sub-district."""
    areas = reader_of(request).access.subdistrict_ids
    area = next(iter(areas)) if len(areas) == 1 else None
    levels = {}
    for level in (Level.CRITICAL, Level.URGENT):
        limits = limits_if(subdistrict_id=area, kind=Kind.HELP, level=level, category=None)
        levels[level.value] = _("%(sentence)s。") % {"sentence": capfirst(promise_text(limits))}
    return render(request, "console/help.html", {"levels": levels})
