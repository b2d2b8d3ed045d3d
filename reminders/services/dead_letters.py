"""Dead letters: messages that could not be delivered. A person looks at them, sends them again or drops them.

What was done is an event of the sub-district's own journal (``resend_messages``, ``drop_messages``) and stands on the
rows: who handled them, when, and for dropped ones why.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Permission
from common.keyset import Order, paginate
from communities.actors import Actor
from journal import services as journal
from journal.services import Entry
from reminders import subjects
from reminders.channels.base import Trouble
from reminders.enums import OFFICE, Channel, OutboxState
from reminders.letters import TOO_LATE
from reminders.models import OutboxMessage
from reminders.subjects import About
from reminders.tellings import inbox_kind

NEWEST: Final = Order(("-id",))
MOST_AT_ONCE: Final = 1000
"""How many one action takes."""

RESEND, DROP = "resend_messages", "drop_messages"
"""The kinds of the events; ``data``: messages (ids), channels (kinds)."""

_EXPLAINED: Final = {
    Trouble.AWAY: gettext_lazy("对方服务器多次连接不上或报错。恢复后可以重新发送。"),
    Trouble.BUSY: gettext_lazy("对方多次表示发送过于频繁。稍后可以重新发送。"),
    Trouble.SETUP: gettext_lazy("渠道的地址、密钥或签名不对。请先在渠道页改正并测试，再重新发送。"),
    Trouble.LATER: gettext_lazy("对方多次暂时拒收，例如收件箱已满。请联系收件人后重新发送。"),
    Trouble.REFUSED: gettext_lazy("对方拒收这条消息，例如地址不存在。请核对地址，改正后重新发送。"),
}


class NothingDone(ValidationError):  # noqa: N818 - a reason that people read
    """Why nothing was done."""


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter as a list shows it.

    ``number`` is "" where it is about the sub-district itself; ``recipient`` for a group.
    """

    id: int
    channel: str
    channel_id: int
    channel_name: str
    recipient: str
    event_id: int
    kind: str
    number: str
    created_at: datetime
    attempts: int
    error: str
    explanation: str


@dataclass(frozen=True)
class DeadLetterPage:
    """One page and the cursor of the next one (None on the last)."""

    items: list[DeadLetter]
    next_cursor: str | None


def in_scope(actor: Actor) -> QuerySet[OutboxMessage, OutboxMessage]:
    """The dead letters of the sub-districts that this person sees whole; all of them for the installation's.

    A message belongs to its channel's sub-district, else to its subject's, else to the one that its event is about.
    """
    rows = OutboxMessage.objects.filter(state=OutboxState.DEAD)
    known = actor.access.areas(Permission.HANDLE_DEAD_LETTERS)
    if known is None:
        return rows
    areas = list(known)
    of_subjects = Q(event__subject_kind=OFFICE, event__subject_id__in=areas)
    for subject in subjects.every():
        of_subjects |= Q(event__subject_kind=subject.kind, event__subject_id__in=subject.in_areas(areas))
    return rows.filter(Q(via__subdistrict_id__in=areas) | Q(via__subdistrict__isnull=True) & of_subjects)


def dead_letters(
    actor: Actor, *, channel_id: int | None = None, cursor: str | None = None, size: int = 25
) -> DeadLetterPage:
    """One page, newest first, two statements. Raises common.keyset.BadCursor."""
    rows = in_scope(actor).select_related("event", "via", "recipient")
    if channel_id is not None:
        rows = rows.filter(via_id=channel_id)
    page = paginate(rows, order=NEWEST, cursor=cursor, size=size)
    about = _about(page.rows)
    return DeadLetterPage([_shown(row, about) for row in page.rows], page.next_cursor)


def explain(error: str) -> str:
    """What a dead letter's error means and what may be done, in the active language."""
    if error == TOO_LATE:
        return _("超过一天没有发出，已列入待告知，请电话告知。")
    trouble = trouble_of(error)
    return str(_EXPLAINED[trouble]) if trouble else _("未能发送。可以重新发送，或注明原因后取消。")


def trouble_of(error: str) -> Trouble | None:
    """The class that ``error`` begins with, as the delivery writes it."""
    name = error.partition(":")[0]
    return Trouble(name) if name in set(Trouble) else None


def resend(*, ids: Collection[int], actor: Actor, at: datetime) -> int:
    """Queue dead letters again, all attempts before them; returns how many. Rows out of scope are left alone."""
    with transaction.atomic():
        rows = _taken(ids, actor)
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=OutboxState.QUEUED, attempts=0, next_attempt_at=at, handled_at=at, handled_by=actor.user_id,
            reported_at=None,
        )  # fmt: skip
        _note(rows, RESEND, actor, at)
    return len(rows)


def drop(*, ids: Collection[int], actor: Actor, reason: str, at: datetime) -> int:
    """Give dead letters up for ``reason``; returns how many. Raises NothingDone without a reason."""
    reason = " ".join(reason.split())
    if not reason:
        raise NothingDone(_("请填写取消发送的原因"), code="reason")
    with transaction.atomic():
        rows = _taken(ids, actor)
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=OutboxState.DROPPED, error=reason[:200], handled_at=at, handled_by=actor.user_id
        )
        _note(rows, DROP, actor, at, {"reason": reason})
    return len(rows)


def _taken(ids: Collection[int], actor: Actor) -> list[OutboxMessage]:
    """The rows, locked in order, so that of two who click one does it."""
    wanted = in_scope(actor).filter(pk__in=sorted(ids)[:MOST_AT_ONCE]).values("pk")
    rows = OutboxMessage.objects.filter(pk__in=wanted, state=OutboxState.DEAD).select_related("event", "via")
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def _note(
    rows: Collection[OutboxMessage], kind: str, actor: Actor, at: datetime, texts: Mapping[str, str] | None = None
) -> None:
    """One event for each sub-district whose messages these are."""
    about = _about(rows)
    by_area: dict[int, list[OutboxMessage]] = {}
    for row in rows:
        found = about.get((row.event.subject_kind, row.event.subject_id))
        home = row.event.subject_id if row.event.subject_kind == OFFICE else found.subdistrict_id if found else None
        if home is not None:
            by_area.setdefault(home, []).append(row)
    journal.record_many(
        [
            Entry(
                subject_kind=OFFICE,
                subject_id=area,
                kind=kind,
                at=at,
                actor_id=actor.user_id,
                actor_role=actor.role,
                data={"messages": [row.pk for row in mine], "channels": sorted({row.channel for row in mine})},
                texts=texts or {},
            )
            for area, mine in sorted(by_area.items())
        ],
        readers_of=(),
    )


def _about(rows: Iterable[OutboxMessage]) -> Mapping[tuple[str, int], About]:
    return subjects.about_all({(row.event.subject_kind, row.event.subject_id) for row in rows})


def _shown(row: OutboxMessage, about: Mapping[tuple[str, int], About]) -> DeadLetter:
    event = row.event
    found = about.get((event.subject_kind, event.subject_id))
    return DeadLetter(
        id=row.pk,
        channel=str(Channel(row.channel).label),
        channel_id=row.via_id,
        channel_name=row.via.name,
        recipient=row.recipient.display_name if row.recipient else _("居民") if row.outsider_id else "",
        event_id=event.pk,
        kind=inbox_kind(event.subject_kind, event.kind, event.data),
        number=found.number if found else "",
        created_at=row.created_at,
        attempts=row.attempts,
        error="" if row.error == TOO_LATE else row.error.partition(": ")[2] if trouble_of(row.error) else row.error,
        explanation=explain(row.error),
    )
