"""Whom an entry was for, whole: only with a reason, which is journalled."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from common.texts import kept_text
from communities.access import Access
from communities.actors import Actor
from issues.services.errors import InvalidFields, NotPermitted
from journal.services import Entry, record
from ledger.enums import ENTRY
from ledger.models import LedgerEntry
from ledger.tellings import REVEALED

_LONGEST = 200


@dataclass(frozen=True)
class RevealedEntry:
    """The person, the room and the note as they were written; shown once and kept nowhere."""

    person: str
    room: str
    note: str


def may_reveal_entry(access: Access, entry: LedgerEntry) -> bool:
    """Whether this person may ask: of the entry's own community, or the supervisor; the direction reads the mask."""
    near = entry.community_id in access.community_ids or entry.subdistrict_id in access.confided_subdistrict_ids
    return near and access.has(Permission.REVEAL_CONTACT)


def reveal_entry(*, entry_id: int, reason: str, by: Actor, at: datetime) -> RevealedEntry:
    """The whole entry; one event with the reason. Raises NotPermitted, InvalidFields."""
    with transaction.atomic():
        entry = LedgerEntry.objects.select_for_update(of=("self",), no_key=True).get(pk=entry_id)
        if not may_reveal_entry(by.access, entry):
            raise NotPermitted(_("您没有权限查看完整信息"))
        try:
            said = kept_text(reason, longest=_LONGEST)
        except ValueError as error:
            raise InvalidFields({"reason": error.args[0]}) from error
        if not said:
            raise InvalidFields({"reason": _("请填写查看原因")})
        record(
            Entry(
                *(ENTRY, entry.pk, REVEALED, at),
                actor_id=by.user_id,
                actor_role=by.role,
                data={"office": entry.subdistrict_id},
                texts={"reason": said},
            )
        )
    return RevealedEntry(entry.person, entry.room, entry.note)
