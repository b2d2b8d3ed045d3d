"""The files of an issue: who may see which, and how the pages show them.

Staff in whose scope the issue lies see all of them. The reporter sees what an event that is told to the reporter names
in ``data["attachments"]``, and what came from the reporter; who has proven only the end of the phone number sees the
office's part, who has proven nothing sees none. Who joined another matter also sees what its departments sent, never
what its own reporters did.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.prepared import Prepared
from communities.access import Access
from files.enums import FileKind
from files.models import StoredFile
from files.presenting import Link, Shown, present_file, served_name
from files.services import of_owner
from issues.discretion import knows_reporter
from issues.enums import SUBJECT, Action, Proof
from issues.models import Issue
from issues.timeline.entries import title_of
from journal.models import Event

KEY: Final = "attachments"
_REPORTERS: Final = frozenset({"resident", "leader"})
_BEFORE: Final = frozenset({Action.CREATE, Action.GIVE_INFO, Action.COMMENT})


@dataclass(frozen=True)
class Gallery:
    """What components/photos.html takes, and the same files by the event that named them."""

    photos: list[Shown] = field(default_factory=list)
    pairs: list[dict[str, Shown]] = field(default_factory=list)
    documents: list[Shown] = field(default_factory=list)
    of_event: dict[int, list[Shown]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.photos or self.documents)


def staff_link(file: StoredFile, size: str) -> str:
    """Where the console loads a file."""
    return reverse("file", args=[file.public_id, size, served_name(file, size)])


def resident_link(token: str) -> Link:
    """Where the page of a secret link loads a file."""

    def link(file: StoredFile, size: str) -> str:
        return reverse("matter-file", args=[token, file.public_id, size])

    return link


def naming_events(issue_ids: Iterable[int]) -> list[Event]:
    """The events of these issues that carry files, in order; one statement."""
    rows = Event.objects.filter(subject_kind=SUBJECT, subject_id__in=list(issue_ids), data__has_key=KEY)
    return list(rows.order_by("subject_id", "seq").defer("prev_hash", "hash", "texts"))


_OF_TWO: Prepared[StoredFile] = Prepared(
    lambda one, other: StoredFile.objects.filter(Q(owner_id=one) | Q(owner_id=other), owner_kind=SUBJECT).in_order(),
    -2,
    -3,
)
"""The files of an issue and its master, compiled once: every resident's page asks for them."""


def files_for(issue: Issue, access: Access) -> list[StoredFile]:
    """What somebody who signed in may see: staff all, a leader what a reporter does and what came from the leader.

    One statement, more for a leader.
    """
    files = of_owner(SUBJECT, issue.pk)
    if files and not access.is_staff:
        told = set(files_for_reporter(issue))
        files = [file for file in files if file in told or file.uploaded_by_id == access.user_id]
    return discreetly_named(files, issue, access)


def is_shown(file: StoredFile, issue: Issue, access: Access) -> bool:
    """``files_for`` for one file of an issue that this person sees. No statement for staff."""
    return access.is_staff or file.uploaded_by_id == access.user_id or file in files_for_reporter(issue)


def discreetly_named(files: list[StoredFile], issue: Issue, access: Access) -> list[StoredFile]:
    """Who may not know the reporter of a confidential matter reads no name that a file came with."""
    return files if knows_reporter(issue, access) else plainly_named(files)


def plainly_named(files: list[StoredFile]) -> list[StoredFile]:
    """Each called by what it is: a name that a file came with may tell a person. Not to be saved."""
    for file in files:
        _stem, dot, ending = file.name.rpartition(".")
        file.name = f"{FileKind(file.kind).label}{dot}{ending if dot else ''}"
    return files


def files_for_reporter(
    issue: Issue, events: Sequence[Event] | None = None, *, proof: Proof = Proof.WHOLE
) -> list[StoredFile]:
    """What the reporter of ``issue`` may see, the master's part last. Two statements, one where ``events`` are given.

    ``proof`` is what was shown of being the reporter, Proof.WHOLE for a leader with an account. The names that files
    came with are read by who is proven to be the reporter, and of the own matter's files alone.

    ``events`` must hold all naming events of the issue and its master, those not told to the reporter too.
    """
    if proof is Proof.LINK:
        return []
    ids = [issue.pk, *([issue.master_id] if issue.master_id else [])]
    files: dict[int, list[StoredFile]] = {pk: [] for pk in ids}
    for file in _OF_TWO(issue.pk, issue.master_id or issue.pk):
        files[file.owner_id or 0].append(file)
    if not any(files.values()):
        return []
    named = naming_events(ids) if events is None else list(events)
    mine = [event for event in named if event.subject_id == issue.pk]
    own = [file for file in files[issue.pk] if _own_file_is_told(file, mine)]
    if proof is Proof.TAIL:
        own = plainly_named(_sent_by_office(own, mine))
    theirs = [event for event in named if event.subject_id == issue.master_id]
    return own + plainly_named(_sent_by_office(files.get(issue.master_id or 0, []), theirs))


