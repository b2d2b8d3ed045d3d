"""Taking the persons out of a matter that has ended: who reported, what words tell of people, what the reporter sent.

What was done, when and by which office stays, and with it every figure. The journal keeps its rows; of its texts those
that came from the reporter, and those in which something had to be scrubbed, are emptied (a text cannot be changed).
docs/privacy.md#retention says what goes and what stays.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.enums import SUBJECT as PROMISE
from commitments.models import Commitment, DateChange, Milestone
from common.masking import anonymous
from communities.actors import Actor
from communities.lines import OfficeLines
from communities.models import Contact
from files.models import StoredFile
from files.processing import erase
from issues.discretion import secrets_of, without_secrets
from issues.enums import ENDED, SUBJECT, Action, EventKind
from issues.models import Issue, Request
from issues.services.creation import searchable
from issues.services.errors import StateConflict
from journal.models import Event
from journal.services import Entry, record, redact
from papers.models import Draft

_REPORTERS: Final = frozenset({"resident", "leader"})
_OF_THE_REPORTER: Final = frozenset(
    f"{when}.{name}" for when in ("old", "new") for name in ("title", "description", "address", "contact")
)
"""Texts of a correction: what the reporter had said, or what the reporter is called."""
_WORDS: Final[Mapping[str, int | None]] = {
    "title": 120, "description": None, "address": 200, "public_title": 120, "public_text": None,
}  # fmt: skip
"""Columns of the row that hold words, and how long they may be."""
_LONGEST_REASON: Final = 200


@dataclass(frozen=True)
class Masked:
    """What went: texts of the journal that were emptied, files, persons."""

    texts: int
    files: int
    contacts: int


def mask(*, issue: Issue, by: Actor, at: datetime, reason: str = "") -> Masked:
    """Take the persons out of ``issue``, for good; one event ``mask``, and one ``redact`` for each that loses words.

    Who may do that and whether it is time is the caller's to say. ``reason`` is kept without what tells of persons.
    Raises StateConflict where work on it goes on or where it is masked already.
    """
    with transaction.atomic():
        issue = _locked(issue.pk)
        if issue.status not in ENDED:
            raise StateConflict(issue, _("此件还没有办结，不能清除个人信息"))
        if issue.masked_at is not None:
            raise StateConflict(issue, _("个人信息已清除，此件不再变更"))
        scrubber = _Scrubber(issue)
        events = _events(issue.pk)
        contacts = _contacts_of(issue, events)
        _clean_columns(issue, scrubber)
        _rename_files(issue.pk)
        files = erase(owner_kind=SUBJECT, owner_id=issue.pk, ids=_sent_by_reporter(issue.pk, events))
        texts = 0
        for event, keys in _telling(events, scrubber):
            redact(event_id=event.pk, keys=keys, reason="", by_id=by.user_id, role=by.role, at=at)
            texts += len(keys)
        emptied = _forget(issue, contacts, at)
        _clean_row(issue, scrubber, at)
        done = Masked(texts, files, emptied)
        record(_entry(issue, by, at, done, reason))
    return done


def _events(issue_id: int) -> list[Event]:
    """What happened to the matter, and to what was promised on it."""
    promised = Commitment.objects.of(SUBJECT, issue_id).values("pk")
    told = Q(subject_kind=SUBJECT, subject_id=issue_id) | Q(subject_kind=PROMISE, subject_id__in=promised)
    rows = Event.objects.filter(told).order_by("subject_kind", "subject_id", "seq")
    return list(rows.prefetch_related("texts_plain"))


def _locked(pk: int) -> Issue:
    """Locked first and read then, as ``issues.services.actions.lock_group`` does."""
    Issue.objects.select_for_update(no_key=True).only("pk").get(pk=pk)
    related = ("contact", "leader", "community", "neighbourhood", "building")
    return Issue.objects.select_related(*related).defer("lexemes").get(pk=pk)


class _Scrubber:
    """Words of one matter without persons; the office's own lines and the numbers of matters stay."""

    def __init__(self, issue: Issue) -> None:
        self._known = list(secrets_of(issue))
        self._keep = OfficeLines(issue.subdistrict_id)
        self._codes = [code for code in (issue.number, issue.external_number) if code]

    def __call__(self, text: str) -> str:
        return without_secrets(text, self._known, keep=self._keep, codes=self._codes)


def _contacts_of(issue: Issue, events: Collection[Event]) -> set[int]:
    """The reporter as a contact, and as it was before corrections."""
    found = {issue.contact_id}
    for event in events:
        if event.kind == Action.EDIT:
            found.update(event.data.get("changed", {}).get("contact", ()))
    return {pk for pk in found if pk is not None}


