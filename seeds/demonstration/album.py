"""Attaching the demonstration's photographs and documents, through the services that take in people's uploads."""

from datetime import datetime
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from files.models import StoredFile
from files.services import receive
from issues.enums import SUBJECT
from seeds.demonstration.drawings import picture
from seeds.demonstration.papers import PAPERS, paper

BEFORE: Final = "before"
AFTER: Final = "after"
_SCENE_OF: Final = {
    "01": "rubbish", "0102": "bins", "02": "trees", "0301": "flooding", "03": "drain", "0304": "manhole",
    "04": "building", "07": "building", "08": "pothole", "0803": "sign", "09": "parking", "10": "charging",
    "1001": "corridor", "11": "lamp", "12": "corridor", "13": "building", "14": "lamp", "1401": "park",
    "1404": "valve", "0603": "corridor",
}  # fmt: skip
_NAMES: Final = {BEFORE: "现场照片.jpg", AFTER: "处理后照片.jpg"}


def scene_of(category: str) -> str:
    """The scene that photographs of this category show, "" where there is nothing to look at."""
    return _SCENE_OF.get(category) or _SCENE_OF.get(category[:2], "")


def take_in(
    what: str, category: str, *, by_id: int | None, at: datetime, subdistrict_id: int, issue_id: int | None = None
) -> StoredFile:
    """Receive one file for the issue, or without an owner for a form: BEFORE, AFTER, or the name of a document."""
    upload = _document(what) if what in PAPERS else _photo(what, category)
    return receive(
        upload=upload,
        by_id=by_id,
        at=at,
        owner_kind=SUBJECT if issue_id is not None else "",
        owner_id=issue_id,
        subdistrict_id=subdistrict_id,
    )


def _photo(what: str, category: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(_NAMES[what], picture(scene_of(category), done=what == AFTER))


def _document(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, paper(name))