def _sent_by_office(files: Iterable[StoredFile], events: Iterable[Event]) -> list[StoredFile]:
    """Those that came with an answer, a comment or a progress note of the office."""
    told = {pk for event in events if _is_answer(event) for pk in ids_in(event)}
    return [file for file in files if file.pk in told and file.uploaded_by_id]


def _own_file_is_told(file: StoredFile, events: Sequence[Event]) -> bool:
    """Whether an event tells of it, or the reporter sent it and no event keeps it back.

    An event of the reporter tells only of the reporter's own files: nobody opens a file by naming it.
    """
    naming = [event for event in events if file.pk in ids_in(event)]
    if not naming:
        return file.uploaded_by_id is None
    return any(
        file.uploaded_by_id == event.actor_id if event.actor_role in _REPORTERS else event.visible for event in naming
    )


def _is_answer(event: Event) -> bool:
    return event.visible and event.actor_role not in _REPORTERS and event.kind != Action.CREATE


def ids_in(event: Event) -> list[int]:
    """The files that an event names."""
    ids = event.value(KEY)
    return [pk for pk in ids if isinstance(pk, int)] if isinstance(ids, list) else []


def gallery_for_staff(issue: Issue, access: Access, events: Iterable[Event] | None = None) -> Gallery:
    """Photos, pairs and documents of an issue's page. One statement with the page's events, else two."""
    files = files_for(issue, access)
    if not files:
        return Gallery()
    named = naming_events([issue.pk]) if events is None else events
    return _gallery(files, named, staff_link, _label_for_staff)


def gallery_for_reporter(
    issue: Issue, token: str = "", events: Sequence[Event] | None = None, *, proof: Proof = Proof.WHOLE
) -> Gallery:
    """The same of what the reporter may see, at the address of the secret link.

    One statement with ``events`` (as ``files_for_reporter`` wants them); three without, one without files.
    """
    files = files_for_reporter(issue, events, proof=proof)
    if not files:
        return Gallery()
    ids = [issue.pk, *([issue.master_id] if issue.master_id else [])]
    named = naming_events(ids) if events is None else events
    return _gallery(files, named, resident_link(token or issue.token), _label_for_reporter)


_Label = Callable[[Event | None], str]


def _label_for_staff(event: Event | None) -> str:
    return title_of(event) if event is not None else _("尚未用于任何操作")


def _label_for_reporter(event: Event | None) -> str:
    if event is None or event.actor_role in _REPORTERS or event.kind == Action.CREATE:
        return _("反映时的照片")
    return title_of(event)


def _gallery(files: Sequence[StoredFile], events: Iterable[Event], link: Link, label: _Label) -> Gallery:
    ordered = sorted(events, key=lambda event: (event.at, event.seq))
    first: dict[int, Event] = {}
    for event in ordered:
        for pk in ids_in(event):
            first.setdefault(pk, event)
    made: dict[int, Shown] = {}
    for file in files:
        origin = first.get(file.pk)
        made[file.pk] = present_file(file, link, label=label(origin), at=origin.at if origin else file.received_at)
    photos = [made[file.pk] for file in files if file.is_photo]
    return Gallery(
        photos=photos,
        pairs=_pairs(ordered, {one["id"]: one for one in photos}),
        documents=[made[file.pk] for file in files if not file.is_photo],
        of_event={event.pk: [made[pk] for pk in ids_in(event) if pk in made] for event in ordered if ids_in(event)},
    )


def _pairs(events: Sequence[Event], photos: dict[int, Shown]) -> list[dict[str, Shown]]:
    """The report's photos beside those of the last reply, first with first."""
    reply = next(
        (e for e in reversed(events) if e.kind == Action.REPLY and any(pk in photos for pk in ids_in(e))), None
    )
    if reply is None:
        return []
    after = [photos[pk] for pk in ids_in(reply) if pk in photos]
    told = (event for event in events if event.kind in _BEFORE and event.at < reply.at and event.visible)
    before = [photos[pk] for event in told for pk in ids_in(event) if pk in photos]
    return [{"before": one, "after": other} for one, other in zip(before, after, strict=False)]


def as_rows(files: Iterable[StoredFile], link: Link) -> list[dict[str, Any]]:
    """Files as the API tells them; ``id`` is what an action takes in ``attachments``."""
    rows = []
    for file in files:
        one = present_file(file, link)
        rows.append(
            {
                "id": file.pk,
                "name": file.name,
                "kind": file.kind,
                "content_type": file.content_type,
                "size": file.size,
                "state": file.state,
                "url": one["url"] or None,
                "thumbnail_url": one["thumbnail_url"] or None,
            }
        )
    return rows
