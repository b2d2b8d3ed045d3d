"""What happened to one matter: a draft and its steps, before they are given their moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from common.clock import local
from deadlines.calendar import at_clock
from issues.services.creation import NewIssue
from seeds.demonstration.album import scene_of
from seeds.demonstration.words import Filler

RESIDENT = "-"
"""The actor of a step that the resident takes."""

TIME = "@"
"""The actor of what happens by the clock alone."""


@dataclass
class StoryStep:
    """One action: ``gap`` minutes after the one before, by a user name, RESIDENT or TIME.

    ``files`` are attached (seeds.demonstration.album). ``on`` names the joined matter that it is about, "" the
    story's own.
    """

    gap: float
    who: str
    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()
    on: str = ""


@dataclass(frozen=True)
class InDays:
    """A date so many days after the step; ``clock`` makes it a moment of that day."""

    number: int
    clock: time | None = None

    def after(self, at: datetime) -> str:
        """As a form would send it."""
        day = local(at).date() + timedelta(days=self.number)
        return day.isoformat() if self.clock is None else at_clock(day, self.clock).isoformat()


@dataclass
class Staff:
    """Who deals with a matter, by user name."""

    clerk: str
    secretary: str
    department: str
    officer: str
    head: str
    own_team: bool = False
    external: bool = False


@dataclass
class DemoStory:
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
    before: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    joined: dict[str, NewIssue] = field(default_factory=dict)
    external_due: InDays | None = None
    steps: list[StoryStep] = field(default_factory=list)

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

    @property
    def seen(self) -> bool:
        """Whether there is something to photograph."""
        return bool(scene_of(self.category)) and not self.words.soft

    def add(self, gap: float, who: str, action: str, files: Sequence[str] = (), on: str = "", **data: Any) -> None:
        """One more step."""
        self.steps.append(StoryStep(gap, who, action, data, files, on))
