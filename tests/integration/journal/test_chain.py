"""The journal keeps what happened: the database chains rows, refuses changes, and tampering is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from journal import services
from journal.models import Chain, Event, EventText, Pending
from journal.services import Entry, claim, record, record_many, redact
from journal.verification import verify

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 18, 2, 0, tzinfo=UTC)
FLIPPED = "UPDATE journal_text SET body = set_byte(body, {at}, 255 - get_byte(body, {at})) WHERE event_id = %(first)s"


def entry(subject: int = 1, kind: str = "create", **fields: object) -> Entry:
    values: dict[str, object] = {"at": AT, "data": {"to": "submitted", "version": 1}, "texts": {"note": "三巷积水"}}
    return Entry(subject_kind="issue", subject_id=subject, kind=kind, **{**values, **fields})  # type: ignore[arg-type]


@contextmanager
def as_intruder() -> Iterator[None]:
    """Somebody with the database owner's rights, who switches the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_event DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE journal_text DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE journal_event ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE journal_text ENABLE TRIGGER USER")


def three_events() -> list[int]:
    record(entry(subject=2))
    return record_many([entry(), entry(kind="accept"), entry(kind="dispatch")])


def test_rows_of_one_subject_form_a_chain_and_verify() -> None:
    three_events()
    rows = list(Event.objects.of("issue", 1).order_by("seq"))
    assert [row.seq for row in rows] == [1, 2, 3]
    assert bytes(rows[1].prev_hash) == bytes(rows[0].hash)
    assert bytes(rows[0].prev_hash) == b""
    report = verify()
    assert report.broken is None
    assert (report.events, report.chains) == (4, 2)


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ('UPDATE journal_event SET data = \'{"to": "closed"}\' WHERE id = %(second)s', "was changed"),
        ("UPDATE journal_event SET at = at + interval '1 microsecond' WHERE id = %(first)s", "was changed"),
        ("UPDATE journal_event SET actor_role = 'director' WHERE id = %(third)s", "was changed"),
        ("UPDATE journal_event SET visible = NOT visible WHERE id = %(second)s", "was changed"),
        (
            "DELETE FROM journal_pending WHERE event_id = %(second)s; "
            "DELETE FROM journal_text WHERE event_id = %(second)s; DELETE FROM journal_event WHERE id = %(second)s",
            "missing",
        ),
        (
            "DELETE FROM journal_pending WHERE event_id = %(third)s; "
            "DELETE FROM journal_text WHERE event_id = %(third)s; DELETE FROM journal_event WHERE id = %(third)s",
            "end of the chain",
        ),
        (
            "INSERT INTO journal_event (subject_kind, subject_id, seq, kind, at, actor_role, visible, data, texts,"
            " prev_hash, hash) SELECT subject_kind, subject_id, 4, 'reply', at, actor_role, visible, data, '{}',"
            " hash, sha256('x') FROM journal_event WHERE id = %(third)s",
            "was changed",
        ),
        (
            "UPDATE journal_event SET seq = 9 WHERE id = %(second)s; UPDATE journal_event SET seq = 2 WHERE id ="
            " %(third)s; UPDATE journal_event SET seq = 3 WHERE id = %(second)s",
            "does not follow",
        ),
        ("UPDATE journal_text SET text = '没有积水' WHERE event_id = %(first)s", "text was changed"),
        ("UPDATE journal_text SET text = '没有积水', body = NULL WHERE event_id = %(first)s", "text was changed"),
        ("UPDATE journal_text SET body = convert_to('没有积水', 'UTF8') WHERE event_id = %(first)s", "was changed"),
        (FLIPPED.format(at=20), "text was changed"),
        (FLIPPED.format(at=2), "key is missing"),
        ("UPDATE journal_text SET body = NULL, salt = '' WHERE event_id = %(first)s", "without a redaction"),
        ("DELETE FROM journal_text WHERE event_id = %(first)s", "text is missing"),
        (
            "INSERT INTO journal_text (event_id, key, text, salt) VALUES (%(first)s, 'basis', 'x', 'y')",
            "text was added",
        ),
    ],
)
def test_tampering_is_found(tampering: str, problem: str) -> None:
    first, second, third = three_events()
    with as_intruder(), connection.cursor() as cursor:
        for statement in tampering.split("; "):
            cursor.execute(statement, {"first": first, "second": second, "third": third})
    broken = verify().broken
    assert broken is not None
    assert broken.subject_id == 1
    assert problem in broken.problem


