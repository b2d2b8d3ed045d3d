"""Journeys that the services themselves carry out, read back and taken back: what every row of such an issue is.

While they are recorded every table numbers its rows from a range of its own, so that an id is known wherever it stands:
in a column, in a list, in the data of an event. All of it happens in one savepoint that is rolled back.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from io import StringIO
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction

from communities.actors import Actor
from communities.models import Contact
from deadlines.enums import DeadlineState
from deadlines.limits import Limit
from deadlines.models import Deadline
from files.models import StoredFile, new_public_id
from issues.enums import SUBJECT, Outcome
from issues.models import Issue, NumberSeries
from issues.policies import SAMPLE_EVERY, is_sampled
from issues.services.actions import act
from issues.services.creation import NewIssue, create
from issues.services.errors import StateConflict
from journal.models import Event, Pending
from reminders.ladder import fire
from reminders.reference import load_ladder
from seeds.load.journeys import Journey, SeedStep
from seeds.load.reference import Reference
from seeds.load.timeline import instant

_FIRST: Final = 4 * 10**17
_PER_TABLE: Final = 10**14
_PER_RECORDING: Final = 10**8
ID: Final = re.compile(r"(?<![0-9A-Za-z])4([0-9]{3})([0-9]{6})([0-9]{8})(?![0-9A-Za-z])")
"""An id given while recording: number of the table, of the recording, of the row."""
NOT_KEPT: Final = frozenset({Contact, Pending, NumberSeries})
"""Residents are drawn from a pool, nobody waits for old events, and numbers are taken off the series all at once."""
_APART: Final = 1000
"""Years between a recorded issue's number and any real one's."""

_JOURNAL: Final = """
SELECT id, subject_kind || ':' || subject_id, prev_hash, hash, jsonb_build_array(
    subject_kind, subject_id, seq, kind, (extract(epoch FROM at) * 1000000)::bigint, actor_id, actor_role, visible,
    data, texts)::text
FROM journal_event WHERE id >= %s ORDER BY id
"""


@dataclass(frozen=True)
class HashedEvent:
    """An event, and what its hash is made of besides the hash before it (``journal_digest``)."""

    pk: int
    subject: str
    at: datetime
    hash: bytes
    content: str


@dataclass
class Recorded:
    """All that one journey left: the issues in order of creation, and the rows of each table as COPY writes them."""

    journey: Journey
    sampled: bool | None
    issues: list[Issue]
    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    events: list[HashedEvent] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside leaves nothing behind, locks included."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Tables:
    """The tables whose rows are recorded: all with an id of eight bytes from a sequence."""

    def __init__(self) -> None:
        found = [
            model
            for model in apps.get_models(include_auto_created=True)
            if isinstance(model._meta.pk, models.BigAutoField) and model._meta.managed and model not in NOT_KEPT
        ]
        self.models = sorted(found, key=lambda model: model._meta.db_table)
        self.names = [model._meta.db_table for model in self.models]
        self.columns = {
            model._meta.db_table: [
                row.column for row in model._meta.concrete_fields if row.column and not row.generated
            ]
            for model in self.models
        }

    def in_order(self, names: Iterable[str]) -> list[str]:
        """These tables, each after those that its foreign keys name."""
        wanted = set(names)
        graph = TopologicalSorter(
            {
                model._meta.db_table: {
                    row.related_model._meta.db_table
                    for row in model._meta.concrete_fields
                    if row.is_relation and isinstance(row.related_model, type) and row.related_model is not model
                }
                & wanted
                for model in self.models
                if model._meta.db_table in wanted
            }
        )
        return list(graph.static_order())

    def number_apart(self) -> None:
        """Let every sequence begin in a range of its own until the savepoint is rolled back."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '60s'")
            for number, name in enumerate(self.names):
                cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [name])
                cursor.execute(f"ALTER SEQUENCE {cursor.fetchone()[0]} RESTART WITH {_FIRST + number * _PER_TABLE}")

    def begin(self, recording: int) -> None:
        """What follows is of this recording."""
        firsts = [_FIRST + number * _PER_TABLE + recording * _PER_RECORDING for number in range(len(self.names))]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(name, 'id'), first, false) "
                "FROM unnest(%s::text[], %s::bigint[]) AS v(name, first)",
                [self.names, firsts],
            )

    def rows(self) -> Iterator[tuple[str, int, list[str]]]:
        """(table, recording, columns as COPY writes them) of every row recorded so far, in order of their ids."""
        with connection.cursor() as cursor:
            for name in self.names:
                columns = ", ".join(f'"{column}"' for column in self.columns[name])
                out = StringIO()
                cursor.copy_expert(
                    f"COPY (SELECT {columns} FROM {name} WHERE id >= {_FIRST} ORDER BY id) TO STDOUT",  # noqa: S608
                    out,
                )
                place = self.columns[name].index("id")
                for line in out.getvalue().splitlines():
                    values = line.split("\t")
                    yield name, _recording_of(int(values[place])), values


def _recording_of(pk: int) -> int:
    return pk % _PER_TABLE // _PER_RECORDING


