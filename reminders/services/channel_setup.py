"""Setting up the channels by which messages leave the house, and trying one.

Addresses and secrets are written and never read back: a robot's address holds its key. Every change is an event of the
channel's own journal, without either.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from communities.access import Access
from communities.actors import Actor
from communities.models import Community, Department, DepartmentKind, SubDistrict
from journal import services as journal
from reminders.channels import KINDS, open_sender
from reminders.channels.base import DeliveryError, Item, Parcel, Trouble
from reminders.channels.http import check_address
from reminders.enums import PERSONAL_CHANNELS, Channel, Topic
from reminders.models import DeliveryChannel
from reminders.reference import forget_gateways
from reminders.services import circuits, dead_letters
from reminders.texts import Words

SUBJECT: Final = "channel"
"""The subject of events that are about a channel."""
COUNT_CAP: Final = 1000
LONGEST_NAME: Final = 60
LONGEST_URL: Final = 500
LONGEST_SECRET: Final = 200


class ChannelSetupError(ValidationError):
    """This channel cannot be set up so; ``field`` says where the mistake is."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message, code=field)  # type: ignore[arg-type]
        self.field = field


class StaleError(ChannelSetupError):
    """Somebody else changed or retired the channel meanwhile."""

    def __init__(self) -> None:
        super().__init__("", gettext_lazy("这个渠道刚被别人改过，请核对后再保存"))


@dataclass(frozen=True)
class Owner:
    """Whose channel it is: a sub-district's office, one of its communities, or an organisation there."""

    subdistrict_id: int
    community_id: int | None = None
    department_id: int | None = None
    name: str = ""

    @property
    def code(self) -> str:
        """The owner in a form: s1, c12 or d7."""
        if self.department_id is not None:
            return f"d{self.department_id}"
        return f"s{self.subdistrict_id}" if self.community_id is None else f"c{self.community_id}"


@dataclass(frozen=True)
class ChannelDraft:
    """A channel as somebody wants it. ``url`` and ``secret`` "" keep what is stored; ``unsigned`` removes it."""

    kind: Channel
    name: str
    owner: Owner
    url: str = ""
    secret: str = ""
    unsigned: bool = False
    topics: tuple[Topic, ...] = ()
    per_minute: int | None = None


@dataclass(frozen=True)
class Counts:
    """What waits and what was given up, each at most COUNT_CAP."""

    waiting: int = 0
    dead: int = 0


# Reading


def in_scope(access: Access) -> QuerySet[DeliveryChannel, DeliveryChannel]:
    """The channels that this administrator keeps; the installation's are its own administrators' alone."""
    rows = DeliveryChannel.objects.all()
    areas = access.areas(Permission.MANAGE_CHANNELS)
    return rows if areas is None else rows.filter(subdistrict_id__in=areas)


def channels_of(access: Access) -> list[DeliveryChannel]:
    """The standing channels, the installation's first, then by owner. One statement."""
    rows = in_scope(access).filter(retired_at__isnull=True).select_related("subdistrict", "community", "department")
    return list(rows.order_by("subdistrict_id", "community_id", "department_id", "id"))


_COUNTS: Final = """
SELECT c.id,
    (SELECT count(*) FROM (SELECT 1 FROM reminders_outboxmessage
        WHERE via_id = c.id AND state = 'queued' LIMIT %(cap)s) AS waiting),
    (SELECT count(*) FROM (SELECT 1 FROM reminders_outboxmessage
        WHERE via_id = c.id AND state = 'dead' LIMIT %(cap)s) AS dead)
FROM unnest(%(ids)s::bigint[]) AS c(id)
"""


def counts_of(channel_ids: Sequence[int]) -> dict[int, Counts]:
    """What waits in each channel and what was given up. One statement, none for none."""
    if not channel_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"ids": list(channel_ids), "cap": COUNT_CAP})
        return {pk: Counts(waiting, dead) for pk, waiting, dead in cursor.fetchall()}


