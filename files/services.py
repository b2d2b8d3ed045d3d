"""Taking files in and giving them an owner. Making their sizes is the work of ``files.processing``.

Bytes are stored before the row: a row never names bytes that are not there. Where the transaction does not commit, the
bytes are left without a row; ``processing.forget_strays`` removes them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from files import storage, waking
from files.checks import FileFacts, examine, is_document
from files.enums import FileKind, FileState
from files.errors import FileRefused
from files.limits import MB, MOST_FILES, MOST_OWNER_BYTES, MOST_OWNER_FILES, MOST_REQUEST_BYTES
from files.models import StoredFile, new_public_id

__all__ = [
    "MOST_FILES",
    "FileRefused",
    "Upload",
    "check_number",
    "claim",
    "examine",
    "hashes_of",
    "is_document",
    "is_photo_after",
    "of_owner",
    "of_owners",
    "receive",
    "receive_all",
    "receive_each",
    "usable_files",
]

Upload: TypeAlias = "UploadedFile[Any]"


class _Sender(NamedTuple):
    """Who sent it, when, and whom it is for."""

    by_id: int | None
    at: datetime
    owner_kind: str
    owner_id: int | None
    subdistrict_id: int | None


def receive(
    *,
    upload: Upload,
    by_id: int | None,
    at: datetime,
    owner_kind: str = "",
    owner_id: int | None = None,
    subdistrict_id: int | None = None,
) -> StoredFile:
    """Check one upload by its content and keep it; a photo's sizes are made after the commit.

    ``by_id`` is None for a resident. Without an owner it waits for ``claim``. Raises FileRefused.
    """
    sender = _Sender(by_id, at, owner_kind, owner_id, subdistrict_id)
    return _keep(upload, examine(upload, at=at), sender)


def receive_all(
    *,
    uploads: Sequence[Upload],
    by_id: int | None,
    at: datetime,
    owner_kind: str = "",
    owner_id: int | None = None,
    subdistrict_id: int | None = None,
) -> list[StoredFile]:
    """All of these or, where one is refused, none: raises an ExceptionGroup of FileRefused, one per refused file."""
    facts, refused = _examine_each(uploads, at)
    if refused:
        raise ExceptionGroup("files refused", refused)
    sender = _Sender(by_id, at, owner_kind, owner_id, subdistrict_id)
    with transaction.atomic():
        try:
            return [_keep(upload, fact, sender) for upload, fact in facts]
        except FileRefused as error:
            raise ExceptionGroup("files refused", [error]) from error


def receive_each(
    *,
    uploads: Sequence[Upload],
    by_id: int | None,
    at: datetime,
    owner_kind: str = "",
    owner_id: int | None = None,
    subdistrict_id: int | None = None,
) -> tuple[list[StoredFile], list[FileRefused]]:
    """Those that can be kept, and the refusals of the others: what a form keeps while it shows what is wrong."""
    facts, refused = _examine_each(uploads, at)
    sender = _Sender(by_id, at, owner_kind, owner_id, subdistrict_id)
    kept = []
    for upload, fact in facts:
        try:
            kept.append(_keep(upload, fact, sender))
        except FileRefused as error:
            refused.append(error)
    return kept, refused


def check_number(uploads: Sequence[Upload]) -> None:
    """Raises FileRefused where one request brings too many files or too much."""
    if len(uploads) > MOST_FILES:
        raise FileRefused("", _("一次最多上传 %(n)d 个文件") % {"n": MOST_FILES})
    if sum(upload.size or 0 for upload in uploads) > MOST_REQUEST_BYTES:
        raise FileRefused("", _("一次最多上传 %(n)d MB，请分几次上传") % {"n": MOST_REQUEST_BYTES // MB})


def _examine_each(uploads: Sequence[Upload], at: datetime) -> tuple[list[tuple[Upload, FileFacts]], list[FileRefused]]:
    facts: list[tuple[Upload, FileFacts]] = []
    refused: list[FileRefused] = []
    try:
        check_number(uploads)
    except FileRefused as error:
        return [], [error]
    for upload in uploads:
        try:
            facts.append((upload, examine(upload, at=at)))
        except FileRefused as error:
            refused.append(error)
    return facts, refused


def _keep(upload: Upload, facts: FileFacts, sender: _Sender) -> StoredFile:
    with transaction.atomic():
        if sender.owner_id is not None:
            _check_room(sender.owner_kind, sender.owner_id, 1, facts.size)
        file = StoredFile(
            public_id=new_public_id(),
            subdistrict_id=sender.subdistrict_id,
            owner_kind=sender.owner_kind,
            owner_id=sender.owner_id,
            kind=facts.kind,
            name=facts.name,
            content_type=facts.content_type,
            size=facts.size,
            sha256=facts.sha256,
            width=facts.width,
            height=facts.height,
            taken_at=facts.taken_at,
            received_at=sender.at,
            uploaded_by_id=sender.by_id,
            state=FileState.WAITING if facts.kind == FileKind.PHOTO else FileState.READY,
        )
        file.original = storage.name_of(file.public_id, "original")
        storage.write(file.original, upload)
        file.save(force_insert=True)
        if file.is_photo:
            waking.after_commit()
    return file


def _check_room(owner_kind: str, owner_id: int, files: int, size: int) -> None:
    """Whether so much more fits; two uploads for one owner are counted one after the other. Raises FileRefused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"files:{owner_kind}:{owner_id}"])
    held = StoredFile.objects.of(owner_kind, owner_id).aggregate(n=Count("pk"), bytes=Sum("size"))
    if held["n"] + files > MOST_OWNER_FILES or (held["bytes"] or 0) + size > MOST_OWNER_BYTES:
        raise FileRefused("", _("此件的附件已达到上限，不能再添加"))


