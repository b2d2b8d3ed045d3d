"""docx and xlsx: a ZIP of XML parts, opened within limits; no macros, no embedded programs, nothing fetched.

Hyperlinks may lead outside, for somebody has to click them, and so may a workbook's links to other workbooks, about
which Excel asks. A template, picture, frame or object from outside is fetched by merely opening the file: refused.
"""

import re
import zipfile
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from files.examiner.flaws import Flaw, Unfit
from files.limits import MB, MOST_ENTRIES, MOST_MARKUP_BYTES, MOST_RATIO, MOST_UNPACKED_BYTES

_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": ("docx", "document"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": ("xlsx", "workbook"),
}
_EOCD: Final = b"PK\x05\x06"
_EOCD_SIZE: Final = 22
_ENCRYPTED: Final = 0x1
_STEP: Final = 65536
_MACROS: Final = re.compile(
    r"vbaproject|vbadata|macrosheet|activex|oleobject|\.(?:exe|dll|js|vbs|ps1|bat|cmd|scr|lnk)$", re.I
)
_MACRO_TYPES: Final = re.compile(r"macroenabled|vbaproject|activex|oleobject|ms-package\.xps", re.I)
_HARMLESS_OUTSIDE: Final = ("/hyperlink", "/externalLinkPath", "/externalLink")
_LINK: Final = re.compile(r"(?:https?|mailto|tel|file):|[^:]*$", re.I)


def examine(stream: BinaryIO) -> str:
    """ "docx" or "xlsx". Raises Unfit."""
    _alone(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = _within_limits(archive)
            found = _main_part(archive, parts)
            _nothing_outside(archive, parts)
            _whole(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ParseError, ValueError, KeyError) as error:
        raise Unfit(Flaw.BROKEN) from error
    return found


def _alone(stream: BinaryIO) -> None:
    """The archive begins with the file and its directory ends it."""
    size = stream.seek(0, 2)
    if size < _EOCD_SIZE:
        raise Unfit(Flaw.BROKEN)
    stream.seek(size - _EOCD_SIZE)
    last = stream.read()
    if not last.startswith(_EOCD) or last[-2:] != b"\x00\x00":
        stream.seek(max(0, size - _STEP))
        raise Unfit(Flaw.MORE if _EOCD in stream.read() else Flaw.BROKEN)
    stream.seek(0)


def _within_limits(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by name, judged by the directory; ``_whole`` finds a directory that lies."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise Unfit(Flaw.LARGE)
    for entry in entries:
        if entry.file_size > MB and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            raise Unfit(Flaw.LARGE)
        if entry.flag_bits & _ENCRYPTED:
            raise Unfit(Flaw.LOCKED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or _leads_away(entry.filename):
            raise Unfit(Flaw.BROKEN)
        if _MACROS.search(entry.filename):
            raise Unfit(Flaw.PROGRAM)
    parts = {entry.filename: entry for entry in entries}
    if len(parts) != len(entries) or sum(entry.compress_size for entry in entries) > _size(archive):
        raise Unfit(Flaw.BROKEN)
    if entries and min(entry.header_offset for entry in entries) != 0:
        raise Unfit(Flaw.MORE)
    return parts


def _size(archive: zipfile.ZipFile) -> int:
    if archive.fp is None:
        raise zipfile.BadZipFile
    return archive.fp.seek(0, 2)


def _leads_away(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or "\x00" in name


def _main_part(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> str:
    """The format by the part that the content types name as the main one, which must be what it says."""
    if _TYPES not in parts:
        raise Unfit(Flaw.OTHER)
    for element in _markup(archive, parts[_TYPES]).iter():
        declared = element.get("ContentType", "")
        if _MACRO_TYPES.search(declared):
            raise Unfit(Flaw.PROGRAM)
    for element in _markup(archive, parts[_TYPES]).iter():
        format_, root = _MAIN.get(element.get("ContentType", ""), ("", ""))
        part = parts.get(element.get("PartName", "").removeprefix("/"))
        if format_ and part is not None and _root(archive, part) == root:
            return format_
    raise Unfit(Flaw.OTHER)


def _markup(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Element:
    """One small XML part, parsed without document types, entities or anything fetched."""
    if part.file_size > MOST_MARKUP_BYTES:
        raise Unfit(Flaw.LARGE)
    try:
        parsed: Element = ElementTree.fromstring(archive.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unfit(Flaw.BROKEN) from error
    return parsed


def _root(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """The local name of the root element; the rest of a large part is not parsed."""
    try:
        with archive.open(part) as stream:
            for _event, element in ElementTree.iterparse(stream, events=("start",), forbid_dtd=True):
                return str(element.tag).rpartition("}")[2]
    except DefusedXmlException as error:
        raise Unfit(Flaw.BROKEN) from error
    return ""


def _nothing_outside(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> None:
    links = [part for name, part in parts.items() if name.lower().endswith(".rels")]
    if sum(part.file_size for part in links) > MOST_MARKUP_BYTES:
        raise Unfit(Flaw.LARGE)
    for part in links:
        for element in _markup(archive, part).iter():
            if element.get("TargetMode", "").lower() != "external":
                continue
            if not element.get("Type", "").endswith(_HARMLESS_OUTSIDE):
                raise Unfit(Flaw.FETCHES)
            if not _LINK.match(element.get("Target", "")):
                raise Unfit(Flaw.FETCHES)


def _whole(archive: zipfile.ZipFile) -> None:
    """Unpack everything once, no further than it says it goes, and compare the checksums."""
    for entry in archive.infolist():
        with archive.open(entry) as stream:
            while stream.read(_STEP):
                pass
