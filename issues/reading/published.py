"""What everybody may read without an account: matters and promises that a person reviewed and released.

Only what ``publish`` wrote is read (``public_title``, ``public_text``), scrubbed once more; never what a reporter
wrote, a number, a name or a link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from commitments.models import Commitment
from common.keyset import Order, Page, paginate
from common.masking import anonymous
from common.search import lexemes
from communities.lines import OfficeLines
from communities.models import Category
from communities.suggestions import suggest_category
from deadlines.models import Deadline
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.models.issue import time_limit_of
from issues.querysets import IssueQuerySet
from issues.resident.words import days_late

NEWEST: Final = Order(("-published_at", "-id"))
SOONEST: Final = Order(("next_on", "id"))
"""Late promises come first, then what is due next."""

_MONTH: Final = timedelta(days=30)
_COMPARED: Final = 60
_ALIKE: Final = 3
_ALIKE_IN_CATEGORY: Final = 2
_OFFERED: Final = 3
_BEFORE_ANSWER: Final = frozenset({Status.IN_PROGRESS, Status.DISPATCHED, Status.ACCEPTED})


@dataclass(frozen=True)
class PublicMatter:
    """One released matter. ``answer_at`` is when an answer is promised, ``limit`` its time-limit state or ""."""

    pk: int
    title: str
    status: str
    who: str
    persons: int
    answer_at: datetime | None
    limit: str


@dataclass(frozen=True)
class PublicPromise:
    """One open promise of a released matter: due, or to be looked at again."""

    text: str
    who: str
    due_on: date | None
    review_on: date | None
    days_late: int


def public_matters(community_id: int | None) -> IssueQuerySet:
    """Released matters that are still worked on; of one community, or of all."""
    rows = Issue.objects.open().filter(published_at__isnull=False, confidential=False)
    return rows.filter(community_id=community_id) if community_id is not None else rows


def matters_page(community_id: int | None, *, at: datetime, cursor: str | None, size: int) -> Page:
    """A page of PublicMatter, newest first; two statements. Raises BadCursor."""
    page = paginate(_for_rows(public_matters(community_id)), order=NEWEST, cursor=cursor, size=size)
    return Page(rows=as_public_matters(page.rows, at), next_cursor=page.next_cursor)


def _for_rows(rows: IssueQuerySet) -> IssueQuerySet:
    return rows.select_related("lead_department", "community").defer("lexemes", "description")


def as_public_matters(rows: Sequence[Issue], at: datetime) -> list[PublicMatter]:
    """These matters as everybody reads them; one statement for their answering dates."""
    handle = {
        row.subject_id: row
        for row in Deadline.objects.of_many(SUBJECT, [issue.pk for issue in rows]).open().filter(kind="handle")
    }
    return [_matter(issue, handle.get(issue.pk), at) for issue in rows]


def _matter(issue: Issue, handle: Deadline | None, at: datetime) -> PublicMatter:
    shown = handle if handle is not None and issue.status in _BEFORE_ANSWER else None
    limit = ""
    if shown is not None:
        limit = time_limit_of(issue.status, shown.due_at, shown.soon_at, shown.due_at, at).value
    return PublicMatter(
        pk=issue.pk,
        title=public_title(issue),
        status=issue.status,
        who=issue.lead_department.name if issue.lead_department else issue.community.name,
        persons=issue.persons,
        answer_at=shown.due_at if shown is not None else None,
        limit=limit,
    )


def public_title(issue: Issue) -> str:
    """The title that a person released, without persons' numbers, names and rooms."""
    return anonymous(issue.public_title, keep=OfficeLines(issue.subdistrict_id))


def open_promises(community_id: int | None) -> QuerySet[Commitment]:
    """Open public promises of released matters, with the day that counts as ``next_on``."""
    released = Issue.objects.filter(published_at__isnull=False, confidential=False)
    if community_id is not None:
        released = released.filter(community_id=community_id)
    return (
        Commitment.objects.open()
        .public()
        .filter(subject_kind=SUBJECT, subject_id__in=released.values("pk"))
        .annotate(next_on=Coalesce("due_on", "review_on"))
        .with_owner()
    )


def promises_page(community_id: int | None, *, at: datetime, cursor: str | None, size: int) -> Page:
    """A page of PublicPromise, the most urgent first; two statements. Raises BadCursor."""
    page = paginate(open_promises(community_id), order=SOONEST, cursor=cursor, size=size)
    issues = Issue.objects.only("public_title", "subdistrict_id").in_bulk([row.subject_id for row in page.rows])
    rows = [
        PublicPromise(
            text=public_title(issues[row.subject_id]),
            who=row.owner.name,
            due_on=row.due_on,
            review_on=row.review_on,
            days_late=days_late(row.due_on or row.review_on, at),
        )
        for row in page.rows
    ]
    return Page(rows=rows, next_cursor=page.next_cursor)


# 我也遇到了


def joinable(community_id: int, at: datetime) -> IssueQuerySet:
    """Released open matters of the last 30 days that a resident of the community may join."""
    return public_matters(community_id).filter(created_at__gte=at - _MONTH)


def most_alike(words: str, community_id: int, subdistrict_id: int, at: datetime) -> list[PublicMatter]:
    """Those that read like ``words``, most alike first, at most three; at most three statements."""
    typed = {window for window in lexemes(words[:2000]) if len(window) > 1}
    if len(typed) < _ALIKE:
        return []
    near = list(_for_rows(joinable(community_id, at)).select_related("category").order_by("-published_at")[:_COMPARED])
    if not near:
        return []
    group = _group_of(words, subdistrict_id)
    scored = [(_score(issue, typed, group), issue.pk, issue) for issue in near]
    best = sorted((row for row in scored if row[0]), key=lambda row: row[:2], reverse=True)[:_OFFERED]
    return as_public_matters([issue for _points, _pk, issue in best], at)


def _group_of(words: str, subdistrict_id: int) -> str:
    """The first two digits of the category that the words speak for; "" where they speak for none."""
    rows = Category.objects.filter(subdistrict_id=subdistrict_id, retired_at__isnull=True).exclude(keywords="")
    found = suggest_category(words, list(rows.only("code", "keywords")))
    return found[0].category_code[:2] if found else ""


def _score(issue: Issue, typed: set[str], group: str) -> int:
    """How many windows of words are shared; 0 where too few, or the category is another one."""
    shared = len(typed & _windows((issue.public_title, issue.public_text)))
    if group and issue.category is not None and issue.category.code[:2] != group:
        return 0
    return shared if shared >= (_ALIKE_IN_CATEGORY if group else _ALIKE) else 0


def _windows(texts: Iterable[str]) -> set[str]:
    return {window for window in lexemes(*texts) if len(window) > 1}
