"""Checking an upload by its content: what it is, that it is whole, that it is nothing else besides.

Nothing that the sender claims is believed, neither the media type nor the extension: the content decides and the name
follows. ``examine`` reads the upload, leaves it rewound and stores nothing.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, Final

import filetype
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from files import names
from files.checks import documents, images
from files.checks.facts import FileFacts
from files.enums import FileKind
from files.errors import FileRefused
from files.limits import MB, MOST_DOCUMENT_BYTES, MOST_PHOTO_BYTES

__all__ = ["FileFacts", "examine", "is_document"]

_HEAD: Final = 8192
_FORMATS: Final = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
"""Brands of pictures in HEVC, of eight bits and of ten."""
_Check = Callable[[IO[bytes], str, datetime], dict[str, Any]]
_CHECKS: Final[dict[str, _Check]] = {
    "jpeg": images.check,
    "png": images.check,
    "webp": images.check,
    "heic": images.check,
    "pdf": documents.check,
    "zip": documents.check,
}


def is_document(upload: "UploadedFile[Any]") -> bool:
    """Whether the first bytes are a document's, which is dear to examine. Leaves it rewound."""
    stream: IO[bytes] = upload.file  # type: ignore[assignment]
    stream.seek(0)
    found = _sniff(stream.read(_HEAD))
    stream.seek(0)
    return found in ("pdf", "zip")


def examine(upload: "UploadedFile[Any]", *, at: datetime) -> FileFacts:
    """What ``upload`` is. Raises FileRefused with the reason, told to the person who sent it."""
    name = names.safe_name(upload.name or "")
    try:
        return _examine(upload, name, at)
    except FileRefused as refused:
        raise FileRefused(name, refused.message) from refused
    finally:
        upload.seek(0)


def _examine(upload: "UploadedFile[Any]", name: str, at: datetime) -> FileFacts:
    size = upload.size or 0
    if size == 0:
        raise FileRefused(name, _("文件是空的，请重新选择"))
    largest = max(MOST_PHOTO_BYTES, MOST_DOCUMENT_BYTES)
    if size > largest:
        raise _too_large(name, largest)
    stream: IO[bytes] = upload.file  # type: ignore[assignment]
    stream.seek(0)
    found = _sniff(stream.read(_HEAD))
    if not found:
        raise FileRefused(name, documents.NOT_ACCEPTED)
    stream.seek(0)
    details = _CHECKS[found](stream, found, at)
    format_ = str(details.pop("format", found))
    kind = FileKind.DOCUMENT if format_ in ("pdf", "docx", "xlsx") else FileKind.PHOTO
    most = MOST_PHOTO_BYTES if kind == FileKind.PHOTO else MOST_DOCUMENT_BYTES
    if size > most:
        raise _too_large(name, most)
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return FileFacts(
        name=names.with_extension(name, format_), format=format_, kind=kind, size=size, sha256=digest, **details
    )


def _too_large(name: str, most: int) -> FileRefused:
    return FileRefused(name, _("文件超过 %(n)d MB，请压缩或截取后再上传") % {"n": most // MB})


def _sniff(head: bytes) -> str:
    """The format that the first bytes say; ``zip`` for what may be a docx or xlsx, "" for what is not accepted."""
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if _brands(head) & _HEIC:
        return "heic"
    guess = filetype.guess(head)
    if guess is None:
        return "pdf" if documents.begins_as_pdf(head) else ""
    return _FORMATS.get(guess.mime, "")


def _brands(head: bytes) -> set[bytes]:
    """What an ISO media file says that it can be read as; none of other files, and of films."""
    if head[4:8] != b"ftyp":
        return set()
    listed = head[8:12] + head[16 : min(int.from_bytes(head[:4]), 256)]
    return {listed[at : at + 4] for at in range(0, len(listed), 4)}
