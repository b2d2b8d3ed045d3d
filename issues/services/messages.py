"""Short messages that go with an action, and what becomes of one that did not arrive."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from issues.enums import Action, Status
from issues.models import Issue
from issues.policies import takes_messages
from issues.services.effects.base import Change
from issues.services.letters import LetterKind, outside_of
from issues.workflow import Effect, Party
from journal.models import Event
from reminders.enums import NO_LONGER_NEEDED
from reminders.letters import DECLINED, Letter, letter_of
from reminders.reference import gateway_of

_OF_ACTION: Final[Mapping[str, LetterKind]] = {
    Action.REPLY: LetterKind.ANSWERED,
    Action.GRANT_EXTENSION: LetterKind.MOVED,
    Action.GRANT_SUSPENSION: LetterKind.MOVED,
    Action.RESUME: LetterKind.MOVED,
    Action.MOVE_PROMISE: LetterKind.MOVED,
    Action.REDO: LetterKind.MOVED,
    Action.REOPEN: LetterKind.MOVED,
}
_OF_ALL: Final = frozenset({LetterKind.ANSWERED, LetterKind.MOVED, LetterKind.CLOSED})
"""What whoever joined a matter is told too."""
_ELSE_CALLED: Final = frozenset({LetterKind.RECEIVED, LetterKind.ANSWERED})
"""What a call follows anyway: the first contact, the call-back."""


def of(change: Change, before: str) -> dict[str, Any]:
    """What the event says of the messages that go with this action; who gets one waits for no call."""
    letter = _letter(change, before)
    if letter is None:
        return {}
    found = _to_readers(change, letter)
    if takes_messages(change.issue) and found:
        change.not_started.add("inform")
    return found


def of_moved(change: Change) -> dict[str, Any]:
    """The same where the date that the reporter had been given moved by it, once the clocks are set."""
    moved = (
        row.kind == "handle" and row.is_open and row.was is not None and row.was.at == change.at
        and row.was.due_at != row.due_at
        for row in change.clocks.rows
    )  # fmt: skip
    return _to_readers(change, LetterKind.MOVED) if any(moved) else {}


def _letter(change: Change, before: str) -> LetterKind | None:
    action, status = change.row.action, change.issue.status
    if action == Action.CONTACT:
        return None
    if action in _OF_ACTION:
        return _OF_ACTION[action]
    if status == Status.CLOSED != before:
        return LetterKind.CLOSED
    return LetterKind.NEWS if _starts_call(change) else None


def _starts_call(change: Change) -> bool:
    effects = (*change.row.clocks, *change.more_clocks)
    starts = any(clock.effect is Effect.START and clock.kind == "inform" for clock in effects)
    return starts and "inform" not in change.not_started


def _to_readers(change: Change, letter: LetterKind) -> dict[str, Any]:
    """The reporter, but of nothing that they did themselves; and those who joined."""
    issue = change.issue
    if gateway_of(issue.subdistrict_id) is None:
        return {}
    readers = [] if Party.REPORTER in change.who else [issue]
    if issue.joined_count and letter in _OF_ALL:
        readers += Issue.objects.filter(master=issue).select_related("contact").defer("lexemes").order_by("pk")
    return outside_of(issue, letter, readers)


# When it is sent


def letters(wanted: Collection[tuple[Event, int]]) -> dict[tuple[int, int], Letter | str]:
    """By event and matter what its reporter is sent, or why nothing is any more; one statement."""
    rows = Issue.objects.filter(pk__in={pk for _event, pk in wanted}).select_related("contact").defer("lexemes")
    issues = {row.pk: row for row in rows}
    return {(event.pk, pk): _written(event, issues[pk]) for event, pk in wanted if pk in issues}


def _written(event: Event, issue: Issue) -> Letter | str:
    letter = letter_of(event.data)
    if issue.contact is None or not takes_messages(issue):
        return DECLINED
    if letter == LetterKind.RECEIVED and issue.closed_at == issue.created_at:
        return NO_LONGER_NEEDED
    link = settings.PUBLIC_URL + reverse("matter", args=[issue.token])
    return Letter(issue.contact.phone, letter, {"number": issue.number, "link": link})


def is_called_for(event: Event, *, gave_up: bool) -> bool:
    """Whether somebody must call where this message did not arrive: always where sending was given up."""
    return gave_up or letter_of(event.data) not in _ELSE_CALLED
