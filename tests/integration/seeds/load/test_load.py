"""What seed_load leaves behind keeps every rule of the data."""

import re
from collections import Counter
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q

from commitments.models import Commitment
from communities.models import Contact
from deadlines.arithmetic import soon_at
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from deadlines.reckoning import reckon
from deadlines.services import load_calendar
from deadlines.subjects import of_unknown_kind, orphans
from files import storage
from files.models import StoredFile
from issues.enums import OPEN, SUBJECT
from issues.models import Holding, Issue, NumberSeries
from issues.models import Request as Request_
from issues.services.clocks import Clocks
from issues.services.creation import searchable
from journal.models import Event, Pending
from journal.replaying import replay_all
from journal.verification import verify
from papers.models import Draft
from seeds.load import indexes, loading
from seeds.load.loading import CannotSeed, Loaded, LoadRequest, load
from seeds.load.recording import Tables
from seeds.load.reference import NothingToSeed
from seeds.load.timeline import LoadTimeline, instant
from seeds.management.commands.seed_load import Command
from tests.integration.seeds.load.conftest import COUNT, seed
from tests.support.cast import NOW, World
from tests.support.standing import begins

pytestmark = pytest.mark.long

REACHED = {
    "submitted",
    "accepted",
    "dispatched",
    "in_progress",
    "replied",
    "follow_up",
    "closed",
    "rejected",
    "withdrawn",
    "suspended",
    "merged",
}


def quiet(line: str) -> None:
    """No progress."""


@begins(seed)
def test_every_row_is_as_its_journal_tells(seeded: Loaded) -> None:
    batches = [batch for _kind, batch in replay_all()]
    assert [one for batch in batches for one in batch.unexplained] == []
    assert sum(batch.rows for batch in batches) == COUNT


@begins(seed)
def test_every_due_time_counts_as_it_was_counted(seeded: Loaded) -> None:
    """A recording moved to another day keeps its dates: so they have to come out again by the calendar."""
    calendar = load_calendar()
    for row in Deadline.objects.all():
        counted = reckon(row.facts, calendar)
        assert (counted.due_at, counted.estimated, counted.counted_from) == (
            row.due_at, row.estimated, row.counted_from,
        ), row  # fmt: skip
        assert row.soon_at == soon_at(row.counted_from, row.due_at, row.time_limit, calendar), row


@begins(seed)
def test_the_journal_verifies_and_nobody_waits_for_old_events(seeded: Loaded) -> None:
    report = verify()
    assert report.broken is None
    assert report.events == seeded.events > COUNT * 3
    assert not Pending.objects.exists()


@begins(seed)
def test_statuses_are_mixed_and_one_in_ten_is_open(seeded: Loaded) -> None:
    found = Counter(Issue.objects.values_list("status", flat=True))
    assert set(found) == REACHED
    assert sum(found[status] for status in OPEN) == pytest.approx(COUNT / 10, rel=0.25)
    assert found["closed"] > COUNT * 0.7
    assert {"met", "late", "running", "paused", "cancelled"} == set(Deadline.objects.values_list("state", flat=True))


@begins(seed)
def test_facts_that_belong_together(seeded: Loaded) -> None:
    drafts = Draft.objects.filter(state="open", subject_kind=SUBJECT).values_list("subject_id", "kind")
    open_kinds = [*Request_.objects.filter(state="open").values_list("issue_id", "kind"), *drafts]
    assert {(issue.pk, kind) for issue in Issue.objects.exclude(asks=[]) for kind in issue.asks} == set(open_kinds)
    assert {kind for _, kind in open_kinds} == {"extension", "order"}
    suspended = Issue.objects.filter(status="suspended")
    assert suspended.exists()
    for issue in suspended:
        clocks = Deadline.objects.of(SUBJECT, issue.pk)
        assert clocks.filter(kind="suspension_review", state="running").exists()
        assert not clocks.filter(kind="handle", state="running").exists()
    masters = Issue.objects.filter(persons__gt=1)
    assert masters.exists()
    for issue in masters:
        assert issue.joined.count() == issue.joined_count == issue.persons - 1
        assert Event.objects.of(SUBJECT, issue.pk).filter(kind="join").count() == issue.persons - 1
        assert Event.objects.of(SUBJECT, issue.pk).count() == issue.version
    waiting = Issue.objects.exclude(co_waiting_ids=[])
    assert waiting.exists()
    for issue in waiting:
        running = Deadline.objects.of(SUBJECT, issue.pk).filter(kind="co_reply", state="running")
        assert [row.party_id for row in running] == issue.co_waiting_ids
    assert Issue.objects.filter(published_at__isnull=False).exists()


