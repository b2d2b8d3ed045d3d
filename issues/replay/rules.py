"""The journal read back: an issue's events, folded in their order, give the facts that its row must hold.

Pure: no ORM, no HTTP. Nothing here asks the workflow table or an effect: what an event does not say cannot be replayed,
so a fact that the row holds and the journal does not shows as a difference.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from issues.enums import ENDED, OPEN, Action, EventKind, Solved, Status, Supervision, Verdict, VerdictCheck, VerdictVia
from issues.sampling import ANSWERED, NO_VERDICT

if TYPE_CHECKING:
    from issues.models import Issue


class Happened(Protocol):
    """What is read of an event."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def actor_role(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass
class ReplayedIssue:
    """What the journal says of an issue. Each field is the issue's column of the same name."""

    version: int = 0
    status: str = ""
    kind: str = ""
    level: str = ""
    source: str = ""
    confidential: bool = False
    category_id: int | None = None
    community_id: int | None = None
    outcome: str = ""
    verdict: str = ""
    solved: str = ""
    verdict_via: str = ""
    verdict_known: bool = False
    verdict_check: str = ""
    supervision: str = Supervision.NONE.value
    lead_department_id: int | None = None
    officer_id: int | None = None
    returned_from_id: int | None = None
    assigned_final: bool = False
    return_count: int = 0
    redo_count: int = 0
    reopen_count: int = 0
    urge_count: int = 0
    urged_at: datetime | None = None
    untold: bool = False
    call_attempts: int = 0
    suspension_count: int = 0
    asks: list[str] = field(default_factory=list)
    co_department_ids: list[int] = field(default_factory=list)
    co_waiting_ids: list[int] = field(default_factory=list)
    deemed: bool = False
    info_expired: bool = False
    objected: bool = False
    master_id: int | None = None
    persons: int = 1
    joined_count: int = 0
    collective_at: datetime | None = None
    promised: bool = False
    suspended_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by_id: int | None = None
    dispatched_at: datetime | None = None
    acknowledged_at: datetime | None = None
    replied_at: datetime | None = None
    replied_by_id: int | None = None
    verified_at: datetime | None = None
    verified_by_id: int | None = None
    closed_at: datetime | None = None
    masked_at: datetime | None = None
    excluded_at: datetime | None = None
    excluded_by_id: int | None = None
    published_at: datetime | None = None
    published_by_id: int | None = None


def replay(events: Iterable[Happened]) -> ReplayedIssue:
    """The facts after ``events``, which are all of one issue's, first event first."""
    facts = ReplayedIssue()
    for event in events:
        _move(facts, event)
        fold = _FOLDS.get(event.kind)
        if fold is not None:
            fold(facts, event)
        _follow_requests(facts, event.data)
        _follow_promises(facts, event)
    return facts


def facts_of(issue: "Issue") -> ReplayedIssue:
    """What the row itself says."""
    return ReplayedIssue(**{name: getattr(issue, name) for name in _NAMES})


def differences(events: Iterable[Happened], issue: "Issue") -> dict[str, tuple[Any, Any]]:
    """Column → (as the journal says, as the row says), for every fact in which they differ; empty where none does."""
    journal, row = replay(events), facts_of(issue)
    pairs = {name: (getattr(journal, name), getattr(row, name)) for name in _NAMES}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


_NAMES = tuple(one.name for one in fields(ReplayedIssue))


def _move(facts: ReplayedIssue, event: Happened) -> None:
    """What every event says: the status it left the issue in, the version, how far supervision went, what waits."""
    facts.version = int(event.data.get("version", facts.version))
    status = event.data.get("to") or event.data.get("status") or facts.status
    if status in ENDED and facts.status not in ENDED:
        facts.closed_at = event.at
    if status in OPEN:
        facts.closed_at = None
    if status == Status.SUSPENDED:
        facts.suspended_at = facts.suspended_at or event.at
    else:
        facts.suspended_at = None
    if status not in ANSWERED:
        facts.verdict_known, facts.verdict_check = False, ""
    facts.status = str(status)
    facts.supervision = str(event.data.get("supervision", facts.supervision))
    facts.urge_count = int(event.data.get("urges", facts.urge_count))
    facts.untold = bool(event.data.get("untold", facts.untold))
    if "unanswered_since" in event.data:
        facts.urged_at = datetime.fromisoformat(event.data["unanswered_since"])
    if "urges_ended" in event.data:
        facts.urged_at = None


