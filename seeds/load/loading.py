"""Writing seeded issues by COPY: one transaction, generation in worker processes beside it."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from random import Random
from time import monotonic
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from communities.models import Contact
from files import storage
from files.enums import FileState
from files.models import StoredFile
from files.pictures import make_sizes
from files.services import receive
from issues.models import NumberSeries
from seeds.demonstration.drawings import picture
from seeds.load import indexes
from seeds.load.generator import LoadPlan, prepare, stamp, stamp_in_worker
from seeds.load.journeys import Journey, draw_lots
from seeds.load.placing import DayKinds, Placing
from seeds.load.recording import JourneyRecorder, Tables, taken_back
from seeds.load.reference import Reference, load_reference
from seeds.load.schedule import LoadBlock, Schedule
from seeds.load.templates import ISSUES, Template
from seeds.load.timeline import LoadTimeline

BLOCK: Final = 2500
ALONE_UP_TO: Final = 10_000
"""Fewer issues are stamped in this process."""
WITHOUT_INDEXES_FROM: Final = 50_000
MOST_NUMBERS: Final = 999_999
MOST_ENDED, MOST_OPEN = 160, 80
"""So many journeys are recorded, those that have ended and those that are still under way."""
FEWEST, ONE_OF = 10, 10
"""Of fewer issues one in ten is recorded, and ten of them in any case."""
_SURNAMES: Final = "陈黄李梁何关霍冯区罗潘邓麦谭钟简岑庞"
_GIVEN: Final = ("伟明", "丽华", "志强", "嘉欣", "国华", "敏仪", "永康", "秀英", "俊杰", "雪芬", "景辉", "小玲")


class CannotSeed(Exception):  # noqa: N818 (a refusal, named as prose)
    """The load would break a rule of the data; the message says which."""


@dataclass(frozen=True)
class Loaded:
    """What was written. ``seconds`` include the indexes."""

    issues: int
    events: int
    deadlines: int
    seconds: float
    first_number: str
    last_number: str


@dataclass(frozen=True)
class LoadRequest:
    """What is asked for. ``open_share``: how many of the issues are still open, 0 to 1."""

    count: int
    seed: int = 1
    open_share: float = 0.035
    subdistrict: str = ""


Says = Callable[[str], Any]


def load(request: LoadRequest, *, now: datetime, says: Says) -> Loaded:
    """Add the issues, all or none. ``says`` is told how far it is, a dozen times a second at most.

    Raises NothingToSeed, CannotSeed.
    """
    began = monotonic()
    reference = load_reference(request.subdistrict)
    timeline = LoadTimeline.until(now, request.count, request.open_share, reference.calendar)
    without_indexes = _pays_to_drop_indexes(request.count)
    with transaction.atomic():
        _check_room(reference, timeline.by_year())
        says("recording journeys")
        templates = _templates(reference, timeline, request, now)
        schedule = Schedule.make(templates, timeline, Random(f"schedule:{request.seed}"))
        schedule.number(_take_numbers(reference, schedule.by_year))
        blocks, rows = schedule.blocks(BLOCK)
        firsts = _reserve_ids(rows)
        contacts = _contacts(reference, request, now)
        plan = LoadPlan(reference, request.seed, schedule, firsts, contacts)
        tables = Tables().in_order(rows)
        _prepare_transaction(reference, tables, without_indexes=without_indexes)
        taken = indexes.take_off(tables) if without_indexes else []
        _copy(plan, blocks, tables, says)
        indexes.build(taken, lambda name: says(f"building {name}"))
        _as_before()
    _analyze(tables)
    first, last = schedule.numbered(schedule.days[0], 0), schedule.numbered(schedule.days[-1], rows[ISSUES] - 1)
    return Loaded(
        issues=rows[ISSUES],
        events=rows["journal_event"],
        deadlines=rows["deadlines_deadline"],
        seconds=monotonic() - began,
        first_number=f"{reference.area}-{first[0]}-{first[1]:06d}",
        last_number=f"{reference.area}-{last[0]}-{last[1]:06d}",
    )


def _templates(reference: Reference, timeline: LoadTimeline, request: LoadRequest, now: datetime) -> list[Template]:
    """Journeys as the services carried them out, each with the days on which it may be stamped."""
    journeys = journeys_of(reference, timeline, request.seed)
    recorder = JourneyRecorder(reference, _photo(reference, now), now)
    kinds = DayKinds(reference.calendar, timeline.first_day, timeline.first_day + len(timeline.sums))
    found: list[Template] = []
    for recorded in recorder.record(journeys):
        template = Template(recorded, recorder.tables, Placing.of(recorded, kinds, timeline, now))
        if recorded.sampled is False:
            found[-1].other = template
        else:
            found.append(template)
    return found


def journeys_of(reference: Reference, timeline: LoadTimeline, seed: int) -> list[Journey]:
    """Those that are recorded: the same for the same seed."""
    return [
        *_journeys(reference, timeline, seed, MOST_ENDED, unfinished=False),
        *_journeys(reference, timeline, seed, MOST_OPEN, unfinished=True),
    ]


def _journeys(
    reference: Reference, timeline: LoadTimeline, seed: int, most: int, *, unfinished: bool
) -> Iterator[Journey]:
    random = Random(f"journeys:{seed}:{unfinished}")
    issues = sum(timeline.on_days(unfinished=unfinished))
    number = min(most, issues, FEWEST + issues // ONE_OF)
    moments = timeline.moments(number, random, unfinished=unfinished)
    for lot in draw_lots(random, reference, moments, timeline.end, unfinished=unfinished):
        yield Journey(random, reference, lot)


def _reserve_ids(rows: Mapping[str, int]) -> dict[str, int]:
    """The first id of as many as each table gets. What a failed load reserved stays unused."""
    with taken_back(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute(f"LOCK TABLE {', '.join(sorted(rows))} IN SHARE ROW EXCLUSIVE MODE")
        return {table: _reserve(table, number, cursor) for table, number in sorted(rows.items())}


def _photo(reference: Reference, now: datetime) -> StoredFile:
    """The photograph that all seeded files show. It belongs to the sub-district, so that nobody tidies it away."""
    content = picture("drain", done=True)
    file = receive(
        upload=SimpleUploadedFile("处理后照片.jpg", content),
        by_id=None,
        at=now,
        owner_kind="subdistrict",
        owner_id=reference.subdistrict_id,
        subdistrict_id=reference.subdistrict_id,
    )
    names = {size: storage.name_of(file.public_id, f"{size}-1.jpg") for size in ("large", "small")}
    for name, made in zip(names.values(), make_sizes(BytesIO(content)), strict=True):
        storage.write(name, made)
    StoredFile.objects.filter(pk=file.pk).update(state=FileState.READY, attempts=1, **names)
    return StoredFile.objects.get(pk=file.pk)


def _reserve(table: str, count: int, cursor: Any) -> int:
    cursor.execute(
        "SELECT nextval(s), setval(s, currval(s) + %s) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS s) q",
        [count, table],
    )
    return int(cursor.fetchone()[0])


def _pays_to_drop_indexes(count: int) -> bool:
    """Whether building the indexes anew is cheaper than keeping them up: many issues, also beside what is there."""
    if count < WITHOUT_INDEXES_FROM:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'issues_issue'::regclass")
        return bool(count * 4 >= cursor.fetchone()[0])


def _prepare_transaction(reference: Reference, tables: Sequence[str], *, without_indexes: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if without_indexes:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        _skip_foreign_keys(cursor, reference)


def _skip_foreign_keys(cursor: Any, reference: Reference) -> None:
    """Where this role may, leave out the row-by-row look-ups of foreign keys; all rows referred to are locked instead.

    Unique and check constraints hold as ever.
    """
    cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    if not cursor.fetchone()[0]:
        return
    area = reference.subdistrict_id
    for table, condition, value in (
        ("communities_subdistrict", "id = %s", area),
        ("communities_community", "subdistrict_id = %s", area),
        ("communities_department", "subdistrict_id = %s", area),
        ("communities_category", "subdistrict_id = %s", area),
        ("communities_neighbourhood", "subdistrict_id = %s", area),
        ("communities_building", "community_id = ANY(%s)", [row.pk for row in reference.communities]),
        ("accounts_user", "id = ANY(%s)", reference.user_ids),
    ):
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} FOR KEY SHARE) AS kept",  # noqa: S608
            [value],
        )
    cursor.execute("SET LOCAL session_replication_role = replica")


def _as_before() -> None:
    """What SET LOCAL would undo at the commit, for a caller whose transaction goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _check_room(reference: Reference, by_year: Mapping[int, int]) -> None:
    """Raises CannotSeed where a year's numbers do not suffice."""
    taken = _last_numbers(reference)
    for year, number in by_year.items():
        room = MOST_NUMBERS - taken.get(year, 0)
        if number > room:
            raise CannotSeed(f"{year} has room for {room:,} more numbers, {number:,} are needed.")


