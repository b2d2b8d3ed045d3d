"""What a reporter takes along: the receipt of a matter, to print or keep, and its dates for a calendar that subscribes.

Both say what the link alone says: no word of the reporter, no answer.
"""

from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.calendars import CONTENT_TYPE, written
from common.clock import now
from issues.models import Issue
from issues.resident import resident_view
from issues.resident.dates import dates_of
from phone.resident import with_matter
from phone.shared import public


@public
@require_safe
@with_matter
def receipt(request: HttpRequest, issue: Issue) -> HttpResponse:
    """``/t/<token>/receipt/``: number, date, office and the code of the link, on one sheet."""
    link = settings.PUBLIC_URL + reverse("matter", args=[issue.token])
    context = {
        "matter": resident_view(issue, now()),
        "token": issue.token,
        "created_at": issue.created_at,
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
    }
    return render(request, "phone/matter/receipt.html", context)


@public
@require_safe
@with_matter
def calendar(request: HttpRequest, issue: Issue) -> HttpResponse:
    """``/t/<token>/calendar.ics``: until when what is to be heard of it; a date that moves moves there, too."""
    at, url = now(), settings.PUBLIC_URL + reverse("matter", args=[issue.token])
    name = _("诉求 %(number)s") % {"number": issue.number}
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return HttpResponse(written(name, dates_of(issue, at, url), host=host, at=at), content_type=CONTENT_TYPE)
