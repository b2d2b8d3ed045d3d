"""Leaving a post, or altogether: what is held goes to one colleague, or back, in one transaction with the end."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from communities.actors import Actor
from communities.models import Leader, Membership, SubDistrict
from deadlines.duty.handing_over import hand_over as hand_over_shifts
from deadlines.duty.roster import Keeper, lock_rosters
from issues.services.handing_over import hand_over as hand_over_matters
from offices.forms import LeaderForm
from offices.holdings import (
    HeldHere,
    Leaving,
    held_by,
    may_serve,
    of_account,
    of_post,
    of_the_past,
    successors,
    works_with,
)
from offices.kinds import LEADER
from offices.services import people, references
from offices.services.administrators import one_by_one
from offices.services.errors import NotHandedOver
from reminders.services.absences import Setter, hand_over_covers

DESK: Final = "desk"
"""Chosen instead of a colleague: back to the receiving desk, off the roster, to the community."""
HANDED_OVER: Final = "handed_over"
TOOK_OVER: Final = "took_over"


@transaction.atomic
def leave_post(*, office: SubDistrict, membership_id: int, to: str, by: Actor, at: datetime) -> Membership:
    """The person is that no longer; ``to``: DESK, a colleague's id, "" where nothing is held.

    Raises NotAdministered, NotHandedOver.
    """
    by = one_by_one(by)
    references.hold(office, by, Permission.MANAGE_RIGHTS)
    post = Membership.objects.select_for_update(of=("self", "user"), no_key=True).select_related("user")
    row = post.filter(pk__in=people.posts_of(office, by).values("pk")).get(pk=membership_id)
    if row.ended_at is None:
        _hand_over(of_post(row), office, to, by, at)
    return people.end_membership(row, office=office, by=by, at=at)


@transaction.atomic
def close_account(*, office: SubDistrict, user_id: int, to: str, by: Actor, at: datetime) -> User:
    """The account is closed, with its sessions and tokens. Raises NotAdministered, NotHandedOver."""
    by = one_by_one(by)
    references.hold(office, by, Permission.MANAGE_RIGHTS)
    user = people.administered(office, user_id, by)
    leaving = of_account(user, office)
    lock_rosters(leaving.subdistrict_ids)
    _hand_over(leaving, office, to, by, at)
    return people.close(user, office=office, by=by, at=at)


@transaction.atomic
def hand_over_rest(*, office: SubDistrict, user_id: int, to: str, by: Actor, at: datetime) -> None:
    """What is still held of posts that ended before. Raises NotAdministered, NotHandedOver."""
    by = one_by_one(by)
    references.hold(office, by, Permission.MANAGE_RIGHTS)
    user = people.people_of(office, by).select_for_update(no_key=True).get(pk=user_id)
    _hand_over(of_the_past(user, office), office, to, by, at)


def _hand_over(leaving: Leaving, office: SubDistrict, to: str, by: Actor, at: datetime) -> None:
    held = held_by(leaving, at)
    if held.alone:
        raise NotHandedOver(_("%(alone)s。请先安排接手的人") % {"alone": _("；").join(held.alone)})
    if not held:
        return
    successor = _chosen(leaving, to)
    numbers = _move(leaving, held, successor, by, at)
    facts: dict[str, Any] = {
        "office": office,
        "by": by,
        "at": at,
        **{name: number for name, number in numbers.items() if number},
    }
    words = {"to": successor.display_name if successor else _("交回收件岗")}
    people.note(leaving.user, HANDED_OVER, to=successor.pk if successor else None, texts=words, **facts)
    if successor is not None:
        words = {"from": leaving.user.display_name}
        people.note(successor, TOOK_OVER, came_from=leaving.user.pk, texts=words, **facts)


def _chosen(leaving: Leaving, to: str) -> User | None:
    """Who takes over; None for the desk. Raises NotHandedOver."""
    if to == DESK:
        return None
    found = successors(leaving).filter(pk=int(to)).first() if to.isascii() and to.isdecimal() else None
    if found is None:
        raise NotHandedOver(_("请选择交给谁"))
    return found


def _move(leaving: Leaving, held: HeldHere, to: User | None, by: Actor, at: datetime) -> Counter[str]:
    """Everything, to where it goes; returns how many of each sort."""
    to_id = to.pk if to else None
    posts = list(to.memberships.filter(ended_at__isnull=True)) if to else []
    numbers: Counter[str] = Counter()
    numbers["matters"] = hand_over_matters(
        officer_id=leaving.user.pk, department_ids=leaving.department_ids, to_id=to_id, by=by, at=at
    )
    keeper = Keeper(by.access, by.role)
    for shift in held.shifts:
        serves = to_id if any(may_serve(row, shift) for row in posts) else None
        kept, off = hand_over_shifts([shift], leaving_id=leaving.user.pk, to_id=serves, by=keeper, at=at)
        numbers.update({"shifts": kept, "shifts_off": off})
    setter = Setter(by.access, by.role, ())
    for absence in held.covers:
        stands_in = to_id if to is not None and works_with(to, absence) else None
        numbers["covers"] += hand_over_covers([absence], to_id=stands_in, by=setter, at=at)
    numbers["desks"] = _give_seats(held, posts)
    numbers["places"] = _give_places(held, to, by, at)
    return numbers


def _give_seats(held: HeldHere, posts: list[Membership]) -> int:
    """The successor sits at the receiving desk where the other one did; else the desk is one fewer."""
    departments = {row.department_id for row in held.desks}
    seats = {row.department_id: row for row in posts if row.department_id in departments}
    for row in seats.values():
        row.receiving_desk = True
        row.save(update_fields=["receiving_desk"])
    return len(seats)


def _give_places(held: HeldHere, to: User | None, by: Actor, at: datetime) -> int:
    """The leader looks after nothing any more; whoever takes over looks after it besides, else the community does."""
    if held.leader is None:
        return 0
    office = held.leader.subdistrict
    texts = _places_of(held.leader)
    _write(held.leader, office, {"places": ""}, by, at)
    references.retire(LEADER, office=office, pk=held.leader.pk, by=by, at=at, permission=Permission.MANAGE_RIGHTS)
    heir = Leader.objects.filter(user=to, retired_at__isnull=True).first() if to else None
    if heir is not None:
        _write(heir, office, {"places": "\n".join(filter(None, (_places_of(heir), texts)))}, by, at)
    return len(held.places)


def _places_of(leader: Leader) -> str:
    return str(LeaderForm(instance=leader, office=leader.subdistrict)["places"].value() or "")


def _write(leader: Leader, office: SubDistrict, changed: Mapping[str, str], by: Actor, at: datetime) -> None:
    form = LEADER.form_for(office, leader)
    data: dict[str, Any] = {name: form[name].value() for name in form.fields}
    references.write(
        LEADER, office=office, data={**data, **changed}, by=by, at=at, pk=leader.pk, permission=Permission.MANAGE_RIGHTS
    )
