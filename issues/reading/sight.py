"""Who may see which of some issues, for many people at once.

The rule is that of ``IssueQuerySet.visible_to``, which every list uses; here it is asked of rows that were read before,
because asking the database once for each person is dear where hundreds are told. A test holds the two together.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from communities.access import Access
from issues.models import Issue, IssueDepartment


class _Place(NamedTuple):
    subdistrict_id: int
    community_id: int
    leader_id: int | None
    logged_by_id: int | None
    confidential: bool


class IssueSight:
    """Some issues and who has held them. Two statements for any number, none for none."""

    def __init__(self, issue_ids: Collection[int]) -> None:
        self._places: dict[int, _Place] = {}
        self._held: dict[int, set[int]] = defaultdict(set)
        if not issue_ids:
            return
        rows = Issue.objects.filter(pk__in=issue_ids).values_list("pk", *_Place._fields)
        self._places = {pk: _Place(*values) for pk, *values in rows}
        parts = IssueDepartment.objects.filter(issue_id__in=issue_ids).values_list("issue_id", "department_id")
        for issue_id, department_id in parts:
            self._held[issue_id].add(department_id)

    def shows(self, access: Access, issue_id: int) -> bool:
        """Whether this person's scope shows the issue; False where there is none."""
        place = self._places.get(issue_id)
        if place is None:
            return False
        return (
            (access.installation_wide and not place.confidential)
            or (place.subdistrict_id in access.whole_subdistrict_ids and not place.confidential)
            or place.subdistrict_id in access.confided_subdistrict_ids
            or place.community_id in access.community_ids
            or not access.department_ids.isdisjoint(self._held.get(issue_id, ()))
            or (access.leader_id is not None and place.leader_id == access.leader_id)
            or (place.logged_by_id == access.user_id and place.subdistrict_id in access.subdistrict_ids)
        )
