"""Addresses, forms and bodies are UTF-8, whatever a caller says of them.

Django reads the query with the ``charset`` of the content type while it makes the request, before any middleware could
answer: ``hex`` or ``undefined`` stopped it there, and so did more parameters than are taken, with a bare 500.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

FOREIGN: Final = "govtrack.foreign_charset"
"""Set where a body comes in another charset: ``NulMiddleware`` refuses it."""

_CHARSET: Final = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)
_OURS: Final = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Utf8Only:
    """Take the charset out of the content type; note one that is not ours where there is a body to be read."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ.get("CONTENT_TYPE", "")
        named = {found.strip('" ').lower() for found in _CHARSET.findall(given)}
        if named:
            environ["CONTENT_TYPE"] = _CHARSET.sub("", given)
        if named - _OURS and environ.get("CONTENT_LENGTH") not in (None, "", "0"):
            environ[FOREIGN] = True
        return self.application(environ, start_response)
