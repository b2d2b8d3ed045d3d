"""New arrivals of the workbench: how many issues came into a list since its page was made."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.kit.reading import Reader, text_of
from issues.enums import SUBJECT, Action
from issues.querysets import IssueQuerySet, todo_of
from issues.reading.pages import count_text, counts
from journal.models import Event

CAP: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST: Final = 16
_BROUGHT: Final = Q(kind__in=(Action.CREATE, Action.ASSIGN)) | Q(data__has_key="to")


def token_of(at: datetime) -> str:
    """The moment of a page as its address carries it: microseconds since 1970."""
    return str((at - _EPOCH) // _MICROSECOND)


def since_of(request: HttpRequest) -> datetime:
    """The moment in ``since=``; BadRequest where it is none."""
    text = text_of(request, "since", _LONGEST)
    if not (text.isascii() and text.isdecimal()):
        raise BadRequest(_("网址中的参数无效，请从列表重新打开"))
    return _EPOCH + int(text) * _MICROSECOND


def arrived(rows: IssueQuerySet, reader: Reader, since: datetime) -> int:
    """How many of ``rows`` somebody else brought there after ``since``, up to ``CAP``; one statement.

    An issue comes by being logged, by a new status or by being given to somebody. One that another person is to move
    comes to those who watch when it grows overdue.
    """
    brought = Event.objects.filter(_BROUGHT, subject_kind=SUBJECT, subject_id=OuterRef("pk"), at__gt=since)
    moved = Q(Exists(brought.exclude(actor_id=reader.user.pk)), changed_at__gt=since)
    ran_out = Q(rank_at__gt=since, rank_at__lte=reader.now) & ~todo_of(reader.access)
    return counts({"new": rows.filter(moved | ran_out)}, CAP)["new"]


def words_of(number: int) -> str:
    """有 3 件新工单，点击显示; "" where there is none."""
    if not number:
        return ""
    words = ngettext("有 %(n)s 件新工单，点击显示", "有 %(n)s 件新工单，点击显示", number)
    return words % {"n": count_text(number, CAP)}
