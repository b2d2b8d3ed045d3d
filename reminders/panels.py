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
from issues.event_facts import Names
from issues.timeline import TITLES
from journal.models import Event
from reminders import texts
from reminders.enums import OutboxState, RungCode
from reminders.reference import load_ladder

MOST_ROWS: Final = 40

_TOLD = """
SELECT n.kind, e.data->>'deadline_kind', e.at, array_agg(u.display_name ORDER BY n.id),
    array_agg(n.read_at ORDER BY n.id), array_agg(coalesce(o.state, '') ORDER BY n.id)
FROM reminders_notification n
JOIN journal_event e ON e.id = n.event_id
JOIN accounts_user u ON u.id = n.user_id
LEFT JOIN reminders_outboxmessage o ON o.event_id = n.event_id AND o.recipient_id = n.user_id AND o.channel = 'email'
WHERE n.subject_kind = %s AND n.subject_id = %s GROUP BY e.id, n.kind ORDER BY e.id DESC, n.kind LIMIT %s
"""


def who_was_told(issue_id: int) -> Sequence[Mapping[str, Any]]:
    """谁收到过提醒, one entry per event, newest first. One statement.

    ``label``, ``at``, ``to`` (all recipients), ``status_text`` (who of them read it, what became of the e-mail) and
    ``failed`` (an e-mail could not be delivered).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [SUBJECT, issue_id, MOST_ROWS])
        return [
            {
                "label": _label(kind, clock),
                "at": at,
                "to": _("、").join(names),
                "status_text": " · ".join(word for word in (_read(read_at), _emails(names, emails)) if word),
                "failed": OutboxState.DEAD in emails,
            }
            for kind, clock, at, names, read_at, emails in cursor.fetchall()
        ]


def _label(kind: str, clock: str | None) -> str:
    if clock in DeadlineKind.values:
        return _("%(clock)s · %(rung)s") % {"clock": DeadlineKind(clock).label, "rung": texts.rung_label(kind)}
    return texts.rung_label(kind) if kind in RungCode.values else str(TITLES.get(kind, kind))


def _read(read_at: Sequence[datetime | None]) -> str:
    """已读 1/2; of a single recipient when it was read."""
    moments = [moment for moment in read_at if moment is not None]
    if len(read_at) > 1:
        return _("已读 %(read)d/%(all)d") % {"read": len(moments), "all": len(read_at)}
    return _("已读 %(when)s") % {"when": dates.moment_short(moments[0])} if moments else _("未读")


def _emails(names: Sequence[str], states: Sequence[str]) -> str:
    """What became of the e-mails: a failure first, with whose it is; then what still waits."""
    failed = [name for name, state in zip(names, states, strict=True) if state == OutboxState.DEAD]
    if failed and len(names) > 1:
        return _("邮件发送失败：%(names)s") % {"names": _("、").join(failed)}
    if failed:
        return _("邮件发送失败")
    if {OutboxState.QUEUED.value, OutboxState.CLAIMED.value} & set(states):
        return _("邮件待发送")
    return _("邮件已发送") if OutboxState.SENT in states else ""


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
