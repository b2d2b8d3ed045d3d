"""Seeded issues as lines of COPY's text format, table by table."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from commitments.enums import SUBJECT as COMMITMENT
from deadlines.enums import DeadlineState, Level
from deadlines.models import Deadline
from files.enums import FileKind, FileState
from issues.enums import SUBJECT, Supervision
from issues.models.issue import NO_LIMIT
from seeds.load.chain import digest, jsonb_text
from seeds.load.ledger import Ledger
from seeds.load.records import RunningClock, SeedPromise, SeedRequest
from seeds.load.rungs import plan_from
from seeds.load.texts import IssueTexts

_ISSUE: Final = """
id subdistrict_id year serial number token version title description kind level level_set source external_number
category_id community_id neighbourhood_id building_id address occurred_at confidential contact_id leader_id
logged_by_id status turn outcome verdict solved verdict_via supervision lead_department_id officer_id returned_from_id
return_count redo_count reopen_count urge_count call_attempts asks asks_supervisor asks_direction
co_department_ids co_waiting_ids assigned_final deemed info_expired untold promised suspended_at suspension_count
master_id persons joined_count objected published_at published_by_id public_title public_text created_at accepted_at
accepted_by_id
dispatched_at acknowledged_at replied_at replied_by_id verified_at verified_by_id answered_by_id closed_at changed_at
due_kind due_at soon_at overdue_at due_working due_estimated urgency rank_at lexemes alarm joined_dates
"""
_EVENT: Final = "id subject_kind subject_id seq kind at actor_id actor_role visible data texts prev_hash hash"
_DEADLINE: Final = """
subdistrict_id subject_kind subject_id kind state party_id rule limit estimated started_at counted_from soon_at
due_at original_due_at stopped_at paused_at remaining extended extensions next_rung_at next_rung fired
calendar_version fixed_due_at pauses
"""
TABLES: Final[dict[str, tuple[str, ...]]] = {
    "issues_issue": tuple(_ISSUE.split()),
    "issues_issuedepartment": (
        "issue_id", "department_id", "role", "current", "dispatched_at", "acknowledged_at", "returned_at",
        "answered_at",
    ),
    "issues_holding": ("issue_id", "department_id", "since_at", "until_at", "late"),
    "issues_request": (
        "issue_id", "kind", "state", "department_id", "text", "days", "reason_code", "until_on", "interim_answer",
        "asked_at", "asked_by_id", "decided_at", "decided_by_id",
    ),
    "commitments_commitment": (
        "id", "subdistrict_id", "subject_kind", "subject_id", "text", "owner_id", "due_on", "state", "public",
        "evidence", "made_at", "made_by_id", "ended_at", "ended_by_id",
    ),
    "files_storedfile": (
        "id", "public_id", "subdistrict_id", "owner_kind", "owner_id", "kind", "name", "content_type", "size",
        "sha256", "width", "height", "received_at", "uploaded_by_id", "state", "original", "large", "small",
        "attempts",
    ),
    "issues_participation": ("issue_id", "user_id", "acted_at", "watching"),
    "journal_event": tuple(_EVENT.split()),
    "journal_chain": ("subject_kind", "subject_id", "seq", "hash"),
    "journal_text": ("event_id", "key", "text", "salt"),
    "deadlines_deadline": tuple(_DEADLINE.split()),
}  # fmt: skip
"""The tables that are filled, in an order that foreign keys allow. Ids that are left out come from sequences."""

NULL: Final = r"\N"
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def escaped(text: str) -> str:
    """``text`` as a value of COPY's text format."""
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)


def moment(at: datetime | None) -> str:
    """A time to the second; null for None."""
    return NULL if at is None else at.isoformat(" ")


def nullable(value: int | None) -> str:
    """A number; null for None."""
    return NULL if value is None else str(value)


def flag(value: bool) -> str:
    """A boolean."""
    return "t" if value else "f"


def bytea(value: bytes) -> str:
    """Bytes in hex."""
    return "\\\\x" + value.hex()


@dataclass(frozen=True)
class IssueIdentity:
    """What an issue gets from the series and sequences, and what is drawn for it."""

    pk: int
    subdistrict_id: int
    year: int
    serial: int
    number: str
    token: str
    first_event_id: int
    external_number: str
    neighbourhood_id: int | None
    building_id: int | None


@dataclass
class Lines:
    """The lines of a block, by table."""

    tables: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def add(self, table: str, *values: str) -> None:
        """One row; values in COPY's text format."""
        self.tables[table].append("\t".join(values))

    def packed(self) -> dict[str, bytes]:
        """What COPY reads."""
        return {name: ("\n".join(lines) + "\n").encode() for name, lines in self.tables.items() if lines}


