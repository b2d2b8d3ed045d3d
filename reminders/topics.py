"""By what a topic is sent where nobody chose otherwise. Pure: no ORM, no HTTP."""

from collections.abc import Mapping
from typing import Final

from reminders.enums import Channel, Mode, Topic

FIXED: Final = frozenset({Topic.URGE, Topic.ALARM})
"""Topics that nobody switches off: by e-mail they come at once or in a digest."""

FOR_GROUPS: Final = (Topic.NEW, Topic.DUE, Topic.URGE, Topic.ALARM)
"""What a group's channel carries where its topics are not chosen."""

_BY_EMAIL: Final[Mapping[Topic, Mode]] = {
    Topic.NEW: Mode.IMMEDIATE,
    Topic.DUE: Mode.DIGEST,
    Topic.URGE: Mode.IMMEDIATE,
    Topic.DECISION: Mode.IMMEDIATE,
    Topic.RESULT: Mode.DIGEST,
    Topic.MESSAGE: Mode.DIGEST,
    Topic.ALARM: Mode.IMMEDIATE,
}
_BY_SMS: Final = frozenset({Topic.URGE, Topic.ALARM})


def default_mode(topic: Topic, channel: Channel) -> Mode:
    """How a topic is sent by a personal channel where its reader chose nothing."""
    if channel is Channel.SMS:
        return Mode.IMMEDIATE if topic in _BY_SMS else Mode.OFF
    return _BY_EMAIL[topic]


def modes(topic: Topic, channel: Channel) -> tuple[Mode, ...]:
    """What may be chosen. A short message is sent at once or not at all; fixed topics are never off by e-mail."""
    if channel is Channel.SMS:
        return (Mode.IMMEDIATE, Mode.OFF)
    return (Mode.IMMEDIATE, Mode.DIGEST) if topic in FIXED else (Mode.IMMEDIATE, Mode.DIGEST, Mode.OFF)
