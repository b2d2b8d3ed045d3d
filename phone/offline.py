"""What a leader's phone has without a network: the worker that keeps pages, and how the pages are put on its screen."""

import hashlib
import json
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.models import Leader
from phone.leading import for_leaders

PAGES: Final = ("leader-offline", "leader-report", "leader-ledger", "leader-building")
"""Kept on the phone: blank forms, place names, counts, numbers, categories and dates; no name, no word of a matter."""

FILES: Final = (
    "css/phone.css",
    "img/mark.svg",
    "vendor/icons.svg",
    "js/image-reducer.js",
    "js/upload.js",
    "js/phone/asking.js",
    "js/phone/drafts.js",
    "js/phone/forms.js",
    "js/phone/queue.js",
    "js/phone/sending.js",
)
_WORKER: Final = "js/phone/worker.js"


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """``/leader/worker.js``: static/js/phone/worker.js with what it keeps; its state changes with the files."""
    pages, files = [reverse(name) for name in PAGES], [static(name) for name in FILES]
    stored = {"pages": pages, "files": files, "instead": pages[0]}
    state = hashlib.sha256(json.dumps([stored, static(_WORKER)]).encode()).hexdigest()[:16]
    told = json.dumps(stored | {"state": f"leader-{state}"})
    text = f"self.stored = {told};\nimportScripts({json.dumps(static(_WORKER))});\n"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """``/leader/app.webmanifest`` (W3C App Manifest): what it is called on the phone's screen, and where it begins."""
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    home = reverse("leader-home")
    answer = {
        "id": home,
        "name": _("楼长上报"),
        "short_name": _("楼长上报"),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1A5FB4",
        "icons": [icon],
    }
    response = JsonResponse(answer, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@for_leaders
def offline(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/offline/``: in place of a page that the phone does not have."""
    return render(request, "phone/leader/offline.html")