@dataclass(frozen=True)
class Photo:
    """The one photograph that all seeded files show: its facts and where its sizes are stored."""

    size: int
    sha256: str
    width: int
    height: int
    large: str
    small: str


class SharedFacts(Protocol):
    """What the plan of the load gives to every row."""

    @property
    def now(self) -> datetime: ...

    @property
    def photo(self) -> Photo: ...


def write(
    lines: Lines, ledger: Ledger, who: IssueIdentity, words: IssueTexts, *, salts: list[str], plan: SharedFacts
) -> None:
    """Add all rows of one issue. ``salts``: at least as many as it has free texts."""
    _issue(lines, ledger, who, words)
    pk = str(who.pk)
    for department_id, part in ledger.parts.items():
        lines.add(
            "issues_issuedepartment", pk, str(department_id), part.role, flag(part.current),
            moment(part.dispatched_at), moment(part.acknowledged_at), moment(part.returned_at),
            moment(part.answered_at),
        )  # fmt: skip
    for held in ledger.holdings:
        lines.add(
            "issues_holding", pk, str(held.department_id), moment(held.since_at), moment(held.until_at), flag(held.late)
        )
    for request in ledger.requests:
        lines.add("issues_request", *_request(request, pk))
    for file_id, at, by in ledger.files:
        lines.add("files_storedfile", *_file(plan.photo, who, file_id, at, by))
    for user_id, at in ledger.acted.items():
        lines.add("issues_participation", pk, str(user_id), moment(at), "f")
    _events(lines, ledger, who, salts)
    for clock in ledger.clocks:
        lines.add("deadlines_deadline", *_deadline(clock, ledger, who, (SUBJECT, who.pk), plan.now))
    if ledger.promised is not None:
        _commitment(lines, ledger, ledger.promised, who, plan.now)


def _request(request: SeedRequest, pk: str) -> tuple[str, ...]:
    granted = request.decided_at is not None
    return (
        pk, request.kind, "granted" if granted else "open", nullable(request.department_id), escaped(request.text),
        nullable(request.days), request.reason, request.until.isoformat() if request.until else NULL,
        escaped(request.interim), moment(request.at), nullable(request.by), moment(request.decided_at),
        nullable(request.decided_by),
    )  # fmt: skip


def _file(photo: Photo, who: IssueIdentity, file_id: int, at: datetime, by: int | None) -> tuple[str, ...]:
    return (
        str(file_id), os.urandom(16).hex(), str(who.subdistrict_id), SUBJECT, str(who.pk), FileKind.PHOTO.value,
        "处理后照片.jpg", "image/jpeg", str(photo.size), photo.sha256, str(photo.width), str(photo.height), moment(at),
        nullable(by), FileState.READY.value, "", photo.large, photo.small, "1",
    )  # fmt: skip


def _commitment(lines: Lines, ledger: Ledger, made: SeedPromise, who: IssueIdentity, now: datetime) -> None:
    ended = made.ended_at is not None
    lines.add(
        "commitments_commitment", str(made.pk), str(who.subdistrict_id), SUBJECT, str(who.pk), escaped(made.text),
        nullable(made.owner_id), made.due_on.isoformat(), "fulfilled" if ended else "open", "t",
        escaped(made.evidence), moment(made.at), nullable(made.by), moment(made.ended_at),
        nullable(made.by) if ended else NULL,
    )  # fmt: skip
    lines.add("deadlines_deadline", *_deadline(made.clock, ledger, who, (COMMITMENT, made.pk), now))


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _issue(lines: Lines, ledger: Ledger, who: IssueIdentity, words: IssueTexts) -> None:
    due = ledger.due
    lines.add(
        "issues_issue",
        str(who.pk), str(who.subdistrict_id), str(who.year), str(who.serial), escaped(who.number), who.token,
        str(ledger.version), escaped(words.title), escaped(words.description), ledger.kind, ledger.level,
        flag(ledger.level_set), ledger.source, who.external_number,
        nullable(ledger.category.pk if ledger.category else None), str(ledger.community.pk),
        nullable(who.neighbourhood_id), nullable(who.building_id), escaped(words.address), NULL,
        flag(ledger.kind == "report"), nullable(ledger.contact_id), NULL, nullable(ledger.logged_by), ledger.status,
        ledger.turn, ledger.outcome, ledger.verdict, ledger.solved, ledger.verdict_via, Supervision.NONE.value,
        nullable(ledger.lead_id),
        nullable(ledger.officer_id), nullable(ledger.returned_from_id), str(ledger.return_count),
        str(ledger.redo_count), "0", "0", "0", _array(ledger.asks), flag("extension" in ledger.asks),
        flag("order" in ledger.asks), _array(ledger.co_ids), _array(ledger.co_waiting_ids), "f", "f", "f",
        flag(ledger.untold), flag(ledger.promised is not None and ledger.promised.ended_at is None),
        moment(ledger.suspended_at), str(ledger.suspension_count), nullable(ledger.master_id), str(ledger.persons),
        str(ledger.persons - 1), "f", moment(ledger.published_at), nullable(ledger.published_by),
        escaped(ledger.public_title), escaped(ledger.public_text), moment(ledger.created_at),
        moment(ledger.accepted_at),
        nullable(ledger.accepted_by), moment(ledger.dispatched_at), moment(ledger.acknowledged_at),
        moment(ledger.replied_at), nullable(ledger.replied_by), moment(ledger.verified_at),
        nullable(ledger.verified_by), nullable(ledger.answered_by), moment(ledger.closed_at), moment(ledger.changed_at),
        due.kind if due else "", moment(due.due_at if due else None), moment(due.soon_at if due else None),
        moment(due.due_at if due else ledger.missed_at), flag(ledger.due_working), flag(ledger.due_estimated),
        "0" if ledger.level == Level.CRITICAL else "1", moment(due.due_at if due else NO_LIMIT),
        " ".join(words.lexemes), "", "{}",
    )  # fmt: skip


