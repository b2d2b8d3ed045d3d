"""What the leaders' pages share: who is one, and what a leader looks after."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from communities.models import Leader, LeaderPlace, named_place
from issues.services.errors import InvalidFields
from phone.shared import finish_answer


def for_leaders(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Only somebody who is a leader; the leader and the places come with the request."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        leader = (
            Leader.objects.filter(user_id=request.user.pk or 0, retired_at__isnull=True)
            .select_related("community", "subdistrict")
            .first()
        )
        if leader is None:
            raise PermissionDenied(_("此页面供楼长、巷长、街长使用"))
        return finish_answer(request, view(request, leader, *args, **kwargs))

    return wrapped


def places_of(leader: Leader) -> list[LeaderPlace]:
    """What a leader looks after, the leading places first; one statement."""
    rows = LeaderPlace.objects.filter(leader=leader).select_related("building__neighbourhood", "neighbourhood")
    return list(rows.order_by("-first", "id"))


def place_names(leader: Leader) -> list[str]:
    """The names of what a leader looks after."""
    return [place_name(row) for row in places_of(leader)]


def chosen_place(request: HttpRequest, places: list[LeaderPlace]) -> LeaderPlace | None:
    """The place that the form or the query names; the first one where it names none of the leader's."""
    wanted = request.POST.get("building") or request.GET.get("place")
    return next((row for row in places if str(row.pk) == wanted), places[0] if places else None)


def own_place(typed: str, places: list[LeaderPlace]) -> LeaderPlace | None:
    """The place that a form names; without a name the first one.

    Raises InvalidFields for one that is not the leader's any more: it was when the phone lost its network.
    """
    if not typed:
        return places[0] if places else None
    found = next((row for row in places if str(row.pk) == typed), None)
    if found is None:
        raise InvalidFields({"building": _("这个地点已经不由您负责，请重新选择")})
    return found


def place_name(place: LeaderPlace) -> str:
    """碧湖花园3栋, or the lane."""
    return named_place(place.building, place.neighbourhood)