class JourneyRecorder:
    """Lets journeys happen. ``photo`` is the file that all of them show."""

    def __init__(self, reference: Reference, photo: StoredFile, now: datetime) -> None:
        self.reference, self.photo, self.now = reference, photo, now
        self.tables = Tables()

    def record(self, journeys: Sequence[Journey]) -> list[Recorded]:
        """What each leaves; of one that the supervisor may sample twice: as it goes then, and as it goes else."""
        with taken_back():
            self.tables.number_apart()
            found: list[Recorded] = []
            for journey in journeys:
                found.append(self._one(journey, len(found), sampled=True))
                if is_sampled(found[-1].issues[0]):
                    found.append(self._one(journey, len(found), sampled=False))
                else:
                    found[-1].sampled = None
            self._read(found)
        return found

    def _one(self, journey: Journey, recording: int, *, sampled: bool) -> Recorded:
        self.tables.begin(recording)
        return self.walk(journey, recording, sampled=sampled)

    def walk(self, journey: Journey, recording: int, *, sampled: bool) -> Recorded:
        """Let it happen; ``sampled``: with a number by which the supervisor looks at what the community handled."""
        at = instant(journey.lot.logged)
        issues = [self._create(journey, number, at) for number in range(journey.joined + 1)]
        serial = recording * SAMPLE_EVERY + (0 if sampled else 1)
        Issue.objects.filter(pk=issues[0].pk).update(serial=serial, year=at.year + _APART)
        joining = iter(issues[1:])
        issue = issues[0]
        for step in journey.steps:
            if step.action == "merge":
                other = next(joining)
                self._act(other, step, {"master": issue.number})
                issue = Issue.objects.get(pk=issue.pk)
            else:
                issue = self._take(issue, journey, step)
        last = journey.keep_promise(int(issue.changed_at.timestamp()))
        if last is not None and issue.promised:
            self._act(issue, last)
        return Recorded(journey, sampled, [Issue.objects.get(pk=one.pk) for one in issues])

    def _create(self, journey: Journey, number: int, at: datetime) -> Issue:
        by = journey.logged_by
        draft = NewIssue(
            subdistrict_id=self.reference.subdistrict_id,
            community_id=journey.community.pk,
            description="等待填写。",
            title=title_of(number),
            kind=journey.kind,
            source=journey.source,
            category_id=None if journey.unsaid else journey.category.pk,
            level=journey.level,
            contact_name="居民" if journey.reachable or number else "",
            contact_phone=f"1990000{number:04d}" if journey.reachable or number else "",
        )
        return create(draft=draft, by=by or Actor.resident(), at=at)

    def _take(self, issue: Issue, journey: Journey, step: SeedStep) -> Issue:
        """The step, if the rules allow it then: what is only asked for may be refused."""
        more: dict[str, Any] = {}
        if step.action == "reply" and step.data["outcome"] == Outcome.SOLVED and journey.category.physical:
            more["attachments"] = [self._photo_of(issue, step).pk]
        if step.action == "verify_pass" and is_sampled(issue):
            step = SeedStep(step.at, step.action, self.reference.supervisor, step.data)
        if step.action not in _MAY_BE_REFUSED:
            return self._act(issue, step, more)
        try:
            with transaction.atomic():
                return self._act(issue, _in_time(issue, step), more)
        except StateConflict:
            return issue

    def _act(self, issue: Issue, step: SeedStep, more: Mapping[str, Any] | None = None) -> Issue:
        return act(
            issue_id=issue.pk,
            action=step.action,
            by=step.by or Actor.reporter(issue),
            at=instant(step.at),
            data={**step.data, **(more or {})},
            version=issue.version,
        )

    def _photo_of(self, issue: Issue, step: SeedStep) -> StoredFile:
        values = {row.attname: getattr(self.photo, row.attname) for row in StoredFile._meta.concrete_fields}
        mine = {
            "id": None,
            "public_id": new_public_id(),
            "owner_kind": SUBJECT,
            "owner_id": issue.pk,
            "received_at": instant(step.at),
            "uploaded_by_id": step.by.user_id if step.by else None,
        }
        return StoredFile.objects.create(**{**values, **mine})

    def _read(self, found: Sequence[Recorded]) -> None:
        self._pass_over()
        for table, recording, values in self.tables.rows():
            found[recording].rows.setdefault(table, []).append(values)
        for deadline in Deadline.objects.filter(pk__gte=_FIRST).order_by("pk"):
            found[_recording_of(deadline.pk)].deadlines.append(deadline)
        for event in _events():
            found[_recording_of(event.pk)].events.append(event)

    def _pass_over(self) -> None:
        """Rungs that were due before now are passed over, as after an outage: nobody is reminded of old times."""
        rungs = load_ladder(self.reference.subdistrict_id)
        due = Deadline.objects.filter(pk__gte=_FIRST, state=DeadlineState.RUNNING, next_rung_at__lte=self.now)
        for row in due:
            firing = fire(row, rungs.of(row.kind, Limit.parse(row.limit)), self.reference.calendar, self.now)
            row.fired, row.next_rung_at, row.next_rung = firing.fired, firing.next_rung_at, firing.next_rung
            row.save(update_fields=["fired", "next_rung_at", "next_rung"])


_MAY_BE_REFUSED: Final = frozenset({"request_extension", "supervise"})


def _in_time(issue: Issue, step: SeedStep) -> SeedStep:
    """More time is asked for while some is left."""
    if step.action != "request_extension" or issue.due_at is None or issue.due_at <= issue.changed_at:
        return step
    middle = issue.changed_at + (issue.due_at - issue.changed_at) / 2
    return SeedStep(min(step.at, int(middle.timestamp())), step.action, step.by, step.data)


def title_of(number: int) -> str:
    """The title of a recorded issue, in whose place every stamped one has its own."""
    return f"待填标题{number}号"


def _events() -> Iterator[HashedEvent]:
    moments = dict(Event.objects.filter(pk__gte=_FIRST).values_list("pk", "at"))
    with connection.cursor() as cursor:
        cursor.execute(_JOURNAL, [_FIRST])
        for pk, subject, before, own, content in cursor.fetchall():
            if hashlib.sha256(bytes(before) + content.encode()).digest() != bytes(own):
                raise RuntimeError("the journal hashes its rows by another rule than seeds.load.recording")
            yield HashedEvent(pk, subject, moments[pk], bytes(own), content)