def test_command_names_the_first_bad_row() -> None:
    first, *_rest = three_events()
    with as_intruder(), connection.cursor() as cursor:
        cursor.execute("UPDATE journal_event SET kind = 'reject' WHERE id = %s", [first])
    with pytest.raises(CommandError, match="issue:1 row 1"):
        call_command("verify_journal")


@pytest.mark.parametrize("statement", ["UPDATE journal_event SET kind = 'x'", "DELETE FROM journal_event"])
def test_the_database_refuses_changes(statement: str) -> None:
    three_events()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_texts_can_only_be_emptied() -> None:
    three_events()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        EventText.objects.update(text="anders")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL govtrack.rotating = 'on'; UPDATE journal_text SET key = 'other'")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        EventText.objects.all().delete()


def test_redaction_empties_the_text_is_an_event_and_verifies() -> None:
    first, *_rest = three_events()
    redact(event_id=first, keys=["note"], reason="应本人要求", by_id=None, role="system", at=AT + timedelta(days=1))
    row = EventText.objects.get(event_id=first, key="note")
    assert (row.text, row.salt) == ("", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, body FROM journal_text WHERE id = %s", [row.pk])
        assert cursor.fetchone() == ("", None)
    last = Event.objects.of("issue", 1).order_by("-seq")[0]
    assert (last.kind, last.data) == ("redact", {"event": first, "keys": ["note"]})
    report = verify()
    assert report.broken is None
    assert report.redacted == 1


def test_a_redaction_of_one_event_does_not_excuse_another() -> None:
    first, second, _third = three_events()
    redact(event_id=first, keys=["note"], reason="应本人要求", by_id=None, role="system", at=AT)
    with as_intruder():
        EventText.objects.filter(event_id=second).update(text=None, salt="")
    broken = verify().broken
    assert broken is not None
    assert broken.seq == 2


def test_the_tables_hold_no_free_text() -> None:
    first, *_rest = three_events()
    assert EventText.objects.get(event_id=first).text == "三巷积水"
    with connection.cursor() as cursor:
        cursor.execute("SELECT journal_event::text FROM journal_event WHERE id = %s", [first])
        assert "积水" not in cursor.fetchone()[0]
        cursor.execute("SELECT text, position(convert_to('积水', 'UTF8') IN body) FROM journal_text")
        assert set(cursor.fetchall()) == {("", 0)}


def test_readers_claim_each_event_once_and_a_roll_back_returns_it() -> None:
    record_many([entry(), entry(kind="accept")], readers_of=["test"])
    with transaction.atomic():
        taken = claim(reader="test", limit=10)
        assert len(taken) == 2
        transaction.set_rollback(True)
    with transaction.atomic():
        assert claim(reader="test", limit=1) == taken[:1]
    assert Pending.objects.filter(reader="test").count() == 1


def test_the_head_of_each_chain_is_kept() -> None:
    three_events()
    head = Chain.objects.get(subject_kind="issue", subject_id=1)
    last = Event.objects.of("issue", 1).order_by("-seq")[0]
    assert head.seq == 3
    assert bytes(head.hash) == bytes(last.hash)


@pytest.mark.django_db(transaction=True)
def test_one_transaction_wakes_the_readers_once_whatever_its_savepoints_do(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(services, "_NUDGES", [lambda: woken.append(1)])
    with transaction.atomic():
        with transaction.atomic():
            record_many([entry()], readers_of=["test"])
            transaction.set_rollback(True)
        with transaction.atomic():
            record_many([entry()], readers_of=["test"])
            record_many([entry(kind="accept")], readers_of=["test"])
        assert woken == []
    assert woken == [1]
    with transaction.atomic():
        record_many([entry(kind="dispatch")], readers_of=[])
    assert woken == [1]
