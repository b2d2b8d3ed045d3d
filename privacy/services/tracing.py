"""Asking who looked at a person: only with a reason, and that is an event like the looks themselves."""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.noting import ACCOUNT
from accounts.roles import Permission
from common.phones import line_of, normalise_phone
from common.texts import kept_text
from communities.actors import Actor
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.revealing import digests_of
from journal.services import Entry, record
from privacy.accesses import TRACED, Accesses, accesses_to

LONGEST_REASON: Final = 200


def trace(*, phone: str, reason: str, by: Actor, at: datetime) -> Accesses:
    """Who looked at the person with this whole number, in the offices where ``by`` may ask; one event of the account.

    Raises NotPermitted, InvalidFields.
    """
    areas = by.access.areas(Permission.TRACE_ACCESS)
    if by.user_id is None or (areas is not None and not areas):
        raise NotPermitted
    line, said = _read(phone, reason)
    found = accesses_to(line, areas=areas)
    with transaction.atomic():
        record(
            Entry(
                ACCOUNT,
                by.user_id,
                TRACED,
                at,
                actor_id=by.user_id,
                actor_role=by.role,
                data={"phone": digests_of(line)[0], "whole": True},
                texts={"reason": said},
            )
        )
    return found


def _read(phone: str, reason: str) -> tuple[str, str]:
    wrong: dict[str, Words] = {}
    line = said = ""
    try:
        line = line_of(normalise_phone(phone))
    except ValidationError as error:
        wrong["phone"] = error.messages[0]
    if not line and "phone" not in wrong:
        wrong["phone"] = _("请填写完整的电话号码")
    try:
        said = kept_text(reason, longest=LONGEST_REASON)
    except ValueError as error:
        wrong["reason"] = error.args[0]
    if not said and "reason" not in wrong:
        wrong["reason"] = _("请填写查询原因")
    if wrong:
        raise InvalidFields(wrong)
    return line, said
