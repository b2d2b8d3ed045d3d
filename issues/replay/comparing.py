"""Every issue against its own events, for ``verify_journal --replay``."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db import transaction

from issues.enums import SUBJECT
from issues.models import Issue
from issues.replay.rules import differences
from journal.models import Event
from journal.replaying import Replayed, Unexplained

BATCH = 500


def replay_issues() -> Iterator[Replayed]:
    """In batches by id, so that memory does not grow; events whose issue is gone are among them.

    What seems wrong is read again under the row's lock: somebody may have acted between row and events.
    """
    after = 0
    while ids := _next_ids(after):
        unexplained = _unexplained(ids)
        if unexplained:
            with transaction.atomic():
                unexplained = _unexplained([one.subject_id for one in unexplained], lock=True)
        yield Replayed(len(ids), unexplained)
        after = ids[-1]


def _next_ids(after: int) -> list[int]:
    """The next ids that belong to an issue or to the first event of one."""
    rows = Issue.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    told = Event.objects.filter(subject_kind=SUBJECT, subject_id__gt=after, seq=1).order_by("subject_id")
    return sorted({*rows[:BATCH], *told.values_list("subject_id", flat=True)[:BATCH]})[:BATCH]


def _unexplained(ids: Collection[int], *, lock: bool = False) -> list[Unexplained]:
    rows = Issue.objects.filter(pk__in=ids).defer("lexemes").order_by("pk")
    issues = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).in_bulk()
    events = defaultdict(list)
    for event in Event.objects.filter(subject_kind=SUBJECT, subject_id__in=ids).order_by("subject_id", "seq"):
        events[event.subject_id].append(event)
    compared = [_compare(pk, issues.get(pk), events[pk]) for pk in ids]
    return [one for one in compared if one is not None]


def _compare(pk: int, issue: Issue | None, events: list[Event]) -> Unexplained | None:
    if issue is None:
        return Unexplained(pk, "-", "the journal tells of it and the row is gone")
    pairs = differences(events, issue).items()
    problem = "; ".join(f"{name} is {row!r}, the journal says {told!r}" for name, (told, row) in pairs)
    return Unexplained(pk, issue.number, problem) if problem else None
