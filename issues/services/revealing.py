"""Showing a reporter's full name and phone: only with a reason, which is journalled."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from communities.actors import Actor
from issues import policies
from issues.discretion import may_reveal
from issues.enums import SUBJECT, EventKind
from issues.fields import clean_text
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.services import Entry, record

REASON_LENGTH = 200


@dataclass(frozen=True)
class Revealed:
    """The reporter in full; shown once and kept nowhere."""

    name: str
    phone: str
    address: str


def reveal_contact(*, issue_id: int, by: Actor, reason: str, at: datetime) -> Revealed:
    """The reporter's name, phone and address; one event ``reveal`` with the reason.

    Raises NotPermitted (docs/rules/privacy.md#masks), InvalidFields where the reason is missing.
    """
    with transaction.atomic():
        issue = Issue.objects.select_for_update().defer("lexemes").get(pk=issue_id)
        if not may_reveal(issue, by.access, policies.parties(by, issue)):
            raise NotPermitted(_("您没有权限查看反映人的完整信息"))
        said = _reason(reason)
        if issue.contact is None:
            raise InvalidFields({"reason": _("此件没有留下联系方式")})
        record(
            Entry(
                subject_kind=SUBJECT,
                subject_id=issue.pk,
                kind=EventKind.REVEAL,
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data={"contact": issue.contact_id},
                texts={"reason": said},
            )
        )
        return Revealed(issue.contact.name, issue.contact.phone, issue.contact.address)


def _reason(reason: str) -> str:
    try:
        said = clean_text(reason, longest=REASON_LENGTH)
    except ValueError as error:
        raise InvalidFields({"reason": error.args[0]}) from error
    if not said:
        raise InvalidFields({"reason": _("请填写查看原因")})
    return said
