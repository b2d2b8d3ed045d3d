"""What everybody may read without an account: matters and promises that a person reviewed and released.

Only what ``publish`` wrote is read (``public_title``, ``public_text``), scrubbed once more; never what a reporter
wrote, a number, a name or a link.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q

from commitments.enums import SUBJECT as PROMISE
from commitments.enums import CommitmentState, Precision
from commitments.models import Commitment
from commitments.querysets import CommitmentQuerySet
from common.clock import local
from common.keyset import Order, Page, paginate
from common.masking import anonymous
from communities.lines import OfficeLines
from communities.models import Category
from communities.suggestions import suggest_category
from communities.word_list import word_list
from deadlines.models import Deadline
from files.models import StoredFile
from files.services import of_owner
from issues import likeness
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.models.issue import time_limit_of
from issues.querysets import IssueQuerySet
from issues.reading.attachments import plainly_named
from issues.resident.words import days_late
from journal.models import Event

NEWEST: Final = Order(("-published_at", "-id"))
SOONEST: Final = Order(("next_on", "id"))
"""Late promises come first, then what is due next."""

_MONTH: Final = timedelta(days=30)
_YEAR: Final = timedelta(days=365)
_WORDS: Final = 5
_COMPARED: Final = 60
_ENOUGH_IN_CATEGORY: Final = 2
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
    """One released promise: due, or to be looked at again. ``first_on`` is the date promised first."""

    pk: int
    text: str
    who: str
    due_on: date | None
    review_on: date | None
    first_on: date | None
    precision: str
    state: str
    days_late: int
    historic: bool
    version: int


def public_matters(community_id: int | None) -> IssueQuerySet:
    """Released matters that are still worked on; of one community, or of all."""
    rows = Issue.objects.open().filter(published_at__isnull=False, confidential=False)
    return rows.filter(community_id=community_id) if community_id is not None else rows


def matters_page(community_id: int | None, *, at: datetime, cursor: str | None, size: int, words: str = "") -> Page:
    """A page of PublicMatter, newest first; two statements. Raises BadCursor.

    ``words``: only those whose released title or text holds each of them.
    """
    rows = _for_rows(public_matters(community_id)).filter(_reads(words, "public_title", "public_text"))
    page = paginate(rows, order=NEWEST, cursor=cursor, size=size)
    shown = [row for row in page.rows if _holds(words, public_title(row), public_text(row))]
    return Page(rows=as_public_matters(shown, at), next_cursor=page.next_cursor if shown else None)


def _reads(words: str, *columns: str) -> Q:
    """Whether every word stands in one of the columns."""
    found = Q()
    for word in words.split()[:_WORDS]:
        found &= reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))
    return found


def _holds(words: str, *texts: str) -> bool:
    """The same of what is shown: what was taken out of the texts is found by nobody."""
    shown = "\n".join(texts).lower()
    return all(word.lower() in shown for word in words.split()[:_WORDS])


@dataclass(frozen=True)
class PublicMatterPage:
    """One released matter whole: what it is about, since when, when it was answered, what was promised with it.

    ``told_on``: the day of the answer, None where there is none. ``promise``: the id of the released promise, or None.
    """

    matter: PublicMatter
    text: str
    community: str
    since: date
    told_on: date | None
    is_open: bool
    promise: int | None


def find_matter(pk: int, *, at: datetime) -> PublicMatterPage | None:
    """A released matter that is worked on or ended within a year; three statements, one for none."""
    released = Issue.objects.filter(published_at__isnull=False, confidential=False)
    lately = Q(closed_at__isnull=True) | Q(closed_at__gte=at - _YEAR)
    issue = _for_rows(released.filter(lately, pk=pk)).first()
    if issue is None:
        return None
    (matter,) = as_public_matters([issue], at)
    promise = public_promises(None).filter(subject_kind=SUBJECT, subject_id=issue.pk).values_list("pk", flat=True)
    answered = issue.replied_at or issue.closed_at
    return PublicMatterPage(
        matter=matter,
        text=public_text(issue),
        community=issue.community.name,
        since=local(issue.created_at).date(),
        told_on=local(answered).date() if answered is not None and issue.status not in _BEFORE_ANSWER else None,
        is_open=issue.is_open,
        promise=promise.order_by("pk").first(),
    )


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


def public_text(issue: Issue) -> str:
    """The same of the text."""
    return anonymous(issue.public_text, keep=OfficeLines(issue.subdistrict_id))


def public_promises(community_id: int | None) -> CommitmentQuerySet:
    """Released promises that stand: those of released matters, and those released by themselves.

    Of one community its own, and those that no community raised.
    """
    released = Issue.objects.filter(published_at__isnull=False, confidential=False)
    alone = Q(subject_kind=PROMISE, released_at__isnull=False)
    if community_id is not None:
        released = released.filter(community_id=community_id)
        alone &= Q(community_id=community_id) | Q(community_id__isnull=True)
    made_on = Q(subject_kind=SUBJECT, subject_id__in=released.values("pk"))
    return Commitment.objects.standing().public().filter(made_on | alone).open_to_all().with_owner()


PROMISE_VIEWS: Final[Mapping[str, Q]] = {
    "": Q(state__in=[CommitmentState.OPEN, CommitmentState.REPORTED], historic=False),
    "kept": Q(state=CommitmentState.FULFILLED, historic=False),
    "historic": Q(historic=True),
}
"""The lists of 公开承诺: what is to be kept, what was kept, what press reports of earlier years mention."""


def promises_page(
    community_id: int | None, *, at: datetime, cursor: str | None, size: int, view: str = "", words: str = ""
) -> Page:
    """A page of PublicPromise, the most urgent first; two statements. Raises BadCursor.

    ``words``: only those that hold each of them in the words that are shown.
    """
    rows = public_promises(community_id).filter(PROMISE_VIEWS[view]).by_day()
    if words:
        on_issue = Issue.objects.filter(published_at__isnull=False, confidential=False)
        titled = on_issue.filter(_reads(words, "public_title"))
        rows = rows.filter(
            Q(subject_kind=SUBJECT, subject_id__in=titled.values("pk"))
            | (~Q(subject_kind=SUBJECT) & _reads(words, "text"))
        )
    page = paginate(rows, order=SOONEST, cursor=cursor, size=size)
    shown = [row for row in _promises(page.rows, at) if _holds(words, row.text)]
    return Page(rows=shown, next_cursor=page.next_cursor if shown else None)


def promises_between(since: date, until: date, *, at: datetime, most: int) -> list[PublicPromise]:
    """Released promises whose day lies there, the earliest first; two statements. None that names no day."""
    rows = public_promises(None).filter(historic=False, precision=Precision.DAY).dated(since=since, until=until)
    return _promises(rows.soonest()[:most], at)


def _promises(rows: Iterable[Commitment], at: datetime) -> list[PublicPromise]:
    found = list(rows)
    ids = [row.subject_id for row in found if row.subject_kind == SUBJECT]
    issues = Issue.objects.only("public_title", "subdistrict_id").in_bulk(ids) if ids else {}
    return [_promise(row, issues, at) for row in found]


def _promise(row: Commitment, issues: Mapping[int, Issue], at: datetime) -> PublicPromise:
    """Of a released matter the title that a person released, else its own words, scrubbed."""
    issue = issues.get(row.subject_id) if row.subject_kind == SUBJECT else None
    return PublicPromise(
        pk=row.pk,
        text=public_title(issue) if issue is not None else anonymous(row.text, keep=OfficeLines(row.subdistrict_id)),
        who=row.owner.name,
        due_on=row.due_on,
        review_on=row.review_on,
        first_on=row.first_promised_on,
        precision=row.precision,
        state=row.state,
        days_late=days_late(row.on, at) if row.is_open else 0,
        historic=row.historic,
        version=row.version,
    )


@dataclass(frozen=True)
class PublicStep:
    """A milestone, or something that was told of a promise at ``at``; ``files`` are those that came with it."""

    text: str
    on: date
    at: datetime | None = None
    seq: int = 0
    done: bool = True
    kind: str = ""
    files: Sequence[StoredFile] = ()


@dataclass(frozen=True)
class PublicPromisePage:
    """One released promise whole: with whom, its milestones, what was told of it, newest first."""

    promise: PublicPromise
    others: Sequence[str]
    milestones: Sequence[PublicStep]
    told: Sequence[PublicStep]


def find_promise(pk: int, *, at: datetime) -> PublicPromisePage | None:
    """One released promise, None where there is none; a handful of statements."""
    row = public_promises(None).filter(pk=pk).first()
    if row is None:
        return None
    issues = Issue.objects.only("public_title", "subdistrict_id").in_bulk([row.subject_id] if _on_issue(row) else [])
    keep = OfficeLines(row.subdistrict_id)
    events = _visible(row)
    files = _files_of(row, events)
    steps = row.milestones.order_by("due_on", "id")
    return PublicPromisePage(
        promise=_promise(row, issues, at),
        others=[one.department.name for one in row.co_owners.select_related("department").order_by("pk")],
        milestones=[
            PublicStep(text=anonymous(one.text, keep=keep), on=one.due_on, done=one.reached_at is not None)
            for one in steps
        ],
        told=[_told(event, keep, files) for event in events],
    )


def promise_files(row: Commitment) -> dict[int, StoredFile]:
    """The files that came with what is told of a promise, by id, named by what they are; two statements."""
    return _files_of(row, _visible(row))


def _files_of(row: Commitment, events: Iterable[Event]) -> dict[int, StoredFile]:
    shown = {pk for event in events for pk in event.data.get("attachments", ())}
    files = [file for file in of_owner(PROMISE, row.pk) if file.pk in shown] if shown else []
    return {file.pk: file for file in plainly_named(files)}


def _on_issue(row: Commitment) -> bool:
    return row.subject_kind == SUBJECT


def _visible(row: Commitment) -> list[Event]:
    events = Event.objects.of(PROMISE, row.pk).filter(visible=True)
    return list(events.prefetch_related("texts_plain").order_by("-seq"))


def _told(event: Event, keep: OfficeLines, files: Mapping[int, StoredFile]) -> PublicStep:
    words = event.text("note") or event.text("reason")
    return PublicStep(
        text=anonymous(words, keep=keep),
        on=local(event.at).date(),
        at=event.at,
        seq=event.seq,
        kind=event.kind,
        files=[files[pk] for pk in event.data.get("attachments", ()) if pk in files],
    )


# 我也遇到了


def joinable(community_id: int, at: datetime) -> IssueQuerySet:
    """Released open matters of the last 30 days that a resident of the community may join."""
    return public_matters(community_id).filter(created_at__gte=at - _MONTH)


def most_alike(words: str, community_id: int, subdistrict_id: int, at: datetime) -> list[PublicMatter]:
    """Those that read like ``words``, most alike first, at most three; at most three statements."""
    said = word_list(subdistrict_id)
    if len(likeness.windows_of(words, said)) < likeness.ENOUGH:
        return []
    near = list(_for_rows(joinable(community_id, at)).select_related("category").order_by("-published_at")[:_COMPARED])
    if not near:
        return []
    group = _group_of(words, subdistrict_id)
    near = [row for row in near if not group or row.category is None or row.category.code[:2] == group]
    enough = _ENOUGH_IN_CATEGORY if group else likeness.ENOUGH
    texts = [f"{row.public_title}\n{row.public_text}" for row in near]
    found = [row for row in likeness.most_alike(words, texts, said) if row.shared >= enough]
    return as_public_matters([near[row.place] for row in found[:_OFFERED]], at)


def _group_of(words: str, subdistrict_id: int) -> str:
    """The first two digits of the category that the words speak for; "" where they speak for none."""
    rows = Category.objects.filter(subdistrict_id=subdistrict_id, retired_at__isnull=True).exclude(keywords="")
    found = suggest_category(words, list(rows.only("code", "keywords")), word_list(subdistrict_id))
    return found[0].category_code[:2] if found else ""
