"""What a subject's page shows of reminders: 谁收到过提醒, and what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import dates
from deadlines import kinds
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from deadlines.services import load_calendar
from journal.models import Event
from reminders import ladder, rungs, tellings
from reminders.enums import (
    NO_ADDRESS,
    NO_LONGER_ALLOWED,
    NO_LONGER_NEEDED,
    PERSONAL_CHANNELS,
    Channel,
    Mode,
    OutboxState,
    Reason,
)
from reminders.letters import DECLINED
from reminders.reference import load_ladder
from reminders.services.dead_letters import explain
from reminders.why import listed, places

MOST_ROWS: Final = 40

_TOLD = """
SELECT e.kind, e.data::json, e.at, told.people, sent.messages
FROM journal_event e
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('id', u.id, 'name', u.display_name, 'read_at', n.read_at, 'kind', n.kind,
        'reason', n.reason, 'covering', coalesce(c.display_name, '')) ORDER BY n.id) AS people
    FROM reminders_notification n
    JOIN accounts_user u ON u.id = n.user_id
    LEFT JOIN accounts_user c ON c.id = n.covering_id
    WHERE n.event_id = e.id) AS told ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('to', o.recipient_id, 'outside', o.outsider_id, 'channel', o.channel,
        'via', v.name, 'state', o.state, 'error', o.error, 'mode', o.mode, 'next_at', o.next_attempt_at,
        'sent_at', o.sent_at, 'attempts', o.attempts)
        ORDER BY o.id) AS messages
    FROM reminders_outboxmessage o
    JOIN reminders_deliverychannel v ON v.id = o.via_id
    WHERE o.event_id = e.id) AS sent ON true
WHERE e.subject_kind = %s AND e.subject_id = %s AND (told.people IS NOT NULL OR sent.messages IS NOT NULL)
ORDER BY e.seq DESC LIMIT %s
"""


@dataclass(frozen=True)
class Way:
    """One message by one channel: what became of it, in words; ``failed`` alone is red."""

    channel: str
    text: str
    at: datetime | None = None
    detail: str = ""
    failed: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class ToldPerson:
    """One person who was told in the inbox, when they read it, and what was sent to them besides."""

    name: str
    read_at: datetime | None
    reason: str
    covering: str
    ways: tuple[Way, ...]


def who_was_told(subject_kind: str, subject_id: int, hidden_id: int | None = None) -> Sequence[Mapping[str, Any]]:
    """谁收到过提醒, one entry per event, newest first. One statement.

    ``label``, ``paper`` (the number of the paper that went with it, or ""), ``at``, ``to`` (all recipients),
    ``status_text`` (who of them read it, what became of what was sent), ``failed`` (a message could not be delivered);
    and one by one ``people`` (Person) and ``groups`` (Way: what went to a group or to another system, with nobody's
    name). ``hidden_id`` is told as 反映人: a leader who reports confidentially.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [subject_kind, subject_id, MOST_ROWS])
        rows = cursor.fetchall()
    for _kind, _data, _at, people, _sent in rows:
        for person in people or ():
            person["name"] = _("反映人") if person["id"] == hidden_id else person["name"]
    return [_entry(*row) for row in rows]


def _entry(
    event_kind: str, data: Any, at: datetime, people: Sequence[Mapping[str, Any]] | None, sent: Any
) -> Mapping[str, Any]:
    messages: Sequence[Mapping[str, Any]] = sent or ()
    persons = [_person(row, [way for way in messages if way["to"] == row["id"]]) for row in people or ()]
    groups = [_way(row) for row in messages if row["to"] is None]
    ways = [way for person in persons for way in person.ways]
    kind = people[0]["kind"] if people else str(data.get("rung", event_kind))
    names = [person.name for person in persons] or [way.channel for way in groups]
    words = [_read([person.read_at for person in persons]), *_summary(persons, groups)]
    return {
        "label": told_label(kind, data.get("deadline_kind")),
        "paper": str(data.get("paper") or ""),
        "at": at,
        "to": _("、").join(names),
        "status_text": " · ".join(word for word in words if word),
        "failed": any(way.failed for way in (*ways, *groups)),
        "people": persons,
        "groups": groups,
    }


