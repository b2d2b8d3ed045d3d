"""The form of an archive: a tar, encrypted by age to the public keys of its readers, a manifest as the last member.

Members are ``configuration.env``, ``files/NAME``, ``database/000000`` and on (pieces of one dump in pg_dump's custom
format) and ``manifest.json``: `age --decrypt` and `tar` read it without this product. Everything is streamed: no more
than a piece is in memory, and no plain text is on a disk.
"""

import hashlib
import json
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, TypeAlias

import pyrage

from govtrack.backup.errors import BackupError

FORM: Final = 1
"""Raised where an older product could not read what is written."""
PIECE: Final = 4 * 1024 * 1024
CONFIGURATION: Final = "configuration.env"
FILES: Final = "files"
DATABASE: Final = "database"
PARTS: Final = (CONFIGURATION, FILES, DATABASE)
"""In this order: the database comes last, so that restoring ends with the step that is whole or nothing."""
_MANIFEST: Final = "manifest.json"
_LONGEST_MANIFEST: Final = 4 * PIECE
_AGE: Final = b"age-encryption.org/"
_NAME: Final = re.compile(r"configuration\.env|files/[0-9a-f]{2}/[0-9a-f]{32}/[a-z0-9.-]{1,40}|database/\d{6,9}")
_BROKEN: Final = "{path} is damaged or not whole: nothing was restored."

Identity: TypeAlias = pyrage.x25519.Identity
Recipient: TypeAlias = pyrage.x25519.Recipient


class Member(NamedTuple):
    """One entry of the tar: ``pieces`` are ``size`` bytes, read before the next member is asked for."""

    name: str
    size: int
    pieces: Iterable[bytes]