def _sent_by_reporter(issue_id: int, events: Collection[Event]) -> list[int]:
    """Files that the reporter sent or that came with what the reporter said; the office's own photos stay."""
    named = {
        pk
        for event in events
        if event.actor_role in _REPORTERS or event.kind == Action.CREATE
        for pk in event.data.get("attachments", ())
    }
    rows = StoredFile.objects.of(SUBJECT, issue_id).values_list("pk", "uploaded_by_id")
    return [pk for pk, uploaded_by_id in rows if pk in named or uploaded_by_id is None]


def _rename_files(issue_id: int) -> None:
    """What stays is called by what it is: a name that a file came with may tell a person."""
    for file in StoredFile.objects.of(SUBJECT, issue_id):
        _stem, dot, ending = file.name.rpartition(".")
        name = f"{file.kind}{dot}{ending}" if dot else file.kind
        StoredFile.objects.filter(pk=file.pk).update(name=name)


def _telling(events: Collection[Event], scrubber: _Scrubber) -> Iterator[tuple[Event, list[str]]]:
    """Events with the keys of those texts that must go."""
    for event in events:
        keys = [row.key for row in event.texts_plain.all() if row.text and _must_go(event, row.key, row.text, scrubber)]
        if keys:
            yield event, keys


def _must_go(event: Event, key: str, text: str, scrubber: _Scrubber) -> bool:
    if event.actor_role in _REPORTERS or key in _OF_THE_REPORTER or (event.kind == Action.CREATE and key == "title"):
        return True
    return scrubber(text) != text


def _forget(issue: Issue, contacts: Collection[int], at: datetime) -> int:
    """Empty what is known of the reporter; a contact that another matter still has is left to that one."""
    rows = Contact.objects.select_for_update().filter(pk__in=contacts).order_by("pk")
    ids = set(rows.values_list("pk", flat=True))
    others = Issue.objects.filter(contact_id__in=ids, masked_at__isnull=True).exclude(pk=issue.pk)
    ids -= set(others.values_list("contact_id", flat=True))
    names = ("name", "phone", "phone_hash", "phone_last4", "address", "numbers", "numbers_reason", "messages")
    nothing: dict[str, Any] = dict.fromkeys(names, "")
    emptied = Contact.objects.filter(pk__in=ids).update(**nothing)
    if issue.contact_id is not None and issue.contact_id not in ids:
        issue.contact = Contact.objects.create(subdistrict_id=issue.subdistrict_id, created_at=at)
    return emptied


def _clean_columns(issue: Issue, scrubber: _Scrubber) -> None:
    """The words beside the row: requests, drafts for signature, promises."""
    of_subject = {"subject_kind": SUBJECT, "subject_id": issue.pk}
    rows: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (Request.objects.filter(issue=issue), ("text", "interim_answer")),
        (Draft.objects.filter(**of_subject), ("text",)),
        (Commitment.objects.filter(**of_subject), ("text", "evidence")),
        (Milestone.objects.filter(commitment__in=Commitment.objects.filter(**of_subject)), ("text",)),
        (DateChange.objects.filter(commitment__in=Commitment.objects.filter(**of_subject)), ("reason",)),
    )
    for found, names in rows:
        for row in found:
            changed = {name: scrubber(getattr(row, name)) for name in names}
            changed = {name: text for name, text in changed.items() if text != getattr(row, name)}
            if changed:
                type(row).objects.filter(pk=row.pk).update(**changed)


def _clean_row(issue: Issue, scrubber: _Scrubber, at: datetime) -> None:
    for name, longest in _WORDS.items():
        setattr(issue, name, scrubber(getattr(issue, name))[:longest])
    issue.lexemes = searchable(issue)
    issue.masked_at, issue.changed_at, issue.version = at, at, issue.version + 1
    issue.save(update_fields=[*_WORDS, "lexemes", "contact", "masked_at", "changed_at", "version"])


def _entry(issue: Issue, by: Actor, at: datetime, done: Masked, reason: str) -> Entry:
    return Entry(
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        kind=EventKind.MASK,
        at=at,
        actor_id=by.user_id,
        actor_role=by.role,
        data={
            "status": issue.status,
            "version": issue.version,
            "emptied": done.texts,
            "erased": done.files,
            "contacts": done.contacts,
        },
        texts={"reason": anonymous(reason)[:_LONGEST_REASON]} if reason else {},
    )