def _events(lines: Lines, ledger: Ledger, who: IssueIdentity, salts: list[str]) -> None:
    previous = b""
    for seq, event in enumerate(ledger.events, start=1):
        event_id = str(who.first_event_id + seq - 1)
        texts: dict[str, Any] = {}
        for key, text in event.texts.items():
            salt = salts.pop()
            texts[key] = hashlib.sha256((salt + text).encode()).hexdigest()
            lines.add("journal_text", event_id, key, escaped(text), salt)
        data, digests, person = jsonb_text(event.data), jsonb_text(texts), event.person
        own = digest(
            subject_kind=SUBJECT, subject_id=who.pk, seq=seq, kind=event.action,
            at_micros=int(event.at.timestamp()) * 1_000_000, actor_id=person.pk, actor_role=person.role,
            visible=event.visible, data=data, texts=digests, prev_hash=previous,
        )  # fmt: skip
        lines.add(
            "journal_event", event_id, SUBJECT, str(who.pk), str(seq), event.action, moment(event.at),
            nullable(person.pk), person.role, flag(event.visible), escaped(data), digests, bytea(previous), bytea(own),
        )  # fmt: skip
        previous = own
    lines.add("journal_chain", SUBJECT, str(who.pk), str(len(ledger.events)), bytea(previous))


_Subject = tuple[str, int]


def _deadline(
    clock: RunningClock, ledger: Ledger, who: IssueIdentity, subject: _Subject, now: datetime
) -> tuple[str, ...]:
    runs = clock.state == DeadlineState.RUNNING
    rung_at, rung, fired = _rung(clock, ledger, who, subject, now) if runs else (NULL, "", "0")
    started, due, limit = moment(clock.started_at), moment(clock.due_at), str(clock.choice.limit)
    return (
        str(who.subdistrict_id), subject[0], str(subject[1]), clock.kind, clock.state, nullable(clock.party_id),
        clock.choice.reason, limit, flag(clock.estimated), started, started, moment(clock.soon_at), due, due,
        moment(clock.stopped_at), moment(clock.paused_at), nullable(clock.remaining), "0", "0", rung_at, rung, fired,
        str(ledger.clocking.calendar.version), due if clock.fixed else NULL, clock.pauses,
    )  # fmt: skip


def _rung(
    clock: RunningClock, ledger: Ledger, who: IssueIdentity, subject: _Subject, now: datetime
) -> tuple[str, str, str]:
    deadline = Deadline(
        subdistrict_id=who.subdistrict_id,
        subject_kind=subject[0],
        subject_id=subject[1],
        kind=clock.kind,
        party_id=clock.party_id,
        rule=clock.choice.reason,
        limit=str(clock.choice.limit),
        estimated=clock.estimated,
        started_at=clock.started_at,
        counted_from=clock.started_at,
        soon_at=clock.soon_at,
        due_at=clock.due_at,
        original_due_at=clock.due_at,
    )
    plan_from(deadline, ledger.clocking.calendar, now)
    return moment(deadline.next_rung_at), deadline.next_rung, str(deadline.fired)