def _follow_requests(facts: ReplayedIssue, data: Mapping[str, Any]) -> None:
    """Requests that lapsed because the work moved on."""
    gone = data.get("lapsed", [])
    facts.asks = [kind for kind in facts.asks if kind not in gone]


def _follow_promises(facts: ReplayedIssue, event: Happened) -> None:
    """Promises that were kept or taken back, and the one that was made."""
    if "kept" in event.data or "withdrawn" in event.data:
        facts.promised = False
    if event.kind in (Action.REPLY, Action.MOVE_PROMISE) and "commitment" in event.data:
        facts.promised = True
    if "promised_again" in event.data:
        facts.promised = True


def _create(facts: ReplayedIssue, event: Happened) -> None:
    data = event.data
    facts.kind, facts.level, facts.source = str(data["kind"]), str(data["level"]), str(data["source"])
    facts.category_id, facts.community_id = data["category"], data["community"]
    facts.confidential = bool(data.get("confidential"))


def _accept(facts: ReplayedIssue, event: Happened) -> None:
    facts.category_id, facts.level = event.data["category"], str(event.data["level"])
    if facts.accepted_at is None:
        facts.accepted_at, facts.accepted_by_id = event.at, event.actor_id


def _answer_now(facts: ReplayedIssue, event: Happened) -> None:
    data = event.data
    facts.category_id, facts.outcome = data["category"], str(data["outcome"])
    facts.verdict, facts.solved = str(data["verdict"]), str(data.get("solved", ""))
    facts.verdict_via = VerdictVia.DESK.of(facts.verdict, facts.solved)


def _request_info(facts: ReplayedIssue, event: Happened) -> None:
    facts.info_expired = False


def _give_info(facts: ReplayedIssue, event: Happened) -> None:
    facts.info_expired = facts.info_expired or bool(event.data.get("expired"))


# Departments


def _lead(facts: ReplayedIssue, event: Happened) -> None:
    department = int(event.data["department"])
    facts.co_department_ids = [pk for pk in facts.co_department_ids if pk != department]
    facts.co_waiting_ids = [pk for pk in facts.co_waiting_ids if pk != department]
    facts.lead_department_id, facts.officer_id = department, None
    facts.dispatched_at, facts.acknowledged_at, facts.deemed = event.at, None, False


def _transfer_out(facts: ReplayedIssue, event: Happened) -> None:
    _lead(facts, event)
    facts.acknowledged_at, facts.returned_from_id = event.at, None


def _assign_final(facts: ReplayedIssue, event: Happened) -> None:
    _lead(facts, event)
    facts.assigned_final = True


def _reassign(facts: ReplayedIssue, event: Happened) -> None:
    facts.returned_from_id = facts.returned_from_id or event.data["previous"]
    _lead(facts, event)


def _acknowledge(facts: ReplayedIssue, event: Happened) -> None:
    facts.acknowledged_at, facts.returned_from_id = event.at, None
    facts.deemed = bool(event.data.get("deemed"))
    facts.officer_id = event.data.get("officer", facts.officer_id)


def _assign(facts: ReplayedIssue, event: Happened) -> None:
    facts.officer_id = event.data["officer"]


def _return(facts: ReplayedIssue, event: Happened) -> None:
    facts.returned_from_id = facts.returned_from_id or event.data["department"]
    facts.lead_department_id, facts.officer_id, facts.deemed = None, None, False
    facts.return_count = int(event.data["returns"])


def _add_department(facts: ReplayedIssue, event: Happened) -> None:
    before = [pk for pk in facts.co_department_ids if pk != event.data["department"]]
    facts.co_department_ids = [*before, event.data["department"]]
    facts.co_waiting_ids = [*facts.co_waiting_ids, event.data["department"]]


def _waive_department(facts: ReplayedIssue, event: Happened) -> None:
    facts.co_department_ids = [pk for pk in facts.co_department_ids if pk != event.data["department"]]
    _co_reply(facts, event)


def _co_reply(facts: ReplayedIssue, event: Happened) -> None:
    facts.co_waiting_ids = [pk for pk in facts.co_waiting_ids if pk != event.data["department"]]


