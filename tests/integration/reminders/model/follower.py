"""Leads the oracle's clocks by what people do to the application's.

It reads of a deadline that it began, stands still, runs on or ended, and of an issue what somebody decided about it;
the due time, its rule, what is left and the ladder follow from the facts alone. It never reads ``counted_from``,
``fired`` or what is stored of the facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from issues.models import Issue
from papers.models import Draft
from tests.support.oracle.clock import Facts, Pause, due_by, part_used
from tests.support.oracle.days import Days, local
from tests.support.oracle.limits import limits_of, redo_of
from tests.support.oracle.rungs import Speaker

FIXED = frozenset({"suspension_review", "co_reply", "fulfil", "commitment_review"})
"""Kinds whose first date is not what their limit gives."""

CAPPED = frozenset({"respond", "accept", "dispatch", "acknowledge", "first_report", "handle"})
"""Kinds that end no later than what a body outside allows."""

REVIEWS = frozenset({"more_info", "suspension_review"})
"""Waits that end no later than an outside time still to come."""

FROM_ACCEPTANCE = ("handle", "first_report", "note")

CLASSIFIED = CAPPED | {"note"}
"""Kinds whose limit, and whether they are there at all, the level, the category and the kind decide."""

SIDE = frozenset({"progress", "signature", "urge_reply", "inform", "sample"})

WORKED_ON = ("submitted", "need_info", "accepted", "dispatched", "in_progress", "suspended")

ADDING = ("grant_extension", "assign_final")
"""Actions that give working days to handling and to the co-departments' parts."""

OPEN = ("running", "paused")

_ROWS = """
SELECT d.id, d.kind, d."limit", d.state, d.rule, d.started_at, d.due_at, d.paused_at, d.remaining, d.next_rung_at,
    d.fixed_due_at,
    coalesce(c.subject_id, d.subject_id) AS issue_id
FROM deadlines_deadline d LEFT JOIN commitments_commitment c ON d.subject_kind = 'commitment' AND c.id = d.subject_id
WHERE coalesce(c.subject_id, d.subject_id) = ANY(%s) ORDER BY d.id
"""


@dataclass(frozen=True)
class Row:
    """A deadline as the database has it."""

    id: int
    kind: str
    limit: str
    state: str
    rule: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    remaining: int | None
    next_rung_at: datetime | None
    fixed_due_at: datetime | None
    issue_id: int

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def own_rule(self) -> str:
        """The rule without what says who holds the clock to an earlier date."""
        return self.rule.removeprefix("external:").removeprefix("stands:").removeprefix("joined:")

    @property
    def of_redo(self) -> bool:
        """A third of the original rule."""
        return "redo:" in self.rule


@dataclass(frozen=True)
class Did:
    """What somebody did to an issue; without ``action`` it was time itself."""

    issue: int = 0
    action: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def read(issues: list[int]) -> list[Row]:
    """All deadlines of these issues and of what was promised on them."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [issues])
        return [Row(*row) for row in cursor.fetchall()]


@dataclass
class Merged:
    """A matter that joined another: which, who came with it and what they had brought there, the calendar of then."""

    master: int
    came: "dict[int, Brought]"
    known: dict[date, bool]


@dataclass(frozen=True)
class Brought:
    """The dates of a matter that joined, by the kind of clock, and since when they are the case's own."""

    since: datetime
    dates: dict[str, datetime]


