"""A seal outside the database finds what was rewritten with every chain redone; nothing later breaks it."""

import json
import threading
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from pytest_django import Settings

from journal import sealing
from journal.models import JournalSeal
from journal.services import Entry, record, record_many
from journal.verification import verify
from tests.support.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 18, 20, 47, tzinfo=UTC)
_AS_OWNER = "ALTER TABLE journal_event DISABLE TRIGGER USER; {} ; ALTER TABLE journal_event ENABLE TRIGGER USER"
REWRITTEN: dict[str, str] = {
    "an event is changed and its chain redone": """
        UPDATE journal_event e SET actor_role = 'director' WHERE subject_id = 1 AND seq = 1;
        UPDATE journal_event e SET hash = journal_digest(subject_kind, subject_id, seq, kind, at, actor_id, actor_role,
            visible, data, texts, prev_hash) WHERE subject_id = 1 AND seq = 1;
        UPDATE journal_event e SET prev_hash = f.hash FROM journal_event f
            WHERE e.subject_id = 1 AND e.seq = 2 AND f.subject_id = 1 AND f.seq = 1;
        UPDATE journal_event e SET hash = journal_digest(subject_kind, subject_id, seq, kind, at, actor_id, actor_role,
            visible, data, texts, prev_hash) WHERE subject_id = 1 AND seq = 2;
        UPDATE journal_chain c SET hash = e.hash FROM journal_event e
            WHERE c.subject_id = 1 AND e.subject_id = 1 AND e.seq = 2""",
    "a whole subject is gone": """
        DELETE FROM journal_pending WHERE event_id IN (SELECT id FROM journal_event WHERE subject_id = 2);
        DELETE FROM journal_event WHERE subject_id = 2; DELETE FROM journal_chain WHERE subject_id = 2""",
    "the last event is gone": """
        DELETE FROM journal_pending WHERE event_id IN (SELECT id FROM journal_event WHERE subject_id = 1 AND seq = 2);
        DELETE FROM journal_event WHERE subject_id = 1 AND seq = 2;
        UPDATE journal_chain c SET seq = 1, hash = e.hash FROM journal_event e
            WHERE c.subject_id = 1 AND e.subject_id = 1 AND e.seq = 1""",
}


def entry(subject: int, kind: str = "create") -> Entry:
    return Entry(subject_kind="issue", subject_id=subject, kind=kind, at=AT)


def sealed(to: Path) -> None:
    """Three events, and a seal of them in a file."""
    record_many([entry(1), entry(1, "accept"), entry(2)])
    assert sealing.seal(AT) is not None
    assert sealing.send(str(to), AT) == 1


def verified(**options: object) -> str:
    out = StringIO()
    call_command("verify_journal", stdout=out, **options)
    return out.getvalue()


def test_what_is_written_later_breaks_no_seal(tmp_path: Path, settings: Settings) -> None:
    settings.SEAL_TO = str(tmp_path / "deep" / "seals")
    for number in range(3):
        record_many([entry(number), entry(9, f"step{number}")])
        made = sealing.seal(AT)
        assert made is not None
        assert made.events == 2 * number + 2
    assert sealing.seal(AT) is None
    assert sealing.send(settings.SEAL_TO, AT) == 3
    assert sealing.send(settings.SEAL_TO, AT) == 0
    record(entry(9, "later"))
    assert "ok: 3 seals hold" in verified()
    assert Path(settings.SEAL_TO).stat().st_mode & 0o777 == 0o600


def test_a_digest_does_not_depend_on_the_seals_before_it(tmp_path: Path) -> None:
    record_many([entry(1), entry(2)])
    sealing.seal(AT)
    record_many([entry(1, "accept"), entry(3)])
    step_by_step = sealing.seal(AT)
    JournalSeal.objects.all().delete()
    at_once = sealing.seal(AT)
    assert step_by_step is not None
    assert at_once is not None
    assert (at_once.events, at_once.digest) == (4, step_by_step.digest)


@pytest.mark.parametrize("how", REWRITTEN)
def test_rewriting_is_found_by_the_file_alone(how: str, tmp_path: Path) -> None:
    sealed(tmp_path / "seals")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_AS_OWNER.format(REWRITTEN[how]))
    JournalSeal.objects.all().delete()
    assert verify().broken is None, "every chain was redone"
    verified()
    with pytest.raises(CommandError, match="is not what was sealed at"):
        verified(seals=[tmp_path / "seals"])


def test_a_seal_that_could_not_leave_goes_with_the_next(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").write_text("")
    settings.SEAL_TO = str(tmp_path / "file" / "seals")
    record(entry(1))
    with pytest.raises(CommandError, match="the seal is kept and goes with the next run"):
        call_command("seal_journal")
    assert JournalSeal.objects.filter(sent_at=None).count() == 1
    settings.SEAL_TO = str(tmp_path / "seals")
    out = StringIO()
    call_command("seal_journal", stdout=out)
    assert out.getvalue().startswith("nothing new to seal; 1 seals brought to")
    assert [row.events for row in sealing.read(tmp_path / "seals")] == [1]


def test_a_seal_leaves_by_mail_and_the_kept_mail_is_checked(sink: SmtpSink, tmp_path: Path, settings: Settings) -> None:
    settings.SEAL_TO = "mailto:audit@example.org"
    record_many([entry(1), entry(2)])
    call_command("seal_journal", stdout=StringIO())
    (mail,) = sink.received
    kept = tmp_path / "mail.eml"
    kept.write_bytes(mail.raw)
    assert "ok: 1 seals hold" in verified(seals=[kept])
    assert json.loads(next(line for line in kept.read_text().splitlines() if line.startswith('{"at"')))["events"] == 2


@pytest.mark.parametrize("content", ["", "no seals\n"])
def test_a_file_without_seals_is_said(content: str, tmp_path: Path) -> None:
    (tmp_path / "seals").write_text(content)
    with pytest.raises(CommandError, match="holds no seals"):
        verified(seals=[tmp_path / "seals"])
    with pytest.raises(CommandError, match="cannot be read"):
        verified(seals=[tmp_path / "missing"])


def test_without_a_place_the_command_says_what_is_missing(settings: Settings) -> None:
    settings.SEAL_TO = ""
    with pytest.raises(CommandError, match="SEAL_TO is not set"):
        call_command("seal_journal")


@pytest.mark.django_db(transaction=True)
def test_a_seal_waits_for_who_is_writing() -> None:
    """An event with a smaller id that is committed later would not be in the seal, and break it."""
    written, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            record(entry(1))
            written.set()
            go_on.wait(60)
        connections.close_all()

    writer = threading.Thread(target=slowly)
    writer.start()
    assert written.wait(60)
    threading.Timer(0.5, go_on.set).start()
    made = sealing.seal(AT)
    writer.join()
    assert made is not None
    assert made.events == 1
    assert sealing.broken_seal(sealing.stored()) is None
