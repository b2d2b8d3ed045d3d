"""Photos in the forms of residents and leaders. Plain multipart: no script is needed.

What was taken in while the rest of the form was wrong (the phone's tail, say) belongs to nobody yet; the form carries
its public id in ``uploads`` until it is right, and then claims it. A public id has 122 random bits and is known only to
whoever was shown the form.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import limits
from common.http import network
from files.enums import FileState
from files.errors import FileRefused
from files.models import StoredFile
from files.names import safe_name
from files.presenting import glimpse_of, size_text
from files.services import MOST_FILES, is_document, receive_each
from issues.services.submissions import Sent, digest_of

FIELD: Final = "photos"
KEPT: Final = "uploads"
PER_NETWORK: Final = limits.Bucket("upload-network", 120, 3600)
"""Files that one network may leave with forms that were not right yet, in an hour: they take room for a day."""

TOO_MANY: Final = gettext_lazy("上传得太多了，请过一会儿再传；文字可以先提交。")
_PUBLIC_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass
class Uploads:
    """The files of one form: ``kept`` wait to be claimed, ``refused`` are words for the person."""

    kept: list[StoredFile] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    most: int = MOST_FILES

    @property
    def public_ids(self) -> list[str]:
        """What is claimed once the form is right."""
        return [file.public_id for file in self.kept]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The kept ones as the form shows them, each with its picture: nobody could ask for it by an address yet."""
        return [
            {
                "public_id": file.public_id,
                "name": file.name,
                "size": str(file.size),
                "size_text": size_text(file.size),
                "picture": glimpse_of(file),
                "is_photo": file.is_photo,
            }
            for file in self.kept
        ]

    @property
    def left(self) -> int:
        """How many more may be added."""
        return max(0, self.most - len(self.kept))


def uploads_of(request: HttpRequest, at: datetime, *, right: bool, by_id: int | None = None) -> Uploads:
    """What this request brings and what the form kept from before; no statement for a form without files.

    The form is looked at first. Where it is not ``right`` photos are kept all the same; documents, which are dear to
    examine, have to be chosen again.
    """
    found = Uploads(kept=waiting(kept_ids(request), by_id))
    sent = [one for one in request.FILES.getlist(FIELD) if one.name]
    if not right:
        later = [one for one in sent if is_document(one)]
        found.refused += [str(FileRefused(safe_name(one.name or ""), _("请填好后再选择这个文件"))) for one in later]
        sent = [one for one in sent if one not in later]
    if right and len(found.kept) < len(set(kept_ids(request))):
        found.refused.append(_("有照片没有保存下来，请重新选择"))
    if not sent:
        return found
    if len(sent) > found.left:
        found.refused.append(_("最多 %(n)d 个文件") % {"n": found.most})
        return found
    if by_id is None and _too_many(request, len(sent)):
        found.refused.append(str(TOO_MANY))
        return found
    files, refused = receive_each(uploads=sent, by_id=by_id, at=at)
    found.kept += files
    found.refused += [str(error) for error in refused]
    return found


def take_photo(request: HttpRequest, at: datetime) -> JsonResponse:
    """One photo of a resident's form, sent while the rest is being typed: 201 with its id, or why it is not kept.

    Documents, which are dear to examine, only come with a form that is right.
    """
    sent = request.FILES.get("file")
    if sent is None or not sent.name or is_document(sent):
        return _refused(400, _("请选择照片"))
    if _too_many(request, 1):
        return _refused(429, TOO_MANY)
    files, refused = receive_each(uploads=[sent], by_id=None, at=at)
    if refused:
        return _refused(400, refused[0])
    return JsonResponse([{"id": files[0].public_id}], safe=False, status=201)


def _refused(status: int, why: object) -> JsonResponse:
    return JsonResponse({"fields": {"file": [str(why)]}}, status=status)


def _too_many(request: HttpRequest, files: int) -> bool:
    return isinstance(limits.hit_all([(PER_NETWORK, network(request))] * files), limits.Denied)


def sent_by(request: HttpRequest, names: Iterable[str], user_id: int | None = None, *, about: str = "") -> Sent:
    """What tells this sending of a form from another one under its key: the words in ``names``, and the photos.

    ``about``: the matter and the action of a form that acts on one.
    """
    words = {name: request.POST.get(name, "") for name in names}
    return Sent(
        key=request.POST.get("idempotency_key", "")[:80],
        user_id=user_id,
        digest=digest_of(words | {"about": about}),
        photos=frozenset(_sha256(one) for one in request.FILES.getlist(FIELD) if one.name),
        kept=frozenset(kept_ids(request)),
    )


def _sha256(upload: "UploadedFile[Any]") -> str:
    upload.seek(0)
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    upload.seek(0)
    return found.hexdigest()


def kept_ids(request: HttpRequest) -> list[str]:
    """Which uploads the form carries on."""
    return [one for one in request.POST.getlist(KEPT)[:MOST_FILES] if _PUBLIC_ID.fullmatch(one)]


def waiting(ids: Sequence[str], by_id: int | None = None) -> list[StoredFile]:
    """Those of these uploads that still wait to be claimed."""
    if not ids:
        return []
    rows = StoredFile.objects.filter(public_id__in=ids, owner_kind="", uploaded_by_id=by_id)
    return list(rows.exclude(state=FileState.FAILED).in_order())


def refuse(form: forms.Form, uploads: Uploads) -> None:
    """Show beside the field which files were not taken, and why."""
    for words in uploads.refused:
        form.add_error(FIELD, words)


def refuse_claim(form: forms.Form, error: FileRefused) -> None:
    """A file went away between two tries."""
    form.add_error(FIELD, str(error.message))