def claim(
    *, public_ids: Iterable[str], owner_kind: str, owner_id: int, by_id: int | None, at: datetime
) -> list[StoredFile]:
    """Uploads without an owner, sent by the same person, become this owner's, exactly once.

    Raises FileRefused where one of them is unknown, somebody else's or already taken: then none is claimed.
    """
    wanted = list(dict.fromkeys(public_ids))
    if not wanted:
        return []
    if len(wanted) > MOST_FILES:
        raise FileRefused("", _("一次最多上传 %(n)d 个文件") % {"n": MOST_FILES})
    with transaction.atomic():
        rows = StoredFile.objects.select_for_update().filter(public_id__in=wanted, owner_kind="", uploaded_by_id=by_id)
        files = list(rows.order_by("id"))
        if len(files) != len(wanted):
            raise FileRefused("", _("附件已失效，请重新上传"))
        _check_room(owner_kind, owner_id, len(files), sum(file.size for file in files))
        rows.model.objects.filter(pk__in=[file.pk for file in files]).update(owner_kind=owner_kind, owner_id=owner_id)
        for file in files:
            file.owner_kind, file.owner_id = owner_kind, owner_id
    return files


def usable_files(*, ids: Iterable[int], owner_kind: str, owner_id: int, by_id: int | None) -> list[StoredFile]:
    """The files with these ids that this person sent for this owner: what an action may name in ``attachments``.

    One statement, none for no ids. Raises FileRefused where one is unknown, failed, another's, or they are too many.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    if len(wanted) > MOST_FILES:
        raise FileRefused("", _("一次最多上传 %(n)d 个文件") % {"n": MOST_FILES})
    rows = StoredFile.objects.of(owner_kind, owner_id).filter(pk__in=wanted, uploaded_by_id=by_id)
    files = list(rows.exclude(state=FileState.FAILED).in_order())
    if len(files) != len(wanted):
        raise FileRefused("", _("附件不存在或不是您为此件上传的，请重新上传"))
    return files


def of_owner(owner_kind: str, owner_id: int) -> list[StoredFile]:
    """The files of one owner, as they came. One statement."""
    return list(StoredFile.objects.of(owner_kind, owner_id).in_order())


def hashes_of(public_ids: Collection[str]) -> set[str]:
    """The sha256 of these files, "" for one that is gone; no statement for none."""
    if not public_ids:
        return set()
    found = StoredFile.objects.filter(public_id__in=public_ids).values_list("sha256", flat=True)
    return {*found, *([""] if len(found) < len(public_ids) else [])}


def of_owners(owner_kind: str, ids: Iterable[int]) -> dict[int, list[StoredFile]]:
    """The files of several owners by the owner's id; every id is there. One statement."""
    found: dict[int, list[StoredFile]] = {owner_id: [] for owner_id in ids}
    if found:
        for file in StoredFile.objects.of_many(owner_kind, found).in_order():
            found[file.owner_id or 0].append(file)
    return found


def is_photo_after(file: StoredFile, moment: datetime) -> bool:
    """Whether it is a photo taken after ``moment``: by the camera's word, else by when we received it."""
    return file.is_photo and file.state != FileState.FAILED and (file.taken_at or file.received_at) > moment