class Part:
    """What the manifest says of a part: how many members, their bytes, one SHA-256 over names, sizes and contents."""

    def __init__(self) -> None:
        self.members = self.bytes = 0
        self._digest = hashlib.sha256()

    def counted(self, member: Member) -> Iterator[bytes]:
        """The pieces of a member, counted as they pass. Raises BackupError where they are not ``size`` bytes."""
        self._digest.update(f"{member.name}\0{member.size}\0".encode())
        length = 0
        for piece in member.pieces:
            self._digest.update(piece)
            length += len(piece)
            yield piece
        if length != member.size:
            raise BackupError(f"{member.name} changed its size while it was read: begin again.")
        self.members += 1
        self.bytes += length

    def facts(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {"members": self.members, "bytes": self.bytes, "sha256": self._digest.hexdigest()}


def _part_of(name: str) -> str:
    return name.partition("/")[0]


def write(
    out: IO[bytes],
    members: Iterable[Member],
    *,
    recipients: Sequence[Recipient],
    facts: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Write an archive of ``members`` and return its manifest: ``facts``, asked at the end, and the parts.

    Not encrypted where nobody is named to read it. Raises BackupError.
    """
    manifest: dict[str, Any] = {}
    tar = _tar(members, facts, manifest)
    if not recipients:
        for block in tar:
            out.write(block)
        return manifest
    source = _Source(tar)
    try:
        pyrage.encrypt_io(source, out, recipients)
    except pyrage.EncryptError as error:
        raise source.failure or BackupError(f"The archive could not be encrypted: {error}.") from error
    return manifest


def _tar(members: Iterable[Member], facts: Callable[[], dict[str, Any]], manifest: dict[str, Any]) -> Iterator[bytes]:
    parts = {name: Part() for name in PARTS}
    for member in members:
        yield _header(member.name, member.size)
        yield from parts[_part_of(member.name)].counted(member)
        yield _padding(member.size)
    manifest.update(form=FORM, **facts(), parts={name: part.facts() for name, part in parts.items()})
    body = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    yield _header(_MANIFEST, len(body))
    yield body + _padding(len(body)) + bytes(2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


class _Source:
    """A file that age reads from: what the blocks bring; ``failure`` is what was raised while they were made."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")
        self.failure: Exception | None = None

    def read(self, size: int) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        except Exception as error:
            self.failure = error
            raise
        found, self._rest = self._rest[:size], self._rest[size:]
        return bytes(found)


def is_encrypted(path: Path) -> bool:
    """Whether it takes an identity to read it. Raises BackupError where there is no such file."""
    try:
        with path.open("rb") as file:
            return file.read(len(_AGE)) == _AGE
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error


def verify(path: Path, identities: Sequence[Identity]) -> dict[str, Any]:
    """The manifest of an archive of which every byte is as it was written. Raises BackupError."""
    parts = {name: Part() for name in PARTS}
    manifest: dict[str, Any] | None = None
    with _opened(path, identities) as stream:
        for member in _members(stream):
            if manifest is not None or not (member.name == _MANIFEST or _NAME.fullmatch(member.name)):
                raise BackupError(f"{path} is no back-up of this product: it holds {member.name[:60]!r}.")
            if member.name == _MANIFEST:
                manifest = _manifest(member)
            else:
                for _piece in parts[_part_of(member.name)].counted(member):
                    pass
        while stream.read(PIECE):
            pass
    if manifest is None or manifest.get("parts") != {name: part.facts() for name, part in parts.items()}:
        raise BackupError(_BROKEN.format(path=path))
    if manifest.get("form") != FORM:
        raise BackupError(f"{path} was written by another version of this product, in form {manifest.get('form')}.")
    return manifest


def _manifest(member: Member) -> dict[str, Any]:
    if member.size > _LONGEST_MANIFEST:
        raise EOFError
    try:
        return dict(json.loads(b"".join(member.pieces)))
    except ValueError as error:
        raise EOFError from error


@contextmanager
def members_of(path: Path, identities: Sequence[Identity]) -> Iterator[Iterator[Member]]:
    """The members of an archive that was verified, without its manifest. Raises BackupError."""
    with _opened(path, identities) as stream:
        yield (member for member in _members(stream) if member.name != _MANIFEST)


def _members(stream: IO[bytes]) -> Iterator[Member]:
    while (block := _exactly(stream, tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
        entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        pieces = _pieces(stream, entry.size)
        yield Member(entry.name, entry.size, pieces)
        for _unread in pieces:
            pass
        _exactly(stream, -entry.size % tarfile.BLOCKSIZE)


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _exactly(stream, min(size, PIECE))
        size -= len(piece)
        yield piece


def _exactly(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) != size:
        raise EOFError
    return found


@contextmanager
def _opened(path: Path, identities: Sequence[Identity]) -> Iterator[IO[bytes]]:
    """The tar within. Where the block meets an end or a header that is none: raises BackupError."""
    try:
        with path.open("rb") as raw:
            if not is_encrypted(path):
                yield raw
            else:
                with _decrypted(raw, path, identities) as stream:
                    yield stream
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(_BROKEN.format(path=path)) from error


@contextmanager
def _decrypted(raw: IO[bytes], path: Path, identities: Sequence[Identity]) -> Iterator[IO[bytes]]:
    """What age writes into a pipe from a thread. Where age fails, that is why the reader failed too."""
    read_end, write_end = os.pipe()
    failures: list[Exception] = []

    def decrypt() -> None:
        try:
            with os.fdopen(write_end, "wb") as sink:
                pyrage.decrypt_io(raw, sink, identities)
        except BrokenPipeError:
            return  # the reader has had enough
        except (pyrage.DecryptError, OSError) as error:
            failures.append(error)

    worker = threading.Thread(target=decrypt)
    worker.start()
    try:
        with os.fdopen(read_end, "rb") as stream:
            yield stream
    finally:
        worker.join()
        if failures:
            raise _reason(path, failures[0]) from failures[0]


def _reason(path: Path, failure: Exception) -> BackupError:
    if isinstance(failure, pyrage.DecryptError) and "matching keys" in str(failure):
        return BackupError(f"{path} was not encrypted to this identity: nothing was restored.")
    return BackupError(_BROKEN.format(path=path))
