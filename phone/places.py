"""在哪里: a place by its name or initials as it is typed, a community by its first letter; for every page that asks."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from common import limits
from common.http import network
from communities.finding import FoundPlace, by_letters, communities, find_places, read_place
from phone.shared import public

FINDS = limits.Tap("places-network", 2, 60)
"""How often one network may look for a place while typing."""


@public
@require_POST
def places(request: HttpRequest) -> HttpResponse:
    """Places that fit what is typed, as radios of the form; 204 where that is asked too often."""
    if isinstance(FINDS.take(network(request)), limits.Denied):
        return HttpResponse(status=204)
    return render(
        request, "phone/report/_places.html", _choices(request.POST, read_place(request.POST.get("place", "")))
    )


def choices_of(sent: Mapping[str, str], chosen: FoundPlace | None) -> dict[str, Any]:
    """What phone/report/_where.html asks from: what was found, ``chosen`` first, and all communities by letters."""
    return {**_choices(sent, chosen), "groups": by_letters(communities())}


def _choices(sent: Mapping[str, str], chosen: FoundPlace | None) -> dict[str, Any]:
    """What is to be chosen from, the chosen one first. What alone fits is chosen."""
    typed = sent.get("place_text", "").strip()[:60]
    found = find_places(typed)
    if chosen is None and len(found) == 1:
        (chosen,) = found
    others = [place for place in found if chosen is None or place.code != chosen.code]
    return {
        "found": [*([chosen] if chosen else []), *others],
        "chosen": chosen.code if chosen else "",
        "typed": typed,
    }
