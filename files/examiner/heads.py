"""The first bytes of a PDF. Pure."""

import re
from typing import Final

_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_BEFORE: Final = 1024
"""Bytes that readers let stand before the header: a mail's or a printer's lines."""
_ANOTHER: Final = re.compile(rb"^[\s\xef\xbb\xbf\x00]*<|<(?:!doctype|html|script|svg|\?)|^#!|^MZ|PK\x03\x04", re.I)
"""What before the header makes it something else besides: markup, a program, an archive."""


def header_offset(content: bytes) -> int | None:
    """Where the header stands, at most _BEFORE bytes from the start and behind nothing else; None where it does not."""
    found = _HEADER.search(content, 0, _BEFORE + len(b"%PDF-1.7"))
    return found.start() if found and not _ANOTHER.search(content[: found.start()]) else None
