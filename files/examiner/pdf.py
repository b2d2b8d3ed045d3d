"""PDF: begins and ends as one, does nothing by itself, carries no other file, and is not something else besides.

Every object that qpdf finds is looked at in qpdf's own spelling (``/Java#53cript`` reads ``/JavaScript`` there), object
streams unpacked by it too. The raw bytes are looked through once as well: readers that mend a broken table find
objects that the table does not name. What an object stream holds that qpdf does not know of is refused as hidden.
An encrypted file cannot be looked into and is refused.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pikepdf

from files.examiner.flaws import Flaw, Unfit
from files.examiner.heads import header_offset
from files.limits import MOST_INFLATED_BYTES

_END: Final = b"%%EOF"
_TAIL: Final = 2048
_ACTIVE: Final = frozenset(
    {b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"XFA", b"SubmitForm", b"ImportData",
     b"GoToE", b"Rendition"}
)  # fmt: skip
_ENCRYPT: Final = b"Encrypt"
_PACKED: Final = b"ObjStm"
_DELIMITER: Final = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
_BY_ITSELF: Final = re.compile(b"/(?:OpenAction|AA)" + _DELIMITER)
_WANTED: Final = _ACTIVE | {_ENCRYPT, _PACKED}
_NAMES: Final = re.compile(b"/(" + b"|".join(sorted(_WANTED, reverse=True)) + b")" + _DELIMITER)
_ESCAPED: Final = re.compile(
    rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%#]{0,30}(?:#[0-9A-Fa-f]{2}[^\x00\t\n\x0c\r ()<>\[\]{}/%#]{0,30})+)"
)
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_CHAINED: Final = 20
"""Actions one after another: nobody draws more, and a ring of them has no end."""


def examine(stream: BinaryIO) -> str:
    """ "pdf". Raises Unfit."""
    content = stream.read()
    _stands_alone(content, stream)
    packed = _names_allowed(content).count(_PACKED)
    stream.seek(0)
    try:
        with pikepdf.open(stream, suppress_warnings=True) as opened:
            if opened.is_encrypted:
                raise Unfit(Flaw.LOCKED)
            found = _look_at_objects(opened)
    except pikepdf.PasswordError as error:
        raise Unfit(Flaw.LOCKED) from error
    except pikepdf.PdfError as error:
        raise Unfit(Flaw.BROKEN) from error
    if found < packed:
        raise Unfit(Flaw.HIDDEN)
    return "pdf"


def _stands_alone(content: bytes, stream: BinaryIO) -> None:
    """It begins as a PDF and ends as one."""
    if header_offset(content) is None:
        raise Unfit(Flaw.BROKEN)
    end = content.rfind(_END, max(0, len(content) - _TAIL))
    if end < 0 or b"startxref" not in content[max(0, end - _TAIL) : end]:
        raise Unfit(Flaw.MORE if _END in content else Flaw.BROKEN)
    if content[end + len(_END) :].strip(b"\x00\t\n\x0c\r ") or zipfile.is_zipfile(stream):
        raise Unfit(Flaw.MORE)


def _look_at_objects(opened: pikepdf.Pdf) -> int:
    """How many object streams there are, once every object and what they hold has been looked at. Raises Unfit."""
    packed, left = 0, MOST_INFLATED_BYTES
    for thing in opened.objects:
        plain = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
        text = plain.unparse(resolved=True)
        _names_allowed(text)
        if _BY_ITSELF.search(text):
            _does_nothing(plain)
        if _PACKED in text and isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/ObjStm":
            packed += 1
            left -= len(_unpacked(thing, left))
    return packed


def _unpacked(thing: pikepdf.Stream, most: int) -> bytes:
    """What an object stream holds, its names looked at. Raises Unfit."""
    try:
        content = bytes(thing.read_bytes())
    except pikepdf.PdfError as error:
        raise Unfit(Flaw.HIDDEN) from error
    if len(content) > most:
        raise Unfit(Flaw.HIDDEN)
    _names_allowed(content)
    return content


def _names_allowed(content: bytes) -> list[bytes]:
    """The names that matter here, each as often as it stands there. Raises Unfit for one that does something."""
    found = _NAMES.findall(content)
    found += [name for name in map(_plain, _ESCAPED.findall(content)) if name in _WANTED]
    if not _ACTIVE.isdisjoint(found):
        raise Unfit(Flaw.ACTIVE)
    if _ENCRYPT in found:
        raise Unfit(Flaw.LOCKED)
    return found


def _plain(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name)


def _does_nothing(thing: Any) -> None:
    """What happens by itself leads to a page of the same document, or nowhere. Raises Unfit."""
    for inner in _direct(thing):
        if isinstance(inner, pikepdf.Dictionary):
            _only_leads_to_a_page(inner.get("/OpenAction"))
            for action in _values(inner.get("/AA")):
                _only_leads_to_a_page(action)


def _direct(thing: Any) -> Iterator[Any]:
    """``thing`` and what stands in it, as far as it is no object of its own."""
    waiting = [thing]
    while waiting:
        yield (inner := waiting.pop())
        waiting += [one for one in _values(inner) if not one.is_indirect]


def _values(thing: Any) -> list[Any]:
    """What a dictionary or an array holds of dictionaries and arrays."""
    if isinstance(thing, pikepdf.Dictionary):
        thing = [value for _name, value in thing.items()]
    elif not isinstance(thing, pikepdf.Array):
        return []
    return [value for value in thing if isinstance(value, pikepdf.Dictionary | pikepdf.Array)]


def _only_leads_to_a_page(action: Any) -> None:
    """An array is a page already; an action is one and so is what follows it. Raises Unfit."""
    waiting, seen = [action], 0
    while waiting:
        seen += 1
        if not isinstance(action := waiting.pop(), pikepdf.Dictionary):
            continue
        if action.get("/S") != "/GoTo" or seen > _MOST_CHAINED:
            raise Unfit(Flaw.ACTIVE)
        following = action.get("/Next")
        waiting += list(following) if isinstance(following, pikepdf.Array) else [following]
