"""Photos and documents that come with the intake form: received at once, claimed by the issue once it is saved.

A form that is refused keeps them by their public ids; what no form ever claims is removed at night.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from console.kit.reading import Reader
from files.models import StoredFile
from files.presenting import size_text
from files.services import MOST_FILES, receive_each

NEW_FILES: Final = "files"
KEPT_FILES: Final = "uploads"
_PUBLIC_ID: Final = re.compile(r"[0-9a-f]{32}")


def waiting_files(request: HttpRequest, reader: Reader) -> tuple[list[StoredFile], list[str]]:
    """The files of the form that belong to nothing yet, and what was wrong with the others, in words."""
    earlier = [text for text in request.POST.getlist(KEPT_FILES) if _PUBLIC_ID.fullmatch(text)][:MOST_FILES]
    found: list[StoredFile] = []
    if earlier:
        mine = StoredFile.objects.filter(public_id__in=earlier, uploaded_by_id=reader.user.pk, owner_kind="")
        found = list(mine.order_by("id"))
    uploads = request.FILES.getlist(NEW_FILES)
    if not uploads:
        return found, []
    received, refused = receive_each(uploads=uploads, by_id=reader.user.pk, at=reader.now)
    found += received
    wrong = [str(error) for error in refused]
    if len(found) > MOST_FILES:
        wrong.append(_("一次最多上传 %(n)d 个文件") % {"n": MOST_FILES})
    return found, wrong


def upload_of(files: Sequence[StoredFile], errors: Sequence[str]) -> dict[str, Any]:
    """What components/upload.html takes."""
    return {
        "name": "attachments",
        "label": _("照片和附件"),
        "kept_name": KEPT_FILES,
        "kept": [{"id": file.public_id, "name": file.name, "size_text": size_text(file.size)} for file in files],
        "errors": tuple(errors),
    }
