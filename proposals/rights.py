"""Who may do what with a proposal. Pure: what a person is stands in their scope."""

from accounts.roles import Permission
from communities.access import Access
from proposals.models import Proposal


def may_register(access: Access, subdistrict_id: int) -> bool:
    """Whether this person registers proposals of this office, decides on more time and notes opinions."""
    return access.may(Permission.KEEP_PROPOSALS, subdistrict_id)


def may_answer(access: Access, row: Proposal) -> bool:
    """Whether this person answers it: of the lead; of the office where the lead has no accounts."""
    own = row.lead_id in access.department_ids
    return own or (row.lead.is_external and may_register(access, row.subdistrict_id))


def may_give_part(access: Access, row: Proposal, department_id: int, *, external: bool) -> bool:
    """Whether this person says what a co-handler has to say; of the office where that has no accounts."""
    return department_id in access.department_ids or (external and may_register(access, row.subdistrict_id))
