"""The caller's own inbox."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, reference, shapes
from api.base import ApiView
from api.errors import Invalid
from api.idempotency import idempotent
from api.listing import Parameters, next_url
from common.clock import now
from common.keyset import BadCursor
from reminders.querysets import InboxItem, inbox_page, worded
from reminders.services.inbox import mark_read

LARGEST_ID = 2**63 - 1


class Notifications(ApiView):
    """通知."""

    @docs.notification_list
    def get(self, request: Request) -> Response:
        """What the caller was told, newest first."""
        parameters = Parameters(request.GET)
        size, cursor = parameters.size(), parameters.get("cursor", 400)
        unread = parameters.choices("unread", ("true", "false", "1", "0"))
        parameters.check()
        only = bool(unread) and unread[0] in ("true", "1")
        try:
            page = inbox_page(self.access, at=now(), unread_only=only, cursor=cursor or None, size=size)
        except BadCursor as error:
            raise Invalid({"cursor": error.message}) from error
        results = [item_row(item) for item in page.items]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})


class ReadNotification(ApiView):
    """One notification was read."""

    @docs.notification_read
    @idempotent
    def post(self, request: Request, id: str) -> Response:  # noqa: A002  the name in the address
        """Mark it as read; one that was read before keeps its first time."""
        wanted = reference.as_id(id)
        row = None
        if wanted is not None and wanted <= LARGEST_ID:
            row = mark_read(user_id=self.access.user_id, notification_id=wanted, at=now())
        if row is None:
            raise NotFound(_("没有找到"))
        return Response(item_row(worded([row], self.access, now())[0]))


def item_row(item: InboxItem) -> dict[str, Any]:
    """A notification; without number and address where the issue is out of the caller's sight now."""
    return {
        "id": item.id,
        "kind": item.kind,
        "at": shapes.moment(item.at),
        "read_at": shapes.moment(item.read_at),
        "unread": item.unread,
        "number": item.number or None,
        "title": item.title,
        "text": item.body,
        "url": f"{settings.PUBLIC_URL}{item.url}" if item.url else None,
    }
