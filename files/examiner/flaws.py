"""Why a document is refused: codes between the process that looks and the one that tells the person."""

from enum import StrEnum


class Flaw(StrEnum):
    """The words of each stand in files.checks.documents."""

    BROKEN = "broken"
    OTHER = "other"
    MORE = "more"
    LARGE = "large"
    LOCKED = "locked"
    PROGRAM = "program"
    FETCHES = "fetches"
    ACTIVE = "active"
    HIDDEN = "hidden"


class Unfit(Exception):  # noqa: N818
    """A document that is not taken."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw
