"""The caller's own inbox."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, reference, shapes
from api.base import ApiView, body_of
from api.errors import InvalidInput
from api.idempotency import idempotent
from api.inputs import PreferencesInput, SnoozeInput, cleaned_values
from api.listing import Parameters, next_url
from common.clock import now
from common.keyset import BadCursor
from communities.access import Access
from reminders.enums import Channel, Mode, Topic
from reminders.models import Notification
from reminders.querysets import InboxItem, inbox_page, later_page, worded
from reminders.services.inbox import SnoozeError, mark_read, snooze, wake
from reminders.services.preferences import PreferenceError, preferences_of, set_preferences
from reminders.topics import modes

LARGEST_ID = 2**63 - 1
_YES: Final = ("true", "1")
_YES_NO: Final = ("true", "false", "1", "0")


class Notifications(ApiView):
    """通知."""

    @docs.notification_list
    def get(self, request: Request) -> Response:
        """What the caller was told, newest first; what was put off comes only when asked for."""
        parameters = Parameters(request.GET)
        size, cursor = parameters.size(), parameters.get("cursor", 400)
        unread, snoozed = parameters.choices("unread", _YES_NO), parameters.choices("snoozed", _YES_NO)
        topics = parameters.choices("topic", Topic.values)
        parameters.check()
        at = now()
        try:
            if snoozed and snoozed[0] in _YES:
                page = later_page(self.access, at=at, cursor=cursor or None, size=size)
            else:
                only = bool(unread) and unread[0] in _YES
                topic = Topic(topics[0]) if topics else None
                page = inbox_page(self.access, at=at, unread_only=only, topic=topic, cursor=cursor or None, size=size)
        except BadCursor as error:
            raise InvalidInput({"cursor": error.message}) from error
        results = [item_row(item) for item in page.items]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})


class ReadNotification(ApiView):
    """One notification was read."""

    @docs.notification_read
    @idempotent
    def post(self, request: Request, id: str) -> Response:  # noqa: A002  the name in the address
        """Mark it as read; one that was read before keeps its first time."""
        at = now()
        row = mark_read(user_id=self.access.user_id, notification_id=_wanted(id), at=at)
        return _answer(row, self.access, at)


class SnoozeNotification(ApiView):
    """One notification is put off."""

    @docs.notification_snooze
    @idempotent
    def post(self, request: Request, id: str) -> Response:  # noqa: A002  the name in the address
        """Put it off until ``until``: it comes back unread then. null brings it back at once."""
        at, wanted, user_id = now(), _wanted(id), self.access.user_id
        if not Notification.objects.of(user_id).filter(pk=wanted).exists():
            raise NotFound(_("没有找到"))
        until = cleaned_values(SnoozeInput, body_of(request))["until"]
        if until is None:
            return _answer(wake(user_id=user_id, notification_id=wanted, at=at), self.access, at)
        try:
            row = snooze(user_id=user_id, notification_id=wanted, until=until, at=at)
        except SnoozeError as error:
            raise InvalidInput({"until": error.message}) from error
        return _answer(row, self.access, at)


class Preferences(ApiView):
    """通知设置."""

    @docs.preference_list
    def get(self, request: Request) -> Response:
        """How each topic is sent to the caller by each personal channel, and what may be chosen."""
        return Response({"preferences": _preference_rows(self.access.user_id)})

    @docs.preference_change
    def put(self, request: Request) -> Response:
        """Keep these choices; those not named stay as they are."""
        rows = cleaned_values(PreferencesInput, body_of(request))["preferences"]
        chosen = {(Topic(row["topic"]), Channel(row["channel"])): Mode(row["mode"]) for row in rows}
        try:
            set_preferences(user_id=self.access.user_id, chosen=chosen)
        except PreferenceError as error:
            raise InvalidInput({"preferences": error.messages[0]}) from error
        return Response({"preferences": _preference_rows(self.access.user_id)})


def _wanted(id: str) -> int:  # noqa: A002  the name in the address
    """The id in the address; 0, which nothing has, for what is none."""
    wanted = reference.as_id(id)
    return wanted if wanted is not None and wanted <= LARGEST_ID else 0


def _answer(row: Notification | None, access: Access, at: datetime) -> Response:
    if row is None:
        raise NotFound(_("没有找到"))
    return Response(item_row(worded([row], access, at)[0]))


def _preference_rows(user_id: int) -> list[dict[str, Any]]:
    return [
        {"topic": topic.value, "channel": channel.value, "mode": mode.value, "modes": modes(topic, channel)}
        for (topic, channel), mode in preferences_of(user_id).items()
    ]


def item_row(item: InboxItem) -> dict[str, Any]:
    """A notification; without number and address where the issue is out of the caller's sight now."""
    return {
        "id": item.id,
        "kind": item.kind,
        "topic": item.topic.value,
        "reason": item.reason,
        "why": item.why,
        "at": shapes.moment(item.at),
        "read_at": shapes.moment(item.read_at),
        "unread": item.unread,
        "snoozed_until_at": shapes.moment(item.snoozed_until_at),
        "number": item.number or None,
        "title": item.title,
        "text": item.body,
        "url": f"{settings.PUBLIC_URL}{item.url}" if item.url else None,
    }
