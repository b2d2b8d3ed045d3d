"""What every console page starts from: who asks, at what moment, and the query as clean text."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from commitments.models import Commitment
from common.clock import now
from common.keyset import BadCursor, Order, Page, paginate
from communities.access import Access
from communities.actors import Actor
from console.kit.shapes import Pager
from issues import policies
from issues.discretion import discreet
from issues.enums import SUBJECT
from issues.models import Issue, Participation
from issues.querysets import IssueQuerySet
from issues.reading.handlers import staff_of_issue
from issues.reading.pages import for_page
from issues.workflow import Party
from papers.models import Draft, Paper

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST: Final = 200
PAGE_SIZE: Final = 25


@dataclass(frozen=True)
class Reader:
    """The signed-in person and the moment of the request."""

    user: User
    access: Access
    actor: Actor
    now: datetime

    def parties(self, issue: Issue) -> frozenset[Party]:
        """What this person is to ``issue``."""
        return policies.parties(self.actor, issue)


def reader_of(request: HttpRequest) -> Reader:
    """Who asks. The right to use the console was checked before (govtrack.url_permissions)."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    actor = Actor.staff(user)
    return Reader(user=user, access=actor.access, actor=actor, now=now())


def text_of(request: HttpRequest, name: str, longest: int = LONGEST) -> str:
    """One parameter of the query. BadRequest where it is too long or holds control characters."""
    text = request.GET.get(name, "")
    if len(text) > longest or _CONTROL.search(text):
        raise BadRequest(_("网址中的参数无效，请从列表重新打开"))
    return text.strip()


def number_of(text: str, longest: int = 18) -> int | None:
    """The whole number that somebody sent, of at most so many digits: an id that the database can be asked for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= longest else None


def code_of(request: HttpRequest, name: str, codes: Collection[str]) -> str:
    """One parameter of the query that must be "" or one of ``codes``; BadRequest otherwise."""
    text = text_of(request, name)
    if text and text not in codes:
        raise BadRequest(_("筛选条件无效，请清除筛选后重试"))
    return text


def flag_of(request: HttpRequest, name: str) -> bool:
    """Whether a parameter is set to 1."""
    return request.GET.get(name, "") == "1"


def page_of(rows: IssueQuerySet, *, order: Order, cursor: str) -> Page:
    """One page of rows; BadRequest where the cursor was not made by this list."""
    try:
        return paginate(rows, order=order, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error


def url_with(request: HttpRequest, **changes: Any) -> str:
    """The present address with some parameters changed ("" or None removes one); cursor and fragments are dropped."""
    query = request.GET.copy()
    for name in ("cursor", "partial", "pane", "news", "since", "go"):
        query.pop(name, None)
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def pager_of(request: HttpRequest, next_cursor: str | None, cursor: str) -> Pager:
    """The pager of a list: ``next_cursor`` of the page that is shown, ``cursor`` with which it was asked for."""
    base = url_with(request)
    return Pager(
        next_url=url_with_cursor(base, next_cursor) if next_cursor else "",
        first_url=base if cursor else "",
    )


def url_with_cursor(base: str, cursor: str) -> str:
    """The page of the list at ``base`` that begins there."""
    return f"{base}{'&' if '?' in base else '?'}cursor={cursor}"


def _promises() -> ArraySubquery:
    """What was promised on an issue, read in the issue's own statement."""
    rows = Commitment.objects.filter(subject_kind=SUBJECT, subject_id=OuterRef("pk")).in_order()
    names = ("id", "text", "state", "due_on", "review_on")
    owner = {"owner_zh": "owner__name_zh", "owner_en": "owner__name_en"}
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in names}, **owner)))


def _papers() -> ArraySubquery:
    """The numbered papers of an issue, the newest first, read in the issue's own statement."""
    rows = Paper.objects.filter(subject_kind=SUBJECT, subject_id=OuterRef("pk")).order_by("-id")
    names = ("id", "kind", "number", "issued_at", "lifted_at")
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in names})))


def _drafts() -> ArraySubquery:
    """The drafts on an issue that wait for a signature, as they were put, read in the issue's own statement."""
    rows = Draft.objects.filter(subject_kind=SUBJECT, subject_id=OuterRef("pk")).waiting().order_by("asked_at", "id")
    names = ("kind", "text", "asked_at")
    return ArraySubquery(
        rows.values(row=JSONObject(**{name: name for name in names}, asked_by="asked_by__display_name"))
    )


def find_issue(reader: Reader, number: str) -> Issue:
    """The issue with this number in the reader's scope, with all that its page shows. Http404 for everybody else."""
    if len(number) > 40 or _CONTROL.search(number):
        raise Http404
    followed = Participation.objects.filter(issue_id=OuterRef("pk"), user_id=reader.user.pk, watching=True)
    shown = for_page(Issue.objects.visible_to(reader.access))
    rows = shown.annotate(watched=Exists(followed), promises=_promises(), numbered=_papers(), drafted=_drafts())
    rows = rows.annotate(staff=staff_of_issue(reader.now))
    # Not first(): with an ORDER BY over so many joins PostgreSQL plans for 20 ms, without for 3.
    for issue in rows.filter(number=number):
        return discreet(issue, reader.access)
    raise Http404(_("未找到该工单，请核对编号"))
