"""回执: what the reporter takes home, with the number and the code of the secret link. A4, printed by the browser."""

from typing import Any

import segno
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console.intake.pages import promise_of
from console.kit.reading import Reader, find_issue, reader_of
from console.kit.rows import place_of
from issues.discretion import knows_reporter
from issues.models import Issue
from issues.services.revealing import note_print


@require_safe
@never_cache
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """``/console/issues/<number>/receipt/``: for those who know the reporter, since the code opens the secret link."""
    reader = reader_of(request)
    issue = find_issue(reader, number)
    if not reader.parties(issue) or not knows_reporter(issue, reader.access):
        raise PermissionDenied(_("您没有权限打印此件的回执"))
    if request.method == "GET":
        note_print(issue, reader.actor, reader.now)
    return render(request, "console/intake/receipt.html", {"receipt": _paper(issue, reader)})


def _paper(issue: Issue, reader: Reader) -> dict[str, Any]:
    link = settings.PUBLIC_URL + reverse("matter", args=[issue.token])
    return {
        "number": issue.number,
        "title": issue.title,
        "place": place_of(issue, with_community=True),
        "created_at": issue.created_at,
        "promise_text": promise_of(issue, reader) if issue.is_open else "",
        "office": issue.community.name,
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
    }
