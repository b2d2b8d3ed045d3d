"""我也遇到了: a resident reports what somebody reported before, and joins that matter at once.

The resident gets an own matter with an own number, link and verdict; the product merges it into the released one
(row ``merge`` of party T), because a resident may not merge. The community may take it back on the same day.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from communities.actors import Actor
from issues.enums import Action
from issues.models import Issue
from issues.reading.published import joinable
from issues.services.actions import act
from issues.services.creation import NewIssue, create
from issues.services.errors import InvalidFields


def join(*, draft: NewIssue, master_id: int, at: datetime) -> Issue:
    """Log the resident's own matter and merge it into the released one: an event each, all or nothing.

    Raises InvalidFields where the matter cannot be joined any more, and whatever ``create`` refuses.
    """
    number = joinable(draft.community_id, at).filter(pk=master_id).values_list("number", flat=True).first()
    if number is None:
        raise InvalidFields({"join": _("这件事已经办完或不再公开，请直接提交")})
    with translation.override(settings.LANGUAGE_CODE):
        note = _("居民选择“我也遇到了”")
    with transaction.atomic():
        issue = create(draft=draft, by=Actor.resident(), at=at)
        return act(
            issue_id=issue.pk, action=Action.MERGE, by=Actor.system(), at=at, data={"master": number, "note": note}
        )
