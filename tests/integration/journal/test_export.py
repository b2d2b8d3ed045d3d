"""An export of the journal proves itself: what was changed in it, or in the journal before it, is found by the file."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from journal import sealing
from journal.models import Event
from journal.services import Entry, record, record_many, redact
from journal.signing import key_of

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 18, 2, 0, tzinfo=UTC)
WORDS = "张小三，电话 13800001234"
ODD = {"n": 1.5, "zz": [1, None, True], "a": {"bb": '行\u2028\n"\\\x7f\x01', "文": ""}, "aa": 2**53 + 1}
Lines = list[dict[str, Any]]


def entry(subject: int, kind: str = "create", days: int = 0, **texts: str) -> Entry:
    at = AT + timedelta(days=days, microseconds=7)
    return Entry(subject_kind="issue", subject_id=subject, kind=kind, at=at, data=ODD, texts=texts)


@pytest.fixture
def key(tmp_path: Path, settings: Settings) -> Path:
    settings.JOURNAL_KEY = str(tmp_path / "keys" / "journal.pem")
    return Path(settings.JOURNAL_KEY)


@pytest.fixture
def exported(key: Path, tmp_path: Path) -> Path:
    """Two sealed matters, and one since."""
    with transaction.atomic():
        record_many(
            [entry(1, note=WORDS), entry(2), entry(1, "accept", 1, note=WORDS, reason="理由"), entry(2, "x", 2)]
        )
    sealing.seal(AT)
    with transaction.atomic():
        record(entry(3, days=3))
    done(tmp_path / "journal.jsonl")
    return tmp_path / "journal.jsonl"


def done(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("export_journal", path, *options, stdout=out)
    return out.getvalue()


def lines_of(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_it_holds_and_says_what_it_is(exported: Path, key: Path) -> None:
    header, *events, counts, signature = lines_of(exported)
    public = key_of(key).public
    assert (header["form"], header["public_key"], header["from"], header["subject"]) == (
        "govtrack-journal-1", public, None, None,
    )  # fmt: skip
    assert header["seal"]["digest"] == sealing.stored()[-1].digest
    assert [(row["subject"], row["seq"]) for row in events] == [
        ("issue:1", 1), ("issue:2", 1), ("issue:1", 2), ("issue:2", 2), ("issue:3", 1),
    ]  # fmt: skip
    assert events[0]["data"] == ODD
    assert counts == {"events": 5, "texts": 0}
    assert list(signature) == ["signature"]
    assert (exported.stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o600, 0o600)
    said = done(exported, "--check", "--public-key", public)
    assert "ok: 5 events of 3 subjects, 0 texts (0 redacted)" in said
    assert f"signed by {public}" in said
    assert header["seal"]["digest"] in said


def test_words_stay_out_unless_they_are_asked_for(exported: Path, tmp_path: Path) -> None:
    plain = exported.read_text(encoding="utf-8")
    assert WORDS not in plain
    assert "13800001234" not in plain
    assert Event.objects.earliest("id").texts["note"] in plain
    redact(event_id=Event.objects.earliest("id").pk, keys=["note"], reason="更正", by_id=None, role="clerk", at=AT)
    whole = tmp_path / "whole.jsonl"
    assert "7 events, 4 texts" in done(whole, "--texts")
    assert whole.read_text(encoding="utf-8").count(WORDS) == 1
    assert "4 texts (1 redacted)" in done(whole, "--check")


def test_every_export_is_an_event(exported: Path, tmp_path: Path) -> None:
    (event,) = Event.objects.filter(kind="journal_exported")
    assert (event.subject_kind, event.subject_id, event.data["events"], event.data["texts"]) == (
        "installation", 0, 5, False,
    )  # fmt: skip
    *signed, _last = exported.read_bytes().splitlines(keepends=True)
    assert event.data["sha256"] == sha256(b"".join(signed)).hexdigest()
    with pytest.raises(CommandError, match="is there already"):
        done(exported)
    assert Event.objects.filter(kind="journal_exported").count() == 1


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--subject", "issue:1"], [("issue:1", 1), ("issue:1", 2)]),
        (["--from", "2026-03-19"], [("issue:1", 2), ("issue:2", 2), ("issue:3", 1), ("installation:0", 1)]),
        (["--to", "2026-03-18"], [("issue:1", 1), ("issue:2", 1)]),
        (["--from", "2026-03-19", "--to", "2026-03-20"], [("issue:1", 2), ("issue:2", 2)]),
        (["--to", "2026-03-19T10:00:00"], [("issue:1", 1), ("issue:2", 1)]),
        (["--from", "2026-03-19", "--subject", "issue:2"], [("issue:2", 2)]),
        (["--subject", "issue:99"], []),
    ],
)  # fmt: skip
def test_a_part(exported: Path, tmp_path: Path, options: list[str], found: list[tuple[str, int]]) -> None:
    part = tmp_path / "part.jsonl"
    done(part, *options)
    _header, *events, _counts, _signature = lines_of(part)
    assert [(row["subject"], row["seq"]) for row in events] == found
    assert f"ok: {len(found)} events" in done(part, "--check")


def test_two_of_a_subject_may_stand_in_the_other_order(key: Path, tmp_path: Path) -> None:
    """Of two that write at once the later id may get the earlier place in the chain."""
    with transaction.atomic(), connection.cursor() as cursor:
        for number in (900_001, 900_000):
            cursor.execute(
                "INSERT INTO journal_event (id, subject_kind, subject_id, kind, at, actor_role, visible, data, texts)"
                " VALUES (%s, 'sign_in', 0, 'sign_in', %s, 'none', false, '{}', '{}')",
                [number, AT],
            )
    path = tmp_path / "journal.jsonl"
    done(path)
    assert [row["seq"] for row in lines_of(path)[1:-2]] == [2, 1]
    assert "ok: 2 events" in done(path, "--check")


def test_numbers_are_hashed_as_they_are_written(key: Path, tmp_path: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_role, visible, data, texts) VALUES"
            " ('issue', 1, 'create', %s, 'clerk', false, '{\"a\": 2.50, \"b\": 1e-7, \"c\": -0, \"d\": 1e20}', '{}')",
            [AT],
        )
    path = tmp_path / "journal.jsonl"
    done(path)
    assert '"data": {"a": 2.50, "b": 0.0000001, "c": 0, "d": 100000000000000000000}' in path.read_text(encoding="utf-8")
    assert "ok: 1 events" in done(path, "--check")


def _without(lines: Lines, number: int, **header: Any) -> None:
    del lines[number]
    lines[-1]["events"] -= 1
    lines[0].update(header)


CHANGED: dict[str, tuple[Callable[[Lines], None], str]] = {
    "nothing": (lambda lines: None, ""),
    "who did it": (lambda lines: lines[1].update(role="director"), "issue:1 row 1 was changed"),
    "when it was": (lambda lines: lines[1].update(at="2026-03-18T02:00:00.000008+00:00"), "issue:1 row 1 was changed"),
    "what of it": (lambda lines: lines[3]["data"].update(n=1.2), "issue:1 row 2 was changed"),
    "a digest of a text": (lambda lines: lines[3]["texts"].update(note="00"), "issue:1 row 2 was changed"),
    "the first is gone": (lambda lines: _without(lines, 1), "the journal was not what was sealed"),
    "the seal, too": (lambda lines: _without(lines, 1, seal=None), "before issue:1 row 2 a row is missing"),
    "two change places": (lambda lines: lines.insert(1, lines.pop(3)), "the journal was not what was sealed"),
    "the last of a chain is gone": (lambda lines: _without(lines, 4), "the journal was not what was sealed"),
    "a count": (lambda lines: lines[-1].update(events=6), "it holds 5 events and 0 texts"),
    "the seal": (lambda lines: lines[0]["seal"].update(digest="00"), "the journal was not what was sealed"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_was_changed_before_it_was_signed_is_found(exported: Path, key: Path, what: str) -> None:
    """Whoever has the key may sign a file that lies: the hashes say so."""
    change, problem = CHANGED[what]
    *lines, _signature = lines_of(exported)
    change(lines)
    body = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
    signature = key_of(key).sign(sha256(body).digest())
    exported.write_bytes(body + json.dumps({"signature": signature}).encode() + b"\n")
    if not problem:
        assert "ok: 5 events" in done(exported, "--check")
        return
    with pytest.raises(CommandError, match="does not hold") as refused:
        done(exported, "--check")
    assert problem in str(refused.value)


def test_a_text_that_is_another_is_found(exported: Path, key: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    done(whole, "--texts")
    *lines, _signature = lines_of(whole)
    lines[1]["words"]["note"]["text"] = "另一句话"
    body = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
    whole.write_bytes(body + json.dumps({"signature": key_of(key).sign(sha256(body).digest())}).encode() + b"\n")
    with pytest.raises(CommandError, match="issue:1 row 1: the text 'note' is another"):
        done(whole, "--check")


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "one letter": (
        lambda body: body.replace(b'"role": "system"', b'"role": "sytsem"', 1),
        "changed since it was signed",
    ),
    "the header": (lambda body: body.replace(b'"texts": false', b'"texts": true', 1), "changed since it was signed"),
    "its end": (lambda body: b"".join(body.splitlines(keepends=True)[:-1]), "the signature is missing"),
    "half of it": (lambda body: body[: len(body) // 2], "not whole"),
    "empty": (lambda body: b"", "not whole"),
    "something else": (lambda body: b'{"a": 1}\n' * 4, "no export of a journal"),
    "no JSON": (lambda body: b"PK\x03\x04\n" * 4, "is no JSON object"),
    "a line more": (lambda body: body + b"{}\n", "the signature is missing"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_file_that_was_changed_is_found(exported: Path, what: str) -> None:
    damage, problem = DAMAGED[what]
    exported.write_bytes(damage(exported.read_bytes()))
    with pytest.raises(CommandError, match=problem):
        done(exported, "--check")


def test_another_signer_is_told(exported: Path, tmp_path: Path, settings: Settings) -> None:
    other = key_of(tmp_path / "other.pem")
    with pytest.raises(CommandError, match="signed by another key"):
        done(exported, "--check", "--public-key", other.public)
    settings.JOURNAL_KEY = ""
    with pytest.raises(CommandError, match="JOURNAL_KEY is not set"):
        done(tmp_path / "more.jsonl")
    (tmp_path / "broken.pem").write_text("nothing", encoding="utf-8")
    settings.JOURNAL_KEY = str(tmp_path / "broken.pem")
    with pytest.raises(CommandError, match="cannot be used"):
        done(tmp_path / "more.jsonl")
    assert not (tmp_path / "more.jsonl").exists()


@pytest.mark.parametrize("given", [["--from", "yesterday"], ["--subject", "issue"], ["--subject", "issue:one"]])
def test_bad_arguments_are_one_line(tmp_path: Path, given: list[str]) -> None:
    with pytest.raises(CommandError, match=r"is no (date|subject)"):
        done(tmp_path / "journal.jsonl", *given)
