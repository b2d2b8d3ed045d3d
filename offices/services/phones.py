"""Leaders' phones: who gives and ends them. The account comes with the first invitation, and has no password."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts import phones
from accounts.models import BoundPhone, PhoneInvitation, User
from accounts.roles import Role
from communities.access import access_of, load_accesses
from communities.actors import Actor
from communities.models import Leader, Membership
from offices.services.errors import NotAdministered
from offices.services.people import note, note_joined
from offices.services.revealing import may_reveal


@dataclass(frozen=True)
class PhoneState:
    """How a leader signs in: until when the phone is bound, until when a card waits, whether by staff's account."""

    bound_at: datetime | None = None
    bound_until: datetime | None = None
    invited_until: datetime | None = None
    staff: bool = False


def state_of(leader: Leader, at: datetime) -> PhoneState:
    """Of this leader, now."""
    if leader.user is None:
        return PhoneState()
    bound = BoundPhone.objects.filter(user=leader.user, ended_at__isnull=True, expires_at__gt=at).first()
    card = PhoneInvitation.objects.filter(user=leader.user, ended_at__isnull=True, expires_at__gt=at).first()
    return PhoneState(
        bound.bound_at if bound else None,
        bound.expires_at if bound else None,
        card.expires_at if card else None,
        access_of(leader.user).is_staff,
    )


def without_phone(leaders: QuerySet[Leader], at: datetime) -> list[Leader]:
    """Those of these whom a card lets in: no phone is bound, the account works, and is not staff's; two statements.

    ``leaders`` come with their ``user``.
    """
    bound = BoundPhone.objects.filter(user=OuterRef("user_id"), ended_at__isnull=True, expires_at__gt=at)
    found = list(leaders.exclude(Exists(bound)))
    access = load_accesses([row.user_id for row in found if row.user_id is not None])
    return [row for row in found if row.user is None or (row.user.works and not access[row.user.pk].is_staff)]


@transaction.atomic
def invite(*, leader_id: int, by: Actor, at: datetime) -> str:
    """A code for a leader's phone, by staff of the community or the office. Raises NotAdministered.

    Whoever works here too signs in by name and password: six digits open no console.
    """
    leader = _held(leader_id, by)
    if leader.user is not None and access_of(leader.user).is_staff:
        raise NotAdministered(_("此人另有工作人员账号，请用账号和密码登录"))
    if leader.user is not None and not leader.user.works:
        raise NotAdministered(_("此人的账号已停用，请先由管理员重新启用"))
    user = leader.user or _account(leader, by, at)
    if not user.memberships.filter(role=Role.LEADER, ended_at__isnull=True).exists():
        row = Membership.objects.create(user=user, role=Role.LEADER, subdistrict=leader.subdistrict, started_at=at)
        note_joined(row, office=leader.subdistrict, by=by, at=at)
    return phones.invite(user, by_id=by.user_id, at=at)


@transaction.atomic
def end(*, leader_id: int, by: Actor, at: datetime) -> bool:
    """The phone, or the card that waits, opens nothing any more; whether there was one. Raises NotAdministered."""
    leader = _held(leader_id, by)
    return leader.user is not None and phones.unbind(leader.user, by_id=by.user_id, at=at)


def _held(leader_id: int, by: Actor) -> Leader:
    rows = Leader.objects.select_for_update(of=("self",), no_key=True).select_related("user", "subdistrict")
    leader = rows.get(pk=leader_id)
    if leader.retired_at is not None or not may_reveal(by.access, leader):
        raise NotAdministered(_("只有本社区和街道社会治理办能发放、停用楼长的手机登录"))
    return leader


def _account(leader: Leader, by: Actor, at: datetime) -> User:
    user = User(username=f"leader-{leader.pk}-{token_hex(3)}", display_name=leader.name)
    user.set_unusable_password()
    user.save()
    leader.user = user
    leader.save(update_fields=["user"])
    note(user, "person_added", office=leader.subdistrict, by=by, at=at)
    return user
