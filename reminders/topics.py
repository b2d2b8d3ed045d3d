"""Which topic a notification belongs to, and by what it is sent where nobody chose otherwise. Pure: no ORM, no HTTP."""

from collections.abc import Mapping
from typing import Final

from reminders.audience import ALARM_KINDS, TOLD_KINDS
from reminders.enums import Channel, Mode, RungCode, Topic

FIXED: Final = frozenset({Topic.URGE, Topic.ALARM})
"""Topics that nobody switches off: by e-mail they come at once or in a digest."""

FOR_GROUPS: Final = (Topic.NEW, Topic.DUE, Topic.URGE, Topic.ALARM)
"""What a group's channel carries where its topics are not chosen."""

_TOPICS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.NEW: (
        *("create", "accept", "give_info", "assign", "assign_final", "reassign", "add_department", "waive_department"),
        *("return", "redo", "reopen", "unmerge", "transfer_out", "request_callback", "join", RungCode.NEW),
    ),
    Topic.DUE: (
        *(RungCode.NOTICE, RungCode.DUE_SOON, RungCode.DUE_TODAY, RungCode.UNACKNOWLEDGED, RungCode.NO_PROGRESS),
        *(RungCode.UNSIGNED, RungCode.UNTOLD, RungCode.UNCHECKED, RungCode.EXPIRED, RungCode.DEEMED),
    ),
    Topic.URGE: (
        *(RungCode.URGE, RungCode.DUTY_LEADER, RungCode.ORDER, RungCode.YELLOW_CARD, RungCode.RED_CARD),
        *("supervise", "sign", "refuse_sign", "lift", "instruct"),
    ),
    Topic.DECISION: (
        *("request_extension", "grant_extension", "refuse_extension", "request_suspension", "grant_suspension"),
        *("refuse_suspension", "endorse", "request_exclusion", "grant_exclusion", "refuse_exclusion"),
        *("request_disclosure", "grant_disclosure", "refuse_disclosure"),
    ),
    Topic.MESSAGE: ("comment", "cc", "edit", "request_info", "progress"),
    Topic.ALARM: tuple(sorted(ALARM_KINDS)),
}
_TOPIC_OF: Final = {str(kind): topic for topic, kinds in _TOPICS.items() for kind in kinds}

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


def topic_of(kind: str) -> Topic:
    """The topic of a notification's kind; what nobody put elsewhere is a result (办理动态)."""
    return _TOPIC_OF.get(kind, Topic.RESULT)


def kinds_of(topic: Topic) -> tuple[str, ...]:
    """The kinds of notifications that belong to ``topic``."""
    if topic is Topic.RESULT:
        return tuple(sorted(kind for kind in TOLD_KINDS if topic_of(kind) is topic))
    return tuple(str(kind) for kind in _TOPICS[topic])


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
