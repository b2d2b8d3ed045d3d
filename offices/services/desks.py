"""收件岗: who of an organisation receives what nobody is assigned to yet."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.roles import OF_DEPARTMENT
from communities.actors import Actor
from communities.models import Department, Membership, SubDistrict
from journal.services import Entry, record
from offices.kinds import ORGANISATION
from offices.services.references import hold

DESK_CHANGED: Final = "desk_changed"


@transaction.atomic
def set_desk(
    *, office: SubDistrict, department: Department, user_ids: Collection[int], by: Actor, at: datetime
) -> bool:
    """From now on exactly these of the organisation's people receive; whether anything changed. Raises NotAdministered.

    Without anybody its officers receive, else its heads (communities.presence.desk_order).
    """
    hold(office, by)
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user").order_by("pk")
    staff = rows.filter(department=department, subdistrict=office, role__in=OF_DEPARTMENT, ended_at__isnull=True)
    changed = [row for row in staff if row.receiving_desk is not (row.user_id in user_ids)]
    if not changed:
        return False
    for row in changed:
        row.receiving_desk = not row.receiving_desk
    Membership.objects.bulk_update(changed, ["receiving_desk"])
    names = {on: [row.user.display_name for row in changed if row.receiving_desk is on] for on in (True, False)}
    record(
        Entry(
            subject_kind=ORGANISATION.code,
            subject_id=department.pk,
            kind=DESK_CHANGED,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={
                "office": office.pk,
                "on": sorted({row.user_id for row in changed if row.receiving_desk}),
                "off": sorted({row.user_id for row in changed if not row.receiving_desk}),
            },
            texts={"on": _("、").join(names[True]), "off": _("、").join(names[False])},
        )
    )
    return True
