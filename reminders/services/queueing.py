"""From who was told to what leaves the house: by each person's preference and the organisations' channels."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from django.db import connection
from django.db.models import Q
from psycopg2.extras import execute_values

from accounts.models import User
from accounts.roles import Role, roles_that
from communities.models import Membership
from communities.presence import load_presence
from deadlines.calendar import WorkCalendar
from deadlines.enums import PRESSING, Level
from journal.models import Event
from reminders.channels import email_is_configured
from reminders.enums import PERSONAL_CHANNELS, Channel, Mode, Reason, Topic
from reminders.letters import OUTSIDE
from reminders.models import DeliveryChannel, Preference
from reminders.services.directory import COMMUNITY, DEPARTMENT, OFFICE, Organisation, Recipient
from reminders.services.outlets import email_channel
from reminders.tellings import inbox_kind, topic_of
from reminders.timing import after_night, next_attempt_at
from reminders.topics import FOR_GROUPS, default_mode, modes

_ON_DUTY: Final = frozenset({Reason.DUTY_CLERK, Reason.DUTY_LEADER})

_QUEUE = """
INSERT INTO reminders_outboxmessage
    (event_id, recipient_id, channel, via_id, mode, loud, state, attempts, created_at, next_attempt_at, error,
    outsider_id) VALUES %s
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Told:
    """One person is told of one event, by the channels of a sub-district. ``level`` is the subject's, "" for none."""

    event: Event
    subdistrict_id: int
    level: str
    person: Recipient

    @property
    def kind(self) -> str:
        """What the inbox calls it."""
        return inbox_kind(self.event.subject_kind, self.event.kind, self.event.data)


@dataclass(frozen=True)
class Addressed:
    """One event concerns some organisations, whose channels may carry it. ``level`` is the subject's, "" for none."""

    event: Event
    level: str
    subdistrict_id: int
    organisations: frozenset[Organisation]


class Users(Protocol):
    """Accounts by id, as somebody loaded them."""

    def user(self, user_id: int) -> User | None:
        """The account, None where it is not active."""


class Outlets:
    """The channels and preferences behind a batch of events. Two statements, three where e-mail is set up."""

    def __init__(
        self, subdistrict_ids: Collection[int], user_ids: Collection[int], calendar: WorkCalendar, at: datetime
    ) -> None:
        self._calendar = calendar
        self._at = at
        self._personal: dict[tuple[Channel, int | None], DeliveryChannel] = {}
        self._groups: dict[tuple[int, Organisation], list[DeliveryChannel]] = {}
        rows = DeliveryChannel.objects.filter(subdistrict_id__in=subdistrict_ids, retired_at__isnull=True)
        for row in rows.defer("url", "secret").order_by("id"):
            self._file(row)
        if email_is_configured():
            self._personal[Channel.EMAIL, None] = email_channel(at)
        chosen = Preference.objects.filter(user_id__in=user_ids) if self._personal else Preference.objects.none()
        self._chosen = {
            (user_id, topic, channel): Mode(mode)
            for user_id, topic, channel, mode in chosen.values_list("user_id", "topic", "channel", "mode")
        }

    def messages(self, told: Iterable[Told], users: Users, addressed: Iterable[Addressed]) -> list[tuple[Any, ...]]:
        """The outbox rows for these, as ``queue`` inserts them. Another system's webhook has no night."""
        rows = [
            self._row(row.event, row.person.user_id, via, mode, loud=loud)
            for row in told
            for via, mode, loud in self._ways(row, users)
        ]
        for group in addressed:
            critical = group.level == Level.CRITICAL
            rows += [
                self._row(group.event, None, via, Mode.IMMEDIATE, loud=critical or via.kind == Channel.WEBHOOK)
                for via in self._carriers(group)
            ]
        return rows

    def _file(self, row: DeliveryChannel) -> None:
        kind = Channel(row.kind)
        if kind in PERSONAL_CHANNELS:
            self._personal[kind, row.subdistrict_id] = row
            return
        owner: Organisation = (OFFICE, row.subdistrict_id or 0)
        if row.department_id is not None:
            owner = (DEPARTMENT, row.department_id)
        elif row.community_id is not None:
            owner = (COMMUNITY, row.community_id)
        self._groups.setdefault((row.subdistrict_id or 0, owner), []).append(row)

    def _ways(self, told: Told, users: Users) -> Iterator[tuple[DeliveryChannel, Mode, bool]]:
        """By which personal channels one person hears of it, how, and whether a night is broken for it."""
        user = users.user(told.person.user_id)
        if user is None:
            return
        topic = Topic.URGE if told.person.reason is Reason.NOBODY else topic_of(told.kind)
        loud = told.level == Level.CRITICAL or told.person.reason in _ON_DUTY
        wanted = told.event.data.get("channels") or ()
        for channel, address in ((Channel.EMAIL, user.email), (Channel.SMS, user.mobile)):
            via = self._personal.get((channel, None)) or self._personal.get((channel, told.subdistrict_id))
            if via is None or not address:
                continue
            mode = self._mode(told, topic, channel, wanted)
            if mode is not Mode.OFF:
                yield via, mode, loud

    def _mode(self, told: Told, topic: Topic, channel: Channel, wanted: Sequence[str]) -> Mode:
        """The person's choice, unless the rung names its channels; what presses is not put off to a digest."""
        if wanted:
            return Mode.IMMEDIATE if channel in wanted else Mode.OFF
        mode = self._chosen.get((told.person.user_id, topic.value, channel.value), default_mode(topic, channel))
        if mode not in modes(topic, channel):
            mode = default_mode(topic, channel)
        pressing = told.level in PRESSING or told.person.reason in _ON_DUTY
        return Mode.IMMEDIATE if mode is Mode.DIGEST and pressing else mode

    def _carriers(self, group: Addressed) -> Iterator[DeliveryChannel]:
        topic = topic_of(inbox_kind(group.event.subject_kind, group.event.kind, group.event.data))
        wanted = group.event.data.get("channels") or ()
        for owner in sorted(group.organisations):
            for via in self._groups.get((group.subdistrict_id, owner), ()):
                if (via.kind in wanted) if wanted else (topic in (via.topics or FOR_GROUPS)):
                    yield via

    def _row(
        self, event: Event, user_id: int | None, via: DeliveryChannel, mode: Mode, *, loud: bool
    ) -> tuple[Any, ...]:
        first_at = next_attempt_at(self._at, mode=mode, loud=loud, calendar=self._calendar)
        return (event.pk, user_id, via.kind, via.pk, mode.value, loud, "queued", 0, self._at, first_at, "", None)


