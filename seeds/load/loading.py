"""Writing seeded issues by COPY: one transaction, generation in worker processes beside it."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
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
from seeds.load.generator import LoadPlan, block, block_in_worker, prepare
from seeds.load.journeys import FILES, LONGEST
from seeds.load.reference import Reference, load_reference
from seeds.load.rows import TABLES, Photo
from seeds.load.timeline import LoadTimeline

BLOCK: Final = 2500
ALONE_UP_TO: Final = 10_000
"""Fewer issues are made in this process."""
WITHOUT_INDEXES_FROM: Final = 50_000
MOST_NUMBERS: Final = 999_999
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
    timeline = LoadTimeline.until(now, request.count, request.seed, reference.calendar)
    first_pk, first_event_id, first_file_id, first_commitment_id = _reserve_ids(request.count)
    without_indexes = _pays_to_drop_indexes(request.count)
    with transaction.atomic():
        _prepare_transaction(reference, without_indexes=without_indexes)
        taken = indexes.take_off(list(TABLES)) if without_indexes else []
        plan = LoadPlan(
            reference=reference,
            timeline=timeline,
            seed=request.seed,
            open_share=request.open_share,
            first_pk=first_pk,
            first_event_id=first_event_id,
            first_file_id=first_file_id,
            first_commitment_id=first_commitment_id,
            photo=_photo(reference, now),
            first_serials=_take_numbers(reference, timeline),
            contacts=_contacts(reference, request, now),
            now=now,
        )
        written = _copy(plan, says)
        indexes.build(taken, lambda name: says(f"building {name}"))
        _as_before()
    _analyze()
    year, serial = plan.numbered(request.count - 1)
    first_year, first_serial = plan.numbered(0)
    return Loaded(
        issues=request.count,
        events=written["journal_event"],
        deadlines=written["deadlines_deadline"],
        seconds=monotonic() - began,
        first_number=f"{reference.area}-{first_year}-{first_serial:06d}",
        last_number=f"{reference.area}-{year}-{serial:06d}",
    )


def _reserve_ids(count: int) -> tuple[int, int, int, int]:
    """The first ids of issues, events, files and commitments. What a failed load reserved stays unused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        tables = ("issues_issue", "journal_event", "files_storedfile", "commitments_commitment")
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        sizes = (count, count * LONGEST, count * FILES, count)
        first, second, third, fourth = (
            _reserve(table, size, cursor) for table, size in zip(tables, sizes, strict=True)
        )
        return first, second, third, fourth


def _photo(reference: Reference, now: datetime) -> Photo:
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
    return Photo(file.size, file.sha256, file.width or 0, file.height or 0, names["large"], names["small"])


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


def _prepare_transaction(reference: Reference, *, without_indexes: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if without_indexes:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            cursor.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
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


def _take_numbers(reference: Reference, timeline: LoadTimeline) -> list[tuple[int, int, int]]:
    """Take the numbers of every year off the series, which stays locked until the commit. Raises CannotSeed."""
    found = []
    for year, first, stop in timeline.years():
        series = NumberSeries.objects.select_for_update().filter(subdistrict_id=reference.subdistrict_id, year=year)
        last = next(iter(series.values_list("last", flat=True)), 0)
        if last + stop - first > MOST_NUMBERS:
            raise CannotSeed(f"{year} has room for {MOST_NUMBERS - last:,} more numbers, {stop - first:,} are needed.")
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {NumberSeries._meta.db_table} AS series (subdistrict_id, year, last) "  # noqa: S608
                "VALUES (%s, %s, %s) ON CONFLICT (subdistrict_id, year) DO UPDATE "
                "SET last = series.last + excluded.last RETURNING last",
                [reference.subdistrict_id, year, stop - first],
            )
            found.append((first, year, int(cursor.fetchone()[0]) - (stop - first) + 1))
    return found


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


def _copy(plan: LoadPlan, says: Says) -> dict[str, int]:
    """COPY all blocks in order; returns how many rows each table got."""
    written = dict.fromkeys(TABLES, 0)
    began, told, done, count = monotonic(), 0.0, 0, plan.timeline.count
    with connection.cursor() as cursor:
        for size, tables in _blocks(plan):
            for name, columns in TABLES.items():
                if name in tables:
                    quoted = ", ".join(f'"{column}"' for column in columns)
                    cursor.copy_expert(f"COPY {name} ({quoted}) FROM STDIN", BytesIO(tables[name]), 262_144)
                    written[name] += cursor.rowcount
            done += size
            if monotonic() - told > 0.2:
                told = monotonic()
                says(f"{done:,} of {count:,} issues, {done / (told - began):,.0f} a second")
    return written


def _blocks(plan: LoadPlan) -> Iterator[tuple[int, dict[str, bytes]]]:
    count = plan.timeline.count
    spans = [(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    if count <= ALONE_UP_TO:
        for start, stop in spans:
            yield stop - start, block(plan, start, stop)
        return
    workers = max(1, min(2, len(os.sched_getaffinity(0))))
    context = multiprocessing.get_context("fork")
    executor = ProcessPoolExecutor(workers, context, initializer=prepare, initargs=(plan,))
    coming: deque[tuple[int, Future[dict[str, bytes]]]] = deque()
    try:
        for start, stop in spans:
            coming.append((stop - start, executor.submit(block_in_worker, (start, stop))))
            if len(coming) > workers + 1:
                size, made = coming.popleft()
                yield size, made.result()
        while coming:
            size, made = coming.popleft()
            yield size, made.result()
    finally:
        executor.shutdown(cancel_futures=True)


def _analyze() -> None:
    """Fresh statistics for the planner; a caller's open transaction has them too."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"ANALYZE {', '.join(TABLES)}, {Contact._meta.db_table}")
        cursor.execute("RESET statement_timeout")
