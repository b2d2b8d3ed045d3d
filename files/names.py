"""Display names: what a person called a file, made harmless. Never used as a path."""

import re
import unicodedata
from typing import Final

from common.masking import without_cards
from files.limits import LONGEST_NAME

_SEPARATORS: Final = re.compile(r"[/\\]")
_RESERVED: Final = re.compile(r'[<>:"|?*]')
EXTENSIONS: Final[dict[str, tuple[str, ...]]] = {
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png",),
    "webp": ("webp",),
    "heic": ("heic", "heif", "hif"),
    "pdf": ("pdf",),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
}
"""Extensions that a format may have; the first is the one that is given to a name without any."""


def safe_name(name: str) -> str:
    """The last part of ``name`` without control, direction and zero-width characters, at most LONGEST_NAME long.

    What remains is judged: ``照片\\u202egpj.exe`` is an .exe. "" where nothing remains.
    Identity and bank cards are taken out.
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name[:1000]))[-1]
    plain = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = without_cards(_RESERVED.sub("_", " ".join(plain.split())).strip(". "))
    if len(plain) <= LONGEST_NAME:
        return plain
    extension = extension_of(plain)
    room = LONGEST_NAME - len(extension) - 2
    return f"{plain[:room].rstrip('. ')}….{extension}" if extension else plain[: LONGEST_NAME - 1] + "…"


def extension_of(name: str) -> str:
    """The extension in lower case without its dot, "" where there is none."""
    _stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and re.fullmatch(r"[A-Za-z0-9]{1,10}", extension) else ""


def with_extension(name: str, format_: str) -> str:
    """``name`` with an extension of the format: the content has said what the file is, and the name follows.

    An extension of another format that is taken in gives way (a JPEG that a phone called .png); what is no such
    extension (``v1.2``, .exe) stays part of the name. ``file`` for one without a name.
    """
    extension = extension_of(name)
    if extension in EXTENSIONS[format_]:
        return name
    stem = name[: -len(extension) - 1] if extension in _KNOWN else name
    right = EXTENSIONS[format_][0]
    return f"{stem[: LONGEST_NAME - len(right) - 1] or 'file'}.{right}"


_KNOWN: Final = frozenset(extension for extensions in EXTENSIONS.values() for extension in extensions)
