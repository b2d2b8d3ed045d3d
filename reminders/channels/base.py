"""What every channel is given, and how it says what went wrong. Pure: no ORM, no HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from django.utils.functional import Promise

from reminders.letters import Letter
from reminders.texts import Words

Clock = Callable[[], datetime]
"""Tells the time, aware."""


@dataclass(frozen=True)
class Item:
    """One notification of a parcel: its words (nothing of the resident in them) and the codes behind them.

    ``subject`` (kind and id) and ``number`` are None and "" where it is about the sub-district itself; ``data`` holds
    codes and dates only.
    """

    event_id: int
    kind: str
    at: datetime
    words: Words
    subject: tuple[str, int] | None = None
    number: str = ""
    level: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Parcel:
    """What leaves at once. ``id`` stays the same at every attempt, so that whoever gets it twice can tell.

    ``to`` is a person's address or number, "" where the channel itself is the reader. With ``digest`` the items are
    told together under one heading, even where there is only one. A ``letter`` is all of it, and names whom it goes to.
    """

    id: str
    items: tuple[Item, ...]
    to: str = ""
    digest: bool = False
    letter: Letter | None = None


class Trouble(StrEnum):
    """What kind of failure it was; the delivery decides by it whether the message or the channel waits, and how long.

    ``away``: nobody answers, or only with a server's error: the channel waits. ``busy``: too much at once: the channel
    waits as long as the other side says. ``setup``: key, signature or address of the channel are wrong: the channel
    waits, and an administrator has to see to it. ``later``: this message cannot go now, the next one may. ``refused``:
    this message can never go.
    """

    AWAY = "away"
    BUSY = "busy"
    SETUP = "setup"
    LATER = "later"
    REFUSED = "refused"


class DeliveryError(Exception):
    """A parcel was not accepted. ``words`` are the other side's, without anybody's address in them."""

    def __init__(self, trouble: Trouble, words: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.words = words[:200]
        self.retry_after = retry_after


class Sender(Protocol):
    """An open way out by one configured channel, for some parcels one after the other."""

    def send(self, parcel: Parcel) -> None:
        """Hand one parcel over; returns once the other side has accepted it. Raises DeliveryError."""

    def close(self) -> None:
        """Give up connections. Never raises."""


@dataclass(frozen=True)
class ChannelKind:
    """What a kind of channel can take.

    ``per_minute``: parcels in any 60 seconds; None: as many as go. It stays two below the vendor's own limit where
    there is one (20, DingTalk deaf for ten minutes after the 21st), because the vendor counts arrivals and we count
    departures. ``per_second`` likewise. ``bundles``: all that waits for the same reader goes as one parcel.
    ``most_bytes``: of what the vendor measures, None without a limit; the adapter keeps to it. ``signed``: whether
    ``DeliveryChannel.secret`` is used: "must", "may" or "no".

    ``sender`` opens one: address, secret, clock. For whoever sets one up: ``where`` its address is found, what its
    secret is called and where that is found; ``where`` None: it is not set up on the channels' page. An address
    without ``in_address`` is not whole.
    """

    sender: Callable[..., Sender]
    per_minute: int | None
    bundles: bool
    per_second: int | None = None
    most_bytes: int | None = None
    signed: str = "no"
    where: Promise | None = None
    secret_label: Promise | str = ""
    secret_where: Promise | str = ""
    in_address: str = ""
