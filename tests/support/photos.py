"""A photo that is there already: the row and its two sizes, without the detour through an upload."""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image

from files import storage
from files.enums import FileKind, FileState
from files.models import StoredFile, new_public_id


@lru_cache(maxsize=1)
def tiny_jpeg() -> bytes:
    """A real JPEG of 8 by 6 pixels."""
    out = BytesIO()
    Image.new("RGB", (8, 6), (90, 140, 90)).save(out, "JPEG")
    return out.getvalue()


def photo(
    world_or_subdistrict: Any,
    issue: Any,
    at: datetime,
    name: str = "现场.jpg",
    taken_at: datetime | None = None,
    by: str | None = "officer",
) -> StoredFile:
    """A ready photo of ``issue``, received at ``at`` from ``by`` (a user name of the world; None: the resident)."""
    area = getattr(world_or_subdistrict, "area", world_or_subdistrict)
    people = getattr(world_or_subdistrict, "people", {})
    content = tiny_jpeg()
    file = StoredFile(
        public_id=new_public_id(),
        subdistrict_id=getattr(issue, "subdistrict_id", area.pk),
        owner_kind="issue",
        owner_id=issue.pk,
        kind=FileKind.PHOTO,
        name=name,
        content_type="image/jpeg",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        width=8,
        height=6,
        taken_at=taken_at,
        received_at=at,
        uploaded_by_id=people[by].pk if by in people else None,
        state=FileState.READY,
    )
    file.large = storage.name_of(file.public_id, "large-1.jpg")
    file.small = storage.name_of(file.public_id, "small-1.jpg")
    storage.write(file.large, content)
    storage.write(file.small, content)
    file.save(force_insert=True)
    return file
