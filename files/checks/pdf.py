"""PDF: begins and ends as one, does nothing by itself, carries no other file, and is not something else besides.

Names are looked for in the raw bytes and in object streams, which hide dictionaries under compression, and
``/Java#53cript`` is read as readers read it. An encrypted file cannot be looked into and is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from time import thread_time
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _

from files.errors import FileRefused
from files.limits import MOST_INFLATED_BYTES, MOST_SECONDS, MOST_STREAMS

_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_BEFORE: Final = 1024
"""Bytes that readers let stand before the header: a mail's or a printer's lines."""
_ANOTHER: Final = re.compile(rb"^[\s\xef\xbb\xbf\x00]*<|<(?:!doctype|html|script|svg|\?)|^#!|^MZ|PK\x03\x04", re.I)
"""What before the header makes it something else besides: markup, a program, an archive."""
_END: Final = b"%%EOF"
_TAIL: Final = 2048
_ACTIVE: Final = frozenset(
    {b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"XFA", b"SubmitForm", b"ImportData",
     b"GoToE", b"Rendition"}
)  # fmt: skip
_ENCRYPT: Final = b"Encrypt"
_DELIMITER: Final = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
_NAMES: Final = re.compile(b"/(" + b"|".join(sorted(_ACTIVE | {_ENCRYPT}, reverse=True)) + b")" + _DELIMITER)
_ESCAPED: Final = re.compile(
    rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%#]{0,30}(?:#[0-9A-Fa-f]{2}[^\x00\t\n\x0c\r ()<>\[\]{}/%#]{0,30})+)"
)
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"(?<!end)stream[ \t]*\r?\n?")
_STREAM_END: Final = b"endstream"
_CHUNK: Final = 4096

_BROKEN: Final = _("PDF 不完整或已损坏，请重新导出后再上传")
_MORE: Final = _("PDF 前后还有别的内容，请重新导出后再上传")
_DOES: Final = _("PDF 带有脚本、附件或自动执行的动作，请“打印为 PDF”后再上传")
_LOCKED: Final = _("PDF 设有密码或使用限制，请去掉后再上传")
_HIDES: Final = _("PDF 的压缩内容过大或无法检查，请“打印为 PDF”后再上传")


def check(stream: IO[bytes], format_: str, at: datetime) -> dict[str, Any]:
    """Nothing more than that it is a PDF. Raises FileRefused."""
    content = stream.read()
    if header_offset(content) is None:
        raise FileRefused("", _BROKEN)
    end = content.rfind(_END, max(0, len(content) - _TAIL))
    if end < 0 or b"startxref" not in content[max(0, end - _TAIL) : end]:
        raise FileRefused("", _MORE if _END in content else _BROKEN)
    if content[end + len(_END) :].strip(b"\x00\t\n\x0c\r ") or zipfile.is_zipfile(stream):
        raise FileRefused("", _MORE)
    _look_for_actions(content)
    for inflated in _object_streams(content):
        _look_for_actions(inflated)
    return {}


def header_offset(content: bytes) -> int | None:
    """Where the header stands, at most _BEFORE bytes from the start and behind nothing else; None where it does not."""
    found = _HEADER.search(content, 0, _BEFORE + len(b"%PDF-1.7"))
    return found.start() if found and not _ANOTHER.search(content[: found.start()]) else None


def _look_for_actions(content: bytes) -> None:
    found = set(_NAMES.findall(content))
    found |= {_plain(name) for name in set(_ESCAPED.findall(content))}
    if found & _ACTIVE:
        raise FileRefused("", _DOES)
    if _ENCRYPT in found:
        raise FileRefused("", _LOCKED)


def _plain(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name)


def _object_streams(content: bytes) -> Iterator[bytes]:
    """What the object streams hold, unpacked.

    Everything since the last stream counts as the dictionary, however long it is and whatever its strings pretend.
    Every byte is looked at a fixed number of times, however the streams lie in one another.
    """
    unpacking, before, end = _Unpacking(content), 0, -1
    for number, match in enumerate(_STREAM.finditer(content)):
        if number >= MOST_STREAMS:
            raise FileRefused("", _HIDES)
        dictionary, before = content[before : match.start()], match.end()
        if b"#" in dictionary:
            dictionary = _plain(dictionary)
        if b"ObjStm" not in dictionary or b"/Filter" not in dictionary:
            continue
        if dictionary.count(b"Decode") - dictionary.count(b"DecodeParms") != dictionary.count(b"FlateDecode"):
            raise FileRefused("", _HIDES)
        if end < match.end():
            end = content.find(_STREAM_END, match.end())
            if end < 0:
                raise FileRefused("", _HIDES)
        yield unpacking.inflate(match.end(), end)


class _Unpacking:
    """Unpacks streams of one file: in all at most MOST_INFLATED_BYTES from at most its own bytes, within a time."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._packed_left = len(content)
        self._left = MOST_INFLATED_BYTES
        self._until = thread_time() + MOST_SECONDS

    def inflate(self, at: int, end: int) -> bytes:
        """A whole compressed stream, unpacked. Raises FileRefused where it is broken, cut, or more than is left.

        A stream that holds the word "endstream" itself is cut there by this reader, and so refused; one within
        another's bytes uses them up twice.
        """
        unpacker, parts = zlib.decompressobj(), []
        while not unpacker.eof:
            packed = self._content[at : min(at + _CHUNK, end)]
            at += len(packed)
            self._packed_left -= len(packed)
            if not packed or self._packed_left < 0 or thread_time() > self._until:
                raise FileRefused("", _HIDES)
            try:
                parts.append(unpacker.decompress(packed, self._left + 1))
            except zlib.error as error:
                raise FileRefused("", _HIDES) from error
            self._left -= len(parts[-1])
            if self._left < 0:
                raise FileRefused("", _HIDES)
        self._packed_left += len(unpacker.unused_data)
        return b"".join(parts)
