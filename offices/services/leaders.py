"""A leader's places go to another leader of the community, by its own staff: no administrator is needed for that."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from communities.actors import Actor
from communities.handing_over import PlacesHandedOver, follow_places
from communities.models import Leader, LeaderPlace, SubDistrict
from offices.kinds import LEADER
from offices.sealing import put_seal, snapshot
from offices.services.errors import NotAdministered, NotHandedOver
from offices.services.references import CHANGED, changed_between, note_change
from offices.services.revealing import may_reveal


def successors_of(leader: Leader) -> QuerySet[Leader]:
    """To whom a leader's places may go: the others of the same community."""
    return Leader.objects.filter(community_id=leader.community_id, retired_at__isnull=True).exclude(pk=leader.pk)


@transaction.atomic
def hand_places_over(*, leader_id: int, place_ids: Collection[int], to_id: int, by: Actor, at: datetime) -> int:
    """These places go to another leader of the community, who then is asked what is still unanswered there.

    How many they are. One event on either leader. Raises NotAdministered, NotHandedOver.
    """
    office = Leader.objects.select_related("subdistrict").get(pk=leader_id).subdistrict
    SubDistrict.objects.select_for_update(no_key=True).only("pk").get(pk=office.pk)
    leader = Leader.objects.select_for_update(no_key=True).get(pk=leader_id)
    if leader.retired_at is not None or not may_reveal(by.access, leader):
        raise NotAdministered(_("只有本社区和街道社会治理办能交接楼长负责的地方"))
    to = successors_of(leader).filter(pk=to_id).first()
    if to is None:
        raise NotHandedOver(_("请选择接手的楼长"))
    places = list(leader.places.filter(pk__in=place_ids).order_by("pk"))
    if not places or len(places) != len(set(place_ids)):
        raise NotHandedOver(_("请选择要交接的地方") if not place_ids else _("负责的地方刚被别人修改，请核对后再交接"))
    before = [snapshot(LEADER, row) for row in (leader, to)]
    for place in places:
        _move(place, to)
    for row, was in zip((leader, to), before, strict=True):
        changed = changed_between(was, snapshot(LEADER, row))
        note_change(LEADER, row, CHANGED, changed, office=office, by=by, at=at)
        put_seal(LEADER, row, at)
    follow_places(
        PlacesHandedOver(
            leader.pk,
            to.pk,
            frozenset(place.building_id for place in places if place.building_id is not None),
            frozenset(place.neighbourhood_id for place in places if place.neighbourhood_id is not None),
        )
    )
    return len(places)


def _move(place: LeaderPlace, to: Leader) -> None:
    """What the other one holds already is held once, and leads where the one that goes led."""
    there = to.places.filter(building=place.building, neighbourhood=place.neighbourhood).first()
    if there is None:
        place.leader = to
        place.save(update_fields=["leader"])
        return
    place.delete()
    if place.first and not there.first:
        there.first = True
        there.save(update_fields=["first"])
