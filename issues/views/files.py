"""Serving files: only to those who may see the issue, and so that a browser shows or saves them and does nothing else.

The bytes go through the application, so that every request asks again who may see them; the storage has no address.
"""

import logging
import re
from typing import Final
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from communities.access import access_of
from files import storage
from files.enums import Size
from files.models import StoredFile
from issues.attachments import discreetly_named, files_for_reporter, is_told_all, served_name
from issues.enums import SUBJECT, Proof
from issues.models import Issue
from issues.resident import issue_by_token
from issues.views.phone import device
from issues.views.phone.shared import reporting_leader

logger = logging.getLogger(__name__)

_PUBLIC_ID: Final = re.compile(r"[0-9a-f]{32}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,32}")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The styles are those with which a browser itself centres a picture that is opened alone."""


@require_safe
def staff_file(request: HttpRequest, public_id: str, size: str, name: str) -> HttpResponseBase:
    """``/files/<public_id>/<size>/<name>``: for signed-in people; ``name`` is only what a saved file is called."""
    file = _find(public_id)
    access = access_of(request.user)
    if file.owner_kind == SUBJECT:
        issue = Issue.objects.visible_to(access).defer("lexemes").filter(pk=file.owner_id or 0).first()
        if issue is None:
            raise Http404
        if not is_told_all(access) and file.uploaded_by_id != access.user_id and file not in files_for_reporter(issue):
            raise Http404
        discreetly_named([file], issue, access)
    elif file.owner_kind or file.uploaded_by_id != access.user_id:
        raise Http404
    return _served(request, file, size)


@login_not_required
@require_safe
def resident_file(request: HttpRequest, token: str, public_id: str, size: str) -> HttpResponseBase:
    """``/t/<token>/files/<public_id>/<size>/``: what this phone has proven that it may see."""
    issue = issue_by_token(token) if _TOKEN.fullmatch(token) else None
    if issue is None:
        raise Http404
    proof = Proof.WHOLE if reporting_leader(request, issue) is not None else device.proof_of(request, issue)
    file = next((one for one in files_for_reporter(issue, proof=proof) if one.public_id == public_id), None)
    if file is None:
        raise Http404
    return _served(request, file, size)


def _find(public_id: str) -> StoredFile:
    file = StoredFile.objects.filter(public_id=public_id).first() if _PUBLIC_ID.fullmatch(public_id) else None
    if file is None:
        raise Http404
    return file


def _served(request: HttpRequest, file: StoredFile, size: str) -> HttpResponseBase:
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
