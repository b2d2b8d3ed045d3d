"""The words of events that are about the sub-district itself, read for many at once."""

from collections.abc import Iterable

from communities.models import Community
from journal.models import Event
from reminders import texts
from reminders.enums import OFFICE
from reminders.models import DeliveryChannel


class Alarms:
    """The words of events on the sub-district itself. Two statements for any number of events, none for none."""

    def __init__(self, events: Iterable[Event]) -> None:
        meant = [event for event in events if event.subject_kind == OFFICE]
        communities = {event.data.get("community") for event in meant} - {None}
        channels = {event.data.get("channel") for event in meant} - {None}
        self._communities = Community.objects.in_bulk(list(communities)) if communities else {}
        self._channels = DeliveryChannel.objects.defer("url", "secret").in_bulk(list(channels)) if channels else {}

    def words(self, event: Event) -> texts.Words:
        """One alarm in the active language."""
        community = self._communities.get(event.data.get("community") or 0)
        channel = self._channels.get(event.data.get("channel") or 0)
        name = community.name if community else channel.name if channel else ""
        return texts.alarm(event.kind, event.at, event.data, name)