@begins(seed)
def test_the_accountable_department_holds_it_as_long_as_it_works(seeded: Loaded) -> None:
    held = dict(Holding.objects.filter(until_at__isnull=True).values_list("issue_id", "department_id"))
    working = Issue.objects.filter(status__in=["dispatched", "in_progress", "suspended"])
    for issue in working:
        assert held.pop(issue.pk) == (issue.returned_from_id or issue.lead_department_id)
    returned = Issue.objects.filter(pk__in=held)
    assert all(held[issue.pk] == issue.returned_from_id for issue in returned)


@begins(seed)
def test_promises_and_photographs_belong_to_their_replies(seeded: Loaded) -> None:
    for made in Commitment.objects.all():
        reply = Event.objects.of(SUBJECT, made.subject_id).get(kind="reply")
        assert reply.data["commitment"] == made.pk
        assert Deadline.objects.of("commitment", made.pk).count() == 1
    assert {"open", "reported"} == set(Commitment.objects.values_list("state", flat=True))
    photos = StoredFile.objects.filter(owner_kind=SUBJECT)
    named = {pk for event in Event.objects.filter(data__has_key="attachments") for pk in event.data["attachments"]}
    assert set(photos.values_list("pk", flat=True)) == named
    with storage.open_file(photos[0].small) as stored:
        assert stored.read(2) == b"\xff\xd8"


@begins(seed)
def test_numbers_run_without_gaps_in_order_of_creation(seeded: Loaded) -> None:
    for year in NumberSeries.objects.all():
        rows = list(Issue.objects.filter(year=year.year).order_by("serial").values_list("serial", "created_at", "pk"))
        assert [row[0] for row in rows] == list(range(1, year.last + 1))
        assert [row[1] for row in rows] == sorted(row[1] for row in rows)
        assert [row[2] for row in rows] == sorted(row[2] for row in rows)
        assert {instant(int(row[1].timestamp())).year for row in rows} == {year.year}
    assert Issue.objects.filter(number=seeded.last_number).exists()


@begins(seed)
def test_the_same_seed_again_continues_the_numbers(seeded: Loaded, world: World) -> None:
    before = {row.year: row.last for row in NumberSeries.objects.all()}
    load(LoadRequest(count=300, seed=7), now=NOW, says=quiet)
    after = {row.year: row.last for row in NumberSeries.objects.all()}
    assert sum(after.values()) == sum(before.values()) + 300
    assert world.make_issue("submitted").serial == after[2026] + 1
    assert verify().broken is None


@begins(seed)
def test_due_columns_are_those_of_the_governing_deadline(seeded: Loaded) -> None:
    by_subject: dict[int, list[Deadline]] = {}
    for deadline in Deadline.objects.filter(subject_kind=SUBJECT).order_by("id"):
        by_subject.setdefault(deadline.subject_id, []).append(deadline)
    for issue in Issue.objects.all():
        clocks = Clocks(issue, NOW, load_calendar(), None, by_subject.get(issue.pk, []))
        before = dict(vars(issue))
        columns = clocks.copy_governing()
        assert {name: getattr(issue, name) for name in columns} == {name: before[name] for name in columns}


@begins(seed)
def test_no_deadline_without_its_issue_and_no_rung_in_the_past(seeded: Loaded) -> None:
    assert orphans() == []
    assert of_unknown_kind() == []
    running = Deadline.objects.filter(state="running")
    assert running.exists()
    assert not running.filter(next_rung_at__lte=NOW).exists()


@begins(seed)
def test_lexemes_are_those_of_the_services(seeded: Loaded) -> None:
    rows = Issue.objects.select_related("community", "neighbourhood", "building").defer("lexemes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tsvector_to_array(lexemes) FROM issues_issue")
        stored = {pk: set(lexemes) for pk, lexemes in cursor.fetchall()}
    for issue in rows:
        assert stored[issue.pk] == set(searchable(issue))


