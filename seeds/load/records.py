"""What a synthetic issue is made of: clocks, events, departments, requests, promises, in memory."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from deadlines import arithmetic
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineState
from deadlines.limits import Due, Limit, Unit
from deadlines.rules import Extension, RuleChoice
from deadlines.services import pause_since
from issues.enums import DepartmentRole
from seeds.load.reference import CategoryRef, Reference, SeedActor

_QUARTERS: Final = 4
_RUNNING: Final = DeadlineState.RUNNING.value
_PAUSED: Final = DeadlineState.PAUSED.value
_LATE: Final = DeadlineState.LATE.value


class Clocking:
    """Due times and rule choices of one sub-district, remembered."""

    def __init__(self, reference: Reference) -> None:
        self.calendar: WorkCalendar = reference.calendar
        self._rules = reference.rules
        self._dues: dict[tuple[Limit, int], Due] = {}
        self._soon: dict[datetime, datetime] = {}
        self._limits: dict[tuple[str, str, str, str], dict[str, RuleChoice]] = {}

    def due(self, limit: Limit, at: datetime) -> Due:
        """When the limit ends."""
        if limit.unit is not Unit.WORKING_DAYS:
            return limit.due(at, self.calendar)
        key = (limit, at.toordinal())
        found = self._dues.get(key)
        if found is None:
            found = self._dues[key] = limit.due(at, self.calendar)
        return found

    def soon(self, limit: Limit, at: datetime, due_at: datetime) -> datetime:
        """When it becomes due soon. Of limits whose quarter is longer than a working day that hangs on the due time."""
        if limit.unit is not Unit.WORKING_DAYS or limit.amount < _QUARTERS:
            return arithmetic.soon_at(at, due_at, limit, self.calendar)
        found = self._soon.get(due_at)
        if found is None:
            found = self._soon[due_at] = arithmetic.soon_at(at, due_at, limit, self.calendar)
        return found

    def extension(self, level: str, category: CategoryRef | None, kind: str) -> Extension:
        """As ``issues.services.clocks.allowance_of``."""
        return self._rules.extension_for(level or None, category.override if category else None, kind)

    def limits(self, level: str, category: CategoryRef | None, kind: str) -> dict[str, RuleChoice]:
        """As ``issues.services.clocks.limits_of``; ``level`` is what a person set, or ""."""
        code, override = (category.code, category.override) if category else ("", "")
        key = (level, override, kind, code)
        found = self._limits.get(key)
        if found is None:
            found = self._rules.limits_for(level or None, override or None, kind, category_code=code)
            self._limits[key] = found
        return found


class RunningClock:
    """One deadline. ``due``: a date that somebody fixed in place of what the limit gives."""

    __slots__ = (
        "choice", "due_at", "estimated", "fixed", "kind", "party_id", "paused_at", "pauses", "remaining", "soon_at",
        "started_at", "state", "stopped_at",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 (one per clock of a million issues)
        self,
        kind: str,
        choice: RuleChoice,
        at: datetime,
        party_id: int | None,
        clocking: Clocking,
        due: Due | None = None,
    ) -> None:
        self.fixed, self.pauses = due is not None, "[]"
        fixed, due = due, due or clocking.due(choice.limit, at)
        self.kind, self.choice, self.started_at, self.party_id = kind, choice, at, party_id
        self.due_at, self.estimated = due.due_at, due.estimated
        soon = arithmetic.soon_at(at, due.due_at, choice.limit, clocking.calendar) if fixed else None
        self.soon_at = soon or clocking.soon(choice.limit, at, due.due_at)
        self.state: str = _RUNNING
        self.stopped_at: datetime | None = None
        self.paused_at: datetime | None = None
        self.remaining: int | None = None

    def pause(self, at: datetime, calendar: WorkCalendar) -> None:
        """Stand still, keeping what is left."""
        self.state, self.paused_at = _PAUSED, at
        self.pauses = json.dumps([pause_since(at)])
        self.remaining = arithmetic.pause(self.due_at, at, self.choice.limit, calendar).amount

    def end(self, at: datetime, state: str) -> None:
        """Stop in ``state``, late where the due time is past."""
        self.state = _LATE if at > self.due_at else state
        self.stopped_at = at


class SeedEvent:
    """One event of the journal."""

    __slots__ = ("action", "at", "data", "person", "texts", "visible")

    def __init__(
        self,
        action: str,
        at: datetime,
        person: SeedActor,
        *,
        visible: bool,
        data: dict[str, Any],
        texts: Mapping[str, str],
    ) -> None:
        self.action, self.at, self.person = action, at, person
        self.visible, self.data, self.texts = visible, data, texts


class SeedPart:
    """A department's part in the issue."""

    __slots__ = ("acknowledged_at", "answered_at", "current", "dispatched_at", "returned_at", "role")

    def __init__(self, at: datetime, role: str = DepartmentRole.LEAD.value) -> None:
        self.dispatched_at, self.role, self.current = at, role, True
        self.answered_at: datetime | None = None
        self.acknowledged_at: datetime | None = None
        self.returned_at: datetime | None = None


class SeedHolding:
    """How long a department was accountable."""

    __slots__ = ("department_id", "late", "since_at", "until_at")

    def __init__(self, department_id: int, at: datetime) -> None:
        self.department_id, self.since_at, self.late = department_id, at, False
        self.until_at: datetime | None = None


class SeedRequest:
    """A request; ``decided_at`` and ``decided_by`` where it was granted."""

    __slots__ = (
        "at",
        "by",
        "days",
        "decided_at",
        "decided_by",
        "department_id",
        "interim",
        "kind",
        "reason",
        "text",
        "until",
    )

    def __init__(self, kind: str, at: datetime, by: int | None, department_id: int | None, text: str = "") -> None:
        self.kind, self.at, self.by, self.department_id, self.text = kind, at, by, department_id, text
        self.days: int | None = None
        self.reason = self.interim = ""
        self.until: date | None = None
        self.decided_at: datetime | None = None
        self.decided_by: int | None = None


class SeedPromise:
    """A commitment made with a reply; ``ended_at`` where it was fulfilled."""

    __slots__ = ("at", "by", "clock", "due_on", "ended_at", "evidence", "owner_id", "pk", "text")

    def __init__(self, pk: int, text: str, clock: RunningClock, by: int | None) -> None:
        self.pk, self.text, self.clock, self.by = pk, text, clock, by
        self.at, self.owner_id, self.due_on = clock.started_at, clock.party_id, clock.due_at.date()
        self.ended_at: datetime | None = None
        self.evidence = ""