def owners_of(access: Access) -> list[Owner]:
    """Whose channels this administrator may set up: the office, then communities, then organisations. Three statements.

    An organisation outside the house has no group of ours, and a community's own team is its community.
    """
    streets = SubDistrict.objects.filter(retired_at__isnull=True)
    kept = access.areas(Permission.MANAGE_CHANNELS)
    areas = list((streets if kept is None else streets.filter(pk__in=kept)).order_by("id"))
    ids = [street.pk for street in areas]
    there = Q(subdistrict_id__in=ids, retired_at__isnull=True)
    apart = (DepartmentKind.EXTERNAL, DepartmentKind.COMMUNITY_TEAM)
    return [
        *(Owner(street.pk, name=street.name) for street in areas),
        *(
            Owner(row.subdistrict_id, community_id=row.pk, name=row.name)
            for row in Community.objects.filter(there).order_by("subdistrict_id", "id")
        ),
        *(
            Owner(row.subdistrict_id, department_id=row.pk, name=row.name)
            for row in Department.objects.filter(there).exclude(kind__in=apart).order_by("subdistrict_id", "id")
        ),
    ]


def with_dead_letters(actor: Actor) -> list[tuple[int, str]]:
    """Channels whose dead letters this person sees, retired ones too: id and name. One statement."""
    rows = dead_letters.in_scope(actor).order_by("via_id").values_list("via_id", "via__name")
    return list(rows.distinct())


def host_of(url: str) -> str:
    """The part of an address that may be shown."""
    return _split(url).hostname or ""


# Writing


def add_channel(*, draft: ChannelDraft, by: Actor, at: datetime) -> DeliveryChannel:
    """A new channel. Raises SetupError for whatever is missing or impossible."""
    draft = _checked(draft, new=True)
    channel = DeliveryChannel(
        subdistrict_id=draft.owner.subdistrict_id,
        community_id=draft.owner.community_id,
        department_id=draft.owner.department_id,
        kind=draft.kind.value,
        name=draft.name,
        url=draft.url,
        secret=draft.secret,
        topics=[topic.value for topic in draft.topics],
        per_minute=draft.per_minute,
    )
    try:
        with transaction.atomic():
            channel.save(force_insert=True)
            _record(channel, "channel_add", by, at, {"kind": channel.kind, "topics": channel.topics})
    except IntegrityError as error:
        raise ChannelSetupError("owner", _("这里已经有一个短信渠道，请修改原有的")) from error
    forget_gateways()
    return channel


def change_channel(*, channel_id: int, version: int, draft: ChannelDraft, by: Actor, at: datetime) -> DeliveryChannel:
    """Change a channel; with another address or secret its failures are forgotten, and what waits is tried again.

    Raises SetupError, StaleError where it is not the version that was read any more.
    """
    draft = _checked(draft, new=False)
    with transaction.atomic():
        channel = _locked(channel_id, version)
        wanted: dict[str, Any] = {
            "name": draft.name,
            "community_id": draft.owner.community_id,
            "department_id": draft.owner.department_id,
            "topics": [topic.value for topic in draft.topics],
            "per_minute": draft.per_minute,
            "url": draft.url or channel.url,
            "secret": "" if draft.unsigned else draft.secret or channel.secret,
        }
        if draft.owner.subdistrict_id != channel.subdistrict_id:
            raise ChannelSetupError("owner", _("不能改到别的街道，请停用后另建"))
        if KINDS[draft.kind].signed == "must" and not wanted["secret"]:
            raise ChannelSetupError("secret", _("这种渠道必须有密钥"))
        changed = sorted(name for name, value in wanted.items() if getattr(channel, name) != value)
        if not changed:
            return channel
        for name in changed:
            setattr(channel, name, wanted[name])
        channel.version += 1
        channel.save(update_fields=[*changed, "version"])
        if {"url", "secret"} & set(changed):
            circuits.close(channel.pk)
        _record(channel, "channel_change", by, at, {"changed": changed})
    return channel


def retire_channel(*, channel_id: int, version: int, by: Actor, at: datetime) -> DeliveryChannel:
    """Take a channel out of use; what waits in it is not sent any more. Raises StaleError."""
    with transaction.atomic():
        channel = _locked(channel_id, version)
        channel.retired_at = at
        channel.version += 1
        channel.save(update_fields=["retired_at", "version"])
        _record(channel, "channel_retire", by, at, {"kind": channel.kind})
    forget_gateways()
    return channel


@dataclass(frozen=True)
class Tested:
    """What came of a test. ``words`` are the other side's where it failed."""

    went: bool
    trouble: Trouble | None = None
    words: str = ""