def _person(row: Mapping[str, Any], sent: Sequence[Mapping[str, Any]]) -> ToldPerson:
    return ToldPerson(
        name=row["name"],
        read_at=_moment(row["read_at"]),
        reason=str(Reason(row["reason"]).label) if row["reason"] in Reason.values else "",
        covering=_("代%(name)s值守") % {"name": row["covering"]} if row["covering"] else "",
        ways=tuple(_way(message) for message in sent),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_NAMES: Final[Mapping[str, Promise]] = {
    Channel.EMAIL.value: gettext_lazy("邮件"),
    Channel.SMS.value: gettext_lazy("短信"),
}
_WHY_DROPPED: Final[Mapping[str, Promise]] = {
    NO_LONGER_NEEDED: gettext_lazy("发送前事情已经办了"),
    NO_LONGER_ALLOWED: gettext_lazy("发送前已无权查看此工单"),
    NO_ADDRESS: gettext_lazy("没有可用的地址或号码"),
    DECLINED: gettext_lazy("居民不收短信"),
}


def _way(row: Mapping[str, Any]) -> Way:
    """One message: 邮件已发送, 短信发送失败（…）, 邮件待 14:35 汇总发送."""
    channel = str(_NAMES[row["channel"]]) if row["channel"] in PERSONAL_CHANNELS else str(row["via"])
    if row["outside"] is not None:
        channel = _("居民（短信）")
    state = row["state"]
    if state == OutboxState.SENT:
        return Way(channel, _("已发送"), at=_moment(row["sent_at"]))
    if state == OutboxState.DEAD:
        times = ngettext("试了%(n)d次", "试了%(n)d次", row["attempts"]) % {"n": row["attempts"]}
        detail = " ".join((_("%(times)s。") % {"times": times}, explain(row["error"])))
        return Way(channel, _("发送失败"), detail=detail, failed=True)
    if state == OutboxState.DROPPED:
        reason = _WHY_DROPPED.get(row["error"], row["error"])
        return Way(channel, _("未发送"), detail=str(reason))
    if state == OutboxState.CLAIMED:
        return Way(channel, _("发送中"), waiting=True)
    return Way(channel, _waiting(row), at=_moment(row["next_at"]), waiting=True)


def _waiting(row: Mapping[str, Any]) -> str:
    if row["attempts"]:
        times = {"n": row["attempts"]}
        return ngettext("已试%(n)d次，再次发送", "已试%(n)d次，再次发送", row["attempts"]) % times
    return _("待汇总发送") if row["mode"] == Mode.DIGEST else _("待发送")


def _summary(persons: Sequence[ToldPerson], groups: Sequence[Way]) -> list[str]:
    """One short phrase for each channel: a failure first, with whose it is; then what still waits."""
    found: dict[str, list[tuple[str, Way]]] = {}
    for person in persons:
        for way in person.ways:
            found.setdefault(way.channel, []).append((person.name, way))
    for way in groups:
        found.setdefault(way.channel, []).append(("", way))
    return [_phrase(channel, ways, of_many=len(persons) > 1) for channel, ways in found.items()]


def _phrase(channel: str, ways: Sequence[tuple[str, Way]], *, of_many: bool) -> str:
    failed = [name for name, way in ways if way.failed]
    if failed and of_many and all(failed):
        words = {"channel": channel, "names": _("、").join(failed)}
        return _("%(channel)s发送失败：%(names)s") % words
    if failed:
        return _("%(channel)s发送失败") % {"channel": channel}
    if any(way.waiting for _name, way in ways):
        return _("%(channel)s待发送") % {"channel": channel}
    if any(way.at is not None for _name, way in ways):
        return _("%(channel)s已发送") % {"channel": channel}
    return _("%(channel)s未发送") % {"channel": channel}


def told_label(kind: str, clock: str | None) -> str:
    """What a notification's kind is called: 办理 · 今日到期 for a rung of a clock, else the event's name."""
    rung = rungs.find(kind)
    if rung is None:
        return tellings.title(kind)
    if kinds.find(clock) is not None:
        return _("%(clock)s · %(rung)s") % {"clock": kinds.label(clock), "rung": rung.label}
    return str(rung.label)


def _read(read_at: Sequence[datetime | None]) -> str:
    """已读 1/2; of a single recipient when it was read; "" where nobody was told in the inbox."""
    moments = [moment for moment in read_at if moment is not None]
    if not read_at:
        return ""
    if len(read_at) > 1:
        return _("已读 %(read)d/%(all)d") % {"read": len(moments), "all": len(read_at)}
    return _("已读 %(when)s") % {"when": dates.moment_short(moments[0])} if moments else _("未读")


@dataclass(frozen=True)
class NextRung:
    """What the ladder will do next about one deadline; ``to`` says whom it tells, "" where it acts by itself.

    ``waits``: its time has come, and the next pass of the sweep tells it.
    """

    label: str
    at: datetime
    clock: str
    roles: tuple[str, ...]
    to: str = ""
    waits: bool = False


def next_rung(row: Deadline, level: str, now: datetime) -> NextRung | None:
    """The next rung of a running deadline of a subject of this level; None where none comes. No statement.

    Counted from the ladder as it is now, so that a rung which is not for this level is passed over. Of several whose
    time has come the highest is the one that the sweep tells.
    """
    if row.state != DeadlineState.RUNNING or row.next_rung_at is None:
        return None
    climbed = [rung for rung in load_ladder(row.subdistrict_id).of(row.kind, row.time_limit) if rung.fits_level(level)]
    coming = ladder.moments(row, climbed, load_calendar(), at=row.next_rung_at)
    if not coming:
        return None
    due = [pair for pair in coming if pair[0] <= now]
    at, rung = max(due, key=lambda pair: pair[1].rank) if due else coming[0]
    to = listed(places(rung.roles, row.kind))
    return NextRung(rungs.label(rung.code), at, kinds.label(row.kind), rung.roles, to, waits=bool(due))


def what_comes_next(clocks: Iterable[Deadline], level: str, now: datetime) -> list[NextRung]:
    """The next rung of each running deadline of a subject of this level, soonest first. No statement."""
    found = [rung for row in clocks if (rung := next_rung(row, level, now)) is not None]
    return sorted(found, key=lambda rung: (rung.at, rung.clock))


def changes_of_reminder(event: Event) -> list[str]:
    """What the timeline adds to a reminder: which clock, which rung, until when, what was passed over."""
    lines = [told_label(str(event.value("rung", "")), event.value("deadline_kind"))]
    due_at = event.value("due_at")
    if due_at:
        lines.append(_("到期：%(when)s") % {"when": dates.moment(datetime.fromisoformat(due_at))})
    skipped = [rungs.label(code) for code in event.value("skipped", [])]
    if skipped:
        lines.append(_("此前未能发出：%(rungs)s") % {"rungs": _("、").join(skipped)})
    return lines
