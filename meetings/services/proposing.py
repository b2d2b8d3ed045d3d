"""The agenda before a meeting begins: topics of those invited, open matters, topics of meetings that were not held."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from common.clock import local
from common.masking import anonymous
from communities.actors import Actor
from communities.models import Department
from issues.services.errors import NotPermitted
from meetings.agenda import matters_for, not_reached_before
from meetings.enums import TO_COME
from meetings.models import Meeting, MeetingItem
from meetings.rights import may_propose
from meetings.services.base import LONGEST, clean
from meetings.services.errors import NotNow
from meetings.services.recording import add_topic


class Proposers(NamedTuple):
    """Who is invited, for ``meetings.rights.may_propose``."""

    communities: set[int]
    departments: set[int]


def invited_to(meeting: Meeting) -> Proposers:
    """One statement."""
    rows = list(meeting.invitations.standing().filter(name="").values_list("community_id", "department_id"))
    return Proposers({one for one, _other in rows if one}, {other for _one, other in rows if other})


def propose(*, meeting_id: int, words: str, by: Actor, at: datetime) -> MeetingItem:
    """A topic in one's own words, as the community or organisation for which one is invited.

    Raises NotPermitted, NotNow, InvalidFields.
    """
    said = clean({"words": words}, required={"words": _("请填写提出的问题")})["words"]
    return _added(meeting_id, by, at, lambda meeting, invited: {"words": said} | _for_whom(by, invited))


def put_forward(*, meeting_id: int, issue_id: int, by: Actor, at: datetime) -> MeetingItem:
    """An open matter that one sees (``meetings.agenda.matters_for``). Raises NotPermitted, NotNow."""

    def values(meeting: Meeting, invited: Proposers) -> dict[str, Any]:
        issue = matters_for(meeting, by.access).filter(pk=issue_id).first()
        if issue is None:
            raise NotNow(_("这件工单已经在议题里，或不能提到会上"))
        return {
            "words": anonymous(issue.title)[: LONGEST["words"]],
            "community_id": issue.community_id,
            "category_id": issue.category_id,
            "department_id": issue.lead_department_id,
            "about_id": issue.pk,
        }

    return _added(meeting_id, by, at, values)


def carry_over(*, meeting_id: int, item_id: int, by: Actor, at: datetime) -> MeetingItem:
    """A topic of an earlier meeting that was not held. Raises NotPermitted, NotNow."""

    def values(meeting: Meeting, invited: Proposers) -> dict[str, Any]:
        topic = not_reached_before(meeting, by.access, local(at).date()).filter(pk=item_id).first()
        twice = topic and topic.about_id and meeting.items.filter(about_id=topic.about_id).exists()
        if topic is None or twice:
            raise NotNow(_("这个议题已经转入别的会议，或已在议题里"))
        copied = ("words", "raised_by", "community_id", "category_id", "department_id", "about_id")
        return {name: getattr(topic, name) for name in copied} | {"carried_from_id": topic.pk}

    return _added(meeting_id, by, at, values)


def _added(
    meeting_id: int, by: Actor, at: datetime, values: Callable[[Meeting, Proposers], dict[str, Any]]
) -> MeetingItem:
    with transaction.atomic():
        rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("community")
        meeting = rows.get(pk=meeting_id)
        invited = invited_to(meeting)
        if not may_propose(by.access, meeting, *invited):
            raise NotPermitted(_("议题由受邀的社区和单位、召集单位提出"))
        if meeting.state not in TO_COME:
            raise NotNow(_("这次会议已经开始或已有结果"))
        found = values(meeting, invited)
        facts = {name.removesuffix("_id"): found[name] for name in ("about_id", "carried_from_id") if found.get(name)}
        return add_topic(meeting=meeting, values=found, by=by, at=at, **facts)


def _for_whom(by: Actor, invited: Proposers) -> dict[str, Any]:
    """The one community of this person that is invited, else the one organisation, by name."""
    communities = sorted(by.access.community_ids & invited.communities)
    if len(communities) == 1:
        return {"community_id": communities[0]}
    departments = Department.objects.filter(pk__in=by.access.department_ids & invited.departments)
    names = [row.short_zh or row.name_zh for row in departments.order_by("pk")[:2]]
    return {"raised_by": names[0][: LONGEST["raised_by"]]} if len(names) == 1 else {}
