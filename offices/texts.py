"""Which texts to start from are offered to somebody who writes: docs/rules/people.md#texts-to-start-from."""

from django.db.models import F, Q, QuerySet

from accounts.models import User
from communities.access import Access
from offices.models import TextModule

MOST_OWN = 50
"""Texts of one person; a menu is no library."""
_OFFERED = 40


def offered(access: Access, use: str) -> list[TextModule]:
    """The own texts first, then those of the own organisations, then the office's. One statement."""
    office = Q(subdistrict_id__in=sorted(access.subdistrict_ids))
    office &= Q(department__isnull=True) | Q(department_id__in=sorted(access.department_ids))
    rows = TextModule.objects.filter(Q(user_id=access.user_id) | office, retired_at__isnull=True, use__in=("", use))
    order = (F("user_id").asc(nulls_last=True), F("department_id").asc(nulls_last=True), "id")
    return list(rows.order_by(*order)[:_OFFERED])


def own_of(user: User) -> QuerySet[TextModule]:
    """The texts that are this person's alone."""
    return TextModule.objects.filter(user=user, retired_at__isnull=True).order_by("id")


def dropped_by(user: User, pk: int) -> bool:
    """Whether this was one of them until the person dropped it."""
    return TextModule.objects.filter(pk=pk, user=user, retired_at__isnull=False).exists()
