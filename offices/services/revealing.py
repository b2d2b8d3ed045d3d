"""Showing a leader's private number: only with a reason, which is journalled."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from common.texts import kept_text
from communities.access import Access
from communities.actors import Actor
from communities.models import Leader
from journal.services import Entry, record
from offices.kinds import LEADER
from offices.services.errors import NoReason, NotAdministered

REVEAL: Final = "reveal"
_LONGEST: Final = 200


def may_reveal(access: Access, leader: Leader) -> bool:
    """Whether this person may ask for the number: as for a reporter's, and of the own community or sub-district."""
    near = leader.community_id in access.community_ids or leader.subdistrict_id in access.whole_subdistrict_ids
    return near and access.has(Permission.REVEAL_CONTACT)


@transaction.atomic
def reveal_number(*, leader: Leader, reason: str, by: Actor, at: datetime) -> str:
    """The whole number; one event on the leader. Raises NotAdministered, NoReason."""
    if not may_reveal(by.access, leader):
        raise NotAdministered(_("您没有权限查看完整号码"))
    try:
        said = kept_text(reason, longest=_LONGEST)
    except ValueError as error:
        raise NoReason(str(error)) from error
    if not said:
        raise NoReason(_("请填写查看原因"))
    Leader.objects.select_for_update(no_key=True).only("pk").get(pk=leader.pk)
    record(
        Entry(
            subject_kind=LEADER.code,
            subject_id=leader.pk,
            kind=REVEAL,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": leader.subdistrict_id},
            texts={"reason": said},
        )
    )
    phone: str = leader.phone
    return phone
