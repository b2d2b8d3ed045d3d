"""Serving a stored file so that a browser shows or saves it and does nothing else.

The bytes go through the application, so that every request asks again who may see them; the storage has no address.
Who may see a file is asked by the faces before.
"""

import logging
import re
from typing import Final
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from files import storage
from files.enums import Size
from files.models import StoredFile
from files.presenting import served_name

logger = logging.getLogger(__name__)

_PUBLIC_ID: Final = re.compile(r"[0-9a-f]{32}")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The styles are those with which a browser itself centres a picture that is opened alone."""


def find_file(public_id: str) -> StoredFile:
    """The file that an address names. Http404 where there is none."""
    file = StoredFile.objects.filter(public_id=public_id).first() if _PUBLIC_ID.fullmatch(public_id) else None
    if file is None:
        raise Http404
    return file


def serve(request: HttpRequest, file: StoredFile, size: str) -> HttpResponseBase:
    """One size of a file. Http404 where it has none such or is not ready: an original of a photo is never served."""
    stored = {Size.LARGE: file.large, Size.SMALL: file.small}.get(Size(size)) if size in Size.values else ""
    if size == Size.ORIGINAL and not file.is_photo:
        stored = file.original
    if not stored or not file.is_ready:
        raise Http404
    etag = f'"{file.public_id}-{size}"'
    answer = get_conditional_response(request, etag=etag) or _body(file, size, stored)
    answer["ETag"] = etag
    return _guarded(answer)


def _body(file: StoredFile, size: str, stored: str) -> HttpResponseBase:
    try:
        content = storage.open_file(stored)
    except FileNotFoundError as error:
        logger.error("file %s has lost its bytes", file.public_id)
        raise Http404 from error
    content_type = "image/jpeg" if file.is_photo else file.content_type
    answer = FileResponse(content, content_type=content_type)
    disposition = "inline" if file.is_photo else "attachment"
    answer["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(served_name(file, size), safe='')}"
    answer["Content-Length"] = str(content.size)
    return answer


def _guarded(answer: HttpResponseBase) -> HttpResponseBase:
    """Headers that let a browser take it for nothing but what it is, and keep it only for this person."""
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = _POLICY
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