def _last_numbers(reference: Reference) -> dict[int, int]:
    series = NumberSeries.objects.select_for_update().filter(subdistrict_id=reference.subdistrict_id)
    return dict(series.values_list("year", "last"))


def _take_numbers(reference: Reference, by_year: Mapping[int, int]) -> dict[int, int]:
    """Take the numbers of every year off the series, which stays locked until the commit; returns the last before."""
    before = _last_numbers(reference)
    with connection.cursor() as cursor:
        for year, number in by_year.items():
            cursor.execute(
                f"INSERT INTO {NumberSeries._meta.db_table} AS series (subdistrict_id, year, last) "  # noqa: S608
                "VALUES (%s, %s, %s) ON CONFLICT (subdistrict_id, year) DO UPDATE "
                "SET last = series.last + excluded.last",
                [reference.subdistrict_id, year, number],
            )
    return before


def _contacts(reference: Reference, request: LoadRequest, now: datetime) -> list[int]:
    """A pool of invented residents that the issues share; phones of the 199 0000 range that no network gives out."""
    random = Random(f"contacts:{request.seed}")
    tails = random.sample(range(10_000), min(4000, max(20, request.count // 50)))
    rows = Contact.objects.bulk_create(
        [
            Contact.of(
                subdistrict_id=reference.subdistrict_id,
                name=random.choice(_SURNAMES) + random.choice(_GIVEN),
                phone=f"1990000{tail:04d}",
                address="",
                at=now,
            )
            for tail in tails
        ],
        batch_size=1000,
    )
    return [row.pk for row in rows]


def _copy(plan: LoadPlan, blocks: Sequence[LoadBlock], tables: Sequence[str], says: Says) -> None:
    """COPY all blocks in order."""
    columns = Tables().columns
    began, told, done = monotonic(), 0.0, 0
    with connection.cursor() as cursor:
        for made in _stamped(plan, blocks):
            for table in tables:
                if table in made:
                    quoted = ", ".join(f'"{column}"' for column in columns[table])
                    cursor.copy_expert(f"COPY {table} ({quoted}) FROM STDIN", BytesIO(made[table]), 262_144)
                    done += cursor.rowcount if table == ISSUES else 0
            if monotonic() - told > 0.2:
                told = monotonic()
                says(f"{done:,} issues, {done / (told - began):,.0f} a second")


def _stamped(plan: LoadPlan, blocks: Sequence[LoadBlock]) -> Iterator[dict[str, bytes]]:
    if len(plan.schedule.places) <= ALONE_UP_TO:
        for block in blocks:
            yield stamp(plan, block)
        return
    workers = max(1, min(2, len(os.sched_getaffinity(0))))
    context = multiprocessing.get_context("fork")
    executor = ProcessPoolExecutor(workers, context, initializer=prepare, initargs=(plan,))
    coming: deque[Future[dict[str, bytes]]] = deque()
    try:
        for block in blocks:
            coming.append(executor.submit(stamp_in_worker, block))
            if len(coming) > workers + 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)


_BY_TARGET: Final = """
SELECT attrelid::regclass::text, string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = ANY(%s::regclass[]) AND attnum > 0 AND NOT attisdropped GROUP BY attrelid, attstattarget
"""
"""Columns of one statistics target are read together: the widest target decides how many rows a statement samples."""


def _analyze(tables: Sequence[str]) -> None:
    """Fresh statistics for the planner; a caller's open transaction has them too."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_BY_TARGET, [[*tables, Contact._meta.db_table]])
        for table, columns in cursor.fetchall():
            cursor.execute(f"ANALYZE {table} ({columns})")
        cursor.execute("RESET statement_timeout")
