"""Who leaves hands the assigned matters over: to a colleague, or back to the receiving desk. One event each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection

from communities.actors import Actor
from issues.enums import OPEN, SUBJECT, EventKind
from journal.services import Entry, record_many

_MOVE: Final = """
WITH held AS MATERIALIZED (
    SELECT id FROM issues_issue
    WHERE officer_id = %(leaving)s AND status = ANY(%(open)s) AND lead_department_id = ANY(%(departments)s)
    ORDER BY id FOR UPDATE
)
UPDATE issues_issue i SET officer_id = %(to)s, version = i.version + 1, changed_at = %(at)s
FROM held WHERE i.id = held.id RETURNING i.id, i.version, i.status, i.lead_department_id
"""


def hand_over(*, officer_id: int, department_ids: Collection[int], to_id: int | None, by: Actor, at: datetime) -> int:
    """Give the open matters that this officer has in these departments to ``to_id``, None for the receiving desk.

    Returns how many. The same few statements however many there are; the caller's transaction. Who is told is told
    once of all matters of a department, by the event of the first.
    """
    values: dict[str, Any] = {
        "leaving": officer_id,
        "departments": sorted(department_ids),
        "open": sorted(OPEN),
        "to": to_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, values)
        rows = sorted(cursor.fetchall())
    handed: dict[int, int] = {}
    for _pk, _version, _status, department_id in rows:
        handed[department_id] = handed.get(department_id, 0) + 1
    record_many(
        [
            Entry(
                subject_kind=SUBJECT,
                subject_id=pk,
                kind=EventKind.HAND_OVER,
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data={
                    "status": status,
                    "version": version,
                    "officer": to_id,
                    "handed_from": officer_id,
                    **({} if to_id else {"to_desk": True}),
                    **({"handed": handed.pop(department_id)} if department_id in handed else {}),
                },
            )
            for pk, version, status, department_id in rows
        ]
    )
    return len(rows)