def letters(events: Iterable[Event], at: datetime) -> list[tuple[Any, ...]]:
    """The outbox rows for what these events say goes to people outside (reminders.letters). Only a night holds them."""
    sms, now, first_at = Channel.SMS.value, Mode.IMMEDIATE.value, after_night(at)
    return [
        (event.pk, None, sms, said["via"], now, False, "queued", 0, at, first_at, "", outsider_id)
        for event in events
        if (said := event.data.get(OUTSIDE))
        for outsider_id in said["to"]
    ]


def queue(rows: Sequence[tuple[Any, ...]]) -> int:
    """Write outbox rows that are not there yet; returns how many were written."""
    return insert(_QUEUE, rows)


def insert(statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows that are not there yet; returns how many were written. One statement per thousand."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        returned = execute_values(cursor.cursor, statement + " RETURNING 1", rows, page_size=1000, fetch=True)
    return len(returned)


_OFFICE: Final = roles_that(lambda spec: spec.sees_whole)


def _reason(role: Role) -> Reason:
    return Reason.ADMIN if role is Role.SYSTEM_ADMIN else Reason(role.value)


class Offices:
    """Who is in the offices of some sub-districts, and who of the same one acts for them at ``at``. Two statements."""

    def __init__(self, subdistrict_ids: Collection[int], at: datetime) -> None:
        self._members: dict[tuple[int, Role], list[int]] = {}
        self._at = at
        own = Q(role__in=sorted(_OFFICE), subdistrict_id__in=subdistrict_ids)
        everywhere = Q(role=Role.SYSTEM_ADMIN, subdistrict__isnull=True)
        rows = Membership.objects.filter(own | everywhere, ended_at__isnull=True)
        for user_id, role, subdistrict_id in rows.order_by("id").values_list("user_id", "role", "subdistrict_id"):
            for place in subdistrict_ids if subdistrict_id is None else [subdistrict_id]:
                self._members.setdefault((place, Role(role)), []).append(user_id)
        self._presence = load_presence({pk for users in self._members.values() for pk in users}, at, at)

    def people(self, subdistrict_id: int) -> list[Recipient]:
        """Whom an alarm reaches: supervisors and administrators; the direction where none of them is there."""
        watching = self._there(subdistrict_id, Role.SUPERVISOR, Role.SYSTEM_ADMIN)
        return watching or self._there(subdistrict_id, Role.DEPUTY) or self._there(subdistrict_id, Role.DIRECTOR)

    def holds(self, subdistrict_id: int, user_id: int) -> bool:
        """Whether this account belongs to the office."""
        return any(user_id in self._members.get((subdistrict_id, role), ()) for role in _OFFICE)

    def _there(self, subdistrict_id: int, *roles: Role) -> list[Recipient]:
        return [
            Recipient(acting, _reason(role), covering=pk if acting != pk else None)
            for role in roles
            for pk in self._members.get((subdistrict_id, role), ())
            if (acting := self._presence.acting(pk, self._at, partial(self.holds, subdistrict_id))) is not None
        ]
