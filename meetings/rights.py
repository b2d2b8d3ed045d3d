"""Who may do what with meetings. Pure: what a person is stands in their scope."""

from collections.abc import Collection

from accounts.roles import ROLES, Permission
from communities.access import Access
from communities.models import Community, Department
from meetings.models import Meeting, Question


def keeps_for(access: Access, subdistrict_id: int) -> bool:
    """Whether this person keeps the meetings of the whole office."""
    return access.may(Permission.KEEP_MEETINGS, subdistrict_id)


def keeps_in(access: Access, community: Community) -> bool:
    """Whether this person keeps the meetings of this community."""
    roles = access.community_roles.get(community.pk, frozenset())
    own = any(Permission.KEEP_MEETINGS in ROLES[role].permissions for role in roles)
    return own or keeps_for(access, community.subdistrict_id)


def keeps_at(access: Access, subdistrict_id: int, community: Community | None) -> bool:
    """Whether this person keeps the meetings of this community, or without one of the whole office."""
    return keeps_in(access, community) if community else keeps_for(access, subdistrict_id)


def may_convene(access: Access, convener: Department) -> bool:
    """Whether this person makes this organisation a convener, who owes minutes: the own one, the office any."""
    return convener.pk in access.department_ids or keeps_for(access, convener.subdistrict_id)


def may_keep(access: Access, meeting: Meeting) -> bool:
    """Whether this person is its secretary: types, ticks who came, makes the minutes."""
    if keeps_for(access, meeting.subdistrict_id):
        return True
    return meeting.community is not None and keeps_in(access, meeting.community)


def may_propose(access: Access, meeting: Meeting, communities: Collection[int], departments: Collection[int]) -> bool:
    """Whether this person proposes topics: its secretary, its convener, and staff of who is invited."""
    if may_keep(access, meeting) or meeting.convener_id in access.department_ids:
        return True
    return not access.community_ids.isdisjoint(communities) or not access.department_ids.isdisjoint(departments)


def may_confirm(access: Access, meeting: Meeting) -> bool:
    """Whether this person confirms the minutes: of who convened it, else of the office (it may have no accounts)."""
    return meeting.convener_id in access.department_ids or keeps_for(access, meeting.subdistrict_id)


def may_answer(access: Access, question: Question) -> bool:
    """Whether this person answers it in writing: of the organisation that is to, or the meeting's secretary."""
    return question.department_id in access.department_ids or may_keep(access, question.box.meeting)