def send_test(*, channel: DeliveryChannel, user: User, by: Actor, at: datetime) -> Tested:
    """Send one harmless message at once, to the reader's own address where the channel reaches persons.

    Never inside a transaction: it waits for the other side, some seconds at the most. The channel remembers what came
    of it; one that works again is tried for what waits. Raises SetupError where the reader has no address.
    """
    sender = open_sender(channel)
    try:
        sender.send(_test_parcel(channel, user, at))
    except DeliveryError as error:
        tested = Tested(False, error.trouble, error.words)
        DeliveryChannel.objects.filter(pk=channel.pk).update(
            last_error_at=at, last_error=f"{error.trouble}: {error.words}"[:200]
        )
    else:
        tested = Tested(True)
        circuits.note_success(channel.pk, at=at)
    finally:
        sender.close()
    trouble = tested.trouble.value if tested.trouble else ""
    with transaction.atomic():
        _record(channel, "channel_test", by, at, {"went": tested.went, "trouble": trouble})
    return tested


def _test_parcel(channel: DeliveryChannel, user: User, at: datetime) -> Parcel:
    to = ""
    if channel.kind == Channel.EMAIL:
        to = user.email
    elif channel.kind == Channel.SMS:
        to = user.mobile
    if channel.kind in PERSONAL_CHANNELS and not to:
        where = _("您没有登记邮箱，无法测试") if channel.kind == Channel.EMAIL else _("请先在通知设置中登记您的手机号")
        raise ChannelSetupError("", where)
    words = Words(_("通知渠道测试"), _("收到这条消息说明渠道可用，无需处理"), "")
    item = Item(event_id=0, kind="test", at=at, words=words)
    return Parcel(id=f"test.{channel.pk}.{int(at.timestamp())}", items=(item,), to=to)


# Checking


def _checked(draft: ChannelDraft, *, new: bool) -> ChannelDraft:
    """The draft without stray spaces. Raises SetupError."""
    kind = KINDS[draft.kind]
    draft = replace(draft, name=" ".join(draft.name.split()), url=draft.url.strip(), secret=draft.secret.strip())
    if draft.kind is Channel.EMAIL:
        raise ChannelSetupError("", _("邮件服务器由环境变量 EMAIL_URL 设定"))
    if not draft.name:
        raise ChannelSetupError("name", _("请填写名称"))
    if draft.kind is Channel.SMS and (draft.owner.community_id or draft.owner.department_id):
        raise ChannelSetupError("owner", _("短信渠道属于整个街道"))
    if new and not draft.url:
        raise ChannelSetupError("url", _("请填写地址"))
    if draft.url:
        _check_url(draft.kind, draft.url)
    if kind.signed == "no" and draft.secret:
        raise ChannelSetupError("secret", _("这种渠道不用密钥"))
    if new and kind.signed == "must" and not draft.secret:
        raise ChannelSetupError("secret", _("这种渠道必须有密钥"))
    most = kind.per_minute
    if draft.per_minute is not None and not 1 <= draft.per_minute <= (most or draft.per_minute):
        raise ChannelSetupError("per_minute", _("每分钟 1 至 %(most)d 条") % {"most": most})
    return draft


def _check_url(kind: Channel, url: str) -> None:
    parts = _split(url)
    if len(url) > LONGEST_URL or not parts.hostname or parts.scheme not in ("http", "https"):
        raise ChannelSetupError("url", _("请填写完整的地址，以 https:// 开头"))
    literal = _address(parts.hostname)
    if literal is not None or parts.hostname == "localhost":
        try:
            check_address(url)
        except DeliveryError as error:
            raise ChannelSetupError("url", error.words) from error
    if parts.username is not None:
        raise ChannelSetupError("url", _("地址中不能含用户名"))
    inside = literal is not None and (literal.is_private or literal.is_loopback)
    if parts.scheme == "http" and not inside and "." in parts.hostname:
        raise ChannelSetupError("url", _("外网地址须以 https:// 开头，否则密钥会在路上泄露"))
    part = KINDS[kind].in_address
    if part not in url:
        raise ChannelSetupError("url", _("地址不完整：应包含“%(part)s”，请从机器人设置中复制整个地址") % {"part": part})


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return urlsplit("")
    return parts


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _locked(channel_id: int, version: int) -> DeliveryChannel:
    channel = DeliveryChannel.objects.select_for_update(no_key=True).filter(pk=channel_id).first()
    if channel is None or channel.retired_at is not None or channel.version != version:
        raise StaleError
    return channel


def _record(channel: DeliveryChannel, kind: str, by: Actor, at: datetime, data: Mapping[str, Any]) -> None:
    journal.record_many(
        [
            journal.Entry(
                subject_kind=SUBJECT,
                subject_id=channel.pk,
                kind=kind,
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data=data,
            )
        ],
        readers_of=(),
    )
