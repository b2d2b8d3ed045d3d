"""Where the bytes are: the storage ``files`` of the settings, local or S3. Names are made here, never by people."""

from datetime import UTC, datetime
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages


def storage() -> Storage:
    """The storage of files: a private directory, or a private bucket."""
    return storages["files"]


def name_of(public_id: str, part: str) -> str:
    """The name of one part of a file, e.g. ``3f/3f2a…/original``; two levels keep directories small."""
    return f"{public_id[:2]}/{public_id}/{part}"


def write(name: str, content: bytes | IO[bytes]) -> None:
    """Store ``content`` under ``name``, over what may be there from an attempt that died."""
    body: File[bytes] = ContentFile(content) if isinstance(content, bytes) else File(content)
    kept = storage().save(name, body)
    if kept != name:
        raise OSError(f"the storage kept {kept!r} instead of {name!r}")


def open_file(name: str) -> "File[bytes]":
    """The bytes under ``name``. Raises FileNotFoundError."""
    return storage().open(name, "rb")


def remove(*names: str) -> None:
    """Delete what is there under these names; "" is skipped."""
    for name in names:
        if name:
            storage().delete(name)


def public_ids(prefix: str) -> list[str]:
    """The public ids of which there are bytes, of those that begin with these two digits."""
    try:
        directories, _names = storage().listdir(prefix)
    except FileNotFoundError:
        return []
    return sorted(name for name in directories if name)


def names_of(public_id: str) -> list[str]:
    """The names of all parts that are stored of one file."""
    directory = name_of(public_id, "").rstrip("/")
    try:
        _directories, names = storage().listdir(directory)
    except FileNotFoundError:
        return []
    return [f"{directory}/{name}" for name in sorted(names) if name]


def last_written_at(public_id: str) -> datetime:
    """When the last part of a file was written; long ago where there is none."""
    times = [storage().get_modified_time(name) for name in names_of(public_id)]
    return max(times, default=datetime.min.replace(tzinfo=UTC))
