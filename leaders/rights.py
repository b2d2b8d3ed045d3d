"""Who asks leaders for something: the community for its own, the street office for all."""

from datetime import datetime

from django.db.models import Q

from accounts.roles import Role
from communities.access import Access
from deadlines.models import DutyShift
from leaders.models import LeaderTask


def sends_for_office(access: Access, subdistrict_id: int, at: datetime) -> bool:
    """Whether this person asks in the name of the street office: a supervisor, or who is on its shift now."""
    if access.is_in(Role.SUPERVISOR, subdistrict_id):
        return True
    if not access.is_staff or subdistrict_id not in access.subdistrict_ids:
        return False
    shifts = DutyShift.objects.on_shift(subdistrict_id=subdistrict_id, at=at)
    return shifts.filter(Q(clerk_id=access.user_id) | Q(leader_id=access.user_id)).exists()


def may_cancel(access: Access, task: LeaderTask, at: datetime) -> bool:
    """Whether this person takes it back: of the community that asked it, or of the office."""
    if task.community_id is not None and task.community_id in access.community_ids:
        return True
    return sends_for_office(access, task.subdistrict_id, at)
