"""What is known of an upload once it was examined."""

from dataclasses import dataclass
from datetime import datetime

from files.enums import CONTENT_TYPES


@dataclass(frozen=True)
class FileFacts:
    """``width`` and ``height`` as the photo is to be seen, its orientation applied; ``size`` in bytes."""

    name: str
    format: str
    kind: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None

    @property
    def content_type(self) -> str:
        """The media type of the format."""
        return CONTENT_TYPES[self.format]
