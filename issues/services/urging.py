"""Urging by the clock: numbered 催办单, and urges that nobody answers. A handful of statements for any batch.

What a person urges goes through the workflow (issues.services.effects.supervising); both count the same way. An urge
finds an earlier one unanswered where whoever's move it is has done nothing since (``Issue.urged_at``); what falls
together is one urge. Only what they owe themselves counts: not a co-department's part, nor a decision that they wait
for. Where a date passed that the reporter had been given, a short message says so, else the community explains it by a
call (待告知), if it can.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from issues.clock_specs import OF_COMMUNITY, OF_OFFICE
from issues.enums import OPEN, SUBJECT, Supervision, Turn
from issues.services.letters import LetterKind
from papers.services import PaperAbout, Supervised, UrgePaper, issue_urges
from reminders.letters import outside
from reminders.reference import gateway_of
from reminders.subjects import Urged

URGE_REPLY: Final = "urge_reply"
INFORM: Final = "inform"
_PROMISED: Final = frozenset({"handle", "note", "suspension_review"})
"""Clocks whose dates stand in the first sentence that the reporter reads."""

_READ = """
SELECT i.id, i.subdistrict_id, s.area, i.status, i.turn, i.lead_department_id, i.urge_count, i.urged_at, i.supervision,
    CASE WHEN i.level_set THEN i.level ELSE '' END, i.kind, coalesce(c.override, ''), coalesce(c.code, ''),
    (SELECT min(t.id) FROM communities_department t
     WHERE t.community_id = i.community_id AND t.kind = 'community_team'),
    EXISTS (SELECT 1 FROM deadlines_deadline d WHERE d.subject_kind = %s AND d.subject_id = i.id
        AND d.kind = 'urge_reply' AND d.state IN ('running', 'paused')),
    i.leader_id IS NULL AND coalesce(p.phone_last4, '') <> '' AND NOT i.untold,
    p.messages = 'agreed' OR (p.messages = 'on' AND NOT i.confidential)
FROM issues_issue i JOIN communities_subdistrict s ON s.id = i.subdistrict_id
LEFT JOIN communities_contact p ON p.id = i.contact_id
LEFT JOIN communities_category c ON c.id = i.category_id
WHERE i.id = ANY(%s)
"""
_COUNT = """
UPDATE issues_issue AS i SET urge_count = i.urge_count + v.urges, changed_at = %s,
    urged_at = coalesce(i.urged_at, v.urged_at),
    supervision = CASE WHEN i.supervision = 'none' THEN 'urged' ELSE i.supervision END,
    untold = i.untold OR v.untold
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, urges int, urged_at timestamptz, untold bool) WHERE i.id = v.id
"""


class _Issue(NamedTuple):
    id: int
    subdistrict_id: int
    area: str
    status: str
    turn: str
    lead_id: int | None
    urge_count: int
    urged_at: datetime | None
    supervision: str
    level: str
    kind: str
    override: str
    category: str
    team_id: int | None
    answers_already: bool
    to_be_told: bool
    """Whether somebody can be called who does not wait for a call yet (``policies.waits_for_a_call``)."""
    takes_messages: bool | None
    """As ``policies.takes_messages`` says of whoever can be called."""

    @property
    def mover_id(self) -> int | None:
        """The organisation whose move it is; None for the office itself."""
        return {Turn.COMMUNITY.value: self.team_id, Turn.DEPARTMENT.value: self.lead_id}.get(self.turn)


def urged_by_time(rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> dict[int, dict[str, Any]]:
    """Urge for each of these deadlines: number its 催办单, count it, and notice where an earlier urge went unanswered.

    The caller holds the row locks of the issues, writes the events afterwards, and puts into the event of each deadline
    what is returned for its id: ``paper`` (the number of its 催办单), and for an issue that is open ``urges`` (how
    often it was urged by then), ``supervision`` where that rose, ``unanswered_since`` where its answer is waited
    for, ``untold`` where the reporter is to be told why, and the short message that tells it instead. Nothing else
    writes these columns for it; the issue's version stays.
    """
    if not rows:
        return {}
    issues = _read({row.subject_id for row in rows})
    counts: dict[int, int] = {}
    waiting: dict[int, _Issue] = {}
    untold: dict[int, _Issue] = {}
    written: set[int] = set()
    found: dict[int, dict[str, Any]] = {}
    papers: list[UrgePaper] = []
    for row in rows:
        issue = issues[row.subject_id]
        facts = found[row.deadline_id] = _facts(row, issue, counts, at)
        if "unanswered_since" in facts:
            waiting[issue.id] = issue
        if row.kind in _PROMISED and issue.status in OPEN and issue.to_be_told:
            letter = _letter(row, issue, written)
            facts |= letter
            if not letter and issue.id not in written:
                facts["untold"] = True
                untold[issue.id] = issue
        about = PaperAbout(row.party_id, row.deadline_id, row.kind, row.due_at)
        urges = issue.urge_count + counts.get(issue.id, 0)
        papers.append(UrgePaper(Supervised(SUBJECT, issue.id, issue.subdistrict_id, issue.area), about, urges))
    for row, number in zip(rows, issue_urges(papers, at), strict=True):
        found[row.deadline_id]["paper"] = number
    _count(counts, waiting, untold, at)
    again = (issue for issue in waiting.values() if issue.urged_at is not None and issue.urged_at < at)
    answers = [(issue, URGE_REPLY, issue.mover_id) for issue in again if not issue.answers_already]
    _start([*answers, *((issue, INFORM, issue.team_id) for issue in untold.values())], at, calendar)
    return found


def _read(issue_ids: set[int]) -> Mapping[int, _Issue]:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [SUBJECT, sorted(issue_ids)])
        return {row[0]: _Issue(*row) for row in cursor.fetchall()}


def _facts(row: Urged, issue: _Issue, counts: dict[int, int], at: datetime) -> dict[str, Any]:
    """What the event of one deadline says; a promise's urge after the issue has ended counts nowhere."""
    if issue.status not in OPEN:
        return {}
    counts[issue.id] = counts.get(issue.id, 0) + 1
    facts: dict[str, Any] = {"urges": issue.urge_count + counts[issue.id]}
    if issue.supervision == Supervision.NONE:
        facts["supervision"] = Supervision.URGED.value
    if _is_theirs(row, issue):
        facts["unanswered_since"] = (issue.urged_at or at).isoformat()
    return facts


