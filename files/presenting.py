"""Files as templates and the API show them. Where a file is served is the caller's business: ``link``."""

import logging
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _

from files import pictures, storage
from files.enums import FileState, Size
from files.limits import MB
from files.models import StoredFile

logger = logging.getLogger(__name__)

Link = Callable[[StoredFile, str], str]
Shown = dict[str, Any]

_KB: Final = 1024


def present_file(file: StoredFile, link: Link, *, label: str = "", at: Any = None) -> Shown:
    """What components/photos.html takes for one file; ``label`` says on what occasion it came, ``at`` when."""
    ready, photo = file.is_ready, file.is_photo
    return {
        "id": file.pk,
        "public_id": file.public_id,
        "kind": file.kind,
        "name": file.name,
        "label": label,
        "at": at or file.received_at,
        "taken_at": file.taken_at,
        "size_text": size_text(file.size),
        "type_label": file.name.rpartition(".")[2].upper(),
        "width": file.width,
        "height": file.height,
        "waiting": file.state == FileState.WAITING,
        "failed": file.state == FileState.FAILED,
        "url": link(file, Size.LARGE if photo else Size.ORIGINAL) if ready else "",
        "thumbnail_url": link(file, Size.SMALL) if ready and photo else "",
    }


def glimpse_of(file: StoredFile) -> str:
    """A small picture of a photo as a data: address, whether its sizes are made or not; "" where there is none."""
    if not file.is_photo:
        return ""
    try:
        with storage.open_file(file.small or file.original) as stored:
            glimpse = pictures.make_glimpse(BytesIO(stored.read()))
    except Exception:
        logger.exception("no picture can be made of file %s", file.public_id)
        return ""
    return f"data:image/jpeg;base64,{b64encode(glimpse).decode()}"


def served_name(file: StoredFile, size: str) -> str:
    """The name under which a browser saves it: a photo is a JPEG whatever it was."""
    if size == Size.ORIGINAL:
        return file.name
    return f"{file.name.rpartition('.')[0] or file.name}.jpg"


def size_text(size: int) -> str:
    """1.4 MB, 320 KB."""
    if size >= MB:
        return _("%(n)s MB") % {"n": f"{size / MB:.1f}"}
    return _("%(n)d KB") % {"n": max(1, round(size / _KB))}