@begins(seed)
def test_contacts_are_invented_and_shared(seeded: Loaded) -> None:
    phones = [contact.phone for contact in Contact.objects.all()]
    assert all(phone.startswith("1990000") and len(phone) == 11 for phone in phones)
    assert len(phones) < COUNT / 10


@begins(seed)
def test_every_constraint_holds_for_what_copy_wrote(seeded: Loaded) -> None:
    """COPY leaves foreign keys to the end or out: look whether a row refers to nothing."""
    for model in Tables().models:
        for field in model._meta.concrete_fields:
            if field.remote_field is not None:
                target = field.remote_field.model._default_manager.values("pk")
                rows = model._default_manager.filter(**{f"{field.name}__isnull": False})
                assert not rows.exclude(**{f"{field.attname}__in": target}).exists(), field


@pytest.mark.parametrize("share", [0.0, 0.035, 0.5, 0.8, 1.0])
def test_the_timeline_knows_how_many_are_still_open(share: float) -> None:
    timeline = LoadTimeline.until(NOW, 5000, share, WorkCalendar())
    opened, ended = timeline.on_days(unfinished=True), timeline.on_days(unfinished=False)
    assert min(opened) >= 0
    assert min(ended) >= 0
    assert sum(opened) == round(5000 * share)
    assert sum(opened) + sum(ended) == 5000
    for unfinished in (True, False):
        if sum(timeline.on_days(unfinished=unfinished)):
            times = timeline.moments(100, Random(1), unfinished=unfinished)
            assert NOW.timestamp() - 4 * 365 * 86400 < times[0] <= times[-1] <= NOW.timestamp()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_may_be_open(world: World, share: float) -> None:
    load(LoadRequest(count=200, open_share=share), now=NOW, says=quiet)
    assert Issue.objects.filter(Q(status__in=OPEN) | Q(status="merged")).count() == 200 * share


def test_a_large_load_builds_the_indexes_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "WITHOUT_INDEXES_FROM", 100)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE issues_issue")
    before = definitions()
    said: list[str] = []
    load(LoadRequest(count=200), now=NOW, says=said.append)
    assert definitions() == before
    assert any("building issues_search" in line for line in said)


def test_worker_processes_make_the_same_kind_of_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ALONE_UP_TO", 100)
    monkeypatch.setattr(loading, "BLOCK", 100)
    load(LoadRequest(count=450), now=NOW, says=quiet)
    assert Issue.objects.count() == 450
    assert verify().broken is None


def test_an_error_leaves_nothing_and_every_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "WITHOUT_INDEXES_FROM", 100)
    before = definitions()

    def fails(taken: object, says: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexes, "build", fails)
    with pytest.raises(KeyboardInterrupt):
        load(LoadRequest(count=200), now=NOW, says=quiet)
    assert not Issue.objects.exists()
    assert not NumberSeries.objects.exists()
    assert definitions() == before


def test_a_full_series_is_refused(world: World) -> None:
    NumberSeries.objects.create(subdistrict=world.area, year=2025, last=999_990)
    with pytest.raises(CannotSeed, match="2025 has room for 9 more"):
        load(LoadRequest(count=500), now=NOW, says=quiet)
    assert not Issue.objects.exists()


@pytest.mark.django_db
def test_without_reference_data_one_line_says_what_to_do() -> None:
    with pytest.raises(NothingToSeed, match="run load_demo first"):
        load(LoadRequest(count=5), now=NOW, says=quiet)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--issues", "0"], ["--issues", "x"], ["--issues", "5", "--open-share", "2"], ["--issues", "5", "--no-such"]],
)
def test_bad_arguments_are_one_line_and_exit_2(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("seed_load", *arguments)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)


def test_on_the_command_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(["manage.py", "seed_load", "--issues", "x"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_says_what_it_did(world: World) -> None:
    out = StringIO()
    call_command("seed_load", "--issues", "50", stdout=out)
    assert out.getvalue().startswith("50 issues (桂城-")
    assert Event.objects.filter(kind="create").count() == 50


_CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")
"""PostgreSQL prints the casts of a condition elsewhere once it has read its own words; brackets go with them."""


def definitions() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [Tables().names])
        return {(name, _CASTS.sub("", definition)) for name, definition in cursor.fetchall()}
