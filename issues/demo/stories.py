"""What happened to one matter: a draft and its steps, before they are given their moments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issues.demo.words import Filler
from issues.services.creation import NewIssue

RESIDENT = "-"
"""The actor of a step that the resident takes."""


@dataclass
class Step:
    """One action: ``gap`` minutes after the one before, by a user name or RESIDENT."""

    gap: float
    who: str
    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass
class Staff:
    """Who deals with a matter, by user name."""

    clerk: str
    secretary: str
    department: str
    officer: str
    head: str
    own_team: bool = False


@dataclass
class Story:
    """A matter with its steps; ``draft`` lacks nothing but the moment."""

    draft: NewIssue
    staff: Staff
    words: Filler
    progress: str = ""
    reply: str = ""
    outcome: str = "solved"
    reason: str = ""
    category: str = ""
    logged_by: str = RESIDENT
    level: str = "normal"
    handle_days: float = 5
    slow: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def from_resident(self) -> bool:
        """Whether the reporter raised it without anybody of the staff."""
        return self.logged_by in (RESIDENT, "leader")

    @property
    def urgent(self) -> bool:
        """Whether it goes fast: by its level or its category's."""
        return self.level in ("critical", "urgent")

    @property
    def has_contact(self) -> bool:
        """Whether somebody can be called back."""
        return bool(self.draft.contact_phone)

    def add(self, gap: float, who: str, action: str, **data: Any) -> None:
        """One more step."""
        self.steps.append(Step(gap, who, action, data))