# Requests and their decisions


def _ask(facts: ReplayedIssue, event: Happened) -> None:
    facts.asks = [*facts.asks, event.data["request"]]


def _decide(facts: ReplayedIssue, event: Happened) -> None:
    facts.asks = [kind for kind in facts.asks if kind != event.data["request"]]


def _grant_suspension(facts: ReplayedIssue, event: Happened) -> None:
    _decide(facts, event)
    facts.suspension_count = int(event.data["suspensions"])


def _grant_exclusion(facts: ReplayedIssue, event: Happened) -> None:
    _decide(facts, event)
    facts.excluded_at, facts.excluded_by_id = event.at, event.actor_id


def _grant_disclosure(facts: ReplayedIssue, event: Happened) -> None:
    _decide(facts, event)
    facts.confidential = False


# The work and its answer


def _progress(facts: ReplayedIssue, event: Happened) -> None:
    facts.deemed = False


def _resume(facts: ReplayedIssue, event: Happened) -> None:
    facts.replied_at = facts.replied_by_id = facts.verified_at = facts.verified_by_id = None


def _reply(facts: ReplayedIssue, event: Happened) -> None:
    facts.outcome = str(event.data["outcome"])
    _nobody_said(facts)
    facts.replied_at, facts.replied_by_id = event.at, event.actor_id
    facts.call_attempts, facts.co_waiting_ids, facts.deemed = 0, [], False


def _verify_pass(facts: ReplayedIssue, event: Happened) -> None:
    facts.verified_at, facts.verified_by_id = event.at, event.actor_id
    facts.verdict = str(event.data.get("verdict", facts.verdict))


def _again(facts: ReplayedIssue, event: Happened) -> None:
    _resume(facts, event)
    facts.acknowledged_at = facts.acknowledged_at or event.at


def _redo(facts: ReplayedIssue, event: Happened) -> None:
    _again(facts, event)
    facts.redo_count = int(event.data["redo"])
    facts.verdict = str(event.data.get("verdict", facts.verdict))
    facts.solved = str(event.data.get("solved", facts.solved))
    if "solved" in event.data:
        facts.verdict_via = VerdictVia.WEB.value


def _reopen(facts: ReplayedIssue, event: Happened) -> None:
    """What was answered at once is accepted now and has no department yet."""
    if event.data.get("to") == Status.ACCEPTED:
        facts.outcome = ""
        if "accepted_by" in event.data:
            facts.accepted_at, facts.accepted_by_id = event.at, event.data["accepted_by"]
    else:
        _again(facts, event)
    facts.reopen_count = int(event.data["reopened"])
    _nobody_said(facts)


def _record_follow_up(facts: ReplayedIssue, event: Happened) -> None:
    """A verdict; a failed call is only an attempt until enough of them count."""
    facts.call_attempts = int(event.data.get("attempt", facts.call_attempts))
    if event.data.get("counts", True):
        facts.verdict, facts.solved = str(event.data["verdict"]), str(event.data.get("solved", ""))
        facts.verdict_via = _via(event).of(facts.verdict, facts.solved)
        facts.verdict_known = facts.verdict_known if event.data.get("sample") else bool(event.data.get("known"))
        facts.verdict_check = VerdictCheck.DUE.value if event.data.get("sampled") else ""
    facts.verdict_check = str(event.data.get("sample", facts.verdict_check))
    if facts.status == Status.MERGED and (facts.solved == Solved.NO or facts.verdict == Verdict.DISSATISFIED):
        facts.objected = True


def _via(event: Happened) -> VerdictVia:
    """How it came; events of before that was noted say it by who acted."""
    by_reporter = VerdictVia.WEB if event.actor_role in ("resident", "leader") else VerdictVia.CALL
    return VerdictVia(event.data.get("via") or by_reporter)


def _nobody_said(facts: ReplayedIssue) -> None:
    for name, value in NO_VERDICT.items():
        setattr(facts, name, value)


# Joined matters


def _merge(facts: ReplayedIssue, event: Happened) -> None:
    facts.master_id, facts.persons, facts.joined_count = event.data["master"], 1, 0
    facts.info_expired = False
    _nobody_said(facts)


