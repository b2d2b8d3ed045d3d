"""Where the bytes are: the storage ``files`` of the settings, local or S3. Names are made here, never by people."""

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
