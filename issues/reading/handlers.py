"""Who works on a matter now: the assigned officer by name, and who does it where that one left or is away."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from communities.models import DepartmentKind
from communities.presence import NO_STAFF, STAFF_COLUMNS, Place, Staffing, load_staffing, staff_at, staffing_of
from issues.models import Issue


def staff_of_issue(at: datetime) -> ArraySubquery:
    """Who works where an issue is handled, read in the issue's own statement."""
    places = Q(department_id=OuterRef("lead_department_id")) | Q(community_id=OuterRef("community_id"))
    return ArraySubquery(staff_at(places, at).values(row=JSONObject(**{name: name for name in STAFF_COLUMNS})))


class Handlers:
    """The officers of some issues, whose officer and lead department are loaded. No statement."""

    def __init__(self, staffing: Mapping[Place, Staffing]) -> None:
        self._staffing = staffing

    @classmethod
    def load(cls, issues: Collection[Issue], at: datetime) -> "Handlers":
        """Read who works where. One statement for any number of issues."""
        led = [issue for issue in issues if issue.lead_department_id is not None]
        departments = {issue.lead_department_id for issue in led if issue.lead_department_id is not None}
        return cls(load_staffing(departments, {issue.community_id for issue in led}, at))

    @classmethod
    def of_page(cls, issue: Issue, at: datetime) -> "Handlers":
        """From what ``staff_of_issue`` read with the issue itself, as ``staff``."""
        return cls(staffing_of(issue.staff, at))  # type: ignore[attr-defined]

    def remark(self, issue: Issue) -> str:
        """已离岗，由梁永康接办: what stands beside the officer's name; "" where they work on it, or it has ended."""
        if issue.officer_id is None or not issue.is_open:
            return ""
        return self._staff(issue).remark(issue.officer_id)

    def is_there(self, issue: Issue) -> bool:
        """Whether somebody in person works on it: the officer, or who stands in."""
        if issue.officer_id is None or not issue.is_open:
            return issue.officer_id is not None
        return self._staff(issue).seats.acting_for(issue.officer_id) is not None

    def name(self, issue: Issue, *, own: bool = False) -> str:
        """何志明（已离岗，由梁永康接办）; "" where nobody is assigned. ``own``: the reader is the officer."""
        if issue.officer is None:
            return ""
        remark = _("您") if own else self.remark(issue)
        name = issue.officer.display_name
        return _("%(name)s（%(remark)s）") % {"name": name, "remark": remark} if remark else name

    def _staff(self, issue: Issue) -> Staffing:
        """The people of the lead department; of a community's own team (社区自办) those of the community."""
        lead = issue.lead_department
        if lead is not None and lead.kind == DepartmentKind.COMMUNITY_TEAM:
            return self._staffing.get(("community", issue.community_id), NO_STAFF)
        return self._staffing.get(("department", issue.lead_department_id or 0), NO_STAFF)
