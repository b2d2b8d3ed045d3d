"""What of a reporter leaves the mask: the full name and phone, only with a reason; a receipt; a look-up by phone.

Each is an event; of a phone that was looked up only a keyed digest is kept, once in ten minutes for each person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.noting import note
from common import limits
from common.crypto import keyed_digest, lookup_hashes
from communities.actors import Actor
from issues import policies
from issues.discretion import may_reveal
from issues.enums import SUBJECT, EventKind
from issues.fields import Text
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.keeping import kept_numbers
from journal.services import Entry, record

REASON_LENGTH = 200
_NOTED: Final = limits.Bucket("look-up-noted", 1, 600)


@dataclass(frozen=True)
class Revealed:
    """The reporter in full, with the cards that were kept for a reason; shown once and kept nowhere."""

    name: str
    phone: str
    address: str
    numbers: tuple[str, ...]
    numbers_reason: str


def reveal_contact(*, issue_id: int, by: Actor, reason: str, at: datetime) -> Revealed:
    """The reporter's name, phone, address and kept numbers; one event ``reveal`` with the reason.

    Raises NotPermitted (docs/rules/privacy.md#masks), InvalidFields where the reason is missing.
    """
    with transaction.atomic():
        issue = Issue.objects.select_for_update().defer("lexemes").get(pk=issue_id)
        if not may_reveal(issue, by.access, policies.parties(by, issue)):
            raise NotPermitted(_("您没有权限查看反映人的完整信息"))
        said = _reason(reason)
        if issue.contact is None or issue.masked_at is not None:
            raise InvalidFields({"reason": _("此件没有留下联系方式")})
        record(_event(issue.pk, EventKind.REVEAL, by, at, data={"contact": issue.contact_id}, texts={"reason": said}))
        contact = issue.contact
        numbers = tuple(kept_numbers(contact))
        return Revealed(contact.name, contact.phone, contact.address, numbers, contact.numbers_reason)


def note_print(issue: Issue, by: Actor, at: datetime) -> None:
    """The receipt was printed: its code opens the secret link."""
    with transaction.atomic():
        record(_event(issue.pk, EventKind.PRINT, by, at))


def note_look_up(user_id: int, line: str, at: datetime, *, door: str) -> None:
    """Somebody looked for matters by a line, or by the last four digits of one; nothing where ``line`` is ""."""
    digest = digests_of(line)[0]
    if line and _NOTED.hit(f"{user_id} {digest}"):
        note(user_id, "look_up", at, door=door, phone=digest, whole=len(line) > 4)


def digests_of(line: str) -> list[str]:
    """What the journal keeps of a line, or of the end of one, by which somebody looked; then as it was kept before."""
    said = f"look up {line}"
    return [one[:16] for one in (keyed_digest(said), *lookup_hashes(said))]


def _event(issue_id: int, kind: EventKind, by: Actor, at: datetime, **more: Any) -> Entry:
    return Entry(SUBJECT, issue_id, kind, at, actor_id=by.user_id, actor_role=by.role, **more)


def _reason(reason: str) -> str:
    try:
        said = Text(REASON_LENGTH).read(reason)
    except ValueError as error:
        raise InvalidFields({"reason": error.args[0]}) from error
    if not said:
        raise InvalidFields({"reason": _("请填写查看原因")})
    return said