def _unmerge(facts: ReplayedIssue, event: Happened) -> None:
    facts.master_id, facts.objected = None, False
    for name, value in (NO_VERDICT | event.data.get("said", {})).items():
        setattr(facts, name, value)
    if "persons" in event.data:
        _persons(facts, event)
    if facts.status == Status.IN_PROGRESS:
        _resume(facts, event)


def _master_changed(facts: ReplayedIssue, event: Happened) -> None:
    facts.master_id = event.data["master"]


def _persons(facts: ReplayedIssue, event: Happened) -> None:
    facts.persons = int(event.data["persons"])
    facts.joined_count = int(event.data.get("joined_count", facts.persons - 1))
    if event.data.get("collective"):
        facts.collective_at = event.at


def _verdict_reset(facts: ReplayedIssue, event: Happened) -> None:
    _nobody_said(facts)
    facts.call_attempts = 0


# Records


def _edit(facts: ReplayedIssue, event: Happened) -> None:
    for name, (_old, new) in ((name, pair) for name, pair in event.data["changed"].items() if pair):
        if name in _EDITED:
            setattr(facts, _EDITED[name], new)
    if "persons" in event.data:
        _persons(facts, event)


_EDITED = {
    "kind": "kind",
    "level": "level",
    "source": "source",
    "confidential": "confidential",
    "category": "category_id",
    "community": "community_id",
}


def _publish(facts: ReplayedIssue, event: Happened) -> None:
    facts.published_at, facts.published_by_id = event.at, event.actor_id


def _unpublish(facts: ReplayedIssue, event: Happened) -> None:
    facts.published_at = facts.published_by_id = None


def _mask(facts: ReplayedIssue, event: Happened) -> None:
    """What was done stays told; only the words and the person are gone."""
    facts.masked_at = event.at


_FOLDS: dict[str, Callable[[ReplayedIssue, Happened], None]] = {
    Action.CREATE: _create,
    Action.ACCEPT: _accept,
    Action.ANSWER_NOW: _answer_now,
    Action.REQUEST_INFO: _request_info,
    Action.GIVE_INFO: _give_info,
    Action.DISPATCH: _lead,
    Action.TRANSFER_OUT: _transfer_out,
    Action.ASSIGN_FINAL: _assign_final,
    Action.REASSIGN: _reassign,
    Action.ACKNOWLEDGE: _acknowledge,
    Action.ASSIGN: _assign,
    Action.RETURN: _return,
    Action.ADD_DEPARTMENT: _add_department,
    Action.WAIVE_DEPARTMENT: _waive_department,
    Action.CO_REPLY: _co_reply,
    Action.REQUEST_EXTENSION: _ask,
    Action.REQUEST_SUSPENSION: _ask,
    Action.REQUEST_EXCLUSION: _ask,
    Action.REQUEST_DISCLOSURE: _ask,
    Action.SUPERVISE: _ask,
    Action.GRANT_EXTENSION: _decide,
    Action.REFUSE_EXTENSION: _decide,
    Action.GRANT_SUSPENSION: _grant_suspension,
    Action.REFUSE_SUSPENSION: _decide,
    Action.SIGN: _decide,
    Action.REFUSE_SIGN: _decide,
    Action.GRANT_EXCLUSION: _grant_exclusion,
    Action.REFUSE_EXCLUSION: _decide,
    Action.GRANT_DISCLOSURE: _grant_disclosure,
    Action.REFUSE_DISCLOSURE: _decide,
    Action.PROGRESS: _progress,
    Action.RESUME: _resume,
    Action.REPLY: _reply,
    Action.VERIFY_PASS: _verify_pass,
    Action.REDO: _redo,
    Action.REOPEN: _reopen,
    Action.RECORD_FOLLOW_UP: _record_follow_up,
    Action.MERGE: _merge,
    Action.UNMERGE: _unmerge,
    EventKind.MASTER_CHANGED: _master_changed,
    EventKind.HAND_OVER: _assign,
    EventKind.JOIN: _persons,
    EventKind.LEAVE: _persons,
    EventKind.VERDICT_RESET: _verdict_reset,
    EventKind.MASK: _mask,
    Action.EDIT: _edit,
    Action.PUBLISH: _publish,
    Action.UNPUBLISH: _unpublish,
}