def _letter(row: Urged, issue: _Issue, written: set[int]) -> dict[str, Any]:
    """The short message about a date that passed, one for all that passed together; repeated urges bring no other.

    ``written`` gathers who needs no call.
    """
    via = gateway_of(issue.subdistrict_id) if issue.takes_messages else None
    if via is None or issue.id in written:
        return {}
    written.add(issue.id)
    told_before = issue.urged_at is not None and issue.urged_at >= row.due_at
    return {} if told_before else outside(via, LetterKind.NEWS, [issue.id])


def _is_theirs(row: Urged, issue: _Issue) -> bool:
    """Whether the deadline is owed by whoever's move it is."""
    if issue.turn == Turn.SUPERVISOR:
        return row.kind in OF_OFFICE
    if issue.turn == Turn.COMMUNITY:
        return row.kind in OF_COMMUNITY or (row.party_id is not None and row.party_id == issue.team_id)
    return issue.turn == Turn.DEPARTMENT and row.party_id is not None and row.party_id == issue.lead_id


def _count(
    counts: Mapping[int, int], waiting: Mapping[int, _Issue], untold: Mapping[int, _Issue], at: datetime
) -> None:
    if not counts:
        return
    rows = [
        {"id": pk, "urges": count, "urged_at": at.isoformat() if pk in waiting else None, "untold": pk in untold}
        for pk, count in counts.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [at, json.dumps(rows)])


def _start(clocks: Iterable[tuple[_Issue, str, int | None]], at: datetime, calendar: WorkCalendar) -> None:
    """These clocks begin (of what, which, who owes it), all in one statement."""
    prepared: list[Deadline] = []
    for issue, kind, party_id in clocks:
        rules = deadlines.load_rules(issue.subdistrict_id)
        limits = rules.limits_for(issue.level or None, issue.override, issue.kind, category_code=issue.category)
        choice = limits.get(kind)
        if choice is None:
            continue
        prepared.append(
            deadlines.prepare(
                subject_kind=SUBJECT,
                subject_id=issue.id,
                subdistrict_id=issue.subdistrict_id,
                kind=kind,
                limit=choice.limit,
                rule=choice.reason,
                at=at,
                calendar=calendar,
                party_id=party_id,
            )
        )
    if prepared:
        Deadline.objects.bulk_create(prepared, ignore_conflicts=True)
