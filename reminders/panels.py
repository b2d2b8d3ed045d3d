"""What the issue page shows of reminders: 谁收到过提醒, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from common import dates
from deadlines.enums import DeadlineKind, DeadlineState
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.timeline import TITLES, Names
from journal.models import Event
from reminders import texts
from reminders.enums import OutboxState, RungCode
from reminders.reference import load_ladder

MOST_ROWS: Final = 40

_TOLD = """
SELECT n.kind, e.data->>'deadline_kind', e.at, u.display_name, n.read_at, coalesce(o.state, '')
FROM reminders_notification n
JOIN journal_event e ON e.id = n.event_id
JOIN accounts_user u ON u.id = n.user_id
LEFT JOIN reminders_outboxmessage o ON o.event_id = n.event_id AND o.recipient_id = n.user_id AND o.channel = 'email'
WHERE n.subject_kind = %s AND n.subject_id = %s ORDER BY n.id DESC LIMIT %s
"""


def who_was_told(issue_id: int) -> Sequence[Mapping[str, Any]]:
    """谁收到过提醒, newest first: ``label``, ``at``, ``to``, ``status_text``, ``failed``. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [SUBJECT, issue_id, MOST_ROWS])
        return [
            {
                "label": _label(kind, clock),
                "at": at,
                "to": name,
                "status_text": _status(read_at, email),
                "failed": email == OutboxState.DEAD,
            }
            for kind, clock, at, name, read_at, email in cursor.fetchall()
        ]


def _label(kind: str, clock: str | None) -> str:
    if clock in DeadlineKind.values:
        return _("%(clock)s · %(rung)s") % {"clock": DeadlineKind(clock).label, "rung": texts.rung_label(kind)}
    return texts.rung_label(kind) if kind in RungCode.values else str(TITLES.get(kind, kind))


def _status(read_at: datetime | None, email: str) -> str:
    words = [_("已读 %(when)s") % {"when": dates.moment_short(read_at)} if read_at else _("未读")]
    known = {
        OutboxState.QUEUED.value: _("邮件待发送"),
        OutboxState.CLAIMED.value: _("邮件待发送"),
        OutboxState.SENT.value: _("邮件已发送"),
        OutboxState.DEAD.value: _("邮件发送失败"),
    }
    return " · ".join([*words, known[email]] if email in known else words)


@dataclass(frozen=True)
class NextRung:
    """What the ladder will do next about one deadline."""

    label: str
    at: datetime
    clock: str
    roles: tuple[str, ...]


def next_rungs(issue_id: int) -> list[NextRung]:
    """The next rung of each running deadline of an issue, soonest first. One statement."""
    rows = Deadline.objects.of(SUBJECT, issue_id).filter(state=DeadlineState.RUNNING, next_rung_at__isnull=False)
    found = []
    for row in rows.order_by("next_rung_at", "id"):
        rung = load_ladder(row.subdistrict_id).find(row.next_rung, row.time_limit)
        if rung is not None and row.next_rung_at is not None:
            clock = str(DeadlineKind(row.kind).label)
            found.append(NextRung(texts.rung_label(rung.code), row.next_rung_at, clock, rung.roles))
    return found


def changes_of_reminder(event: Event, names: Names) -> list[str]:
    """What the timeline adds to a reminder: which clock, which rung, until when, what was passed over."""
    lines = [_label(str(event.value("rung", "")), event.value("deadline_kind"))]
    due_at = event.value("due_at")
    if due_at:
        lines.append(_("到期：%(when)s") % {"when": dates.moment(datetime.fromisoformat(due_at))})
    skipped = [texts.rung_label(code) for code in event.value("skipped", [])]
    if skipped:
        lines.append(_("此前未能发出：%(rungs)s") % {"rungs": _("、").join(skipped)})
    return lines
