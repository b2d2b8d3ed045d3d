"""The archive of a back-up: what was written comes back, and one changed byte is found before anything is used."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from govtrack.backup import configuration, keys
from govtrack.backup.archive import PIECE, Identity, Member, is_encrypted, members_of, verify, write
from govtrack.backup.errors import BackupError

READER = Identity.generate()
FILE = f"files/3f/{'3f' * 16}/large-1.jpg"
CONTENTS = {
    "configuration.env": b"DEMO=1\n",
    FILE: b"\xff\xd8" * 5000,
    "database/000000": b"PGDMP" + bytes(PIECE),
    "database/000001": b"",
}


def members(contents: dict[str, bytes]) -> Iterator[Member]:
    for name, content in contents.items():
        yield Member(name, len(content), [content[start : start + 1000] for start in range(0, len(content), 1000)])


@pytest.fixture(params=["encrypted", "plain"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[Identity]]:
    readers = [READER] if request.param == "encrypted" else []
    path = tmp_path / "archive"
    with path.open("wb") as out:
        write(out, members(CONTENTS), recipients=[one.to_public() for one in readers], facts=lambda: {"events": 7})
    return path, readers


def test_what_was_written_comes_back(archive: tuple[Path, list[Identity]]) -> None:
    path, readers = archive
    assert is_encrypted(path) == bool(readers)
    manifest = verify(path, readers)
    assert manifest["events"] == 7
    assert {name: part["members"] for name, part in manifest["parts"].items()} == {
        "configuration.env": 1, "files": 1, "database": 2,
    }  # fmt: skip
    with members_of(path, readers) as found:
        assert {row.name: b"".join(row.pieces) for row in found} == CONTENTS


def test_other_programs_read_it(archive: tuple[Path, list[Identity]]) -> None:
    path, readers = archive
    tar = pyrage.decrypt(path.read_bytes(), readers) if readers else path.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(tar)) as found:
        assert found.getnames() == [*CONTENTS, "manifest.json"]
        assert {row.mode for row in found} == {0o600}


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing is left": lambda whole: b"",
    "it breaks off in its head": lambda whole: whole[:90],
    "it breaks off in the middle": lambda whole: whole[: len(whole) // 2],
    "its end is missing": lambda whole: whole[:-1100],
    "one bit is another": lambda whole: whole[: PIECE // 2] + bytes([whole[PIECE // 2] ^ 1]) + whole[PIECE // 2 + 1 :],
    "a piece is missing": lambda whole: whole[: PIECE // 2] + whole[PIECE // 2 + 65536 :],
    "it is something else": lambda whole: b"PK\x03\x04" + bytes(2000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_found(archive: tuple[Path, list[Identity]], damage: str) -> None:
    path, readers = archive
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(BackupError, match="is damaged or not whole"):
        verify(path, readers)


def test_another_identity_does_not_read_it(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with path.open("wb") as out:
        write(out, members(CONTENTS), recipients=[READER.to_public()], facts=dict)
    with pytest.raises(BackupError, match="was not encrypted to this identity"):
        verify(path, [Identity.generate()])


@pytest.mark.parametrize("name", ["files/../../etc/passwd", "/etc/passwd", "files/3f/short/original", "other"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "archive"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(BackupError, match="is no back-up of this product"):
        verify(path, [])


def test_a_file_that_changes_while_it_is_read_ends_it(tmp_path: Path) -> None:
    with (tmp_path / "archive").open("wb") as out, pytest.raises(BackupError, match="changed its size"):
        write(out, [Member(FILE, 9, [b"eight..."])], recipients=[READER.to_public()], facts=dict)


REFUSED: dict[str, tuple[bool, bool, str]] = {
    "no identity": (True, True, "is encrypted: name the file with the identity"),
    "another identity": (True, True, "was not encrypted to this identity"),
    "half of it": (True, True, "is damaged or not whole"),
    "no such file": (True, True, "cannot be read"),
    "without a key": (True, True, "PERSONAL_DATA_KEYS lacks 1 of the keys"),
    "plain": (False, False, "only a demonstration"),
    "plain, in a demonstration": (False, True, "PERSONAL_DATA_KEYS lacks 1 of the keys"),
}
"""Whether it is encrypted, whether this is a demonstration, and what is said."""


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_before_the_database_is_looked_at(tmp_path: Path, settings: Settings, what: str) -> None:
    """Nothing of a database is reached in a unit test: who asks one fails."""
    encrypted, settings.DEMO, words = REFUSED[what]
    path, key = tmp_path / "archive", tmp_path / "key"
    if what != "no such file":
        with path.open("wb") as out:
            facts = {"personal_data_keys": [*keys.of_personal_data(), keys.fingerprint("of the office")]}
            write(out, members(CONTENTS), recipients=[READER.to_public()] if encrypted else [], facts=lambda: facts)
    if what == "half of it":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    key.write_text(str(Identity.generate() if what == "another identity" else READER), encoding="utf-8")
    with pytest.raises(CommandError, match=words) as refused:
        call_command("restore", path, identity=None if what == "no identity" else key)
    assert "\n" not in str(refused.value)


def test_identities_are_read_as_age_keygen_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text(f"# created: 2026-11-29\n# public key: {READER.to_public()}\n{READER}\n", encoding="utf-8")
    assert [str(one) for one in keys.identities(path)] == [str(READER)]
    for text in ("", "# nothing\n", str(READER.to_public()), "AGE-SECRET-KEY-1QQQ"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BackupError, match="no identity of age"):
            keys.identities(path)
    with pytest.raises(BackupError, match="cannot be read"):
        keys.identities(tmp_path / "nowhere")


def test_recipients(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Identity.generate()
    monkeypatch.setenv("BACKUP_RECIPIENT", f"{READER.to_public()}, {other.to_public()}")
    assert [str(one) for one in keys.recipients()] == [str(READER.to_public()), str(other.to_public())]
    monkeypatch.setenv("BACKUP_RECIPIENT", str(READER))
    with pytest.raises(BackupError, match="no public key of age") as refused:
        keys.recipients()
    assert str(READER) not in str(refused.value)


SECRETS = {
    "SECRET_KEY": "secret-of-the-office",
    "PERSONAL_DATA_KEYS": "new-key-of-the-office,old-key-of-the-office",
    "METRICS_TOKEN": "token-of-the-office",
    "DATABASE_URL": "postgres://app:password-one@db.example.org:5432/govtrack?sslpassword=password-two",
    "DATABASE_OWNER_URL": "postgres://owner:password-three@db.example.org:5432/govtrack",
    "REDIS_URL": "redis://:password-four@cache.example.org:6379/0",
    "EMAIL_URL": "smtp+tls://user:password-five@mail.example.org:587",
    "FILES_URL": "s3://KEY-ID:password%2Fsix@s3.example.org:9000/bucket?region=cn",
    "POSTGRES_PASSWORD": "password-seven",
    "A_VARIABLE_OF_TOMORROW": "password-eight",
}


def test_the_configuration_holds_no_key_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PUBLIC_URL", "https://govtrack.example.org")
    text = configuration.text()
    for word in ("password", "secret-of", "key-of", "token-of", "KEY-ID", "app:", "owner", "user"):
        assert word not in text, word
    assert "FILES_URL=s3://s3.example.org:9000/bucket\n" in text
    assert "DATABASE_URL=postgres://db.example.org:5432/govtrack\n" in text
    monkeypatch.setenv("PUBLIC_URL", "https://elsewhere.example.org")
    monkeypatch.setenv("FILES_URL", "file:///srv/files")
    assert configuration.differences(text) == ["PUBLIC_URL=https://govtrack.example.org"]


def test_a_fingerprint_names_a_key_and_tells_nothing_of_it() -> None:
    assert keys.fingerprint("a") != keys.fingerprint("b")
    assert len(keys.fingerprint("key-of-the-office")) == 12