@dataclass
class Follower:
    """The oracle's clocks by the deadline's id.

    ``joined``: issue → issue that joined it → what it brought. ``waits``: issue → when its work stood still.
    """

    days: Days
    clocks: dict[int, Speaker] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    joined: dict[int, dict[int, Brought]] = field(default_factory=dict)
    merged: dict[int, Merged] = field(default_factory=dict)
    waits: dict[int, list[Pause]] = field(default_factory=dict)

    def follow(self, rows: list[Row], at: datetime, did: Did | None = None) -> None:
        """Take in what happened since the last time, and compare every clock with what its facts give."""
        did = did or Did()
        self.issues = Issue.objects.select_related("category").in_bulk({row.issue_id for row in rows} | {did.issue})
        before, self.rows = self.rows, {row.id: row for row in rows}
        for row in rows:
            if row.id in before:
                self._turned(row, before[row.id], at, did)
        self._waited(at, did)
        if did.action == "merge":
            self._merged(did.issue, before, at)
        elif did.action == "unmerge":
            self._taken_out(did.issue, at)
        self._given(did)
        anew = {did.issue} if did.action == "unmerge" else set()
        for row in rows:
            if row.id in before and self._classified(row, before[row.id]) and row.kind == "handle":
                anew.add(row.issue_id)
        for row in rows:
            if row.id not in before:
                self._begun(row, at, did)
        for row in rows:
            facts = self.clocks[row.id].facts
            caps = self._caps_of(row) if row.is_open else facts.caps
            if caps != facts.caps:
                come = caps.keys() - facts.caps.keys() - {"outside"}
                facts.joined |= {one: (self._since(row, one), facts.extended) for one in come}
                facts.caps, facts.kept = caps, None
                anew |= {row.issue_id} if row.kind == "handle" else set()
        self._parts(anew)
        for row in rows:
            if row.is_open:
                self.clocks[row.id].settle(at, self.days)
                self._agrees(row)
        if did.action in ("edit", "accept"):
            self._all_there(did.issue)
        self._nothing_hangs_on(before, at)

    def notice(self, rows: list[Row], at: datetime, before: Days) -> None:
        """The calendar was corrected: what was overdue keeps its date, the others are counted by the new one."""
        self.rows = {row.id: row for row in rows}
        for row in rows:
            if row.is_open:
                self.clocks[row.id].facts.keep(at, before)
                self.clocks[row.id].corrected(at, before)
        self._parts(set())
        for row in rows:
            if row.is_open:
                self.clocks[row.id].settle(at, self.days)
                self._agrees(row)

    # What happened

    def _begun(self, row: Row, at: datetime, did: Did) -> None:
        facts = Facts(row.kind, row.limit, row.started_at, redo=row.of_redo)
        facts.caps = self._caps_of(row)
        facts.joined = {one: (self._since(row, one), 0) for one in facts.caps.keys() - {"outside"}}
        if row.kind in FIXED and not row.rule.startswith("default:"):
            facts.fixed = row.fixed_due_at
        elif not row.rule.startswith("default:"):
            assert row.limit == self._limit_of(row), (row, self._limit_of(row))
        accepted_at = self.issues[row.issue_id].accepted_at
        if did.action in ("edit", "accept") and row.kind in FROM_ACCEPTANCE and not row.of_redo and accepted_at:
            self._begun_late(facts, accepted_at, row, at)
        assert row.started_at == (facts.started if did.action in ("edit", "accept") else at), (row, facts)
        self.clocks[row.id] = Speaker(facts, open=row.is_open)

    def _begun_late(self, facts: Facts, accepted_at: datetime, row: Row, at: datetime) -> None:
        """It counts from the acceptance, with the pauses that the work had; from now where that would be past."""
        waits = [wait for wait in self.waits.get(row.issue_id, []) if wait.start >= accepted_at]
        facts.started, facts.pauses = accepted_at, list(waits)
        if facts.due(self.days) <= (facts.paused or at):
            facts.started, facts.pauses = at, [Pause(at)] if facts.paused else []

    def _turned(self, row: Row, before: Row, at: datetime, did: Did) -> None:
        """It stood still, ran on or ended."""
        assert row.started_at == before.started_at, (before, row)
        speaker = self.clocks[row.id]
        if row.is_open and not before.is_open:
            assert did.action == "unmerge", ("what has ended runs again", row)
            known = self.merged[row.issue_id].known
            if known != self.days.known:
                speaker.facts.keep(at, Days(known))
            speaker.open = True
            return
        if (before.state, row.state) == ("running", "paused"):
            speaker.facts.pause(at)
        elif speaker.facts.paused is not None and row.state != "paused":
            speaker.facts.resume(at, "" if did.action else "4wh")
            speaker.facts.kept = None
        speaker.open = row.is_open

    def _waited(self, at: datetime, did: Did) -> None:
        """Since when the work of an issue stands still, by its status."""
        for pk, issue in self.issues.items():
            waits = self.waits.setdefault(pk, [])
            still = bool(waits) and waits[-1].end is None
            if issue.status in ("need_info", "suspended") and not still:
                waits.append(Pause(at))
            elif issue.status not in ("need_info", "suspended") and still:
                end = max(at, waits[-1].start)
                waits[-1] = replace(waits[-1], end=end, at_least="" if did.action else "4wh")

    def _given(self, did: Did) -> None:
        """Working days that somebody granted."""
        days = int(did.data.get("extra_days") or did.data.get("days") or 0)
        if did.action in ADDING and days:
            for row in self.rows.values():
                if row.issue_id == did.issue and row.kind in ("handle", "co_reply") and row.is_open:
                    facts = self.clocks[row.id].facts
                    facts.extended, facts.kept = facts.extended + days, None

    def _classified(self, row: Row, before: Row) -> bool:
        """The rule table decides the limit of every open clock, as the matter is now. Whether it is another one."""
        facts = self.clocks[row.id].facts
        if not row.is_open or row.kind in FIXED:
            return False
        limit = self._limit_of(row) if row.kind in CLASSIFIED else facts.limit
        assert row.limit == limit, (row, limit)
        if (facts.limit, before.own_rule) == (limit, row.own_rule):
            return False
        facts.limit, facts.kept = limit, None
        return True

    def _limit_of(self, row: Row) -> str:
        issue = self.issues[row.issue_id]
        override = issue.category.override if issue.category else ""
        limits = limits_of(issue.level if issue.level_set else "", override, issue.kind)
        return redo_of(limits[row.kind]) if row.of_redo else limits.get(row.kind, "")

    def _parts(self, anew: set[int]) -> None:
        """A co-department's part: a working day before handling as it was to be when the part began, but half of what
        was left. What a correction of the calendar left to it stays, unless handling has other facts now (``anew``).
        """
        for row in self.rows.values():
            handle = next(iter(self._of(row.issue_id, "handle")), None) if row.kind == "co_reply" else None
            if (
                handle is None
                or not row.is_open
                or row.rule.startswith("default:")
                or row.started_at < handle.started_at
            ):
                continue
            lead, facts = self.clocks[handle.id].facts, self.clocks[row.id].facts
            fixed = self._part_of(lead, facts)
            if lead.kept is None and (facts.kept is None or row.issue_id in anew):
                moved = (facts.limit, facts.fixed) != (lead.limit, fixed)
                facts.limit, facts.fixed, facts.kept = lead.limit, fixed, None if moved else facts.kept

    def _part_of(self, lead: Facts, part: Facts) -> datetime:
        pauses = [wait for wait in lead.pauses if wait.end is not None and wait.end <= part.started]
        then = replace(lead, pauses=pauses, extended=lead.extended - part.extended).due(self.days)
        if then <= part.started:
            return due_by("1wd", part.started, self.days)
        before = self.days.closing(self.days.earlier(local(then).date(), 1))
        return max(before, part_used(lead.limit, part.started, then, 0.5, self.days))

    # What others allow

    def _merged(self, issue: int, before: dict[int, Row], at: datetime) -> None:
        """Each open date of a matter that joins is a cap of the same clock of the master; those who had joined it go on
        with it, with their dates as its pauses and extensions since have moved them.
        """
        master = Issue.objects.get(pk=issue).master_id
        assert master is not None
        open_rows = [row for row in before.values() if row.issue_id == issue and row.is_open]
        facts = [self.clocks[row.id].facts for row in open_rows if row.kind not in SIDE]
        dates = self._earliest((one.kind, one.alone().due(self.days)) for one in facts)
        came = self.joined.pop(issue, {})
        self.merged |= {one: replace(self.merged[one], master=master) for one in came}
        self.merged[issue] = Merged(master, came, dict(self.days.known))
        theirs = {
            one: Brought(at, brought.dates | self._moved_on(str(one), brought, facts)) for one, brought in came.items()
        }
        self.joined[master] = self.joined.get(master, {}) | theirs | {issue: Brought(at, dates)}

    def _moved_on(self, source: str, brought: Brought, clocks: list[Facts]) -> dict[str, datetime]:
        holding = [facts for facts in clocks if facts.kind in brought.dates]
        return self._earliest(
            (facts.kind, facts.moved_on(source, brought.dates[facts.kind], self.days)) for facts in holding
        )

    def _earliest(self, dates: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for kind, due in dates:
            found[kind] = min(found.get(kind, due), due)
        return found

    def _taken_out(self, issue: int, at: datetime) -> None:
        """Its dates go, and those that came with it."""
        left = self.merged.pop(issue)
        theirs = self.joined[left.master]
        theirs.pop(issue)
        back = {one: brought for one, brought in left.came.items() if theirs.pop(one, None)}
        self.joined[issue] = back
        self.merged |= {one: replace(self.merged[one], master=issue) for one in back}

    def _caps_of(self, row: Row) -> dict[str, datetime]:
        if row.kind in ("fulfil", "commitment_review"):
            return {}
        dates = self.joined.get(row.issue_id, {})
        found = {str(one): brought.dates[row.kind] for one, brought in dates.items() if row.kind in brought.dates}
        outside = self.issues[row.issue_id].external_due_at
        return found | ({"outside": outside} if outside and row.kind in CAPPED | REVIEWS else {})

    def _since(self, row: Row, source: str) -> datetime:
        return self.joined[row.issue_id][int(source)].since

    def _of(self, issue: int, kind: str) -> list[Row]:
        return [row for row in self.rows.values() if row.issue_id == issue and row.kind == kind and row.is_open]

    # What must be

    def _agrees(self, row: Row) -> None:
        facts = self.clocks[row.id].facts
        assert row.due_at == facts.due(self.days), (row, facts, facts.due(self.days))
        assert row.paused_at == facts.paused, (row, facts)
        if facts.kept is not None:
            return
        if facts.paused is not None:
            assert row.remaining == facts.left(self.days), (row, facts, facts.left(self.days))
        holder = facts.holder(self.days)
        prefix = "external:" if holder == "outside" else "joined:" if holder else ""
        assert row.rule.startswith(prefix), (row, facts, holder)
        assert prefix or not row.rule.startswith(("external:", "joined:")), (row, facts)

    def _all_there(self, pk: int) -> None:
        """What begins with the acceptance runs, stands still or was met, where the rule has it; a first report no more
        once an answer was given.
        """
        issue = self.issues[pk]
        if issue.accepted_at is None or issue.status not in WORKED_ON or issue.kind == "praise":
            return
        override = issue.category.override if issue.category else ""
        limits = limits_of(issue.level if issue.level_set else "", override, issue.kind)
        had = {row.kind for row in self.rows.values() if row.issue_id == pk and row.state != "cancelled"}
        answered = any(row.kind == "verify" for row in self.rows.values() if row.issue_id == pk)
        wanted = {kind for kind in FROM_ACCEPTANCE if kind in limits and not (answered and kind == "first_report")}
        assert wanted <= had, (limits, had)

    def _nothing_hangs_on(self, before: dict[int, Row], at: datetime) -> None:
        """What time drew up for a date that passed lapses where the date is still to come."""
        ahead = [
            row.id
            for row in self.rows.values()
            if row.is_open and row.id in before and before[row.id].due_at <= at < row.due_at
        ]
        if ahead:
            hanging = Draft.objects.filter(deadline_id__in=ahead, state="open", asked_by__isnull=True)
            assert not hanging.exists(), ahead
